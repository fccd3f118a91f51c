#include "corpora/simulate_design.h"

#include "tests/support.h"

#include <math.h>

static hn_error err;

/* The design of the options "name=value …" over the defaults. */
static hn_simulated_design make_design(const char *const settings[][2], size_t n) {
  hn_options *options;
  hn_simulated_design design;
  assert_ok(hn_options_create(hn_simulate_options, &options, &err));
  for (size_t i = 0; i < n; i++)
    assert_ok(hn_options_set(options, settings[i][0], settings[i][1], &err));
  assert_ok(hn_simulated_design_init(&design, options, &err));
  hn_options_destroy(options);
  return design;
}

static int region_of(const hn_simulated_design *d, size_t track) {
  return d->artists[d->tracks[track].artist].region;
}

static void each_region_has_the_same_counts(void **state) {
  (void)state;
  hn_simulated_design d = make_design(NULL, 0);
  assert_int_equal(d.n_artists, 48);
  assert_int_equal(d.n_tracks, 384);
  for (int r = 0; r < HN_SIMULATED_REGIONS; r++) {
    int cells[2][2] = {{0}}, no_lyrics[2][2] = {{0}}, no_audio[2][2] = {{0}};
    int skits = 0, unlabelled = 0, guests = 0;
    for (size_t i = 0; i < d.n_tracks; i++) {
      const hn_simulated_track *t = &d.tracks[i];
      if (region_of(&d, i) != r) continue;
      cells[t->lyrics_cue][t->audio_cue]++;
      no_lyrics[t->lyrics_cue][t->audio_cue] += !t->has_lyrics;
      no_audio[t->lyrics_cue][t->audio_cue] += !t->has_audio;
      assert_true(t->has_lyrics || t->has_audio);
      if (t->is_skit) assert_true(t->has_lyrics && t->has_audio && !t->lyrics_cue && !t->audio_cue);
      if (!t->has_region) assert_true(t->lyrics_cue && t->audio_cue);
      skits += t->is_skit;
      unlabelled += !t->has_region;
      guests += t->guest != HN_SIMULATED_NO_GUEST;
    }
    /* Of 96: u = 35/96, v = 60/96, u v = 22/96. */
    assert_int_equal(cells[0][0], 22);
    assert_int_equal(cells[0][1], 13);
    assert_int_equal(cells[1][0], 38);
    assert_int_equal(cells[1][1], 23);
    for (int i = 0; i < 4; i++) {
      assert_int_equal(no_lyrics[i / 2][i % 2], 1);
      assert_int_equal(no_audio[i / 2][i % 2], 1);
    }
    assert_int_equal(skits, 2);
    assert_int_equal(unlabelled, r < 3);
    assert_int_equal(guests, 10);
  }
  hn_simulated_design_free(&d);
}

static void artists_are_alike(void **state) {
  (void)state;
  hn_simulated_design d = make_design(NULL, 0);
  for (size_t a = 0; a < d.n_artists; a++) {
    int n = 0, tells = 0;
    for (size_t i = 0; i < d.n_tracks; i++)
      if (d.tracks[i].artist == a) n++, tells += d.tracks[i].lyrics_cue;
    assert_int_equal(n, 8);
    assert_in_range(tells, 4, 6);
    for (size_t b = 0; b < a; b++) assert_string_not_equal(d.artists[a].name, d.artists[b].name);
  }
  hn_simulated_design_free(&d);
}

/* As many songs of each year in every region. */
static void years_tell_nothing(void **state) {
  (void)state;
  hn_simulated_design d = make_design(NULL, 0);
  int counts[HN_SIMULATED_REGIONS][35] = {{0}}, decades[4] = {0};
  for (size_t i = 0; i < d.n_tracks; i++) {
    assert_in_range(d.tracks[i].year, 1985, 2019);
    counts[region_of(&d, i)][d.tracks[i].year - 1985]++;
    decades[d.tracks[i].year / 10 - 198]++;
  }
  for (int r = 1; r < HN_SIMULATED_REGIONS; r++)
    assert_memory_equal(counts[r], counts[0], sizeof counts[0]);
  for (int i = 0; i < 4; i++) assert_true(decades[i] > 20);
  hn_simulated_design_free(&d);
}

