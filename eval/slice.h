/* Slices: the tracks of each era, of each region, of each value of a column. N tracks, S slices. */
#ifndef HN_EVAL_SLICE_H
#define HN_EVAL_SLICE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct {
  char *name;
  size_t count;  /* tracks of the slice among those that count */
  int too_small; /* count is below the minimum: to be named, not scored */
} hn_slice;

/* Owns index, slices and their names. */
typedef struct {
  size_t n_rows, n_slices;
  int32_t *index;   /* (N) the slice of each track, -1 where its value is missing */
  hn_slice *slices; /* (S) */
  size_t n_missing; /* tracks without a value, among those that count */
  size_t min_count;
} hn_slices;

/* A slice for each distinct text (NULL: missing), in the order of classes (hn_labels_compare).
 *   rows       (N) 0 where a track does not count (no truth, no probabilities); NULL: all count
 *   min_count  a slice of fewer tracks is too small to score (10 is a good value)
 * Errors: HN_NO_MEMORY. */
hn_status hn_slices_by_value(const char *const *texts, size_t n_rows, const uint8_t *rows,
                             size_t min_count, hn_slices *slices_out, hn_error *err);

/* n_edges + 1 slices cut at ascending edges, each edge belonging to the slice above it; values
 * that are NaN are missing. Edges that are years (whole, 1000 … 2999) give "before 1990",
 * "1990–1999", "2000 and later"; others "below 0.5", "0.5 to below 0.8", "0.8 and above". Empty
 * slices stay. Errors: HN_INVALID: no edge, an edge that is not above the one before it. */
hn_status hn_slices_by_edges(const double *values, size_t n_rows, const double *edges,
                             size_t n_edges, const uint8_t *rows, size_t min_count,
                             hn_slices *slices_out, hn_error *err);
void hn_slices_free(hn_slices *slices);

/* mask_out (N): 1 where the track is of slice s; whether it counts is not asked. */
void hn_slices_mask(const hn_slices *slices, size_t s, uint8_t *mask_out);

/* "fewer than 10 tracks, not scored: East (3), West (0)", or NULL in *text_out when all are large
 * enough. Free with hn_free. Errors: HN_NO_MEMORY. */
hn_status hn_slices_describe_small(const hn_slices *slices, char **text_out, hn_error *err);

#endif
