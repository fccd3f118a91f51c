/* Augmentation: each time a window is trained on it is changed a little, so that the network learns
 * what stays. */
#ifndef HN_LEARN_NN_AUGMENT_H
#define HN_LEARN_NN_AUGMENT_H

#include "base/random.h"
#include "learn/nn/windows.h"

/* Counts and widths of masks as in SpecAugment (Park et al., 2019). All 0: nothing changes. */
typedef struct {
  double gain;                        /* dB: up to so much louder or softer */
  size_t time_masks, time_width;      /* masks of 0 … time_width frames */
  size_t frequency_masks, band_width; /* masks of 0 … band_width mel bands */
  double mixup;                       /* alpha of mixup's Beta(alpha, alpha); at most 4 */
} hn_augmentation;

/* Change a standardised window of shape (1, H, w) in place: the gain, a uniform offset of the dB
 * before standardisation; then the masks, which set the mean of each band (0). A mask is never
 * wider than the window, and lies wholly within it. */
void hn_augment(const hn_augmentation *augmentation, const hn_standard *standard,
                const hn_shape *shape, hn_rng *rng, float *sample);

/* mixup (Zhang et al., 2018): a number of Beta(alpha, alpha), the share of the first of two
 * samples (Jöhnk, 1964). 1 for alpha = 0, and nothing is drawn. */
double hn_mixup_share(double alpha, hn_rng *rng);
/* a = share_a * a + (1 - share_a) * b and b = share_b * b + (1 - share_b) * a, both of the old. */
void hn_mixup(const hn_shape *shape, float *a, double share_a, float *b, double share_b);

#endif
