/* Every count is dealt, none is drawn: the regions get the same number of songs of each kind and
 * the same years, and only then it is shuffled who gets what. What remains random (ids, titles,
 * names, order) comes from streams that do not know the region. */
#include "corpora/simulate_design.h"

#include "base/memory.h"
#include "base/random.h"
#include "corpora/simulate_lyrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N_CITIES = 6, FIRST_YEAR = 1985, LAST_DEBUT = 2010, CAREER = 10 };

static const struct {
  const char *name;
  hn_simulated_city cities[N_CITIES];
} regions[HN_SIMULATED_REGIONS] = {
    {"East",
     {{"New York", 40.7128, -74.0060},
      {"Philadelphia", 39.9526, -75.1652},
      {"Boston", 42.3601, -71.0589},
      {"Newark", 40.7357, -74.1724},
      {"Pittsburgh", 40.4406, -79.9959},
      {"Buffalo", 42.8864, -78.8784}}},
    {"West",
     {{"Los Angeles", 34.0522, -118.2437},
      {"Oakland", 37.8044, -122.2712},
      {"Seattle", 47.6062, -122.3321},
      {"Sacramento", 38.5816, -121.4944},
      {"Phoenix", 33.4484, -112.0740},
      {"San Diego", 32.7157, -117.1611}}},
    {"South",
     {{"Atlanta", 33.7490, -84.3880},
      {"Houston", 29.7604, -95.3698},
      {"Memphis", 35.1495, -90.0490},
      {"New Orleans", 29.9511, -90.0715},
      {"Miami", 25.7617, -80.1918},
      {"Charlotte", 35.2271, -80.8431}}},
    {"Midwest",
     {{"Chicago", 41.8781, -87.6298},
      {"Detroit", 42.3314, -83.0458},
      {"St. Louis", 38.6270, -90.1994},
      {"Cleveland", 41.4993, -81.6944},
      {"Minneapolis", 44.9778, -93.2650},
      {"Milwaukee", 43.0389, -87.9065}}},
};

const char *hn_simulated_region_name(int region) {
  return regions[region].name;
}

/* 0 … n - 1 in the random order of a stream. */
static void shuffle_range(uint64_t seed, const char *purpose, int index, size_t *out, size_t n) {
  hn_rng rng;
  hn_rng_init(&rng, seed, purpose, (uint64_t)index);
  for (size_t i = 0; i < n; i++) out[i] = i;
  hn_rng_shuffle(&rng, out, n);
}

/* Deal the songs of one region to its artists (in turn, `order` says who comes when) from four
 * cells: who tells. At the head of each cell that has room for it are one song without lyrics and
 * one without audio; skits tell nothing; a song without region is taken from those that tell
 * everything, so that the songs that do not tell stay equally many in each region and the ceilings
 * exact. Dealing in turn gives each artist nearly the same share of every cell: else the guesses
 * of a model would lean away from the region whose guesswork is in the test fold. */
static void deal_roles(hn_simulated_track *songs, size_t n_artists, size_t n_songs,
                       const size_t *order, const hn_options *options, int with_unlabelled) {
  enum { ROOM = 6, SKITS = 2 };
  size_t n = n_artists * n_songs, n_dealt = 0;
  size_t no_words = (size_t)lround(hn_options_real(options, "neutral_lyrics") * (double)n);
  size_t no_beat = (size_t)lround(hn_options_real(options, "neutral_audio") * (double)n);
  size_t neither = (size_t)lround((double)no_words * (double)no_beat / (double)n);
  const size_t cells[2][2] = {{neither, no_words - neither},
                              {no_beat - neither, n + neither - no_words - no_beat}};
  for (int words = 0; words < 2; words++)
    for (int beat = 0; beat < 2; beat++)
      for (size_t i = 0, size = cells[words][beat]; i < size; i++, n_dealt++) {
        int room = size >= ROOM;
        size_t artist = order[n_dealt % n_artists];
        hn_simulated_track *role = &songs[artist * n_songs + n_dealt / n_artists];
        role->lyrics_cue = (uint8_t)words;
        role->audio_cue = (uint8_t)beat;
        role->has_lyrics = !(room && i == 0);
        role->has_audio = !(room && i == 1);
        role->is_skit = room && !words && !beat && i >= 2 && i < 2 + SKITS;
        role->has_region = !(room && words && beat && i == 2 && with_unlabelled);
      }
}

