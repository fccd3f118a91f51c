/* Any file: each kind of sound that a music library holds, and each thing that is none, with the
 * exact message. What test_audio.c asks of decoding as such is not asked again. */
#include <sys/resource.h>
#include <unistd.h>

#include "support.h"
#include "vision/audio.h"
#include "vision/sniff.h"

#define KINDS "; headnod reads WAV, FLAC, Ogg Vorbis, Opus, AIFF, AU, CAF and MP3"
#define NO_SOUND                                                                                   \
  "not a sound file that headnod reads (WAV, FLAC, Ogg Vorbis, Opus, AIFF, AU, CAF, MP3 …)"

static hn_error err;

static void check_refused(const char *name, hn_status status, const char *reason) {
  hn_audio audio = {0};
  char expected[512];
  snprintf(expected, sizeof expected, "%s: %s", in_folder(name), reason);
  assert_int_equal(hn_audio_read(in_folder(name), NULL, &audio, &err), status);
  assert_string_equal(err.message, expected);
  assert_null(audio.samples);
}

/* Every container and codec, with the channels and a rate that it can have. */
static const struct {
  const char *name;
  int format, max_channels, rate;
  double tolerance; /* of the mean error; a codec may keep only the bass of a sixth channel */
} kinds[] = {
    {"u8.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 8, 8000, 4e-3},
    {"16.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8, 44100, 2e-5},
    {"24.wav", SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, 8, 96000, 2e-7},
    {"32.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_32, 8, 192000, 1e-7},
    {"float.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 8, 192000, 1e-7},
    {"double.wav", SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 8, 11025, 1e-7},
    {"a-law.wav", SF_FORMAT_WAV | SF_FORMAT_ALAW, 8, 8000, 4e-3},
    {"mu-law.au", SF_FORMAT_AU | SF_FORMAT_ULAW, 8, 8000, 4e-3},
    {"16.au", SF_FORMAT_AU | SF_FORMAT_PCM_16, 8, 22050, 2e-5},
    {"24.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 8, 88200, 2e-7},
    {"16.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 8, 192000, 2e-5},
    {"24.caf", SF_FORMAT_CAF | SF_FORMAT_PCM_24, 8, 48000, 2e-7},
    {"16.w64", SF_FORMAT_W64 | SF_FORMAT_PCM_16, 8, 48000, 2e-5},
    {"vorbis.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 8, 192000, 2e-2},
    {"song.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 8, 48000, 5e-2},
    {"song.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 2, 44100, 2e-2},
    {"low.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 2, 8000, 2e-2},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* n frames of a tone, (c + 1) / 16 loud in channel c; the channels' mean is (channels + 1) / 32.
 * Free with free. */
static float *make_tone(size_t n, int channels) {
  float *samples = malloc(n * (size_t)channels * sizeof *samples);
  assert_non_null(samples);
  for (size_t t = 0; t < n; t++)
    for (int c = 0; c < channels; c++)
      samples[t * (size_t)channels + (size_t)c] = (float)((c + 1) / 16.0 * sin(0.4 * (double)t));
  return samples;
}

/* A tenth of a second in one to eight channels: all of it comes back, no sample more or less. */
static void test_kinds(void **state) {
  (void)state;
  for (size_t k = 0; k < N_KINDS; k++) {
    size_t n = (size_t)kinds[k].rate / 10;
    for (int channels = 1; channels <= kinds[k].max_channels; channels++) {
      hn_audio audio;
      float *tone = make_tone(n, channels);
      write_sound(in_folder(kinds[k].name), kinds[k].format, kinds[k].rate, channels, tone, n);
      free(tone);
      ok(hn_audio_read(in_folder(kinds[k].name), NULL, &audio, &err));
      assert_int_equal(audio.info.rate, kinds[k].rate);
      assert_int_equal(audio.info.channels, channels);
      assert_string_equal(audio.info.warning, "");
      assert_int_equal(audio.n, n);
      double error = 0;
      for (size_t t = 0; t < n; t++)
        error += fabs((double)audio.samples[t] - (channels + 1) / 32.0 * sin(0.4 * (double)t));
      if (!(error / (double)n <= kinds[k].tolerance))
        fail_msg("%s, %d channels: mean error %g", kinds[k].name, channels, error / (double)n);
      hn_audio_free(&audio);
    }
  }
}

/* What librosa hears in an MP3: of variable bit rate with a Xing header, and at 8 kHz. */
static void test_librosa_mp3(void **state) {
  (void)state;
  size_t i;
  json_t *row, *rows = json_load_file(GOLDEN "formats.json", 0, NULL);
  assert_int_equal(json_array_size(rows), 3);
  json_array_foreach(rows, i, row) {
    hn_audio audio;
    char path[256];
    size_t n_librosa = (size_t)json_integer_value(json_object_get(row, "n")), n_bytes;
    snprintf(path, sizeof path, "%s%s", GOLDEN, json_string_value(json_object_get(row, "file")));
    if (i == 2) { /* without its header, which librosa shortens and headnod does not */
      uint8_t *bytes = read_bytes(GOLDEN "vbr.mp3", &n_bytes);
      snprintf(path, sizeof path, "%s", in_folder("bare.mp3"));
      write_bytes(path, bytes + 417, n_bytes - 417);
      free(bytes);
    }
    ok(hn_audio_read(path, NULL, &audio, &err));
    assert_int_equal(audio.info.rate, json_integer_value(json_object_get(row, "rate")));
    assert_string_equal(audio.info.warning, "");
    assert_int_equal(audio.n, i == 2 ? 40 * 1152 : n_librosa);
    check_strided(row, audio.samples, n_librosa, 3e-6);
    hn_audio_free(&audio);
  }
  json_decref(rows);
}

/* An ID3v2.3 tag of one picture (APIC), whose bytes look like frames of MPEG audio; free it. */
static uint8_t *make_id3_picture(const uint8_t *frames, size_t n_frames, size_t *n_out) {
  const size_t n_head = 10 + 10 + 14, n = n_head + n_frames, n_tag = n - 10, n_frame = n - 20;
  const uint8_t head[] = {'I',
                          'D',
                          '3',
                          3,
                          0,
                          0,
                          0,
                          (uint8_t)(n_tag >> 14 & 127),
                          (uint8_t)(n_tag >> 7 & 127),
                          (uint8_t)(n_tag & 127),
                          'A',
                          'P',
                          'I',
                          'C',
                          0,
                          (uint8_t)(n_frame >> 16),
                          (uint8_t)(n_frame >> 8),
                          (uint8_t)n_frame,
                          0,
                          0,
                          0,
                          'i',
                          'm',
                          'a',
                          'g',
                          'e',
                          '/',
                          'j',
                          'p',
                          'e',
                          'g',
                          0,
                          3,
                          0};
  uint8_t *tag = malloc(n);
  assert_non_null(tag);
  memcpy(tag, head, n_head);
  memcpy(tag + n_head, frames, n_frames);
  *n_out = n;
  return tag;
}

static void write_two(const char *name, const void *first, size_t n_first, const void *second,
                      size_t n_second) {
  uint8_t *all = malloc(n_first + n_second);
  assert_non_null(all);
  memcpy(all, first, n_first);
  memcpy(all + n_first, second, n_second);
  write_bytes(in_folder(name), all, n_first + n_second);
  free(all);
}

static void test_id3_picture(void **state) {
  (void)state;
  size_t n, n_tag;
  hn_audio plain, tagged;
  uint8_t *bytes = read_bytes(GOLDEN "vbr.mp3", &n);
  uint8_t *tag = make_id3_picture(bytes, n, &n_tag);
  write_two("picture.mp3", tag, n_tag, bytes, n);
  ok(hn_audio_read(GOLDEN "vbr.mp3", NULL, &plain, &err));
  ok(hn_audio_read(in_folder("picture.mp3"), NULL, &tagged, &err));
  assert_int_equal(tagged.n, plain.n);
  assert_memory_equal(tagged.samples, plain.samples, plain.n * sizeof(float));
  hn_audio_free(&plain);
  hn_audio_free(&tagged);

  write_bytes(in_folder("only-picture.mp3"), tag, n_tag);
  check_refused("only-picture.mp3", HN_UNSUPPORTED, "this is ID3 tags without sound" KINDS);
  write_two("picture.flac", tag, n_tag, "fLaC", 4);
  check_refused("picture.flac", HN_FORMAT,
                "broken FLAC file, or a kind of it that libsndfile cannot read");
  free(tag);
  free(bytes);
}

/* A constant bit rate whose header does not tell it. */
static void test_free_format(void **state) {
  (void)state;
  size_t n, n_tag;
  hn_mpeg_frame frame;
  uint8_t *bytes = read_bytes(GOLDEN "low.mp3", &n);
  for (size_t at = 0; at < n && hn_mpeg_frame_parse(bytes + at, &frame); at += frame.n_bytes)
    bytes[at + 2] &= 0x0f;
  write_bytes(in_folder("free.mp3"), bytes, n);
  check_refused("free.mp3", HN_UNSUPPORTED, "this is free-format MP3" KINDS);
  uint8_t *tag = make_id3_picture(bytes, n, &n_tag);
  write_two("tagged-free.mp3", tag, n_tag, bytes, n);
  check_refused("tagged-free.mp3", HN_UNSUPPORTED, "this is free-format MP3" KINDS);
  free(tag);
  free(bytes);
}

/* Frame headers turn up in any data: two of them, or three that are not one stream, are no song. */
static void test_no_music(void **state) {
  (void)state;
  enum { SIZE = 200000, FRAME = 417 };
  const uint8_t header[2][4] = {{0xff, 0xfb, 0x90, 0x64}, {0xff, 0xfb, 0x98, 0x64}};
  uint8_t *bytes = calloc(SIZE, 1);
  write_bytes(in_folder("zeros.mp3"), bytes, SIZE);
  check_refused("zeros.mp3", HN_FORMAT, NO_SOUND);
  write_bytes(in_folder("zeros.wav"), bytes, SIZE);
  check_refused("zeros.wav", HN_FORMAT, NO_SOUND);
  for (size_t i = 0; i < SIZE; i++) bytes[i] = (uint8_t)(i * i % 251);
  bytes[0] = 1;
  for (size_t i = 0; i < 3; i++) memcpy(bytes + 1000 + FRAME * i, header[i == 2], 4);
  memcpy(bytes + 65400, header[0], 4); /* as far as the first look goes */
  memcpy(bytes + SIZE - FRAME, header[0], 4);
  write_bytes(in_folder("data.mp3"), bytes, SIZE);
  check_refused("data.mp3", HN_FORMAT, NO_SOUND);
  write_bytes(in_folder("data.mp3"), bytes + SIZE - FRAME - 10, FRAME + 10);
  check_refused("data.mp3", HN_FORMAT, NO_SOUND);
  free(bytes);
}

static void test_foreign(void **state) {
  (void)state;
  static const struct {
    const char *begins, *name;
  } foreign[] = {{"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"},
                 {"\x1a\x45\xdf\xa3____", "Matroska/WebM"},
                 {"MAC \x96\x0f__", "Monkey's Audio"},
                 {"wvpk\x01___", "WavPack"},
                 {"RIFF____AVI LIST", "AVI video"},
                 {"PK\x03\x04____", "ZIP archive"},
                 {"%PDF-1.7", "PDF"},
                 {"\x89PNG\r\n\x1a\n", "PNG picture"},
                 {"\xff\xd8\xff\xe0____", "JPEG picture"},
                 {"\x93NUMPY\x01_", "NumPy array"},
                 {"<!DOCTYPE html>", "text"},
                 {"____ftypM4A ", "M4A/AAC or MP4"}};
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
    char reason[128];
    snprintf(reason, sizeof reason, "this is %s" KINDS, foreign[i].name);
    write_bytes(in_folder("foreign.mp3"), foreign[i].begins, strlen(foreign[i].begins));
    check_refused("foreign.mp3", HN_UNSUPPORTED, reason);
  }
}

static void test_values(void **state) {
  (void)state;
  hn_audio audio;
  float samples[800];
  for (size_t i = 0; i < 800; i++) samples[i] = NAN;
  write_sound(in_folder("nan.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 8000, 1, samples, 800);
  check_refused("nan.wav", HN_FORMAT, "the sample at 0.000 s is NaN, not a finite number");
  memset(samples, 0, sizeof samples);
  for (size_t k = 0; k < N_KINDS; k++) { /* A-law has no zero */
    write_sound(in_folder(kinds[k].name), kinds[k].format, kinds[k].rate, 1, samples, 800);
    ok(hn_audio_read(in_folder(kinds[k].name), NULL, &audio, &err));
    assert_int_equal(audio.n, 800);
    for (size_t t = 0; t < 800; t++) assert_true(fabsf(audio.samples[t]) < 3e-4f);
    hn_audio_free(&audio);
  }
}

/* The head of a file and nothing behind it. */
static void test_without_samples(void **state) {
  (void)state;
  for (size_t k = 0; k < N_KINDS; k++) {
    int container = kinds[k].format & SF_FORMAT_TYPEMASK, codec = kinds[k].format & 0xffff;
    write_sound(in_folder(kinds[k].name), kinds[k].format, kinds[k].rate, 1, NULL, 0);
    check_refused(kinds[k].name, HN_FORMAT,
                  container == SF_FORMAT_FLAC || container == SF_FORMAT_MPEG ? "the file is empty"
                  : codec == SF_FORMAT_OPUS ? "a cut Opus file, which libsndfile cannot read"
                                            : "holds no samples");
  }
}

/* Cut in the middle: what is there stays, and a sentence says where it ends, and of what where the
 * head of the file tells. libsndfile opens no cut CAF. */
static void test_cut(void **state) {
  (void)state;
  enum { N = 200000 };
  float *tone = make_tone(N, 1);
  for (size_t t = 0; t < N; t++) tone[t] *= (float)(t % 1000) / 1000; /* or it packs too well */
  for (size_t k = 0; k < N_KINDS; k++) {
    int container = kinds[k].format & SF_FORMAT_TYPEMASK;
    char warning[160], of[32] = "";
    hn_audio audio;
    write_sound(in_folder("whole"), kinds[k].format, kinds[k].rate, 1, tone, N);
    write_cut(in_folder(kinds[k].name), in_folder("whole"), 0.5);
    if (container == SF_FORMAT_CAF) {
      check_refused(kinds[k].name, HN_FORMAT, "a cut CAF file, which libsndfile cannot read");
      continue;
    }
    ok(hn_audio_read(in_folder(kinds[k].name), NULL, &audio, &err));
    assert_true(audio.n > N / 4 && audio.n < 3 * N / 4);
    if (container == SF_FORMAT_FLAC || container == SF_FORMAT_MPEG)
      snprintf(of, sizeof of, " of %.2f s", (double)N / kinds[k].rate);
    snprintf(warning, sizeof warning, "cut or damaged: ends after %.2f s%s", audio.info.seconds,
             of);
    assert_string_equal(audio.info.warning, warning);
    hn_audio_free(&audio);
  }
  free(tone);
}

static long peak_kilobytes(void) {
  struct rusage usage;
  assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
  return usage.ru_maxrss;
}

/* Three hours, nearly all of it a hole in the file: 345 MB as floats, of which the clip is kept. */
static void test_three_hours(void **state) {
  (void)state;
  enum { RATE = 8000, SECONDS = 3 * 3600, HEAD = 44 };
  const float marks[4] = {0.5f, -0.5f, 0.25f, -0.25f};
  const int16_t last[4] = {16384, -16384, 8192, -8192};
  const uint32_t n_data = 2u * RATE * SECONDS, n_riff = n_data + HEAD - 8;
  size_t n;
  write_sound(in_folder("long.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, 1, marks, 4);
  uint8_t *head = read_bytes(in_folder("long.wav"), &n);
  memcpy(head + 4, &n_riff, 4);
  memcpy(head + 40, &n_data, 4);
  write_bytes(in_folder("long.wav"), head, HEAD + 8);
  free(head);
  assert_int_equal(truncate(in_folder("long.wav"), (off_t)(HEAD + n_data - 8)), 0);
  FILE *file = fopen(in_folder("long.wav"), "ab");
  assert_int_equal(fwrite(last, 2, 4, file), 4);
  fclose(file);

  const hn_clip clips[] = {{0, 10}, {5000, 5010}, {20000, 20010}};
  const double from[] = {0, 5000, SECONDS - 10};
  for (size_t i = 0; i < 3; i++) {
    hn_audio audio;
    long before = peak_kilobytes();
    ok(hn_audio_read(in_folder("long.wav"), &clips[i], &audio, &err));
    assert_true(peak_kilobytes() - before < 20000);
    assert_int_equal(audio.n, 10 * RATE);
    assert_true(audio.info.from == from[i]);
    assert_string_equal(audio.info.warning, "");
    assert_true(audio.samples[0] == (i == 0 ? 0.5f : 0));
    assert_true(audio.samples[audio.n - 1] == (i == 2 ? -0.25f : 0));
    hn_audio_free(&audio);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_kinds),       cmocka_unit_test(test_librosa_mp3),
      cmocka_unit_test(test_id3_picture), cmocka_unit_test(test_free_format),
      cmocka_unit_test(test_no_music),    cmocka_unit_test(test_foreign),
      cmocka_unit_test(test_values),      cmocka_unit_test(test_without_samples),
      cmocka_unit_test(test_cut),         cmocka_unit_test(test_three_hours),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
