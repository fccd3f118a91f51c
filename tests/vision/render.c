#include "render.h"

#include <math.h>
#include <stdlib.h>

#include "base/random.h"

enum { BARS = 4 };
static const double pi = 3.14159265358979323846;

/* Scale degrees in semitones, and chords as (root in semitones, is major), four bars each. */
static const int scales[2][7] = {{0, 2, 3, 5, 7, 8, 10}, {0, 2, 4, 5, 7, 9, 11}};
typedef struct {
  int root, major;
} chord;
static const chord progressions[2][5][BARS] = {
    {{{0, 0}, {8, 1}, {3, 1}, {10, 1}},   /* i VI III VII */
     {{0, 0}, {5, 0}, {7, 1}, {0, 0}},    /* i iv V i */
     {{0, 0}, {5, 0}, {7, 0}, {0, 0}},    /* i iv v i */
     {{0, 0}, {10, 1}, {8, 1}, {7, 1}},   /* i VII VI V */
     {{0, 0}, {8, 1}, {5, 0}, {7, 1}}},   /* i VI iv V */
    {{{0, 1}, {7, 1}, {9, 0}, {5, 1}},    /* I V vi IV */
     {{0, 1}, {5, 1}, {7, 1}, {0, 1}},    /* I IV V I */
     {{0, 1}, {9, 0}, {5, 1}, {7, 1}},    /* I vi IV V */
     {{2, 0}, {7, 1}, {0, 1}, {0, 1}},    /* ii V I I */
     {{0, 1}, {10, 1}, {5, 1}, {0, 1}}}}; /* I bVII IV I */

/* What is struck on each half beat of a bar: 'k' bass drum, 's' snare, '.' nothing. */
static const char *const patterns_of_four[] = {"k.s.k.s.", "k.k.k.k.", "k.skk.s.", "k..ks.k.",
                                               "k.s..ks."};
static const char *const patterns_of_three[] = {"k.s.s.", "k...s.", "k.s.sk"};

typedef struct {
  float *samples;
  size_t n;
  hn_rng rng;
} track;

/* A decaying tone of `n_harmonics`, 1/k each. */
static void add_tone(track *t, double at, double seconds, double hz, double gain, double decay,
                     int n_harmonics) {
  size_t from = (size_t)(at * RENDER_RATE), n = (size_t)(seconds * RENDER_RATE);
  for (size_t i = 0; i < n && from + i < t->n; i++) {
    double s = (double)i / RENDER_RATE, left = seconds - s, sum = 0;
    double envelope = exp(-s / decay) * fmin(1, s / 0.005) * fmin(1, left / 0.02);
    for (int k = 1; k <= n_harmonics && k * hz < RENDER_RATE / 2.2; k++)
      sum += sin(2 * pi * k * hz * s) / k;
    t->samples[from + i] += (float)(gain * envelope * sum);
  }
}

static void add_noise(track *t, double at, double decay, double gain, int is_high) {
  size_t from = (size_t)(at * RENDER_RATE), n = (size_t)(6 * decay * RENDER_RATE);
  double last = 0;
  for (size_t i = 0; i < n && from + i < t->n; i++) {
    double noise = hn_rng_normal(&t->rng), s = (double)i / RENDER_RATE;
    t->samples[from + i] += (float)(gain * exp(-s / decay) * (is_high ? noise - last : noise) / 2);
    last = noise;
  }
}

/* A bass drum falls from 150 to 50 Hz. */
static void add_kick(track *t, double at, double gain) {
  size_t from = (size_t)(at * RENDER_RATE), n = (size_t)(0.25 * RENDER_RATE);
  for (size_t i = 0; i < n && from + i < t->n; i++) {
    double s = (double)i / RENDER_RATE;
    double phase = 2 * pi * (50 * s + 100 * 0.03 * (1 - exp(-s / 0.03)));
    t->samples[from + i] += (float)(gain * exp(-s / 0.08) * sin(phase));
  }
}

