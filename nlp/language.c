#include "nlp/language.h"

#include "base/memory.h"

#include <stdint.h>
#include <string.h>
#include <textcat.h>

enum { MIN_LETTERS = 40, MIN_DIFFERENT = 10, MAX_BYTES = 1 << 16 };

struct hn_language_detector {
  void *textcat;
};

static const struct {
  const char *code, *name; /* ISO 639, as fpdb.conf has it up to the first '-' */
} known[] = {
    {"ab", "abkhazian"},     {"ace", "acehnese"},   {"ada", "adangme"},
    {"af", "afrikaans"},     {"ak", "akan"},        {"alt", "altai"},
    {"am", "amharic"},       {"ar", "arabic"},      {"arn", "mapudungun"},
    {"ast", "asturian"},     {"ay", "aymara"},      {"az", "azerbaijani"},
    {"ban", "balinese"},     {"be", "belarusian"},  {"bem", "bemba"},
    {"bg", "bulgarian"},     {"bho", "bhojpuri"},   {"bi", "bislama"},
    {"bik", "bikol"},        {"bm", "bambara"},     {"bn", "bengali"},
    {"bo", "tibetan"},       {"br", "breton"},      {"bs", "bosnian"},
    {"ca", "catalan"},       {"ckb", "kurdish"},    {"cs", "czech"},
    {"cy", "welsh"},         {"da", "danish"},      {"de", "german"},
    {"dv", "dhivehi"},       {"ee", "ewe"},         {"el", "greek"},
    {"emk", "maninka"},      {"en", "english"},     {"eo", "esperanto"},
    {"es", "spanish"},       {"et", "estonian"},    {"eu", "basque"},
    {"fa", "persian"},       {"fi", "finnish"},     {"fj", "fijian"},
    {"fo", "faroese"},       {"fr", "french"},      {"fur", "friulian"},
    {"fy", "frisian"},       {"ga", "irish"},       {"gd", "gaelic"},
    {"gl", "galician"},      {"grc", "old greek"},  {"gu", "gujarati"},
    {"gug", "guarani"},      {"gv", "manx"},        {"ha", "hausa"},
    {"haw", "hawaiian"},     {"he", "hebrew"},      {"hi", "hindi"},
    {"hil", "hiligaynon"},   {"hr", "croatian"},    {"hsb", "sorbian"},
    {"ht", "haitian"},       {"hu", "hungarian"},   {"hy", "armenian"},
    {"ia", "interlingua"},   {"id", "indonesian"},  {"is", "icelandic"},
    {"it", "italian"},       {"ja", "japanese"},    {"ka", "georgian"},
    {"kk", "kazakh"},        {"kl", "greenlandic"}, {"km", "khmer"},
    {"kn", "kannada"},       {"kng", "kongo"},      {"ko", "korean"},
    {"ktu", "kituba"},       {"ky", "kyrgyz"},      {"la", "latin"},
    {"lb", "luxembourgish"}, {"lg", "ganda"},       {"ln", "lingala"},
    {"lo", "lao"},           {"lt", "lithuanian"},  {"lv", "latvian"},
    {"mai", "maithili"},     {"mi", "maori"},       {"mk", "macedonian"},
    {"ml", "malayalam"},     {"mn", "mongolian"},   {"mos", "mossi"},
    {"mr", "marathi"},       {"ms", "malay"},       {"mt", "maltese"},
    {"my", "burmese"},       {"nb", "norwegian"},   {"nds", "low german"},
    {"ne", "nepali"},        {"nl", "dutch"},       {"nn", "norwegian"},
    {"no", "norwegian"},     {"nr", "ndebele"},     {"nso", "northern sotho"},
    {"ny", "chichewa"},      {"oc", "occitan"},     {"om", "oromo"},
    {"pa", "punjabi"},       {"pl", "polish"},      {"plt", "malagasy"},
    {"pt", "portuguese"},    {"quz", "quechua"},    {"qxa", "quechua"},
    {"rm", "romansh"},       {"ro", "romanian"},    {"ru", "russian"},
    {"rue", "rusyn"},        {"rw", "kinyarwanda"}, {"sa", "sanskrit"},
    {"sc", "sardinian"},     {"sco", "english"},    {"sd", "sindhi"},
    {"se", "sami"},          {"sg", "sango"},       {"sh", "serbian"},
    {"shs", "shuswap"},      {"si", "sinhala"},     {"sk", "slovak"},
    {"sl", "slovenian"},     {"so", "somali"},      {"sq", "albanian"},
    {"sr", "serbian"},       {"ss", "swati"},       {"st", "sotho"},
    {"sv", "swedish"},       {"sw", "swahili"},     {"ta", "tamil"},
    {"tet", "tetum"},        {"tg", "tajik"},       {"th", "thai"},
    {"ti", "tigrinya"},      {"tk", "turkmen"},     {"tl", "tagalog"},
    {"tn", "tswana"},        {"tpi", "tok pisin"},  {"tr", "turkish"},
    {"ts", "tsonga"},        {"tt", "tatar"},       {"ty", "tahitian"},
    {"tzm", "tamazight"},    {"ug", "uyghur"},      {"uk", "ukrainian"},
    {"ur", "urdu"},          {"uz", "uzbek"},       {"ve", "venda"},
    {"vep", "veps"},         {"vi", "vietnamese"},  {"wa", "walloon"},
    {"xh", "xhosa"},         {"yi", "yiddish"},     {"yo", "yoruba"},
    {"zh", "chinese"},       {"zu", "zulu"},
};
enum { N_KNOWN = sizeof known / sizeof *known };

