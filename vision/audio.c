#include "vision/audio.h"

#include "base/memory.h"
#include "vision/decoder.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <mpg123.h>
#include <sndfile.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 16384, MIN_RATE = 1000, MAX_RATE = 768000 };

/* The last `limit` samples of a stream. How long the song is shows only at its end: a clip that
 * slides back to it needs no more than that. */
typedef struct {
  float *samples;
  size_t capacity, limit; /* grown as samples come, up to limit */
  uint64_t n_seen;
} tail;

static hn_status tail_append(tail *t, const float *block, size_t n, hn_error *err) {
  while (t->capacity < t->limit && t->capacity < t->n_seen + n) {
    size_t capacity = t->capacity ? 2 * t->capacity : 16 * BLOCK;
    if (capacity > t->limit) capacity = t->limit;
    float *samples = hn_realloc(t->samples, capacity, sizeof *samples);
    if (!samples) return hn_fail_memory(err);
    t->samples = samples;
    t->capacity = capacity;
  }
  while (n > 0) {
    size_t at = (size_t)(t->n_seen % t->limit);
    size_t n_part = t->limit - at < n ? t->limit - at : n;
    memcpy(t->samples + at, block, n_part * sizeof *block);
    block += n_part;
    n -= n_part;
    t->n_seen += n_part;
  }
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

void hn_decoder_warn_early(hn_decoder *d, uint64_t n, uint64_t expected) {
  char whole[48] = "";
  if (expected > n) snprintf(whole, sizeof whole, " of %.2f s", (double)expected / d->rate);
  snprintf(d->warning, sizeof d->warning, "cut or damaged: ends after %.2f s%s",
           (double)n / d->rate, whole);
}

static hn_status open_file(const char *path, int *fd_out, uint64_t *size_out, hn_error *err) {
  struct stat about;
  /* Not to wait for a writer where the path is a named pipe. */
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return hn_fail(err, HN_IO, "cannot open: %s", strerror(errno));
  hn_status status = HN_OK;
  if (fstat(fd, &about) != 0)
    status = hn_fail(err, HN_IO, "cannot open: %s", strerror(errno));
  else if (S_ISDIR(about.st_mode))
    status = hn_fail(err, HN_IO, "a folder, not a sound file");
  else if (!S_ISREG(about.st_mode))
    status = hn_fail(err, HN_IO, "not a regular file");
  else if (about.st_size == 0)
    status = hn_fail(err, HN_FORMAT, "the file is empty");
  if (status != HN_OK) {
    close(fd);
    return status;
  }
  *fd_out = fd;
  *size_out = (uint64_t)about.st_size;
  return HN_OK;
}

static hn_status open_decoder(int fd, uint64_t size, hn_decoder **decoder_out, hn_error *err) {
  hn_sound sound;
  hn_decoder *decoder = NULL;
  hn_status status = hn_sound_sniff(fd, size, &sound, err);
  if (status != HN_OK) return status;
  if (sound.kind == HN_SOUND_FOREIGN) {
    const char *name = sound.name ? sound.name : "data of an unknown kind";
    return hn_fail(err, HN_UNSUPPORTED,
                   "this is %s; headnod reads WAV, FLAC, Ogg Vorbis, Opus, AIFF, AU, CAF and MP3",
                   name);
  }
  status = sound.kind == HN_SOUND_MPEG ? hn_decoder_open_mpeg(fd, size, &sound, &decoder, err)
                                       : hn_decoder_open_sndfile(fd, size, &sound, &decoder, err);
  if (status != HN_OK) return status;
  if (decoder->rate < MIN_RATE || decoder->rate > MAX_RATE) {
    status = hn_fail(err, HN_UNSUPPORTED, "sample rate %d Hz; headnod reads %d to %d Hz",
                     decoder->rate, MIN_RATE, MAX_RATE);
    decoder->close(decoder);
    return status;
  }
  *decoder_out = decoder;
  return HN_OK;
}

/* floor(seconds * rate), without leaving what a size can hold. */
static size_t sample_index(double seconds, int rate) {
  double index = floor(seconds * rate);
  return index < (double)(SIZE_MAX / 16) ? (size_t)index : SIZE_MAX / 16;
}

static hn_status read_tail(hn_decoder *decoder, const hn_clip *clip, tail *t, hn_error *err) {
  hn_status status = HN_OK;
  float *block = NULL;
  uint64_t end = UINT64_MAX;
  t->limit = SIZE_MAX / 16;
  if (clip) {
    t->limit = sample_index(clip->to - clip->from, decoder->rate);
    if (t->limit == 0) t->limit = 1;
    end = (uint64_t)sample_index(clip->from, decoder->rate) + t->limit;
  }
  HN_NEW(block, BLOCK, err);
  while (t->n_seen < end) {
    size_t n_wanted = end - t->n_seen < BLOCK ? (size_t)(end - t->n_seen) : BLOCK;
    size_t n = decoder->read(decoder, block, n_wanted);
    if (n == 0) break;
    HN_TRY(tail_append(t, block, n, err));
  }
done:
  hn_free(block);
  return status;
}

static hn_status check_samples(const hn_audio *audio, hn_error *err) {
  if (audio->n == 0 && audio->info.warning[0])
    return hn_fail(err, HN_FORMAT, "holds no samples (%s)", audio->info.warning);
  if (audio->n == 0) return hn_fail(err, HN_FORMAT, "holds no samples");
  for (size_t i = 0; i < audio->n; i++)
    if (!isfinite(audio->samples[i]))
      return hn_fail(err, HN_FORMAT, "the sample at %.3f s is %s, not a finite number",
                     audio->info.from + (double)i / audio->info.rate,
                     isnan(audio->samples[i]) ? "NaN" : "infinite");
  return HN_OK;
}

hn_status hn_audio_read(const char *path, const hn_clip *clip, hn_audio *audio_out, hn_error *err) {
  hn_status status = HN_OK;
  int fd = -1;
  uint64_t size = 0;
  hn_decoder *decoder = NULL;
  tail t = {0};
  if (clip && !(clip->from >= 0 && clip->to > clip->from))
    return hn_fail(err, HN_INVALID, "clip: found %g to %g s; expected 0 <= from < to", clip->from,
                   clip->to);
  HN_TRY(open_file(path, &fd, &size, err));
  HN_TRY(open_decoder(fd, size, &decoder, err));
  HN_TRY(read_tail(decoder, clip, &t, err));

  hn_audio audio = {.samples = t.samples, .n = tail_straighten(&t)};
  audio.info = (hn_audio_info){.rate = decoder->rate, .channels = decoder->channels};
  audio.info.from = (double)(t.n_seen - audio.n) / decoder->rate;
  audio.info.seconds = (double)audio.n / decoder->rate;
  memcpy(audio.info.warning, decoder->warning, sizeof audio.info.warning);
  HN_TRY(check_samples(&audio, err));
  *audio_out = audio;
  t.samples = NULL;
done:
  hn_free(t.samples);
  if (decoder) decoder->close(decoder);
  if (fd >= 0) close(fd);
  return status == HN_OK ? HN_OK : hn_fail_prefix(err, status, "%s", path);
}

void hn_audio_free(hn_audio *audio) {
  hn_free(audio->samples);
  *audio = (hn_audio){0};
}

void hn_audio_decoders(char text_out[96]) {
  snprintf(text_out, 96, "%s, libmpg123 API %d", sf_version_string(), MPG123_API_VERSION);
}