static void shuffle_songs(hn_simulated_track *songs, size_t n, hn_rng *rng) {
  for (size_t i = n; i > 1; i--) {
    size_t j = (size_t)hn_rng_below(rng, i);
    hn_simulated_track t = songs[i - 1];
    songs[i - 1] = songs[j];
    songs[j] = t;
  }
}

/* The artist with whom the k-th of a region records, or NO_GUEST: two pairs within the region,
 * and a fifth artist with the fifth of another one. Fixed partners keep artist-disjoint training
 * large, which leaves out everything by anyone who is credited on a test song. */
static size_t partner_of(int region, size_t k, size_t n_artists) {
  enum { CROSSING = 4 };
  if (n_artists <= CROSSING || k > CROSSING) return HN_SIMULATED_NO_GUEST;
  if (k < CROSSING) return (size_t)region * n_artists + (k ^ 1);
  return (size_t)(region ^ 1) * n_artists + k;
}

/* The first two sung songs of each artist that has a partner. */
static void invite_guests(hn_simulated_track *songs, size_t n_songs, size_t partner) {
  size_t n_invited = 0;
  for (size_t i = 0; i < n_songs && n_invited < 2; i++) {
    if (songs[i].is_skit || !songs[i].has_lyrics) continue;
    songs[i].guest = partner;
    n_invited++;
  }
}

/* All songs of region r but their years and names; turns (n_artists) is scratch. */
static void cast_region(hn_simulated_design *design, int r, const hn_options *options,
                        size_t *turns) {
  size_t n_artists = (size_t)hn_options_int(options, "n_artists");
  size_t n_songs = (size_t)hn_options_int(options, "n_songs");
  size_t first = (size_t)r * n_artists;
  hn_simulated_track *region = design->tracks + first * n_songs;
  shuffle_range(design->seed, "simulate.turns", r, turns, n_artists);
  deal_roles(region, n_artists, n_songs, turns, options, r < HN_SIMULATED_REGIONS - 1);
  for (size_t k = 0; k < n_artists; k++) {
    hn_simulated_track *songs = region + k * n_songs;
    hn_rng rng;
    hn_rng_init(&rng, design->seed, "simulate.songs", first + k);
    shuffle_songs(songs, n_songs, &rng);
    for (size_t j = 0; j < n_songs; j++) {
      songs[j].artist = first + k;
      songs[j].guest = HN_SIMULATED_NO_GUEST;
    }
    invite_guests(songs, n_songs, partner_of(r, k, n_artists));
  }
}

static void name_artists(hn_simulated_design *design, size_t n_artists) {
  for (int r = 0; r < HN_SIMULATED_REGIONS; r++) {
    size_t order[N_CITIES];
    shuffle_range(design->seed, "simulate.cities", r, order, N_CITIES);
    for (size_t k = 0; k < n_artists; k++) {
      size_t artist = (size_t)r * n_artists + k;
      hn_simulated_artist *a = &design->artists[artist];
      a->region = r;
      a->city = &regions[r].cities[order[k % N_CITIES]];
      hn_simulated_artist_name(design->seed, artist, a->name, sizeof a->name);
    }
  }
}

/* The k-th artist of every region sings in the same years. */
static void date_songs(hn_simulated_design *design, const size_t *debuts, size_t n_artists,
                       size_t n_songs) {
  for (size_t k = 0; k < n_artists; k++) {
    size_t span = n_artists > 1 ? n_artists - 1 : 1;
    int debut = FIRST_YEAR + (int)(debuts[k] * (LAST_DEBUT - FIRST_YEAR) / span);
    hn_rng rng;
    hn_rng_init(&rng, design->seed, "simulate.years", k);
    for (size_t j = 0; j < n_songs; j++) {
      int year = debut + (int)hn_rng_below(&rng, CAREER);
      for (size_t r = 0; r < HN_SIMULATED_REGIONS; r++)
        design->tracks[(r * n_artists + k) * n_songs + j].year = year;
    }
  }
}

/* Random order, then ascending ids with random gaps: unique, and without a trace of the rest. */
static void name_tracks(hn_simulated_design *design, const size_t *order,
                        const hn_simulated_track *dealt) {
  uint64_t gap = (UINT64_C(1) << 32) / design->n_tracks;
  hn_rng rng;
  hn_rng_init(&rng, design->seed, "simulate.ids", 0);
  for (size_t i = 0; i < design->n_tracks; i++) {
    hn_simulated_track *track = &design->tracks[i];
    *track = dealt[order[i]];
    unsigned id = (unsigned)(i * gap + hn_rng_below(&rng, gap));
    snprintf(track->id, sizeof track->id, "s%08x", id);
    hn_simulated_title(&rng, track->is_skit, track->title, sizeof track->title);
  }
}

