#include "nlp/clean_rules.h"

#include "base/memory.h"
#include "base/text.h"
#include "nlp/clean.h"
#include "nlp/sections.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define RULE(name, is_on, help)                                                                    \
  { name, HN_OPTION_BOOL, is_on, 0, 0, 0, NULL, help }

const hn_option_spec hn_clean_options[] = {
    RULE("invalid_utf8", "false", "replace invalid UTF-8 by U+FFFD (off: it is an error)"),
    RULE("newlines", "true", "make every kind of line break a newline"),
    RULE("html_entities", "true", "write &amp; and &#39; and the like as characters"),
    RULE("html_breaks", "true", "make <br> and <p> a newline"),
    RULE("html_tags", "true", "remove other HTML tags of running text"),
    RULE("nfc", "true", "normalise to Unicode's NFC"),
    RULE("zero_width", "true", "remove invisible characters that no script needs"),
    RULE("lrc_timestamps", "true", "remove the times of LRC files: [01:23.45], <01:23.45>"),
    RULE("lrc_tags", "true", "remove the header lines of LRC files: [ar:Name]"),
    RULE("about", "true", "remove the description that follows a contributors header"),
    RULE("contributors", "true", "remove a header such as \"12 ContributorsTitle Lyrics\""),
    RULE("translations", "true", "remove a header such as \"TranslationsEspañolTitle Lyrics\""),
    RULE("title", "true", "remove a title before the first mark: \"Title Lyrics[Verse 1]\""),
    RULE("tickets", "true", "remove \"See Artist LiveGet tickets as low as $50\""),
    RULE("embed", "true", "remove \"12Embed\" glued to the end of the song"),
    RULE("you_might_also_like", "true", "remove \"You might also like\" glued between lines"),
    RULE("produced_by", "true", "remove [Produced by Name]"),
    RULE("title_marks", "true", "remove [Letra de \"Title\"], [Paroles de \"Title\"] and the like"),
    RULE("expand_repeats", "false",
         "write out what [Hook: repeat 2x], an empty [Chorus], (x4) mean"),
    RULE("section_marks", "true", "remove [Verse 1: Name], {Chorus}, and lines such as (Hook)"),
    RULE("bare_sections", "true", "remove lines such as Verse 1, Chorus, Hook x2"),
    RULE("repetitions", "true", "remove (x4), [2x], (repeat 3 times)"),
    RULE("ad_lib_marks", "true", "remove [?], [laughs], [Guitar fades out]"),
    RULE("braces", "true", "remove {…}"),
    RULE("brackets", "false", "remove […] whatever it holds"),
    RULE("trailing_spaces", "true", "remove spaces at the ends of lines"),
    RULE("blank_lines", "true", "leave at most one blank line, none at either end"),
    {NULL, 0, NULL, 0, 0, 0, NULL, NULL}};

static hn_clean_finder find_invalid, find_entity, find_unnormalised, find_section, find_bare;

/* A header ends at the first "Lyrics" that a mark or the end of the line follows; without one, at
 * the first at all. */
#define UP_TO_LYRICS "(?:[^\\n]*?Lyrics(?=[ \\t]*(?:\\[|\\n|\\z))|[^\\n]*?Lyrics)"
#define COUNT "(?:\\d+(?:\\.\\d+)?K?)"

/* What ad-lib marks say: the whole of them, or their beginning when they have a line to themselves.
 */
#define AD_LIB                                                                                     \
  "\\?+|\\.{2,}|…|inaudible|unintelligible|indistinct|unclear|incomprehensible|unknown|laughs?|" \
  "laughing|laughter|whisper(?:s|ed|ing)?|screams?|screaming|shouts?|sighs?|coughs?|applause|"     \
  "cheering|humming|whistling|vocali[sz]ing|vocali[sz]ations?|scratch(?:es|ing)?|gunshots?|"       \
  "silence|pause|ad-?libs?|non-lyrical vocals|scatting|beatboxing|censored|redacted"
#define STAGE                                                                                      \
  "music|beat|bass(?:line)?|guitars?|piano|drums?|synths?|strings?|sax(?:ophone)?|violins?|horns?" \
  "|"                                                                                              \
  "trumpets?|percussion|vocal|voice|crowd|audience|sample|samples|sound|sounds|sfx|fades?|fading|" \
  "tempo|mood|style|instrumentation|audio|phone|dial tone|record scratch|dialogue|background|"     \
  "(?:final|acoustic|electric|distorted) guitar"
