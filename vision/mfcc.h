/* Mel-frequency cepstral coefficients: the shape of each frame's mel spectrum, coarse to fine. */
#ifndef HN_VISION_MFCC_H
#define HN_VISION_MFCC_H

#include <stddef.h>

#include "base/error.h"
#include "base/matrix.h"

/* Named as in librosa.feature.mfcc. */
typedef struct {
  size_t n_mfcc; /* rows, at most the bands */
  int dct_type;  /* 1, 2 or 3; type 1 needs two bands */
  int ortho;     /* norm: "ortho" instead of none */
  double lifter; /* weigh row i (from 1) by 1 + lifter / 2 sin(pi i / lifter); 0: no */
} hn_mfcc_options;

/* The discrete cosine transform of each column.
 *   db        (H, W), as of hn_mel_apply
 *   mfcc_out  (n_mfcc, W), owned by the caller
 * Matches librosa.feature.mfcc(S=db, …), scipy.fft.dct. Errors: HN_INVALID (n_mfcc > H, dct_type 1
 * of one band), HN_NO_MEMORY. Thread-safe. O(n_mfcc H W). */
hn_status hn_mfcc(const hn_matrix *db, const hn_mfcc_options *options, hn_matrix *mfcc_out,
                  hn_error *err);

#endif