/* Ids ascend and are unique; where a region's tracks stand (mean rank of 96 out of 384: sd 9.8)
 * and the ids' last digits do not depend on it. */
static void ids_and_order_tell_nothing(void **state) {
  (void)state;
  hn_simulated_design d = make_design(NULL, 0);
  double rank[HN_SIMULATED_REGIONS] = {0};
  int odd[HN_SIMULATED_REGIONS] = {0};
  for (size_t i = 0; i < d.n_tracks; i++) {
    const char *id = d.tracks[i].id;
    assert_int_equal(strlen(id), 9);
    if (i > 0) assert_true(strcmp(d.tracks[i - 1].id, id) < 0);
    rank[region_of(&d, i)] += (double)i / 96;
    odd[region_of(&d, i)] += (int)strtol(id + 8, NULL, 16) % 2;
  }
  for (int r = 0; r < HN_SIMULATED_REGIONS; r++) {
    assert_true(fabs(rank[r] - 191.5) < 40);
    assert_in_range(odd[r], 48 - 20, 48 + 20);
  }
  hn_simulated_design_free(&d);
}

static void guests_are_fixed_partners(void **state) {
  (void)state;
  hn_simulated_design d = make_design(NULL, 0);
  int across = 0;
  size_t partner[48];
  for (size_t a = 0; a < 48; a++) partner[a] = HN_SIMULATED_NO_GUEST;
  for (size_t i = 0; i < d.n_tracks; i++) {
    const hn_simulated_track *t = &d.tracks[i];
    if (t->guest == HN_SIMULATED_NO_GUEST) continue;
    assert_true(t->has_lyrics && !t->is_skit && t->guest != t->artist && t->guest < d.n_artists);
    if (partner[t->artist] != HN_SIMULATED_NO_GUEST) assert_int_equal(partner[t->artist], t->guest);
    partner[t->artist] = t->guest;
    across += d.artists[t->guest].region != region_of(&d, i);
  }
  for (size_t a = 0; a < 48; a++)
    if (partner[a] != HN_SIMULATED_NO_GUEST) assert_int_equal(partner[partner[a]], a);
  assert_int_equal(across, 8);
  hn_simulated_design_free(&d);
}

static void assert_ceiling(hn_ceiling c, size_t n, size_t n_cue, double accuracy) {
  assert_int_equal(c.n, n);
  assert_int_equal(c.n_cue, n_cue);
  assert_true(fabs(c.accuracy - accuracy) < 1e-12);
  double guesses = (double)(n - n_cue);
  assert_true(fabs(c.sd * c.sd * (double)(n * n) - guesses * 0.1875) < 1e-9);
}

/* By hand: of 4 × 96 tracks 61 a region have words that tell, two of them without lyrics, and
 * three of the others have no region; and so on. */
static void ceilings_come_from_the_counts(void **state) {
  (void)state;
  hn_simulated_design d = make_design(NULL, 0);
  hn_simulation s;
  hn_simulated_design_summarize(&d, &s);
  assert_ceiling(s.ceilings.lyrics, 384 - 16 - 3, 4 * 59 - 3, (233 + 132 / 4.0) / 365);
  assert_ceiling(s.ceilings.audio, 384 - 16 - 3, 4 * 34 - 3, (133 + 232 / 4.0) / 365);
  assert_ceiling(s.ceilings.fused, 384 - 3, 4 * 72 - 3, (285 + 96 / 4.0) / 381);
  assert_ceiling(s.without_skits.lyrics, 357, 233, (233 + 124 / 4.0) / 357);
  assert_ceiling(s.without_skits.audio, 357, 133, (133 + 224 / 4.0) / 357);
  assert_ceiling(s.without_skits.fused, 373, 285, (285 + 88 / 4.0) / 373);
  assert_int_equal(s.n_tracks, 384);
  assert_int_equal(s.n_artists, 48);
  assert_int_equal(s.n_regions, 4);
  assert_int_equal(s.n_skits, 8);
  assert_int_equal(s.n_guests, 40);
  assert_int_equal(s.n_without_lyrics, 16);
  assert_int_equal(s.n_without_audio, 16);
  assert_int_equal(s.n_unlabelled, 3);
  hn_simulated_design_free(&d);
}

