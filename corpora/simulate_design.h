/* The design of the simulated corpus: who sings which song, when, with whom, and which of its two
 * sides tells the region. Internal to corpora/simulate*. */
#ifndef HN_CORPORA_SIMULATE_DESIGN_H
#define HN_CORPORA_SIMULATE_DESIGN_H

#include <stdint.h>

#include "corpora/simulate.h"

/* Regions are 0 … 3; a style or vocabulary of NOWHERE is that of no region. */
enum { HN_SIMULATED_REGIONS = 4, HN_SIMULATED_NOWHERE = 4 };
#define HN_SIMULATED_NO_GUEST ((size_t)-1)

typedef struct {
  const char *name;
  double lat, lon; /* degrees */
} hn_simulated_city;

typedef struct {
  char name[24];
  int region;
  const hn_simulated_city *city;
} hn_simulated_artist;

typedef struct {
  char id[12], title[48];
  size_t artist, guest; /* guest: an artist, or HN_SIMULATED_NO_GUEST */
  int year;
  uint8_t lyrics_cue, audio_cue; /* does this side tell the region (if it is there at all)? */
  uint8_t has_lyrics, has_audio, has_region, is_skit;
} hn_simulated_track;

/* tracks in ascending order of id. Owns its arrays. */
typedef struct {
  uint64_t seed;
  double duration; /* s */
  size_t n_artists, n_tracks;
  hn_simulated_artist *artists;
  hn_simulated_track *tracks;
} hn_simulated_design;

/* "East", … */
const char *hn_simulated_region_name(int region);
/* Errors: HN_NO_MEMORY. */
hn_status hn_simulated_design_init(hn_simulated_design *design, const hn_options *options,
                                   hn_error *err);
void hn_simulated_design_free(hn_simulated_design *design);
void hn_simulated_design_summarize(const hn_simulated_design *design, hn_simulation *summary_out);

#endif