hn_status hn_simulated_design_init(hn_simulated_design *design, const hn_options *options,
                                   hn_error *err) {
  hn_status status = HN_OK;
  size_t *order = NULL, *turns = NULL;
  hn_simulated_track *dealt = NULL;
  hn_simulated_design made = {0};
  size_t n_artists = (size_t)hn_options_int(options, "n_artists");
  size_t n_songs = (size_t)hn_options_int(options, "n_songs");
  size_t n_region = n_artists * n_songs;
  made.seed = (uint64_t)hn_options_int(options, "seed");
  made.duration = hn_options_real(options, "duration");
  made.n_artists = HN_SIMULATED_REGIONS * n_artists;
  made.n_tracks = HN_SIMULATED_REGIONS * n_region;
  HN_NEW(made.artists, made.n_artists, err);
  HN_NEW(made.tracks, made.n_tracks, err);
  HN_NEW(dealt, made.n_tracks, err);
  HN_NEW(order, made.n_tracks, err);
  HN_NEW(turns, n_artists, err);

  for (int r = 0; r < HN_SIMULATED_REGIONS; r++) cast_region(&made, r, options, turns);
  name_artists(&made, n_artists);
  shuffle_range(made.seed, "simulate.debuts", 0, turns, n_artists);
  date_songs(&made, turns, n_artists, n_songs);

  memcpy(dealt, made.tracks, made.n_tracks * sizeof *dealt);
  shuffle_range(made.seed, "simulate.order", 0, order, made.n_tracks);
  name_tracks(&made, order, dealt);

  *design = made;
  made = (hn_simulated_design){0};
done:
  hn_simulated_design_free(&made);
  hn_free(dealt);
  hn_free(order);
  hn_free(turns);
  return status;
}

void hn_simulated_design_free(hn_simulated_design *design) {
  hn_free(design->artists);
  hn_free(design->tracks);
  *design = (hn_simulated_design){0};
}

static void count_song(hn_ceiling *ceiling, int tells) {
  ceiling->n++;
  ceiling->n_cue += (size_t)tells;
}

static void finish_ceiling(hn_ceiling *c) {
  double n = (double)c->n, n_guess = (double)(c->n - c->n_cue), p = 1.0 / HN_SIMULATED_REGIONS;
  c->accuracy = ((double)c->n_cue + n_guess * p) / n;
  c->sd = sqrt(n_guess * p * (1 - p)) / n;
}

static hn_ceilings find_ceilings(const hn_simulated_design *design, int with_skits) {
  hn_ceilings c = {0};
  for (size_t i = 0; i < design->n_tracks; i++) {
    const hn_simulated_track *t = &design->tracks[i];
    if (!t->has_region || (t->is_skit && !with_skits)) continue;
    int by_lyrics = t->has_lyrics && t->lyrics_cue, by_audio = t->has_audio && t->audio_cue;
    if (t->has_lyrics) count_song(&c.lyrics, by_lyrics);
    if (t->has_audio) count_song(&c.audio, by_audio);
    count_song(&c.fused, by_lyrics || by_audio);
  }
  finish_ceiling(&c.lyrics);
  finish_ceiling(&c.audio);
  finish_ceiling(&c.fused);
  return c;
}

void hn_simulated_design_summarize(const hn_simulated_design *design, hn_simulation *summary_out) {
  hn_simulation s = {.n_tracks = design->n_tracks,
                     .n_artists = design->n_artists,
                     .n_regions = HN_SIMULATED_REGIONS};
  for (size_t i = 0; i < design->n_tracks; i++) {
    const hn_simulated_track *t = &design->tracks[i];
    s.n_skits += t->is_skit;
    s.n_guests += t->guest != HN_SIMULATED_NO_GUEST;
    s.n_without_lyrics += !t->has_lyrics;
    s.n_without_audio += !t->has_audio;
    s.n_unlabelled += !t->has_region;
  }
  s.ceilings = find_ceilings(design, 1);
  s.without_skits = find_ceilings(design, 0);
  *summary_out = s;
}
