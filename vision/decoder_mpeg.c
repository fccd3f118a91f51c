#include "vision/decoder.h"

#include "base/memory.h"
#include "vision/mpeg_source.h"

#include <mpg123.h>
#include <unistd.h>

/* libmpg123 directly, since libsndfile opens it without its quiet flag. It mixes to mono before
 * its synthesis filter, which halves that part of the work and equals the mean of the channels
 * within rounding (1.5e-6). Encoder delay and padding are cut off by the Info header, as libsndfile
 * and therefore librosa do. */
typedef struct {
  hn_decoder base;
  mpg123_handle *handle;
  hn_mpeg_source source;
  uint64_t n_read;
  int has_ended;
} mpeg_decoder;

/* A file without an Info header is cut when a frame begins behind the last whole one. */
static int frame_follows(const mpeg_decoder *d) {
  uint8_t header[4];
  hn_mpeg_frame frame;
  off_t last = mpg123_framepos(d->handle);
  if (last < 0 || pread(d->source.fd, header, 4, last) != 4 || !hn_mpeg_frame_parse(header, &frame))
    return 0;
  if ((uint64_t)last + frame.n_bytes > d->source.size) return 1;
  return pread(d->source.fd, header, 4, last + (off_t)frame.n_bytes) == 4 &&
         hn_mpeg_frame_parse(header, &frame);
}

/* Some encoders count the header's own frame or the delay: two frames of grace. */
static void check_end(mpeg_decoder *d, int result) {
  enum { GRACE = 2 * 1152 };
  if (result != MPG123_DONE || d->base.expected > d->n_read + GRACE ||
      (d->base.expected == 0 && frame_follows(d)))
    hn_decoder_warn_early(&d->base, d->n_read);
}

/* An error ends the song, though libmpg123 might find more frames behind it if it was asked again.
 */
static size_t read_mpeg(hn_decoder *base, float *samples, size_t n) {
  mpeg_decoder *d = (mpeg_decoder *)base;
  size_t n_bytes = 0;
  if (d->has_ended) return 0;
  int result = mpg123_read(d->handle, (unsigned char *)samples, n * sizeof *samples, &n_bytes);
  d->n_read += n_bytes / sizeof *samples;
  d->has_ended = n_bytes == 0 || (result != MPG123_OK && result != MPG123_NEW_FORMAT);
  if (d->has_ended) check_end(d, result);
  return n_bytes / sizeof *samples;
}

/* Read on until sample n is the next one. */
static int pass_over(mpeg_decoder *d, uint64_t n) {
  enum { BLOCK = 1152 };
  float samples[BLOCK];
  off_t at = mpg123_tell(d->handle);
  if (at < 0 || (uint64_t)at > n) return 0;
  for (d->n_read = (uint64_t)at; d->n_read < n;) {
    uint64_t n_left = n - d->n_read;
    if (read_mpeg(&d->base, samples, n_left < BLOCK ? (size_t)n_left : BLOCK) == 0) return 0;
  }
  return 1;
}

/* The order in which the synthesis filter sums depends on how many blocks it has seen, modulo 16:
 * every frame of layer 3 is 36 blocks, or 18 in versions 2 and 2.5, so decoding may go on at a
 * multiple of eight frames from where it stopped. A frame whose damage shows only when it is
 * decoded puts in fewer, which nobody knows of who passed it over. */
static int seek_mpeg(hn_decoder *base, uint64_t n) {
  enum { PERIOD = 8 };
  mpeg_decoder *d = (mpeg_decoder *)base;
  const off_t first = mpg123_tellframe(d->handle), first_at = mpg123_framepos(d->handle);
  const int n_samples = mpg123_spf(d->handle);
  uint64_t n_skipped, begin_at;
  if (first < 0 || first_at < 0 || n_samples < 1) return 0;
  const uint64_t n_wanted = n / (uint64_t)n_samples;
  if (!hn_mpeg_source_jump(&d->source, (uint64_t)first_at, first > 0, n_wanted, PERIOD, &n_skipped,
                           &begin_at))
    return 0;
  if (n_skipped > 0) {
    const off_t begin = first + (off_t)n_skipped, wanted = first + (off_t)n_wanted;
    off_t index[2] = {first_at, (off_t)begin_at};
    if (mpg123_set_index(d->handle, index, begin, 2) != MPG123_OK ||
        mpg123_param(d->handle, MPG123_PREFRAMES, (long)(wanted - begin), 0) != MPG123_OK ||
        mpg123_seek_frame(d->handle, wanted, SEEK_SET) != wanted)
      return 0;
  }
  return pass_over(d, n);
}

static void close_mpeg(hn_decoder *base) {
  mpeg_decoder *d = (mpeg_decoder *)base;
  mpg123_delete(d->handle);
  hn_mpeg_source_free(&d->source);
  hn_free(d);
}

static hn_status configure(mpg123_handle *handle, hn_error *err) {
  /* Junk between frames is skipped as far as vision/sniff.c looks for the first. */
  const long resync_bytes = 65536;
  const long flags = MPG123_QUIET | MPG123_FORCE_FLOAT | MPG123_MONO_MIX | MPG123_GAPLESS |
                     MPG123_SKIP_ID3V2 | MPG123_NO_FRANKENSTEIN;
  if (mpg123_param(handle, MPG123_ADD_FLAGS, flags, 0) != MPG123_OK ||
      mpg123_param(handle, MPG123_REMOVE_FLAGS, MPG123_AUTO_RESAMPLE, 0) != MPG123_OK ||
      mpg123_param(handle, MPG123_RESYNC_LIMIT, resync_bytes, 0) != MPG123_OK)
    return hn_fail(err, HN_UNSUPPORTED, "libmpg123: %s", mpg123_strerror(handle));
  return HN_OK;
}

hn_status hn_decoder_open_mpeg(int fd, uint64_t size, const hn_sound *sound,
                               hn_decoder **decoder_out, hn_error *err) {
  hn_status status = HN_OK;
  mpeg_decoder *d = NULL;
  HN_NEW(d, 1, err);
  *d = (mpeg_decoder){.base = {.read = read_mpeg, .close = close_mpeg}};
  HN_TRY(hn_mpeg_source_init(&d->source, fd, size, err));
  d->handle = mpg123_new(NULL, NULL);
  if (!d->handle) HN_TRY(hn_fail_memory(err));
  HN_TRY(configure(d->handle, err));

  long rate;
  int channels, encoding;
  struct mpg123_frameinfo info;
  if (mpg123_replace_reader_handle(d->handle, hn_mpeg_source_read, hn_mpeg_source_seek, NULL) !=
          MPG123_OK ||
      mpg123_open_handle(d->handle, &d->source) != MPG123_OK ||
      mpg123_getformat(d->handle, &rate, &channels, &encoding) != MPG123_OK ||
      mpg123_info(d->handle, &info) != MPG123_OK)
    HN_TRY(hn_fail(err, HN_FORMAT, "broken or too short MP3: %s", mpg123_strerror(d->handle)));
  if (encoding != MPG123_ENC_FLOAT_32 || channels != 1)
    HN_TRY(hn_fail(err, HN_UNSUPPORTED, "this libmpg123 gives no 32-bit floats"));
  d->base.rate = (int)rate;
  d->base.channels = info.mode == MPG123_M_MONO ? 1 : 2;
  if (info.layer == 3) d->base.seek = seek_mpeg;
  off_t length = mpg123_length(d->handle);
  if (sound->has_info_header && length > 0) d->base.expected = (uint64_t)length;
  *decoder_out = &d->base;
  return HN_OK;
done:
  if (d) close_mpeg(&d->base);
  return status;
}