const char *hn_language_find(const char *name) {
  for (size_t i = 0; i < N_KNOWN; i++)
    if (strcmp(known[i].name, name) == 0 || strcmp(known[i].code, name) == 0) return known[i].name;
  return NULL;
}

hn_status hn_language_detector_create(hn_language_detector **detector_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_language_detector *made = NULL;
  HN_NEW(made, 1, err);
  made->textcat = special_textcat_Init(HN_LANGUAGE_MODELS "/fpdb.conf", HN_LANGUAGE_MODELS "/");
  if (!made->textcat)
    HN_TRY(hn_fail(err, HN_IO,
                   HN_LANGUAGE_MODELS "/fpdb.conf: the models of languages cannot be read; install "
                                      "the package libexttextcat-data"));
  *detector_out = made;
  made = NULL;
done:
  hn_language_detector_destroy(made);
  return status;
}

void hn_language_detector_destroy(hn_language_detector *d) {
  if (!d) return;
  if (d->textcat) textcat_Done(d->textcat);
  hn_free(d);
}

typedef struct {
  size_t letters, han, kana, hangul;
  uint64_t seen; /* a bit for each different letter, roughly */
} script_counts;

static script_counts count_scripts(hn_text text) {
  script_counts n = {0};
  for (size_t i = 0, length; i < text.n; i += length) {
    uint32_t c = hn_utf8_decode(text.bytes + i, &length);
    if (hn_char_is_word(c)) n.letters++, n.seen |= (uint64_t)1 << (c & 63);
    n.han += (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
             (c >= 0x20000 && c <= 0x2FA1F);
    n.kana += (c >= 0x3041 && c <= 0x30FF) || (c >= 0x31F0 && c <= 0x31FF) ||
              (c >= 0xFF66 && c <= 0xFF9F);
    n.hangul += (c >= 0x1100 && c <= 0x11FF) || (c >= 0x3131 && c <= 0x318E) ||
                (c >= 0xAC00 && c <= 0xD7A3);
  }
  return n;
}

/* Japanese is never without kana, Chinese never with them. */
static const char *language_of_script(script_counts n) {
  size_t eastern = n.han + n.kana + n.hangul;
  if (3 * eastern < n.letters) return NULL;
  return 2 * n.hangul > eastern ? "korean" : 10 * n.kana > eastern ? "japanese" : "chinese";
}

/* Add the language of a model ("en--utf8"), once; 0 when there is no room left. */
static int add_candidate(hn_languages *languages, const char *model) {
  size_t length = strcspn(model, "-]");
  for (size_t i = 0; i < N_KNOWN; i++) {
    if (strlen(known[i].code) != length || memcmp(known[i].code, model, length) != 0) continue;
    for (size_t k = 0; k < languages->n; k++)
      if (strcmp(languages->names[k], known[i].name) == 0) return 1;
    if (languages->n == HN_LANGUAGE_MAX_CANDIDATES) return 0;
    languages->names[languages->n++] = known[i].name;
  }
  return 1;
}

/* "[en--utf8][sco--utf8]", best first, or a word without brackets where it cannot tell. */
static hn_languages read_verdict(const char *verdict) {
  hn_languages languages = {0};
  for (const char *at = verdict; (at = strchr(at, '['));)
    if (!add_candidate(&languages, ++at)) return (hn_languages){0};
  return languages;
}

hn_status hn_language_detect(hn_language_detector *d, hn_text text, hn_languages *languages_out,
                             hn_error *err) {
  hn_languages languages = {0};
  hn_status status = hn_utf8_check(text.bytes, text.n, err);
  if (status != HN_OK) return status;
  if (text.n > MAX_BYTES) {
    text.n = MAX_BYTES;
    while (((unsigned char)text.bytes[text.n] & 0xC0) == 0x80) text.n--;
  }
  script_counts scripts = count_scripts(text);
  if (scripts.letters >= MIN_LETTERS && __builtin_popcountll(scripts.seen) >= MIN_DIFFERENT) {
    const char *name = language_of_script(scripts);
    languages = name ? (hn_languages){{name}, 1}
                     : read_verdict(textcat_Classify(d->textcat, text.bytes, text.n));
  }
  *languages_out = languages;
  return HN_OK;
}
