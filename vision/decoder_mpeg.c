#include "vision/decoder.h"

#include "base/memory.h"

#include <mpg123.h>
#include <unistd.h>

/* libmpg123 directly, since libsndfile opens it without its quiet flag. It mixes to mono before
 * its synthesis filter, which halves that part of the work and equals the mean of the channels
 * within rounding (1.5e-6). Encoder delay and padding are cut off by the Info header, as libsndfile
 * and therefore librosa do.
 *
 * There is no seek. It would save 40 % of the decoding of a clip of 30 to 75 s, but what follows
 * differs in its last bit: the order in which the synthesis filter sums depends on how many blocks
 * went through it, and frames behind a seek that borrow bits from before it may be passed over. */
typedef struct {
  hn_decoder base;
  mpg123_handle *handle;
  int fd;
  uint64_t size; /* bytes of the file */
  uint64_t n_read;
  int has_ended;
} mpeg_decoder;

/* A file without an Info header is cut when a frame begins behind the last whole one. */
static int frame_follows(const mpeg_decoder *d) {
  uint8_t header[4];
  hn_mpeg_frame frame;
  off_t last = mpg123_framepos(d->handle);
  if (last < 0 || pread(d->fd, header, 4, last) != 4 || !hn_mpeg_frame_parse(header, &frame))
    return 0;
  if ((uint64_t)last + frame.n_bytes > d->size) return 1;
  return pread(d->fd, header, 4, last + (off_t)frame.n_bytes) == 4 &&
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

static void close_mpeg(hn_decoder *base) {
  mpeg_decoder *d = (mpeg_decoder *)base;
  mpg123_delete(d->handle);
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
  *d = (mpeg_decoder){.base = {.read = read_mpeg, .close = close_mpeg}, .fd = fd, .size = size};
  d->handle = mpg123_new(NULL, NULL);
  if (!d->handle) HN_TRY(hn_fail_memory(err));
  HN_TRY(configure(d->handle, err));

  long rate;
  int channels, encoding;
  struct mpg123_frameinfo info;
  if (mpg123_open_fd(d->handle, fd) != MPG123_OK ||
      mpg123_getformat(d->handle, &rate, &channels, &encoding) != MPG123_OK ||
      mpg123_info(d->handle, &info) != MPG123_OK)
    HN_TRY(hn_fail(err, HN_FORMAT, "broken or too short MP3: %s", mpg123_strerror(d->handle)));
  if (encoding != MPG123_ENC_FLOAT_32 || channels != 1)
    HN_TRY(hn_fail(err, HN_UNSUPPORTED, "this libmpg123 gives no 32-bit floats"));
  d->base.rate = (int)rate;
  d->base.channels = info.mode == MPG123_M_MONO ? 1 : 2;
  off_t length = mpg123_length(d->handle);
  if (sound->has_info_header && length > 0) d->base.expected = (uint64_t)length;
  *decoder_out = &d->base;
  return HN_OK;
done:
  if (d) close_mpeg(&d->base);
  return status;
}
