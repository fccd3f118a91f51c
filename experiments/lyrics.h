/* The lyrics of a study's songs: read, cleaned, guests' verses cut where the study asks for it, and
 * an account of what each cleaning rule removed; or ready bags of words. */
#ifndef HN_EXPERIMENTS_LYRICS_H
#define HN_EXPERIMENTS_LYRICS_H

#include <jansson.h>
#include <stdio.h>

#include "base/matrix.h"
#include "experiments/songs.h"
#include "nlp/clean.h"
#include "nlp/tfidf.h"

/* For N songs, either texts (bytes NULL: no lyrics) or counts over n_terms terms. Owns all but the
 * terms, which are the songs'. */
typedef struct {
  size_t n;
  uint8_t *has; /* (N) 1 where a song has lyrics, in which a word is left after cleaning */
  hn_text *texts;
  hn_csr counts; /* (N, n_terms), when there are no texts */
  char **terms;
  size_t n_terms;
  hn_matrix style; /* (N, HN_STYLE_N_FEATURES), when a model of the study sees it */
  json_t *account; /* "lyrics" of metrics.json, see experiments/scores.h */
} hn_lyrics;

/* messages (may be NULL) shows progress and what could not be read. Errors: an unreadable or
 * ill-encoded file unless the study says on_error: skip; those of the bag-of-words file. */
hn_status hn_lyrics_load(const hn_study *study, const hn_songs *songs, FILE *messages,
                         hn_lyrics *lyrics_out, hn_error *err);
void hn_lyrics_free(hn_lyrics *lyrics);

/* Is there anything but blanks in a cleaned text? 0 or 1. Without a word a song has no lyrics. */
int hn_lyrics_has_words(const hn_cleaned *cleaned);

#endif
