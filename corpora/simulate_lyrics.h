/* A small grammar that writes the simulated corpus's lyrics, titles and names. Internal to
 * corpora/simulate*. */
#ifndef HN_CORPORA_SIMULATE_LYRICS_H
#define HN_CORPORA_SIMULATE_LYRICS_H

#include "base/buffer.h"
#include "base/random.h"
#include "corpora/simulate_design.h"

/* The vocabularies of the four regions and of no region (HN_SIMULATED_NOWHERE): word i has the
 * same length in all five, so that the length of a text says nothing. */
enum { HN_SIMULATED_WORDS = 24 };
const char *hn_simulated_region_word(int region, size_t i);

/* "Kid Lorifa": unique to the artist. text_out has `size` bytes. */
void hn_simulated_artist_name(uint64_t seed, size_t artist, char *text_out, size_t size);
/* "Golden Signal", "Paper Engine (Skit)". */
void hn_simulated_title(hn_rng *rng, int is_skit, char *text_out, size_t size);

/* Append the lyrics of a track: sections with their marks, LF, a few hundred words of common
 * English with slang of the region (when the track's lyrics tell it; else of nowhere), of the
 * decade and of the artist. A guest from another region brings no words of a region.
 * Errors: HN_NO_MEMORY. Thread-safe. */
hn_status hn_simulated_lyrics(const hn_simulated_design *design, size_t track, hn_buffer *out,
                              hn_error *err);

#endif
