#include "vision/audio.h"

#include "base/memory.h"
#include "vision/audio_stream.h"
#include "vision/decoder.h"

#include <math.h>
#include <mpg123.h>
#include <sndfile.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_CAPACITY = 1 << 18 };

/* The last `limit` samples of a stream. How long the song is shows only at its end: a clip that
 * slides back to it needs no more than that. */
typedef struct {
  float *samples;
  size_t capacity, limit; /* grown as samples come, up to limit */
  uint64_t first, n_seen; /* where the stream began in the song; its samples so far */
} tail;

/* Where the next samples belong, and for how many, at most n_wanted, there is room in one piece. */
static hn_status tail_room(tail *t, size_t n_wanted, float **room_out, size_t *n_out,
                           hn_error *err) {
  if (t->n_seen == t->capacity && t->capacity < t->limit) {
    size_t capacity = t->capacity ? 2 * t->capacity : FIRST_CAPACITY;
    if (capacity > t->limit) capacity = t->limit;
    float *samples = hn_realloc(t->samples, capacity, sizeof *samples);
    if (!samples) return hn_fail_memory(err);
    t->samples = samples;
    t->capacity = capacity;
  }
  size_t at = (size_t)(t->n_seen % t->limit), n_room = t->capacity - at;
  *room_out = t->samples + at;
  *n_out = n_room < n_wanted ? n_room : n_wanted;
  return HN_OK;
}

static void reverse(float *x, size_t n) {
  for (size_t i = 0; i < n / 2; i++) {
    float swapped = x[i];
    x[i] = x[n - 1 - i];
    x[n - 1 - i] = swapped;
  }
}

/* Bring the samples into their order; how many there are. */
static size_t tail_straighten(tail *t) {
  if (t->n_seen <= t->limit) return (size_t)t->n_seen;
  size_t oldest = (size_t)(t->n_seen % t->limit);
  reverse(t->samples, oldest);
  reverse(t->samples + oldest, t->limit - oldest);
  reverse(t->samples, t->limit);
  return t->limit;
}

/* floor(seconds * rate), without leaving what a size can hold. */
static size_t sample_index(double seconds, int rate) {
  double index = floor(seconds * rate);
  return index < (double)(SIZE_MAX / 16) ? (size_t)index : SIZE_MAX / 16;
}

/* Where decoding must begin for the clip: at its first sample or, where the song ends inside or
 * before the clip, so far before the announced end that a clip that slides back to it is whole. */
static uint64_t first_needed(uint64_t first, size_t n_clip, uint64_t expected) {
  const uint64_t grace = 2 * 1152; /* an announced length may be wrong by some frames */
  if (expected == 0 || first + n_clip + grace <= expected) return first;
  return expected > n_clip + grace ? expected - n_clip - grace : 0;
}

/* Read the part of a song. may_seek: pass over what lies before it; *is_short_out is then 1 where
 * it could not be done, or the song turned out to end before: read it again from its beginning. */
static hn_status read_tail(hn_audio_stream *stream, const hn_clip *clip, int may_seek, tail *t,
                           int *is_short_out, hn_error *err) {
  hn_status status = HN_OK;
  int rate = hn_audio_stream_info(stream)->rate;
  uint64_t end = UINT64_MAX, at = 0;
  t->limit = SIZE_MAX / 16;
  *is_short_out = 0;
  if (clip) {
    uint64_t first = sample_index(clip->from, rate);
    t->limit = sample_index(clip->to - clip->from, rate);
    if (t->limit == 0) t->limit = 1;
    end = first + t->limit;
    if (may_seek && hn_audio_stream_can_seek(stream))
      at = first_needed(first, t->limit, hn_audio_stream_expected(stream));
  }
  if (at > 0 && !hn_audio_stream_seek(stream, at)) {
    *is_short_out = 1;
    return HN_OK;
  }
  t->first = at;
  while (at < end) {
    float *room = NULL;
    size_t n_room = 0, n;
    HN_TRY(tail_room(t, end - at < SIZE_MAX ? (size_t)(end - at) : SIZE_MAX, &room, &n_room, err));
    n = hn_audio_stream_read(stream, room, n_room);
    t->n_seen += n;
    at += n;
    if (n < n_room) break;
  }
  *is_short_out = t->first > 0 && t->n_seen < t->limit;
done:
  return status;
}

static hn_status check_samples(const hn_audio *audio, hn_error *err) {
  if (audio->n == 0 && audio->info.warning[0])
    return hn_fail(err, HN_FORMAT, "holds no samples (%s)", audio->info.warning);
  if (audio->n == 0) return hn_fail(err, HN_FORMAT, "holds no samples");
  return hn_samples_check(audio->samples, audio->n, audio->info.from, audio->info.rate, err);
}

hn_status hn_clip_of_options(const hn_options *options, hn_clip *clip_out, int *has_clip_out,
                             hn_error *err) {
  const double *seconds;
  const int is_none = hn_options_is_none(options, "clip");
  if (!is_none) {
    const size_t n = hn_options_list(options, "clip", &seconds);
    if (n != 2 || seconds[0] >= seconds[1]) {
      const hn_option_spec *spec = hn_option_find(hn_options_specs(options), "clip");
      return hn_fail(err, HN_INVALID,
                     "clip: \"%s\" is not allowed; expected two ascending numbers of seconds such "
                     "as 30,75%s",
                     hn_options_text(options, "clip"), spec->none_allowed ? ", or none" : "");
    }
    *clip_out = (hn_clip){seconds[0], seconds[1]};
  }
  *has_clip_out = !is_none;
  return HN_OK;
}

hn_status hn_audio_read(const char *path, const hn_clip *clip, hn_audio *audio_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_audio_stream *stream = NULL;
  tail t = {0};
  int is_short;
  if (clip && !(clip->from >= 0 && clip->to > clip->from))
    return hn_fail(err, HN_INVALID, "clip: found %g to %g s; expected 0 <= from < to", clip->from,
                   clip->to);
  HN_TRY(hn_audio_stream_open(path, &stream, err));
  HN_TRY(read_tail(stream, clip, 1, &t, &is_short, err));
  if (is_short) {
    hn_free(t.samples);
    t = (tail){0};
    hn_audio_stream_close(stream);
    stream = NULL;
    HN_TRY(hn_audio_stream_open(path, &stream, err));
    HN_TRY(read_tail(stream, clip, 0, &t, &is_short, err));
  }

  hn_audio audio = {.samples = t.samples, .n = tail_straighten(&t)};
  audio.info = *hn_audio_stream_info(stream);
  audio.info.from = (double)(t.first + t.n_seen - audio.n) / audio.info.rate;
  audio.info.seconds = (double)audio.n / audio.info.rate;
  HN_TRY(check_samples(&audio, err));
  *audio_out = audio;
  t.samples = NULL;
done:
  hn_free(t.samples);
  hn_audio_stream_close(stream);
  return status == HN_OK ? HN_OK : hn_fail_prefix(err, status, "%s", path);
}

void hn_audio_free(hn_audio *audio) {
  hn_free(audio->samples);
  *audio = (hn_audio){0};
}

void hn_audio_decoders(char text_out[96]) {
  int n = snprintf(text_out, 96, "%s, libmpg123 API %d", sf_version_string(), MPG123_API_VERSION);
#ifdef HN_FFMPEG
  snprintf(text_out + n, 96 - (size_t)n, ", FFmpeg %s", hn_decoder_ffmpeg_version());
#else
  (void)n;
#endif
}
