/* Bags of words in the layout of the musiXmatch dataset, plain or gzip:
 *
 *   # a comment
 *   %the,i,you                        the vocabulary, once, before the first bag
 *   TRAAAAV,1:6,3:2                   track id, then word:count pairs, words numbered from 1
 *   TRAAABD,4623710,1:10              the original files have a second, musiXmatch id: ignored
 *
 * Terms are taken as they are. Source: http://millionsongdataset.com/musixmatch/ */
#ifndef HN_CORPORA_BAGS_H
#define HN_CORPORA_BAGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/matrix.h"
#include "corpora/manifest.h"

/* Owns all. */
typedef struct {
  size_t n_rows, n_terms;
  char **ids;    /* (n_rows) in the file's order, each once */
  char **terms;  /* (n_terms) */
  hn_csr counts; /* (n_rows, n_terms), whole positive numbers up to 2^24 */
} hn_bags;

/* Read a file. Errors: HN_IO; HN_FORMAT with file:line, the value found and what is allowed: no %
 * line or two, a term that is empty or stands twice, a bag before the vocabulary, an empty or
 * repeated id, a pair that is no word:count, a word number of 0 or beyond the vocabulary or twice
 * in one bag, a count that is no whole number from 1 to 2^24, bytes that are no UTF-8. */
hn_status hn_bags_read(const char *path, hn_bags *bags_out, hn_error *err);
/* The same from memory (not gzip); name stands for the path in messages. */
hn_status hn_bags_parse(const char *name, const char *bytes, size_t n, hn_bags *bags_out,
                        hn_error *err);
/* Told of a bag that is left out; message as above. */
typedef hn_status hn_bags_problem(void *context, const char *message, hn_error *err);
/* Read a file in which single bags may be wrong: each of them is left out and told of; ids may
 * repeat. Errors: those of the vocabulary, and of on_problem. */
hn_status hn_bags_read_good(const char *path, hn_bags_problem *on_problem, void *context,
                            hn_bags *bags_out, hn_error *err);
void hn_bags_free(hn_bags *bags);

/* Bags in the order of a manifest's tracks. Owns counts and has_bag. */
typedef struct {
  hn_csr counts;    /* (tracks, n_terms); a track without a bag has an empty row */
  uint8_t *has_bag; /* (tracks); a bag without any word is a bag */
  size_t n_without; /* tracks that no bag belongs to */
  size_t n_ignored; /* bags whose id the manifest lacks */
} hn_bags_alignment;

/* Errors: HN_NO_MEMORY. */
hn_status hn_bags_align(const hn_bags *bags, const hn_manifest *manifest,
                        hn_bags_alignment *alignment_out, hn_error *err);
void hn_bags_alignment_free(hn_bags_alignment *alignment);

#endif
