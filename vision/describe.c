#include "vision/describe.h"

#include "base/memory.h"
#include "vision/loudness.h"
#include "vision/resample.h"
#include "vision/song_frames.h"

#include <math.h>
#include <string.h>

/* What each beat is like: how strong its onset is, that of its bass, and how much the harmony has
 * changed since the beat before. accents (3, n_beats). */
static void measure_accents(const hn_song_frames *f, const size_t *beats, size_t n_beats,
                            float *accents) {
  enum { NEAR = 2 };
  float before[HN_SONG_N_PITCHES] = {0};
  for (size_t b = 0; b < n_beats; b++) {
    size_t from = beats[b] > NEAR ? beats[b] - NEAR : 0, to = beats[b] + NEAR + 1;
    if (to > f->n) to = f->n;
    for (size_t t = from; t < to; t++) {
      accents[b] = fmaxf(accents[b], f->onset[t]);
      accents[n_beats + b] = fmaxf(accents[n_beats + b], f->low_onset[t]);
    }
    size_t end = b + 1 < n_beats ? beats[b + 1] : f->n;
    float now[HN_SONG_N_PITCHES], length = 1e-9f, change = 0;
    for (size_t p = 0; p < HN_SONG_N_PITCHES; p++) {
      now[p] = 0;
      for (size_t t = beats[b]; t < end; t++) now[p] += f->chroma[p * f->n + t];
      length += now[p] * now[p];
    }
    for (size_t p = 0; p < HN_SONG_N_PITCHES; p++) {
      now[p] /= sqrtf(length);
      change += (now[p] - before[p]) * (now[p] - before[p]);
    }
    accents[2 * n_beats + b] = b ? change : 0;
    memcpy(before, now, sizeof before);
  }
}

static hn_status describe_rhythm(hn_description *d, const hn_song_frames *f, hn_error *err) {
  enum { N_KINDS = 3 };
  hn_status status = HN_OK;
  size_t *beats = NULL;
  float *accents = NULL;
  HN_TRY(hn_tempo_estimate(f->onset, f->n, HN_SONG_FRAME_RATE, &d->tempo, err));
  HN_TRY(hn_beats_track(f->onset, f->n, HN_SONG_FRAME_RATE, &d->tempo, &beats, &d->n_beats, err));
  HN_NEW(accents, N_KINDS * d->n_beats, err);
  measure_accents(f, beats, d->n_beats, accents);
  d->time_signature = hn_metre_estimate(accents, N_KINDS, d->n_beats);
  HN_NEW(d->beats, d->n_beats, err);
  for (size_t b = 0; b < d->n_beats; b++) d->beats[b] = (double)beats[b] / HN_SONG_FRAME_RATE;
done:
  hn_free(beats);
  hn_free(accents);
  return status;
}

static hn_status describe_frames(hn_description *d, const float *samples, size_t n, hn_error *err) {
  hn_status status = HN_OK;
  hn_song_frames f = {0};
  HN_TRY(hn_song_frames_init(&f, samples, n, err));
  HN_TRY(describe_rhythm(d, &f, err));
  hn_key_estimate(f.chroma, f.n, &d->key);
  HN_TRY(hn_traits_estimate(&f, d->loudness, &d->tempo, &d->key, &d->traits, err));
  HN_TRY(hn_segments_find(&f, d->seconds, &d->segments, &d->n_segments, err));
  status = hn_sections_find(&f, d->seconds, &d->sections, &d->n_sections, err);
done:
  hn_song_frames_free(&f);
  return status;
}

hn_status hn_description_init(hn_description *description, const float *samples, size_t n, int rate,
                              hn_error *err) {
  hn_status status = HN_OK;
  hn_description d = {.seconds = (double)n / rate};
  float *resampled = NULL;
  size_t n_resampled = 0;
  if (n == 0) return hn_fail(err, HN_INVALID, "a description of no samples was asked for");
  HN_TRY(hn_loudness_integrated(samples, n, rate, &d.loudness, err));
  if (rate == HN_SONG_RATE) {
    HN_TRY(describe_frames(&d, samples, n, err));
  } else {
    HN_TRY(hn_resample(samples, n, rate, HN_SONG_RATE, "soxr_hq", &resampled, &n_resampled, err));
    HN_TRY(describe_frames(&d, resampled, n_resampled, err));
  }
  *description = d;
done:
  hn_free(resampled);
  if (status != HN_OK) hn_description_free(&d);
  return status;
}

hn_status hn_description_of_file(hn_description *description, const char *path, const hn_clip *clip,
                                 hn_audio_info *info_out, hn_error *err) {
  hn_audio audio;
  hn_status status = hn_audio_read(path, clip, &audio, err);
  if (status != HN_OK) return status;
  status = hn_description_init(description, audio.samples, audio.n, audio.info.rate, err);
  if (status == HN_OK && info_out) *info_out = audio.info;
  hn_audio_free(&audio);
  return status == HN_OK ? HN_OK : hn_fail_prefix(err, status, "%s", path);
}

void hn_description_drop_parts(hn_description *d) {
  hn_free(d->beats);
  hn_free(d->segments);
  hn_free(d->sections);
  d->beats = NULL;
  d->segments = NULL;
  d->sections = NULL;
  d->n_beats = d->n_segments = d->n_sections = 0;
}

void hn_description_free(hn_description *d) {
  hn_description_drop_parts(d);
  *d = (hn_description){0};
}
