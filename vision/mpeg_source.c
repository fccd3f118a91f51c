#include "vision/mpeg_source.h"

#include "base/memory.h"
#include "vision/sniff.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 32768, HEADER_BYTES = 4, CRC_BYTES = 2 };

hn_status hn_mpeg_source_init(hn_mpeg_source *source, int fd, uint64_t size, hn_error *err) {
  hn_status status = HN_OK;
  *source = (hn_mpeg_source){.fd = fd, .size = size};
  HN_NEW(source->block, BLOCK_BYTES, err);
done:
  return status;
}

void hn_mpeg_source_free(hn_mpeg_source *source) {
  hn_free(source->block);
  hn_free(source->muted);
  *source = (hn_mpeg_source){0};
}

/* The block that begins at `at`: its bytes, 0 at the file's end, below 0 for an error. */
static ssize_t fill_block(hn_mpeg_source *s, uint64_t at) {
  ssize_t n;
  do n = pread(s->fd, s->block, BLOCK_BYTES, (off_t)at);
  while (n < 0 && errno == EINTR);
  s->block_at = at;
  s->n_block = n > 0 ? (size_t)n : 0;
  return n;
}

/* Bytes of the file, fewer than n at its end. */
static ssize_t take(hn_mpeg_source *s, uint64_t at, uint8_t *bytes, size_t n) {
  size_t n_got = 0;
  while (n_got < n) {
    if (at < s->block_at || at >= s->block_at + s->n_block) {
      ssize_t n_filled = fill_block(s, at);
      if (n_filled < 0 && n_got == 0) return -1;
      if (n_filled <= 0) break;
    }
    size_t n_left = (size_t)(s->block_at + s->n_block - at);
    size_t n_part = n - n_got < n_left ? n - n_got : n_left;
    memcpy(bytes + n_got, s->block + (at - s->block_at), n_part);
    n_got += n_part;
    at += n_part;
  }
  return (ssize_t)n_got;
}

/* What part of the n bytes at `at` is muted becomes so. */
static void mute(const hn_mpeg_source *s, uint64_t at, uint8_t *bytes, size_t n) {
  const uint64_t muted_end = s->muted_at + s->n_muted;
  const uint64_t from = at > s->muted_at ? at : s->muted_at;
  const uint64_t to = at + n < muted_end ? at + n : muted_end;
  if (from < to) memcpy(bytes + (from - at), s->muted + (from - s->muted_at), (size_t)(to - from));
}

ssize_t hn_mpeg_source_read(void *source, void *bytes, size_t n) {
  hn_mpeg_source *s = source;
  ssize_t n_got = take(s, s->at, bytes, n);
  if (n_got <= 0) return n_got;
  mute(s, s->at, bytes, (size_t)n_got);
  s->at += (uint64_t)n_got;
  return n_got;
}

off_t hn_mpeg_source_seek(void *source, off_t offset, int whence) {
  hn_mpeg_source *s = source;
  const uint64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? s->at : s->size;
  if (offset < 0 && (uint64_t)-offset > base) {
    errno = EINVAL;
    return -1;
  }
  s->at = base + (uint64_t)offset;
  return (off_t)s->at;
}

/* A walk from frame to frame. */
typedef struct {
  hn_mpeg_frame kind;         /* of them all */
  uint64_t at, n_frames;      /* where the next begins; how many were passed */
  uint64_t n_bytes, n_before; /* of the main data of those; of that which lies before them */
} walk;

static uint64_t reservoir_bytes(const hn_mpeg_frame *frame) {
  return frame->version == 1 ? 511 : 255;
}

/* The number of bytes that a frame borrows from those before it heads its side information. */
static uint64_t read_borrowed(const hn_mpeg_frame *frame, const uint8_t *side) {
  return frame->version == 1 ? (uint64_t)side[0] << 1 | side[1] >> 7 : side[0];
}

static void write_borrowed(const hn_mpeg_frame *frame, uint64_t n, uint8_t *side) {
  side[0] = (uint8_t)(frame->version == 1 ? n >> 1 : n);
  if (frame->version == 1) side[1] = (uint8_t)((n & 1) << 7);
}

