#include "vision/decoder.h"

#include "base/memory.h"

#include <sndfile.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_FRAMES = 4096, MAX_CHANNELS = 64 };

typedef struct {
  hn_decoder base;
  SNDFILE *file;
  int is_cut; /* the container says so */
  uint64_t n_read;
  float *block; /* (BLOCK_FRAMES, channels) */
} sndfile_decoder;

static void check_end(sndfile_decoder *d) {
  if (d->is_cut || d->base.expected > d->n_read || sf_error(d->file) != SF_ERR_NO_ERROR)
    hn_decoder_warn_early(&d->base, d->n_read);
}

/* The mean as numpy.mean takes it in single precision: the sum in order, then one division. The
 * usual numbers of channels are written so that a compiler makes vectors of them. */
static void mix(const float *block, size_t n, int channels, float *samples) {
  if (channels == 1) {
    memcpy(samples, block, n * sizeof *samples);
    return;
  }
  if (channels == 2) {
    for (size_t i = 0; i < n; i++) samples[i] = (block[2 * i] + block[2 * i + 1]) / 2;
    return;
  }
  for (size_t i = 0; i < n; i++) {
    float sum = 0;
    for (int c = 0; c < channels; c++) sum += *block++;
    samples[i] = sum / (float)channels;
  }
}

static size_t read_sndfile(hn_decoder *base, float *samples, size_t n) {
  sndfile_decoder *d = (sndfile_decoder *)base;
  size_t n_wanted = n < BLOCK_FRAMES ? n : BLOCK_FRAMES;
  sf_count_t got = sf_readf_float(d->file, d->block, (sf_count_t)n_wanted);
  size_t n_got = got > 0 ? (size_t)got : 0;
  mix(d->block, n_got, base->channels, samples);
  d->n_read += n_got;
  if (n_got == 0) check_end(d);
  return n_got;
}

/* Formats of which every sample stands for itself, or FLAC, whose blocks do. */
static int has_exact_seek(int format) {
  int codec = format & SF_FORMAT_SUBMASK;
  return (format & SF_FORMAT_TYPEMASK) != SF_FORMAT_OGG &&
         ((codec >= SF_FORMAT_PCM_S8 && codec <= SF_FORMAT_DOUBLE) || codec == SF_FORMAT_ULAW ||
          codec == SF_FORMAT_ALAW);
}

static int seek_sndfile(hn_decoder *base, uint64_t n) {
  sndfile_decoder *d = (sndfile_decoder *)base;
  if (sf_seek(d->file, (sf_count_t)n, SEEK_SET) != (sf_count_t)n) return 0;
  d->n_read = n;
  return 1;
}

static void close_sndfile(hn_decoder *base) {
  sndfile_decoder *d = (sndfile_decoder *)base;
  if (d->file) sf_close(d->file);
  hn_free(d->block);
  hn_free(d);
}

/* Why sf_open failed stays unsaid: libsndfile keeps that in a text shared by all threads. */
static hn_status refuse(const hn_sound *sound, hn_error *err) {
  if (sound->is_cut)
    return hn_fail(err, HN_FORMAT, "a cut %s file, which libsndfile cannot read", sound->name);
  if (sound->name)
    return hn_fail(err, HN_FORMAT, "broken %s file, or a kind of it that libsndfile cannot read",
                   sound->name);
  return hn_fail(err, HN_FORMAT,
                 "not a sound file that headnod reads (WAV, FLAC, Ogg Vorbis, Opus, AIFF, AU, CAF, "
                 "MP3 …)");
}

hn_status hn_decoder_open_sndfile(int fd, uint64_t size, const hn_sound *sound,
                                  hn_decoder **decoder_out, hn_error *err) {
  (void)size;
  hn_status status = HN_OK;
  sndfile_decoder *d = NULL;
  HN_NEW(d, 1, err);
  *d = (sndfile_decoder){.base = {.read = read_sndfile, .close = close_sndfile},
                         .is_cut = sound->is_cut};
  SF_INFO info = {0};
  if (lseek(fd, 0, SEEK_SET) == 0) d->file = sf_open_fd(fd, SFM_READ, &info, 0);
  if (!d->file) HN_TRY(refuse(sound, err));
  if (info.channels < 1 || info.channels > MAX_CHANNELS)
    HN_TRY(hn_fail(err, HN_UNSUPPORTED, "%d channels; headnod reads 1 to %d", info.channels,
                   MAX_CHANNELS));
  if (has_exact_seek(info.format)) d->base.seek = seek_sndfile;
  d->base.rate = info.samplerate;
  d->base.channels = info.channels;
  /* 2^63 - 1 stands for "unknown", and a length that no file can hold was not meant. */
  if (info.frames > 0 && info.frames < (sf_count_t)1 << 48)
    d->base.expected = (uint64_t)info.frames;
  HN_NEW(d->block, BLOCK_FRAMES * (size_t)info.channels, err);
  *decoder_out = &d->base;
  return HN_OK;
done:
  if (d) close_sndfile(&d->base);
  return status;
}