/* A title in any kind of quotation marks. */
#define QUOTED "[\"“”„«»‘’'「『](?:[^\\[\\]\\n]{1,100})[\"“”„«»‘’'」』]"
#define LANGUAGE "zh|ja|ko|en|es|fr|de|ru|it|pt|pl|tr|ar|cs|nl|hu|hi|th|vi"

const hn_clean_rule hn_clean_rules[] = {
    {.find = find_invalid},
    {.pattern = "\\r\\n?|[\\x{b}\\x{c}\\x{85}\\x{2028}\\x{2029}]", .replacement = "\n"},
    {.find = find_entity},
    {.pattern = "(?i)[ \\t]*</?(?:br|p)(?:\\s[^<>]*)?/?>(?:[ \\t]*\\n)?", .replacement = "\n"},
    {.pattern = "(?i)</?(?:a|b|i|u|s|em|strong|span|div|small|sub|sup)(?:\\s[^<>]*)?/?>"},
    {.find = find_unnormalised},
    /* Joiners shape letters in some scripts and emoji, and U+200B divides words in others. */
    {.pattern = "[\\x{ad}\\x{180e}\\x{200e}\\x{200f}\\x{202a}-\\x{202e}\\x{2060}\\x{2066}-\\x{2069}"
                "\\x{feff}]+|(?<![\\p{Thai}\\p{Lao}\\p{Khmer}\\p{Myanmar}\\p{Tibetan}])\\x{200b}+|"
                "(?:^|(?<=[\\p{Latin}\\p{Greek}\\p{Cyrillic}\\p{Nd}\\s]))[\\x{200c}\\x{200d}]+"},
    {.pattern = "(?:(?:\\[\\s{0,2}\\d{1,3}\\s?:\\s?\\d{2}(?:\\s?[.:]\\s?\\d{1,3})?\\s{0,2}\\]|"
                "<\\d{1,3}:\\d{2}(?:[.:]\\d{1,3})?>)[ \\t]?)+",
     .whole_line = 1},
    {.pattern = "^[ \\t]*\\[(?:ar|ti|al|au|by|re|ve|offset|length|la|id|tool):[^\\]\\n]*\\]",
     .whole_line = 1},
    {.pattern = "\\A\\s*\\d+ Contributors?+(?! )" UP_TO_LYRICS
                "\\K[^\\[]{1,3000}?(?:…|\\.\\.\\.)[ \\x{a0}]?Read More[ \\x{a0}]*"},
    {.pattern = "\\A\\s*\\d+ Contributors?+(?! )" UP_TO_LYRICS "[ \\t]*", .whole_line = 1},
    {.pattern = "\\A\\s*Translations(?=\\p{Lu}|\\p{Lo})" UP_TO_LYRICS "[ \\t]*", .whole_line = 1},
    {.pattern = "\\A[^\\[\\n]{1,150} Lyrics(?:[ \\t]*\\n)?(?=\\[\\p{L}[^\\[\\]\\n]{0,150}\\][ "
                "\\t]*(?:\\n|\\z))"},
    {.pattern = "(?<![ \\t])See (?:(?!See )[^\\n]){1,100}? Live\\s*Get tickets as low as "
                "[$€£]\\d+(?:[.,]\\d+)*",
     .whole_line = 1},
    /* Digits that begin after a space may be a word of the song ("1999Embed"): they stay. */
    {.pattern = "(?:(?<=[^\\s\\d])(?<!\\d\\.)" COUNT "?|^" COUNT "|(?<=\\d))Embed"
                "(?:Share ?URL ?Copy ?Embed ?Copy)?(?=\\s*\\z)"},
    {.pattern = "(?:(?<=[\\p{L}\\p{M}\\p{N}\\]).,!?…'’\"”—–*-])|^)You might also like"
                "(?:(?=[\\[\\p{Lu}\\p{Lt}\\p{Lo}])|(?=[ \\t]*$))",
     .whole_line = 1},
    {.pattern =
         "(?i)[ \\t]*\\[(?:(?:co-)?produced|prod\\.?|written|mixed|mastered|"
         "(?:additional )?production|directed|lyrics|music|arranged) by\\b[^\\[\\]]{0,150}\\]"
         "|^[ \\t]*\\((?:produced|prod\\.?) by [^()\\n]{1,100}\\)[ \\t]*$",
     .whole_line = 1},
    {.pattern =
         "(?i)\\A\\s*\\[(?:letra de|paroles de|songtext zu|testo di|текст песни|tekst piosenki|"
         "versuri|text|songtext|letra)[ \\t]+" QUOTED "[^\\[\\]\\n]{0,100}\\]"
         "|(?i)\\A\\s*\\[" QUOTED "[^\\[\\]\\n]{0,100}(?:şarkı sözleri|lyrics|歌詞|歌词|가사)\\]",
     .whole_line = 1},
    {.find = hn_clean_find_repeat},
    {.find = find_section, .whole_line = 1},
    {.find = find_bare, .whole_line = 1},
    {.pattern = "(?i)[ \\t]*[(\\[{](?:(?:repeat(?:s|ed)?[ \\t]*)?(?:[x×][ \\t]?\\d{1,3}|"
                "\\d{1,3}[ \\t]?[x×])|repeat(?:s|ed)?[ \\t]*\\d{1,3}[ \\t]?(?:times|[x×]))[)\\]}]",
     .whole_line = 1},
    {.pattern =
         "(?i)[ \\t]*\\[(?:" AD_LIB ")\\]|^[ \\t]*\\[(?:" AD_LIB "|" STAGE
         ")\\b[^\\[\\]\\n]*\\][ \\t]*$|^[ \\t]*\\[\\[[^\\[\\]\\n]*\\]\\][ \\t]*$|^\\[(?:" LANGUAGE
         ")\\]",
     .whole_line = 1},
    {.pattern = "[ \\t]*\\{[^{}\\n]{0,100}\\}", .whole_line = 1},
    {.pattern = "[ \\t]*\\[[^\\[\\]]{0,300}\\]", .whole_line = 1},
    {.pattern = "[ \\t\\x{a0}\\x{3000}]+$"},
    {.pattern = "\\A\\n+|(?<=\\n)\\n+\\z|(?<=\\n\\n)\\n+"},
};

