#include "corpora/simulate_audio.h"

#include "tests/support.h"

#include <math.h>

static hn_error err;

enum { N_SAMPLES = 4 * HN_SIMULATED_RATE };
static int16_t samples[N_SAMPLES], others[N_SAMPLES];

static int make_design(void **state) {
  static hn_simulated_design design;
  hn_options *options;
  assert_ok(hn_options_create(hn_simulate_options, &options, &err));
  assert_ok(hn_options_set(options, "duration", "4", &err));
  assert_ok(hn_simulated_design_init(&design, options, &err));
  hn_options_destroy(options);
  assert_int_equal(hn_simulated_n_samples(&design), N_SAMPLES);
  *state = &design;
  return 0;
}

static int free_design(void **state) {
  hn_simulated_design_free(*state);
  return 0;
}

static void nothing_but_the_style_knows_the_region(void **state) {
  hn_simulated_design *d = *state;
  for (size_t i = 0; i < 64; i++) {
    const hn_simulated_track *t = &d->tracks[i];
    int *region = &d->artists[t->artist].region, home = *region;
    assert_ok(hn_simulated_audio(d, i, samples, &err));
    *region = (home + 1) % HN_SIMULATED_REGIONS;
    assert_ok(hn_simulated_audio(d, i, others, &err));
    *region = home;
    assert_true((memcmp(samples, others, sizeof samples) == 0) == !t->audio_cue);
  }
}

/* Root mean square between -24 and -19 dBFS, and whole: no sample at the limit. */
static void every_song_is_in_the_loudness_range(void **state) {
  hn_simulated_design *d = *state;
  for (size_t i = 0; i < d->n_tracks; i++) {
    double energy = 0;
    assert_ok(hn_simulated_audio(d, i, samples, &err));
    for (size_t k = 0; k < N_SAMPLES; k++) {
      assert_true(abs(samples[k]) < 32767);
      energy += (double)samples[k] * samples[k];
    }
    double level = 10 * log10(energy / N_SAMPLES) - 20 * log10(32767);
    assert_true(level > -24.01 && level < -18.99);
  }
}

static void each_track_and_seed_has_its_own(void **state) {
  hn_simulated_design *d = *state;
  assert_ok(hn_simulated_audio(d, 0, samples, &err));
  assert_ok(hn_simulated_audio(d, 0, others, &err));
  assert_memory_equal(samples, others, sizeof samples);
  assert_ok(hn_simulated_audio(d, 1, others, &err));
  assert_memory_not_equal(samples, others, sizeof samples);
  d->seed++;
  assert_ok(hn_simulated_audio(d, 0, others, &err));
  d->seed--;
  assert_memory_not_equal(samples, others, sizeof samples);
}

static void survives_no_memory(void **state) {
  hn_simulated_design *d = *state;
  assert_survives_no_memory(hn_simulated_audio(d, 0, samples, &err));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_but_the_style_knows_the_region),
      cmocka_unit_test(every_song_is_in_the_loudness_range),
      cmocka_unit_test(each_track_and_seed_has_its_own),
      cmocka_unit_test(survives_no_memory),
  };
  return cmocka_run_group_tests(tests, make_design, free_design);
}
