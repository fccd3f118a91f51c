/* The bytes of an MPEG file, as they are and with muted frames. */
#include <fcntl.h>
#include <unistd.h>

#include "support.h"
#include "vision/mpeg_source.h"
#include "vision/sniff.h"

enum { RATE = 44100, SECONDS = 5, PERIOD = 8 };

static hn_error err;
static uint8_t *file; /* its n_file bytes */
static size_t n_file;
static uint64_t first_at; /* its second frame: the first holds an Info header */

static int make_file(void **state) {
  hn_mpeg_frame frame;
  make_folder(state);
  float *samples = make_sine(440, RATE, RATE * SECONDS);
  write_sound(in_folder("song.mp3"), SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, RATE, 1, samples,
              RATE * SECONDS);
  free(samples);
  file = read_bytes(in_folder("song.mp3"), &n_file);
  assert_true(hn_mpeg_frame_parse(file, &frame));
  first_at = frame.n_bytes;
  return 0;
}

static int remove_file(void **state) {
  free(file);
  return remove_folder(state);
}

static void open_source(hn_mpeg_source *source) {
  int fd = open(in_folder("song.mp3"), O_RDONLY);
  assert_true(fd >= 0);
  ok(hn_mpeg_source_init(source, fd, n_file, &err));
}

static void close_source(hn_mpeg_source *source) {
  close(source->fd);
  hn_mpeg_source_free(source);
}

/* All bytes, in pieces of every size. Free with free. */
static uint8_t *read_all(hn_mpeg_source *source) {
  uint8_t *bytes = malloc(n_file + 1);
  size_t n = 0;
  ssize_t n_got;
  assert_non_null(bytes);
  assert_int_equal(hn_mpeg_source_seek(source, 0, SEEK_SET), 0);
  for (size_t n_wanted = 1; (n_got = hn_mpeg_source_read(source, bytes + n, n_wanted)) > 0;) {
    n += (size_t)n_got;
    n_wanted = n_wanted * 3 % 40000 + 1;
    if (n_wanted > n_file + 1 - n) n_wanted = n_file + 1 - n;
  }
  assert_int_equal(n_got, 0);
  assert_int_equal(n, n_file);
  return bytes;
}

static void test_bytes(void **state) {
  (void)state;
  hn_mpeg_source source;
  uint8_t bytes[4];
  open_source(&source);
  uint8_t *all = read_all(&source);
  assert_memory_equal(all, file, n_file);
  free(all);
  assert_int_equal(hn_mpeg_source_seek(&source, -3, SEEK_END), (off_t)n_file - 3);
  assert_int_equal(hn_mpeg_source_read(&source, bytes, 4), 3);
  assert_memory_equal(bytes, file + n_file - 3, 3);
  assert_int_equal(hn_mpeg_source_seek(&source, 2, SEEK_CUR), (off_t)n_file + 2);
  assert_int_equal(hn_mpeg_source_read(&source, bytes, 4), 0);
  assert_int_equal(hn_mpeg_source_seek(&source, 7, SEEK_SET), 7);
  assert_int_equal(hn_mpeg_source_seek(&source, -8, SEEK_CUR), -1);
  assert_int_equal(hn_mpeg_source_read(&source, bytes, 4), 4);
  assert_memory_equal(bytes, file + 7, 4);
  close_source(&source);
}

/* The first frames say how much is there to be borrowed and nothing else; all else is as it was. */
static void test_jump(void **state) {
  (void)state;
  hn_mpeg_source source;
  hn_mpeg_frame frame;
  uint64_t n_frames = 0, at = 0;
  open_source(&source);
  assert_int_equal(hn_mpeg_source_jump(&source, first_at, 0, 150, PERIOD, &n_frames, &at), 1);
  assert_true(n_frames > 100 && n_frames <= 148 && n_frames % PERIOD == 0);
  uint64_t expected = first_at;
  for (uint64_t i = 0; i < n_frames; i++) {
    assert_true(hn_mpeg_frame_parse(file + expected, &frame));
    expected += frame.n_bytes;
  }
  assert_int_equal(at, expected);

  uint8_t *all = read_all(&source);
  size_t n_reservoir = 0, n_muted = 0;
  while (n_reservoir < 511) {
    assert_true(hn_mpeg_frame_parse(file + expected, &frame));
    uint8_t *side = all + expected + 4 + 2 * frame.has_crc;
    assert_int_equal(side[0] << 1 | side[1] >> 7, n_reservoir);
    for (size_t i = 2; i < frame.n_side; i++) assert_int_equal(side[i], 0);
    memcpy(side, file + (side - all), frame.n_side);
    n_reservoir += frame.n_bytes - 4 - 2 * (size_t)frame.has_crc - frame.n_side;
    expected += frame.n_bytes;
    n_muted++;
  }
  assert_memory_equal(all, file, n_file);
  assert_true(n_muted > 0 && n_frames + n_muted <= 148);
  free(all);
  close_source(&source);
}

static void test_no_jump(void **state) {
  (void)state;
  hn_mpeg_source source;
  uint64_t n_frames = 99, at = 99;
  open_source(&source);
  /* So early that decoding begins at the first frame. */
  assert_int_equal(hn_mpeg_source_jump(&source, first_at, 0, 5, PERIOD, &n_frames, &at), 1);
  assert_int_equal(n_frames, 0);
  assert_int_equal(at, first_at);
  /* Behind the end; no frame; a first frame that borrows; no memory. */
  assert_int_equal(hn_mpeg_source_jump(&source, first_at, 0, 9999, PERIOD, &n_frames, &at), 0);
  assert_int_equal(hn_mpeg_source_jump(&source, first_at + 1, 0, 150, PERIOD, &n_frames, &at), 0);
  uint64_t inside = first_at;
  hn_mpeg_frame frame;
  do {
    assert_true(hn_mpeg_frame_parse(file + inside, &frame));
    inside += frame.n_bytes;
  } while (file[inside + 4] == 0);
  assert_int_equal(hn_mpeg_source_jump(&source, inside, 0, 100, PERIOD, &n_frames, &at), 0);
  hn_memory_fail_after(0);
  assert_int_equal(hn_mpeg_source_jump(&source, first_at, 0, 150, PERIOD, &n_frames, &at), 0);
  hn_memory_fail_after(-1);
  assert_int_equal(hn_mpeg_source_jump(&source, inside, 1, 100, PERIOD, &n_frames, &at), 1);
  close_source(&source);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_bytes), cmocka_unit_test(test_jump),
                                     cmocka_unit_test(test_no_jump)};
  return cmocka_run_group_tests(tests, make_file, remove_file);
}