static hn_status find_invalid(const char *text, size_t n, size_t from, hn_range *range_out,
                              hn_buffer *replacement, int *found_out, hn_error *err) {
  size_t start = from + hn_utf8_valid_length(text + from, n - from);
  int is_valid;
  *found_out = start < n;
  if (start == n) return HN_OK;
  *range_out =
      (hn_range){start, start + hn_utf8_sequence_length(text + start, n - start, &is_valid)};
  hn_buffer_text(replacement, "\xEF\xBF\xBD");
  return hn_buffer_status(replacement, err);
}

/* Named entities outside Latin-1, and those of Latin-1 in the order of their code points. */
static const struct {
  const char *name;
  uint32_t code_point;
} named_entities[] = {{"amp", '&'},       {"lt", '<'},        {"gt", '>'},        {"quot", '"'},
                      {"apos", '\''},     {"ndash", 0x2013},  {"mdash", 0x2014},  {"lsquo", 0x2018},
                      {"rsquo", 0x2019},  {"sbquo", 0x201A},  {"ldquo", 0x201C},  {"rdquo", 0x201D},
                      {"bdquo", 0x201E},  {"bull", 0x2022},   {"hellip", 0x2026}, {"prime", 0x2032},
                      {"lsaquo", 0x2039}, {"rsaquo", 0x203A}, {"euro", 0x20AC},   {"trade", 0x2122},
                      {"OElig", 0x152},   {"oelig", 0x153},   {"Scaron", 0x160},  {"scaron", 0x161},
                      {"Yuml", 0x178},    {"zwnj", 0x200C},   {"zwj", 0x200D},    {"lrm", 0x200E},
                      {"rlm", 0x200F},    {"thinsp", 0x2009}, {"ensp", 0x2002},   {"emsp", 0x2003}};
static const char latin_entities[] =
    "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn "
    "sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave "
    "Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml "
    "ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN "
    "szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave "
    "iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute "
    "ucirc uuml yacute thorn yuml ";

/* The code point of the entity `name` (n bytes, without & and ;), or 0. */
static uint32_t entity_value(const char *name, size_t n) {
  if (n >= 2 && name[0] == '#') {
    int is_hex = name[1] == 'x' || name[1] == 'X';
    const char *digits = name + 1 + is_hex;
    size_t n_digits = strspn(digits, is_hex ? "0123456789abcdefABCDEF" : "0123456789");
    if (n_digits == 0 || n_digits > 7 || digits + n_digits != name + n) return 0;
    return (uint32_t)strtoul(digits, NULL, is_hex ? 16 : 10);
  }
  for (size_t i = 0; i < sizeof named_entities / sizeof *named_entities; i++)
    if (strlen(named_entities[i].name) == n && memcmp(named_entities[i].name, name, n) == 0)
      return named_entities[i].code_point;
  uint32_t code_point = 0xA0;
  for (const char *at = latin_entities; *at; code_point++) {
    size_t length = strcspn(at, " ");
    if (length == n && memcmp(at, name, n) == 0) return code_point;
    at += length + 1;
  }
  return 0;
}

