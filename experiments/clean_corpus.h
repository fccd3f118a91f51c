/* A whole corpus cleaned: a new manifest beside cleaned lyrics, for work on files. A study cleans
 * by itself and needs none of this. */
#ifndef HN_EXPERIMENTS_CLEAN_CORPUS_H
#define HN_EXPERIMENTS_CLEAN_CORPUS_H

#include "base/error.h"
#include "base/progress.h"
#include "nlp/clean.h"

/* Write folder/lyrics/<row>.txt for each track of the manifest that has lyrics, rows counted from
 * 1, and at last folder/manifest.csv: the same tracks and columns, with the paths of the cleaned
 * lyrics and absolute paths of audio and spectrograms. counts_out  (hn_clean_n_rules()) what each
 * rule removed, over all tracks; or NULL progress    advanced by one a track; or NULL Errors: those
 * of the manifest; the first lyrics file that cannot be read or is no UTF-8 (nothing is dropped
 * silently: mend it or switch invalid_utf8 on); HN_INVALID when folder is that of the manifest;
 * HN_IO. Parallel over tracks. */
hn_status hn_clean_corpus(const char *manifest, const hn_options *rules, const char *folder,
                          hn_progress *progress, hn_clean_count *counts_out, hn_error *err);

#endif
