#include "vision/segments.h"

#include "base/memory.h"
#include "vision/key.h"

#include <math.h>
#include <string.h>

static double seconds_of(size_t frame) {
  return (double)frame / HN_SONG_FRAME_RATE;
}

/* Is the onset strength at t the largest around, and above the mean around by `above`? */
static int is_peak(const float *onset, size_t n, size_t t, double above) {
  enum { MAX_BEFORE = 1, MEAN_BEFORE = 4, MEAN_AFTER = 5 }; /* 30 and 100 ms */
  size_t from = t > MEAN_BEFORE ? t - MEAN_BEFORE : 0;
  size_t to = t + MEAN_AFTER < n ? t + MEAN_AFTER : n;
  double sum = 0;
  for (size_t i = from; i < to; i++) sum += (double)onset[i];
  for (size_t i = t > MAX_BEFORE ? t - MAX_BEFORE : 0; i < t; i++)
    if (onset[i] > onset[t]) return 0;
  return (double)onset[t] >= sum / (double)(to - from) + above;
}

/* Frames where segments begin, the first 0. */
static hn_status find_onsets(const hn_song_frames *f, size_t **frames_out, size_t *n_out,
                             hn_error *err) {
  hn_status status = HN_OK;
  const size_t shortest = (size_t)ceil(0.1 * HN_SONG_FRAME_RATE);
  size_t *starts = NULL, n = 1, capacity = 16;
  float strongest = 0;
  HN_NEW(starts, capacity, err);
  for (size_t t = 0; t < f->n; t++) strongest = fmaxf(strongest, f->onset[t]);
  for (size_t t = shortest; t + shortest < f->n; t++) {
    if (t < starts[n - 1] + shortest || f->onset[t] <= 0) continue;
    if (!is_peak(f->onset, f->n, t, 0.07 * (double)strongest)) continue;
    HN_GROW(starts, n, capacity, err);
    starts[n++] = t;
  }
  *frames_out = starts;
  *n_out = n;
  return HN_OK;
done:
  hn_free(starts);
  return status;
}

static void average(const float *rows, size_t n_rows, size_t n, size_t from, size_t to,
                    float *out) {
  for (size_t k = 0; k < n_rows; k++) {
    double sum = 0;
    for (size_t t = from; t < to; t++) sum += (double)rows[k * n + t];
    out[k] = (float)(sum / (double)(to - from));
  }
}

static void fill_segment(const hn_song_frames *f, size_t from, size_t to, hn_segment *s) {
  s->start = seconds_of(from);
  s->strength = (double)f->onset[from];
  s->loudness_start = s->loudness_max = (double)f->level[from];
  for (size_t t = from; t < to; t++)
    if ((double)f->level[t] > s->loudness_max) {
      s->loudness_max = (double)f->level[t];
      s->loudness_max_time = seconds_of(t - from);
    }
  average(f->timbre.values, HN_SONG_N_TIMBRES, f->n, from, to, s->timbre);
  average(f->chroma, HN_SONG_N_PITCHES, f->n, from, to, s->pitches);
  float largest = 0;
  for (int p = 0; p < HN_SONG_N_PITCHES; p++) largest = fmaxf(largest, s->pitches[p]);
  for (int p = 0; p < HN_SONG_N_PITCHES && largest > 0; p++) s->pitches[p] /= largest;
}

hn_status hn_segments_find(const hn_song_frames *f, double seconds, hn_segment **segments_out,
                           size_t *n_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_segment *segments = NULL;
  size_t *starts = NULL, n = 0;
  double strongest = 0;
  HN_TRY(find_onsets(f, &starts, &n, err));
  HN_NEW(segments, n, err);
  for (size_t i = 0; i < n; i++) {
    fill_segment(f, starts[i], i + 1 < n ? starts[i + 1] : f->n, &segments[i]);
    strongest = fmax(strongest, segments[i].strength);
  }
  for (size_t i = 0; i < n; i++) {
    segments[i].duration = (i + 1 < n ? segments[i + 1].start : seconds) - segments[i].start;
    if (strongest > 0) segments[i].strength /= strongest;
  }
  *segments_out = segments;
  *n_out = n;
done:
  hn_free(starts);
  return status;
}

enum { N_FEATURES = HN_SONG_N_TIMBRES + HN_SONG_N_PITCHES, HALF_KERNEL = 8, APART = 8 };

/* Timbre and chroma of each second, each feature by its deviation from the song's mean, so that
 * similarity is about what changes. x_out (n_blocks, N_FEATURES). */
static void describe_blocks(const hn_song_frames *f, size_t n_blocks, float *x) {
  for (size_t b = 0; b < n_blocks; b++) {
    size_t from = b * f->n / n_blocks, to = (b + 1) * f->n / n_blocks;
    average(f->timbre.values, HN_SONG_N_TIMBRES, f->n, from, to, x + b * N_FEATURES);
    float *pitches = x + b * N_FEATURES + HN_SONG_N_TIMBRES, sum = 1e-6f;
    average(f->chroma, HN_SONG_N_PITCHES, f->n, from, to, pitches);
    for (int p = 0; p < HN_SONG_N_PITCHES; p++) sum += pitches[p];
    for (int p = 0; p < HN_SONG_N_PITCHES; p++) pitches[p] /= sum;
  }
  for (size_t k = 0; k < N_FEATURES; k++) {
    double mean = 0, squares = 0;
    for (size_t b = 0; b < n_blocks; b++) mean += (double)x[b * N_FEATURES + k] / (double)n_blocks;
    for (size_t b = 0; b < n_blocks; b++) {
      double d = (double)x[b * N_FEATURES + k] - mean;
      squares += d * d / (double)n_blocks;
    }
    double scale = squares > 1e-12 ? 1 / sqrt(squares) : 0;
    for (size_t b = 0; b < n_blocks; b++)
      x[b * N_FEATURES + k] = (float)(((double)x[b * N_FEATURES + k] - mean) * scale);
  }
}