/* What makes a guess among the songs that do not tell exactly one in four. */
static void what_does_not_tell_is_balanced(void **state) {
  (void)state;
  static const char *const seeds[][1][2] = {{{"seed", "1"}}, {{"seed", "2"}}, {{"seed", "77"}}};
  for (size_t k = 0; k < 3; k++) {
    hn_simulated_design d = make_design(seeds[k], 1);
    int by_lyrics[HN_SIMULATED_REGIONS] = {0}, by_audio[HN_SIMULATED_REGIONS] = {0};
    int by_both[HN_SIMULATED_REGIONS] = {0};
    for (size_t i = 0; i < d.n_tracks; i++) {
      const hn_simulated_track *t = &d.tracks[i];
      int words = t->has_lyrics && t->lyrics_cue, beat = t->has_audio && t->audio_cue;
      if (!t->has_region) continue;
      by_lyrics[region_of(&d, i)] += t->has_lyrics && !words;
      by_audio[region_of(&d, i)] += t->has_audio && !beat;
      by_both[region_of(&d, i)] += !words && !beat;
    }
    for (int r = 0; r < HN_SIMULATED_REGIONS; r++) {
      assert_int_equal(by_lyrics[r], 33);
      assert_int_equal(by_audio[r], 58);
      assert_int_equal(by_both[r], 24);
    }
    hn_simulated_design_free(&d);
  }
}

static void other_sizes_and_shares(void **state) {
  (void)state;
  static const struct {
    const char *settings[4][2];
    double lyrics, audio, fused;
  } cases[] = {
      {{{"n_artists", "1"}, {"n_songs", "1"}, {"neutral_lyrics", "0"}, {"neutral_audio", "1"}},
       1,
       0.25,
       1},
      {{{"n_artists", "3"}, {"n_songs", "1"}, {"neutral_lyrics", "1"}, {"neutral_audio", "1"}},
       0.25,
       0.25,
       0.25},
      /* 1, 3 and 1 (0.75 rounded) of 4 do not tell. */
      {{{"n_artists", "2"}, {"n_songs", "2"}, {"neutral_lyrics", "0.36"}, {"seed", "0"}},
       0.8125,
       0.4375,
       0.8125},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_simulated_design d = make_design(cases[i].settings, 4);
    hn_simulation s;
    hn_simulated_design_summarize(&d, &s);
    assert_ceiling(s.ceilings.lyrics, d.n_tracks, s.ceilings.lyrics.n_cue, cases[i].lyrics);
    assert_ceiling(s.ceilings.audio, d.n_tracks, s.ceilings.audio.n_cue, cases[i].audio);
    assert_ceiling(s.ceilings.fused, d.n_tracks, s.ceilings.fused.n_cue, cases[i].fused);
    assert_int_equal(s.n_guests, 0);
    hn_simulated_design_free(&d);
  }
}

/* Init frees the design of the run before. */
static hn_status init_again(hn_simulated_design *d, const hn_options *options) {
  hn_simulated_design_free(d);
  return hn_simulated_design_init(d, options, &err);
}

static void survives_no_memory(void **state) {
  (void)state;
  hn_options *options;
  hn_simulated_design d = {0};
  assert_ok(hn_options_create(hn_simulate_options, &options, &err));
  assert_survives_no_memory(init_again(&d, options));
  hn_simulated_design_free(&d);
  hn_options_destroy(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_region_has_the_same_counts),
      cmocka_unit_test(artists_are_alike),
      cmocka_unit_test(years_tell_nothing),
      cmocka_unit_test(ids_and_order_tell_nothing),
      cmocka_unit_test(guests_are_fixed_partners),
      cmocka_unit_test(ceilings_come_from_the_counts),
      cmocka_unit_test(what_does_not_tell_is_balanced),
      cmocka_unit_test(other_sizes_and_shares),
      cmocka_unit_test(survives_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
