/* A small synthesizer that plays the simulated corpus's songs. Internal to corpora/simulate*. */
#ifndef HN_CORPORA_SIMULATE_AUDIO_H
#define HN_CORPORA_SIMULATE_AUDIO_H

#include <stdint.h>

#include "corpora/simulate_design.h"

enum { HN_SIMULATED_RATE = 22050 }; /* Hz */

/* How many samples each song of the design has. */
size_t hn_simulated_n_samples(const hn_simulated_design *design);

/* Render a track: drums, bass and keys in the style of its region (when its audio tells it; else
 * of nowhere), with the recording sound of its decade and its artist's preferences of tempo, key
 * and brightness. Root mean square of every song: -24 to -19 dBFS, whatever its style.
 *   samples_out  (n) mono, 16 bit, caller-allocated, overwritten; n = hn_simulated_n_samples
 * Errors: HN_NO_MEMORY. Thread-safe. */
hn_status hn_simulated_audio(const hn_simulated_design *design, size_t track, int16_t *samples_out,
                             hn_error *err);

#endif
