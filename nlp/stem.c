#include "nlp/stem.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "nlp/vocabulary.h"

#include <libstemmer.h>
#include <string.h>

/* What is remembered is forgotten beyond this, lest memory grow with a corpus that is streamed. */
enum { MAX_WORDS = 1 << 17, MAX_BYTES = 1 << 24, MAX_WORD_BYTES = 255 };

struct hn_stemmer {
  struct sb_stemmer *snowball;
  hn_vocabulary words; /* those met */
  hn_span *stems;      /* (words.n) in bytes */
  size_t n_stems, stems_capacity;
  hn_buffer bytes;
  uint32_t *numbers; /* of the words of one text */
  size_t numbers_capacity;
};

hn_status hn_stemmer_check(const char *language, hn_error *err) {
  hn_buffer known = {0};
  for (const char **name = sb_stemmer_list(); *name; name++) {
    if (strcmp(*name, language) == 0) {
      hn_buffer_free(&known);
      return HN_OK;
    }
    hn_buffer_format(&known, "%s%s", known.length ? ", " : "", *name);
  }
  hn_status status = hn_buffer_status(&known, err);
  if (status == HN_OK)
    status = hn_fail(err, HN_INVALID, "stem: there is no stemmer for \"%.80s\"; expected one of %s",
                     language, known.data);
  hn_buffer_free(&known);
  return status;
}

hn_status hn_stemmer_create(const char *language, hn_stemmer **stemmer_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_stemmer *made = NULL;
  HN_TRY(hn_stemmer_check(language, err));
  HN_NEW(made, 1, err);
  if (!(made->snowball = sb_stemmer_new(language, "UTF_8"))) HN_TRY(hn_fail_memory(err));
  *stemmer_out = made;
  made = NULL;
done:
  hn_stemmer_destroy(made);
  return status;
}

void hn_stemmer_destroy(hn_stemmer *s) {
  if (!s) return;
  sb_stemmer_delete(s->snowball);
  hn_vocabulary_free(&s->words);
  hn_buffer_free(&s->bytes);
  hn_free(s->stems);
  hn_free(s->numbers);
  hn_free(s);
}

static void forget(hn_stemmer *s) {
  hn_vocabulary_free(&s->words);
  s->n_stems = 0;
  hn_buffer_clear(&s->bytes);
}

/* The stem of the next word that has none yet. */
static hn_status add_stem(hn_stemmer *s, hn_error *err) {
  hn_status status = HN_OK;
  const hn_text *word = &s->words.terms[s->n_stems];
  const char *stem = word->bytes;
  size_t length = word->n, start = s->bytes.length;
  if (length > 0 && length <= MAX_WORD_BYTES) {
    const sb_symbol *found =
        sb_stemmer_stem(s->snowball, (const sb_symbol *)word->bytes, (int)length);
    if (!found) HN_TRY(hn_fail_memory(err));
    int n = sb_stemmer_length(s->snowball);
    if (n > 0) {
      stem = (const char *)found;
      length = (size_t)n;
    }
  }
  if (start + length > UINT32_MAX)
    HN_TRY(hn_fail(err, HN_INVALID, "a text has more than 4 GB of distinct words; split it"));
  HN_GROW(s->stems, s->n_stems, s->stems_capacity, err);
  hn_buffer_append(&s->bytes, stem, length);
  HN_TRY(hn_buffer_status(&s->bytes, err));
  s->stems[s->n_stems++] = (hn_span){(uint32_t)start, (uint32_t)length};
done:
  return status;
}

hn_status hn_stemmer_apply(hn_stemmer *s, hn_text text, hn_span *spans, size_t n,
                           hn_text *stems_out, hn_error *err) {
  hn_status status = HN_OK;
  if (s->words.n > MAX_WORDS || s->bytes.length > MAX_BYTES) forget(s);
  if (n > s->numbers_capacity) {
    uint32_t *grown = hn_realloc(s->numbers, n, sizeof *grown);
    if (!grown) HN_TRY(hn_fail_memory(err));
    s->numbers = grown;
    s->numbers_capacity = n;
  }
  HN_TRY(hn_vocabulary_add_words(&s->words, text, spans, n, s->numbers, err));
  while (s->n_stems < s->words.n) HN_TRY(add_stem(s, err));
  for (size_t i = 0; i < n; i++) spans[i] = s->stems[s->numbers[i]];
  *stems_out = (hn_text){s->bytes.data ? s->bytes.data : "", s->bytes.length};
done:
  return status;
}
