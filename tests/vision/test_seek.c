/* A clip of a song is, bit for bit, what the whole song has there, though what lies before it is
 * not decoded where the format allows that. */
#include "base/random.h"
#include "support.h"
#include "vision/audio_stream.h"
#include "vision/sniff.h"

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

/* Passing over n samples: 1 or 0, or -1 where the format does not allow it. */
static int seeks(const char *path, uint64_t n) {
  hn_audio_stream *stream;
  ok(hn_audio_stream_open(path, &stream, &err));
  int can = hn_audio_stream_can_seek(stream) ? hn_audio_stream_seek(stream, n) : -1;
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
               {"song.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 1},
               {"song.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 0},
               {"song.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 0}};
  float *samples = make_music(16000, 2);
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    const char *path = in_folder(kinds[k].name);
    write_sound(path, kinds[k].format, 16000, 2, samples, 16000 * SECONDS);
    assert_int_equal(seeks(path, 160001), kinds[k].can_seek ? 1 : -1);
    check_clips(path, kinds[k].name);
  }
  free(samples);
}

/* An MP3 of that music; level: 0 (best) … 1. Without `header` a first frame that holds an Info
 * header is left out. */
static void write_mp3(const char *path, int rate, int channels, int mode, double level,
                      int header) {
  hn_mpeg_frame frame;
  SF_INFO info = {.samplerate = rate,
                  .channels = channels,
                  .format = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III};
  float *samples = make_music(rate, channels);
  SNDFILE *file = sf_open(path, SFM_WRITE, &info);
  assert_non_null(file);
  /* What these return differs between versions of libsndfile. */
  sf_command(file, SFC_SET_BITRATE_MODE, &mode, sizeof mode);
  sf_command(file, SFC_SET_COMPRESSION_LEVEL, &level, sizeof level);
  assert_int_equal(sf_command(file, SFC_GET_BITRATE_MODE, NULL, 0), mode);
  assert_int_equal(sf_writef_float(file, samples, (sf_count_t)rate * SECONDS), rate * SECONDS);
  assert_int_equal(sf_close(file), 0);
  free(samples);
  if (header) return;
  size_t n;
  uint8_t *bytes = read_bytes(path, &n);
  assert_true(hn_mpeg_frame_parse(bytes, &frame));
  if (memmem(bytes, frame.n_bytes, "Info", 4) || memmem(bytes, frame.n_bytes, "Xing", 4))
    write_bytes(path, bytes + frame.n_bytes, n - frame.n_bytes);
  free(bytes);
}

/* Every version of MPEG audio, the lowest and a high bit rate: how many frames a frame may borrow
 * from differs most. */
static void test_mp3(void **state) {
  (void)state;
  static const int rates[] = {48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000};
  static const int modes[] = {SF_BITRATE_MODE_CONSTANT, SF_BITRATE_MODE_AVERAGE,
                              SF_BITRATE_MODE_VARIABLE};
  for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
    for (size_t k = 0; k < 6; k++) {
      char what[64];
      const int mode = modes[k % 3], channels = 1 + (int)(r + k) % 2, header = (int)(r + k / 3) % 2;
      const double level = k < 3 ? 1 : 0.3;
      snprintf(what, sizeof what, "%d Hz, mode %d, %d channels, level %g, %d headers", rates[r],
               mode, channels, level, header);
      write_mp3(in_folder("song.mp3"), rates[r], channels, mode, level, header);
      if (seeks(in_folder("song.mp3"), 9 * (uint64_t)rates[r]) != 1) fail_msg("%s: no seek", what);
      check_clips(in_folder("song.mp3"), what);
    }
}

/* Frames are missing or something else lies between them: then nothing is passed over. */
static void test_damaged_mp3(void **state) {
  (void)state;
  enum { N_JUNK = 3000 };
  write_mp3(in_folder("song.mp3"), 22050, 2, SF_BITRATE_MODE_CONSTANT, 0.5, 0);
  size_t n, quarter;
  uint8_t *bytes = read_bytes(in_folder("song.mp3"), &n), *changed = calloc(n + N_JUNK, 1);
  assert_non_null(changed);
  quarter = n / 4;

  write_bytes(in_folder("beheaded.mp3"), bytes + quarter / 4 + 1, n - quarter / 4 - 1);
  memcpy(changed, bytes, quarter);
  memcpy(changed + quarter, bytes + quarter + 700, n - quarter - 700);
  write_bytes(in_folder("hole.mp3"), changed, n - 700);
  memset(changed + quarter, 0, N_JUNK);
  memcpy(changed + quarter + N_JUNK, bytes + quarter, n - quarter);
  write_bytes(in_folder("junk.mp3"), changed, n + N_JUNK);
  free(bytes);
  free(changed);
  assert_int_equal(seeks(in_folder("song.mp3"), 160001), 1);
  static const char *const names[] = {"beheaded.mp3", "hole.mp3", "junk.mp3"};
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(seeks(in_folder(names[i]), 160001), 0);
    check_clips(in_folder(names[i]), names[i]);
  }
}

/* So much junk ends the song, wherever a block of reading does. */
static void test_ended_mp3(void **state) {
  (void)state;
  enum { N_JUNK = 90000 };
  hn_audio whole, part;
  size_t n;
  write_mp3(in_folder("song.mp3"), 44100, 2, SF_BITRATE_MODE_CONSTANT, 0.5, 0);
  uint8_t *bytes = read_bytes(in_folder("song.mp3"), &n), *longer = calloc(n + N_JUNK, 1);
  assert_non_null(longer);
  memcpy(longer, bytes, n / 2);
  memcpy(longer + n / 2 + N_JUNK, bytes + n / 2, n - n / 2);
  write_bytes(in_folder("song.mp3"), longer, n + N_JUNK);
  free(bytes);
  free(longer);
  ok(hn_audio_read(in_folder("song.mp3"), NULL, &whole, &err));
  assert_true(whole.info.seconds > 6.8 && whole.info.seconds < 7.2);
  assert_true(strncmp(whole.info.warning, "cut or damaged: ends after ", 27) == 0);
  for (double to = 6; to < 12; to += 0.37) {
    const hn_clip clip = {to - 5, to};
    ok(hn_audio_read(in_folder("song.mp3"), &clip, &part, &err));
    size_t first = (size_t)(part.info.from * part.info.rate + 0.5);
    assert_int_equal(part.n, 5 * 44100);
    assert_true(first + part.n <= whole.n);
    assert_memory_equal(part.samples, whole.samples + first, part.n * sizeof(float));
    hn_audio_free(&part);
  }
  hn_audio_free(&whole);
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
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds), cmocka_unit_test(test_mp3),
                                     cmocka_unit_test(test_damaged_mp3),
                                     cmocka_unit_test(test_ended_mp3), cmocka_unit_test(test_cut)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
