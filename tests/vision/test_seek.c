/* A clip of a song is, bit for bit, what the whole song has there, though what lies before it is
 * not decoded where the format allows that. */
#include "base/random.h"
#include "support.h"
#include "vision/audio_stream.h"

enum { SECONDS = 14 };

static hn_error err;

/* Tones and noise that come and go, with seconds of digital silence. Free with free. */
static float *make_music(int rate, int channels) {
  size_t n = (size_t)rate * SECONDS;
  float *samples = malloc(n * (size_t)channels * sizeof *samples);
  hn_rng rng;
  assert_non_null(samples);
  hn_rng_init(&rng, 3, "test.music", 0);
  for (size_t t = 0; t < n; t++) {
    double second = (double)t / rate, phase = 2 * 3.14159265358979323846 * second;
    double loud = (int)second % 5 == 3 ? 0 : 0.4 * pow(1 - fmod(second, 0.5), 4);
    for (int c = 0; c < channels; c++) {
      double noise = hn_rng_uniform(&rng) - 0.5, tone = sin(phase * (220 + 110 * c));
      samples[t * (size_t)channels + (size_t)c] = (float)(loud * (tone + noise));
    }
  }
  return samples;
}

static int can_seek(const char *path) {
  hn_audio_stream *stream;
  ok(hn_audio_stream_open(path, &stream, &err));
  int can = hn_audio_stream_can_seek(stream);
  if (can) assert_true(hn_audio_stream_seek(stream, 160001));
  hn_audio_stream_close(stream);
  return can;
}

static void check_clips(const char *path, const char *what) {
  hn_audio whole, part;
  ok(hn_audio_read(path, NULL, &whole, &err));
  const double song = whole.info.seconds;
  const hn_clip clips[] = {{9, 9.5},         {9.0123, 9.4}, {8.7777, 9},   {7.9, 8.8},
                           {10.5, 99},       {12, 13},      {11.1, 40},    {20, 22},
                           {song - 1, song}, {0.5, 0.75},   {0, song + 1}, {10, 10.0001}};
  for (size_t i = 0; i < sizeof clips / sizeof *clips; i++) {
    ok(hn_audio_read(path, &clips[i], &part, &err));
    size_t first = (size_t)(part.info.from * part.info.rate + 0.5);
    assert_true(first + part.n <= whole.n);
    if (clips[i].to < song) assert_int_equal(first, floor(clips[i].from * part.info.rate));
    if (clips[i].to > song) assert_int_equal(first + part.n, whole.n);
    if (memcmp(part.samples, whole.samples + first, part.n * sizeof(float)) != 0)
      fail_msg("%s: %g to %g s differ", what, clips[i].from, clips[i].to);
    assert_string_equal(part.info.warning, "");
    hn_audio_free(&part);
  }
  hn_audio_free(&whole);
}

static void test_kinds(void **state) {
  (void)state;
  static const struct {
    const char *name;
    int format, can_seek;
  } kinds[] = {{"song.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 1},
               {"alaw.wav", SF_FORMAT_WAV | SF_FORMAT_ALAW, 1},
               {"adpcm.wav", SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, 0},
               {"song.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 1},
               {"song.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 1},
               {"song.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 0},
               {"song.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 0},
               {"song.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 0}};
  float *samples = make_music(16000, 2);
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    const char *path = in_folder(kinds[k].name);
    write_sound(path, kinds[k].format, 16000, 2, samples, 16000 * SECONDS);
    assert_int_equal(can_seek(path), kinds[k].can_seek);
    check_clips(path, kinds[k].name);
  }
  free(samples);
}

/* A cut file, whose head promises more than there is: the clip slides back from where it ends. */
static void test_cut(void **state) {
  (void)state;
  hn_audio whole, part;
  const hn_clip clip = {9, 12};
  float *samples = make_music(16000, 1);
  write_sound(in_folder("whole.flac"), SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000, 1, samples,
              16000 * SECONDS);
  free(samples);
  write_cut(in_folder("cut.flac"), in_folder("whole.flac"), 0.75);
  ok(hn_audio_read(in_folder("cut.flac"), NULL, &whole, &err));
  ok(hn_audio_read(in_folder("cut.flac"), &clip, &part, &err));
  assert_int_equal(part.n, 3 * 16000);
  assert_memory_equal(part.samples, whole.samples + whole.n - part.n, part.n * sizeof(float));
  assert_string_equal(part.info.warning, whole.info.warning);
  assert_true(strncmp(part.info.warning, "cut or damaged: ends after ", 27) == 0);
  hn_audio_free(&whole);
  hn_audio_free(&part);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds), cmocka_unit_test(test_cut)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
