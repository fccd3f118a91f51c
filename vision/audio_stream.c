#include "vision/audio_stream.h"

#include "base/memory.h"
#include "vision/decoder.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MIN_RATE = 1000, MAX_RATE = 768000 };

struct hn_audio_stream {
  int fd;
  hn_decoder *decoder;
  uint64_t n_read;
  hn_audio_info info;
};

void hn_decoder_warn_early(hn_decoder *d, uint64_t n) {
  char whole[48] = "";
  if (d->expected > n) snprintf(whole, sizeof whole, " of %.2f s", (double)d->expected / d->rate);
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

/* By the library that the content calls for. */
static hn_status open_by_kind(int fd, uint64_t size, const hn_sound *sound,
                              hn_decoder **decoder_out, hn_error *err) {
  const char *name = sound->name ? sound->name : "data of an unknown kind";
  if (sound->kind == HN_SOUND_MPEG) return hn_decoder_open_mpeg(fd, size, sound, decoder_out, err);
  if (sound->kind == HN_SOUND_SNDFILE)
    return hn_decoder_open_sndfile(fd, size, sound, decoder_out, err);
  return hn_fail(err, HN_UNSUPPORTED,
                 "this is %s; headnod reads WAV, FLAC, Ogg Vorbis, Opus, AIFF, AU, CAF and MP3",
                 name);
}

static hn_status open_decoder(int fd, uint64_t size, const hn_sound *sound,
                              hn_decoder **decoder_out, hn_error *err) {
  hn_decoder *decoder = NULL;
  hn_status status = open_by_kind(fd, size, sound, &decoder, err);
#ifdef HN_FFMPEG
  /* Tried last; where it fails too, the first message stands. */
  if ((status == HN_UNSUPPORTED || status == HN_FORMAT) && sound->kind != HN_SOUND_NONE) {
    hn_status second = hn_decoder_open_ffmpeg(fd, size, &decoder, NULL);
    if (second == HN_NO_MEMORY) return hn_fail_memory(err);
    if (second == HN_OK) status = HN_OK;
  }
#endif
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

hn_status hn_audio_stream_open(const char *path, hn_audio_stream **stream_out, hn_error *err) {
  hn_status status = HN_OK;
  uint64_t size = 0;
  hn_sound sound;
  hn_audio_stream *stream = NULL;
  HN_NEW(stream, 1, err);
  stream->fd = -1;
  HN_TRY(open_file(path, &stream->fd, &size, err));
  HN_TRY(hn_sound_sniff(stream->fd, size, &sound, err));
  HN_TRY(open_decoder(stream->fd, size, &sound, &stream->decoder, err));
  stream->info.rate = stream->decoder->rate;
  stream->info.channels = stream->decoder->channels;
  stream->info.format = sound.name ? sound.name : "unknown";
  *stream_out = stream;
  return HN_OK;
done:
  hn_audio_stream_close(stream);
  return status;
}

void hn_audio_stream_close(hn_audio_stream *stream) {
  if (!stream) return;
  if (stream->decoder) stream->decoder->close(stream->decoder);
  if (stream->fd >= 0) close(stream->fd);
  hn_free(stream);
}

uint64_t hn_audio_stream_expected(const hn_audio_stream *stream) {
  return stream->decoder->expected;
}

int hn_audio_stream_can_seek(const hn_audio_stream *stream) {
  return stream->decoder->seek != NULL;
}

int hn_audio_stream_seek(hn_audio_stream *stream, uint64_t n) {
  if (!stream->decoder->seek(stream->decoder, n)) return 0;
  stream->n_read = n;
  return 1;
}

size_t hn_audio_stream_read(hn_audio_stream *stream, float *samples, size_t n) {
  size_t n_got = 0;
  while (n_got < n) {
    size_t n_part = stream->decoder->read(stream->decoder, samples + n_got, n - n_got);
    if (n_part == 0) break;
    n_got += n_part;
  }
  stream->n_read += n_got;
  return n_got;
}

const hn_audio_info *hn_audio_stream_info(hn_audio_stream *stream) {
  hn_audio_info *info = &stream->info;
  info->seconds = (double)stream->n_read / info->rate;
  memcpy(info->warning, stream->decoder->warning, sizeof info->warning);
  return info;
}

/* Without a branch, so that a compiler makes vectors of it: a carry out of the exponent where all
 * its bits are set. */
static int are_finite(const float *samples, size_t n) {
  uint32_t carries = 0, bits;
  for (size_t i = 0; i < n; i++) {
    memcpy(&bits, samples + i, sizeof bits);
    carries |= (bits & 0x7f800000) + 0x00800000;
  }
  return carries >> 31 == 0;
}

hn_status hn_samples_check(const float *samples, size_t n, double from, int rate, hn_error *err) {
  if (are_finite(samples, n)) return HN_OK;
  for (size_t i = 0; i < n; i++)
    if (!isfinite(samples[i]))
      return hn_fail(err, HN_FORMAT, "the sample at %.3f s is %s, not a finite number",
                     from + (double)i / rate, isnan(samples[i]) ? "NaN" : "infinite");
  return HN_OK;
}
