/* Musically motivated filters (Pons and Serra, 2019, "musicnn"). Five convolutions look at the
 * spectrogram side by side: timbral ones, tall and short (0.4 and 0.7 of the bands × 7 frames), and
 * temporal ones, flat and long (1 × 129, 65, 33 frames); the maximum over frequency of each is
 * taken, so that they do not depend on pitch. Behind them stand three convolutions of 7 frames, the
 * second and third residual; maximum and mean over time of all that these and the filters found go
 * through a dense layer with ReLU to the classes, dropout before both.
 *
 * width 64 gives 192 timbral and 48 temporal filters, 64 channels in the middle and 192 units in
 * the end (the authors' code: 204, 51, 64, 200). Other simplifications: batch norm comes before
 * ReLU, not behind it, and is left out in the dense end; the temporal filters are one frame longer,
 * so that they lie evenly around a frame. */
#ifndef HN_LEARN_NN_ARCH_MUSICNN_H
#define HN_LEARN_NN_ARCH_MUSICNN_H

#include "learn/nn/layer.h"

/* For pictures of `height` bands and `window` frames; width: 2 or more. specs_out (n_out) is to be
 * freed with hn_free. Errors: HN_NO_MEMORY. */
hn_status hn_musicnn_architecture(size_t height, size_t window, size_t width, double dropout,
                                  size_t n_classes, hn_layer_spec **specs_out, size_t *n_out,
                                  hn_error *err);

#endif
