/* What only FFmpeg's libraries read; built with HN_FFMPEG only. */
#include "support.h"
#include "vision/audio.h"

static hn_error err;

/* AAC comes back as the sound that went in, from its first sample to its last. */
static void test_m4a(void **state) {
  (void)state;
  hn_audio plain, coded, part;
  const hn_clip clip = {0.5, 0.75};
  ok(hn_audio_read(GOLDEN "mono.wav", NULL, &plain, &err));
  ok(hn_audio_read(GOLDEN "mono.m4a", NULL, &coded, &err));
  assert_string_equal(coded.info.format, "M4A/AAC or MP4");
  assert_string_equal(coded.info.warning, "");
  assert_int_equal(coded.info.rate, 22050);
  assert_int_equal(coded.info.channels, 1);
  assert_int_equal(coded.n, plain.n);
  double product = 0, power[2] = {0};
  for (size_t i = 0; i < plain.n; i++) {
    double a = (double)plain.samples[i], b = (double)coded.samples[i];
    product += a * b;
    power[0] += a * a;
    power[1] += b * b;
  }
  /* One sample too early or too late would be -0.2. */
  assert_true(product / sqrt(power[0] * power[1]) > 0.97);
  ok(hn_audio_read(GOLDEN "mono.m4a", &clip, &part, &err));
  assert_memory_equal(part.samples, coded.samples + 11025, part.n * sizeof(float));
  hn_audio_free(&plain);
  hn_audio_free(&coded);
  hn_audio_free(&part);
}

/* Its head at the end of the file, an M4A that is cut cannot be read; damage inside is told. */
static void test_damaged(void **state) {
  (void)state;
  size_t n;
  hn_audio audio;
  write_cut(in_folder("cut.m4a"), GOLDEN "mono.m4a", 0.6);
  assert_int_equal(hn_audio_read(in_folder("cut.m4a"), NULL, &audio, &err), HN_UNSUPPORTED);
  assert_non_null(strstr(err.message, "cut.m4a: this is M4A/AAC or MP4; headnod reads WAV"));
  uint8_t *bytes = read_bytes(GOLDEN "mono.m4a", &n);
  memset(bytes + n / 2, 0xa5, 500);
  write_bytes(in_folder("bad.m4a"), bytes, n);
  free(bytes);
  ok(hn_audio_read(in_folder("bad.m4a"), NULL, &audio, &err));
  assert_true(strncmp(audio.info.warning, "cut or damaged: ends after ", 27) == 0);
  hn_audio_free(&audio);
}

static void test_refused(void **state) {
  (void)state;
  hn_audio audio = {0};
  const char *playlist = "#EXTM3U\n/etc/hostname\n";
  write_bytes(in_folder("list.m3u8"), playlist, strlen(playlist));
  assert_int_equal(hn_audio_read(in_folder("list.m3u8"), NULL, &audio, &err), HN_UNSUPPORTED);
  assert_non_null(strstr(err.message, "this is text"));
  char decoders[96];
  hn_audio_decoders(decoders);
  assert_non_null(strstr(decoders, ", FFmpeg "));
}

static void test_out_of_memory(void **state) {
  (void)state;
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK; n++) {
    hn_audio audio = {0};
    hn_memory_fail_after(n);
    status = hn_audio_read(GOLDEN "mono.m4a", NULL, &audio, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || status == HN_NO_MEMORY);
    hn_audio_free(&audio);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_m4a), cmocka_unit_test(test_damaged),
                                     cmocka_unit_test(test_refused),
                                     cmocka_unit_test(test_out_of_memory)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