static double similarity(const float *a, const float *b) {
  double aa = 0, bb = 0, ab = 0;
  for (int k = 0; k < N_FEATURES; k++) {
    aa += (double)a[k] * (double)a[k];
    bb += (double)b[k] * (double)b[k];
    ab += (double)a[k] * (double)b[k];
  }
  return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

/* How much the blocks before b and those from b on are alike among themselves, less how much they
 * are alike across; near ones count more. 0 near the ends. */
static double novelty(const float *x, size_t n_blocks, size_t b) {
  if (b < HALF_KERNEL || b + HALF_KERNEL > n_blocks) return 0;
  double sum = 0;
  for (int i = -HALF_KERNEL; i < HALF_KERNEL; i++)
    for (int j = -HALF_KERNEL; j < HALF_KERNEL; j++) {
      double u = (i + 0.5) / HALF_KERNEL, v = (j + 0.5) / HALF_KERNEL;
      const float *p = x + (b - HALF_KERNEL + (size_t)(i + HALF_KERNEL)) * N_FEATURES;
      const float *q = x + (b - HALF_KERNEL + (size_t)(j + HALF_KERNEL)) * N_FEATURES;
      sum += ((i < 0) == (j < 0) ? 1 : -1) * exp(-2 * (u * u + v * v)) * similarity(p, q);
    }
  return sum;
}

/* Blocks where sections begin, the first 0; how many. */
static size_t pick_boundaries(const double *curve, size_t n_blocks, size_t *starts) {
  double mean = 0, squares = 0;
  size_t n = 1;
  for (size_t b = 0; b < n_blocks; b++) mean += curve[b] / (double)n_blocks;
  for (size_t b = 0; b < n_blocks; b++)
    squares += (curve[b] - mean) * (curve[b] - mean) / (double)n_blocks;
  double threshold = mean + 0.5 * sqrt(squares);
  starts[0] = 0;
  for (size_t b = APART; b + APART <= n_blocks; b++) {
    int is_largest = curve[b] > threshold && curve[b] > 0 &&
                     b >= starts[n - 1] + APART; /* of equals, the first */
    for (size_t i = b - APART; is_largest && i < b + APART; i++) is_largest = curve[i] <= curve[b];
    if (is_largest) starts[n++] = b;
  }
  return n;
}

static hn_status fill_section(const hn_song_frames *f, size_t from, size_t to, hn_section *s,
                              hn_error *err) {
  hn_status status = HN_OK;
  hn_key key;
  float *chroma = NULL;
  double power = 0;
  size_t n = to - from;
  HN_NEW(chroma, HN_SONG_N_PITCHES * n, err);
  for (size_t p = 0; p < HN_SONG_N_PITCHES; p++)
    memcpy(chroma + p * n, f->chroma + p * f->n + from, n * sizeof *chroma);
  hn_key_estimate(chroma, n, &key);
  for (size_t t = from; t < to; t++) power += pow(10, (double)f->level[t] / 10) / (double)n;
  *s = (hn_section){
      .start = seconds_of(from), .loudness = 10 * log10(power), .key = key.key, .mode = key.mode};
done:
  hn_free(chroma);
  return status;
}

hn_status hn_sections_find(const hn_song_frames *f, double seconds, hn_section **sections_out,
                           size_t *n_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_section *sections = NULL;
  float *x = NULL;
  double *curve = NULL;
  size_t *starts = NULL, n_blocks = (size_t)((double)f->n / HN_SONG_FRAME_RATE), n = 0;
  if (n_blocks < 1) n_blocks = 1;
  HN_NEW(x, n_blocks * N_FEATURES, err);
  HN_NEW(curve, n_blocks, err);
  HN_NEW(starts, n_blocks, err);
  describe_blocks(f, n_blocks, x);
  for (size_t b = 0; b < n_blocks; b++) curve[b] = novelty(x, n_blocks, b);
  n = pick_boundaries(curve, n_blocks, starts);
  HN_NEW(sections, n, err);
  for (size_t i = 0; i < n; i++) {
    size_t end = i + 1 < n ? starts[i + 1] : n_blocks;
    HN_TRY(fill_section(f, starts[i] * f->n / n_blocks, end * f->n / n_blocks, &sections[i], err));
  }
  for (size_t i = 0; i < n; i++)
    sections[i].duration = (i + 1 < n ? sections[i + 1].start : seconds) - sections[i].start;
  *sections_out = sections;
  *n_out = n;
  sections = NULL;
done:
  hn_free(x);
  hn_free(curve);
  hn_free(starts);
  hn_free(sections);
  return status;
}