/* What lies before a frame's side information, and before its main data. */
static size_t side_offset(const hn_mpeg_frame *frame) {
  return HEADER_BYTES + (frame->has_crc ? CRC_BYTES : 0);
}

static size_t main_offset(const hn_mpeg_frame *frame) {
  return side_offset(frame) + frame->n_side;
}

/* The frame at w->at, and the beginning of its side information. */
static int look(hn_mpeg_source *s, const walk *w, hn_mpeg_frame *frame, uint8_t side[2]) {
  uint8_t bytes[HEADER_BYTES + CRC_BYTES + 2];
  if (take(s, w->at, bytes, sizeof bytes) != sizeof bytes || !hn_mpeg_frame_parse(bytes, frame))
    return 0;
  memcpy(side, bytes + side_offset(frame), 2);
  return frame->version == w->kind.version && frame->layer == 3 && frame->rate == w->kind.rate &&
         frame->channels == w->kind.channels && frame->n_bytes > main_offset(frame);
}

/* Pass n frames; 0 where one is not as it should be. */
static int pass_frames(hn_mpeg_source *s, walk *w, uint64_t n) {
  hn_mpeg_frame frame;
  uint8_t side[2];
  for (uint64_t i = 0; i < n; i++) {
    if (!look(s, w, &frame, side) || read_borrowed(&frame, side) > w->n_before + w->n_bytes)
      return 0;
    w->at += frame.n_bytes;
    w->n_bytes += frame.n_bytes - main_offset(&frame);
    w->n_frames++;
  }
  return 1;
}

/* Silent frames from w on, until those that follow can borrow what they may. */
static int mute_frames(hn_mpeg_source *s, walk w) {
  const uint64_t begin = w.at, n_full = reservoir_bytes(&w.kind);
  walk full = w;
  hn_mpeg_frame frame;
  while (full.n_bytes - w.n_bytes < n_full)
    if (!pass_frames(s, &full, 1)) return 0;
  uint8_t *muted = hn_alloc((size_t)(full.at - begin), 1);
  if (!muted) return 0;
  if (take(s, begin, muted, (size_t)(full.at - begin)) != (ssize_t)(full.at - begin)) goto failed;
  for (uint64_t at = begin, n_bytes = 0; at < full.at; at += frame.n_bytes) {
    uint8_t *bytes = muted + (at - begin);
    if (!hn_mpeg_frame_parse(bytes, &frame)) goto failed;
    memset(bytes + side_offset(&frame), 0, frame.n_side);
    write_borrowed(&frame, n_bytes < n_full ? n_bytes : n_full, bytes + side_offset(&frame));
    n_bytes += frame.n_bytes - main_offset(&frame);
  }
  hn_free(s->muted);
  s->muted = muted;
  s->muted_at = begin;
  s->n_muted = (size_t)(full.at - begin);
  return 1;
failed:
  hn_free(muted);
  return 0;
}

int hn_mpeg_source_jump(hn_mpeg_source *s, uint64_t at, int follows_others, uint64_t wanted,
                        uint64_t multiple, uint64_t *frame_out, uint64_t *at_out) {
  enum { N_OVERLAPPING = 2 };
  uint8_t header[HEADER_BYTES];
  walk begin = {.at = at}, end, next;
  if (take(s, at, header, sizeof header) != sizeof header ||
      !hn_mpeg_frame_parse(header, &begin.kind))
    return 0;
  const uint64_t n_full = reservoir_bytes(&begin.kind);
  if (follows_others) begin.n_before = n_full;
  end = begin;
  if (!pass_frames(s, &end, wanted > N_OVERLAPPING ? wanted - N_OVERLAPPING : 0)) return 0;
  for (next = begin; next.n_bytes + n_full <= end.n_bytes;) {
    begin = next;
    if (!pass_frames(s, &next, multiple)) break;
  }
  if (begin.n_frames > 0 && !mute_frames(s, begin)) return 0;
  *frame_out = begin.n_frames;
  *at_out = begin.at;
  return 1;
}