static void add_drums(track *t, double bar, double beat, int n_beats, const char *pattern,
                      double swing) {
  for (int h = 0; h < 2 * n_beats; h++) {
    double at = bar + beat * (h / 2 + (h % 2 ? swing : 0));
    if (pattern[h] == 'k') add_kick(t, at, h == 0 ? 0.6 : 0.5);
    if (pattern[h] == 's') {
      add_noise(t, at, 0.05, 0.25, 0);
      add_tone(t, at, 0.15, 185, 0.15, 0.05, 2);
    }
    add_noise(t, at, h % 2 ? 0.015 : 0.025, h % 2 ? 0.06 : 0.1, 1);
  }
}

static double hz_of(double semitones_above_c4) {
  return 261.6255653005986 * exp2(semitones_above_c4 / 12);
}

static void add_harmony(track *t, double bar, double beat, const render_song *song, chord c,
                        double tuning, int is_plucked, double swing) {
  const int third = c.major ? 4 : 3, notes[] = {0, third, 7};
  double root = song->key + c.root + tuning, length = beat * song->beats_per_bar;
  for (int v = 0; v < 3; v++) {
    double hz = hz_of(fmod(root + notes[v], 12));
    if (!is_plucked) add_tone(t, bar, length, hz, 0.07, 2, 6);
    for (int b = 0; is_plucked && b < song->beats_per_bar; b++)
      add_tone(t, bar + b * beat, beat, hz, b ? 0.08 : 0.11, 0.25, 6);
  }
  for (int h = 0; h < 2 * song->beats_per_bar; h++) {
    double at = bar + beat * (h / 2 + (h % 2 ? swing : 0));
    if (h % 2 == 0 && (h == 0 || hn_rng_uniform(&t->rng) < 0.6))
      add_tone(t, at, 0.9 * beat, hz_of(fmod(root, 12) - 24), h ? 0.2 : 0.25, 0.4, 4);
    if (hn_rng_uniform(&t->rng) < 0.4) continue; /* the melody rests */
    int degree = scales[song->mode][hn_rng_below(&t->rng, 7)];
    int in_chord = notes[hn_rng_below(&t->rng, 3)] + c.root;
    double note = hn_rng_uniform(&t->rng) < 0.6 ? in_chord : degree;
    add_tone(t, at, 0.45 * beat, hz_of(12 + song->key + note + tuning), 0.06, 0.2, 5);
  }
}

float *render(const render_song *song, size_t *n_out) {
  track t = {.n = (size_t)(song->seconds * RENDER_RATE)};
  t.samples = calloc(t.n, sizeof *t.samples);
  if (!t.samples) return NULL;
  hn_rng_init(&t.rng, song->seed, "tests.render", 0);
  double beat = 60 / song->bpm, length = beat * song->beats_per_bar;
  double tuning = 0.3 * (hn_rng_uniform(&t.rng) - 0.5);
  double swing = hn_rng_uniform(&t.rng) < 0.25 ? 2 / 3.0 : 0.5;
  int has_drums = hn_rng_below(&t.rng, 3) > 0, is_plucked = hn_rng_below(&t.rng, 2) || !has_drums;
  const chord *chords = progressions[song->mode][hn_rng_below(&t.rng, 5)];
  const char *pattern = song->beats_per_bar == 3 ? patterns_of_three[hn_rng_below(&t.rng, 3)]
                                                 : patterns_of_four[hn_rng_below(&t.rng, 5)];
  double start = hn_rng_uniform(&t.rng) * beat;
  for (int bar = 0; start + bar * length < song->seconds; bar++) {
    if (has_drums) add_drums(&t, start + bar * length, beat, song->beats_per_bar, pattern, swing);
    add_harmony(&t, start + bar * length, beat, song, chords[bar % BARS], tuning, is_plucked,
                swing);
  }
  for (size_t i = 0; i < t.n; i++) {
    double x = (double)t.samples[i] + 0.001 * hn_rng_normal(&t.rng);
    t.samples[i] = (float)tanh(x);
  }
  *n_out = t.n;
  return t.samples;
}
