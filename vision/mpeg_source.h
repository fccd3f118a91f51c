/* The bytes of an MPEG file as libmpg123 asks for them: read in blocks and, where decoding is to
 * begin inside the file, with what it needs for that. */
#ifndef HN_VISION_MPEG_SOURCE_H
#define HN_VISION_MPEG_SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* One reader's state. Owns its arrays; the file stays open. */
typedef struct {
  int fd;
  uint64_t size, at;           /* bytes of the file; where the next read begins */
  uint64_t block_at, muted_at; /* where the arrays begin in the file */
  size_t n_block, n_muted;
  uint8_t *block; /* (n_block) what was read last */
  uint8_t *muted; /* (n_muted) what stands in for these bytes of the file */
} hn_mpeg_source;

/* fd: a file of `size` bytes, read by position. Errors: HN_NO_MEMORY. */
hn_status hn_mpeg_source_init(hn_mpeg_source *source, int fd, uint64_t size, hn_error *err);
void hn_mpeg_source_free(hn_mpeg_source *source);

/* read(2) and lseek(2) of a source, for mpg123_replace_reader_handle. */
ssize_t hn_mpeg_source_read(void *source, void *bytes, size_t n);
off_t hn_mpeg_source_seek(void *source, off_t offset, int whence);

/* Where a decoder that has yet seen nothing must begin for frame `wanted` to come out as it does
 * when all before it were decoded. Frames are counted from the one at `at`, of layer 3.
 *   frame_out, at_out  the frame, at most `wanted` and a multiple of `multiple`, and its place
 * A frame borrows up to 511 bytes (255 in versions 2 and 2.5) from those before it: the first
 * frames from there on are made silent, since they lack that, and only leave their bytes to those
 * that follow. Two frames more set up the overlap of the transforms and the synthesis filter.
 * follows_others: frames that were decoded lie before `at`.
 * 1 when done; 0, with nothing changed, where the frames up to `wanted` do not lie one behind the
 * other, differ in kind or borrow what there is not, or where memory ran out. Reads the file's
 * beginning up to `wanted`. */
int hn_mpeg_source_jump(hn_mpeg_source *source, uint64_t at, int follows_others, uint64_t wanted,
                        uint64_t multiple, uint64_t *frame_out, uint64_t *at_out);

#endif
