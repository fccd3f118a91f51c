/* The languages of lyrics, cleaned first; and the filter that keeps the songs of some. */
#ifndef HN_EXPERIMENTS_LANGUAGES_H
#define HN_EXPERIMENTS_LANGUAGES_H

#include <jansson.h>
#include <stdint.h>

#include "base/options.h"
#include "base/progress.h"
#include "corpora/manifest.h"
#include "experiments/study.h"
#include "nlp/language.h"

typedef struct {
  hn_languages languages;
  hn_status status; /* of reading and cleaning the file */
  hn_error err;
} hn_lyrics_language;

/* Tell the languages of n lyrics files.
 *   paths        (n) NULL where a song has none: no language
 *   clean        options of hn_clean_options
 *   progress     advanced by one a file; or NULL
 *   results_out  (n) caller-allocated; a file that cannot be read or is no UTF-8 has its own status
 * Errors: those of hn_language_detector_create; HN_NO_MEMORY. Parallel over files. */
hn_status hn_lyrics_languages(const char *const *paths, size_t n, const hn_options *clean,
                              hn_progress *progress, hn_lyrics_language *results_out,
                              hn_error *err);

/* filters.language of a study: drop those tracks whose lyrics are in another language; a song whose
 * language cannot be told, or that may be in a wanted one, stays.
 *   keep     (tracks) those of 0 are not looked at; 0 where a track is dropped
 *   account  gets each dropped track in "dropped", and notes
 * Errors: a file that cannot be read, unless the study says on_error: skip; as above. */
hn_status hn_drop_by_language(const hn_study *study, const hn_manifest *manifest, FILE *messages,
                              uint8_t *keep, json_t *account, hn_error *err);

#endif