/* Also what was escaped twice: &amp;#39; */
static hn_status find_entity(const char *text, size_t n, size_t from, hn_range *range_out,
                             hn_buffer *replacement, int *found_out, hn_error *err) {
  *found_out = 0;
  for (size_t i = from; i < n; i++) {
    if (text[i] != '&') continue;
    size_t start = i + 1, end;
    while (n - start > 4 && memcmp(text + start, "amp;", 4) == 0 &&
           memchr(text + start + 4, ';', n - start - 4 < 9 ? n - start - 4 : 9))
      start += 4;
    for (end = start; end < n && end < start + 9 && text[end] != ';';) end++;
    char bytes[4];
    uint32_t value = end < n && text[end] == ';' ? entity_value(text + start, end - start) : 0;
    if (value == 0 && start > i + 1) { /* "&amp;" and then something else with a ';' */
      start -= 4;
      end = start + 3;
      value = '&';
    }
    size_t length = value ? hn_utf8_encode(value, bytes) : 0;
    if (length == 0) continue;
    *range_out = (hn_range){i, end + 1};
    *found_out = 1;
    hn_buffer_append(replacement, bytes, length);
    break;
  }
  return hn_buffer_status(replacement, err);
}

/* The end of the grapheme cluster at i: composition never reaches beyond one. */
static size_t cluster_end(const char *text, size_t n, size_t i) {
  size_t length;
  utf8proc_int32_t state = 0, before = (utf8proc_int32_t)hn_utf8_decode(text + i, &length);
  for (i += length; i < n; i += length) {
    utf8proc_int32_t c = (utf8proc_int32_t)hn_utf8_decode(text + i, &length);
    if (utf8proc_grapheme_break_stateful(before, c, &state)) break;
    before = c;
  }
  return i;
}

/* Append the NFC of n bytes to out; `points` is room for as many code points as decomposing makes,
 * at most 4 times n, and one more. */
static void compose(const char *text, size_t n, utf8proc_int32_t *points, hn_buffer *out) {
  const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
  utf8proc_ssize_t n_points =
      utf8proc_decompose((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, points,
                         (utf8proc_ssize_t)(4 * n), options);
  utf8proc_ssize_t n_bytes = utf8proc_reencode(points, n_points, options);
  hn_buffer_append(out, points, (size_t)n_bytes);
}

static hn_status find_unnormalised(const char *text, size_t n, size_t from, hn_range *range_out,
                                   hn_buffer *replacement, int *found_out, hn_error *err) {
  hn_status status = HN_OK;
  utf8proc_int32_t *points = NULL;
  size_t capacity = 0;
  *found_out = 0;
  for (size_t i = from, end; i < n && !*found_out; i = end) {
    end = i + 1;
    if ((unsigned char)text[i] < 0x80 && (end == n || (unsigned char)text[end] < 0x80)) continue;
    end = cluster_end(text, n, i);
    if (end - i > capacity) {
      hn_free(points);
      points = NULL;
      capacity = 2 * (end - i);
      HN_NEW(points, 4 * capacity + 1, err);
    }
    hn_buffer_clear(replacement);
    compose(text + i, end - i, points, replacement);
    HN_TRY(hn_buffer_status(replacement, err));
    *found_out =
        replacement->length != end - i || memcmp(replacement->data, text + i, end - i) != 0;
    *range_out = (hn_range){i, end};
  }
done:
  hn_free(points);
  return status;
}

static int find_mark(const char *text, size_t n, size_t from, int is_bare, hn_range *range_out) {
  hn_section_mark mark;
  while (hn_section_next_mark(text, n, from, &mark)) {
    *range_out = mark.range;
    if ((mark.form == HN_MARK_BARE) == is_bare) return 1;
    from = mark.range.end;
  }
  return 0;
}

static hn_status find_section(const char *text, size_t n, size_t from, hn_range *range_out,
                              hn_buffer *replacement, int *found_out, hn_error *err) {
  (void)replacement, (void)err;
  *found_out = find_mark(text, n, from, 0, range_out);
  return HN_OK;
}

static hn_status find_bare(const char *text, size_t n, size_t from, hn_range *range_out,
                           hn_buffer *replacement, int *found_out, hn_error *err) {
  (void)replacement, (void)err;
  *found_out = find_mark(text, n, from, 1, range_out);
  return HN_OK;
}
