#include "vision/audio.h"

#include <fcntl.h>
#include <float.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "support.h"
#include "vision/audio_stream.h"
#include "vision/sniff.h"

/* A cut FLAC and its like: the warning begins so and tells the seconds kept. */
#define CUT "cut or damaged: ends after "
#define KINDS "; headnod reads WAV, FLAC, Ogg Vorbis, Opus, AIFF, AU, CAF and MP3"

static void test_golden(void **state) {
  (void)state;
  hn_error err;
  size_t i;
  json_t *row;
  json_array_foreach(golden("decoded"), i, row) {
    char path[256];
    hn_audio audio;
    snprintf(path, sizeof path, "%s%s", GOLDEN, json_string_value(json_object_get(row, "file")));
    ok(hn_audio_read(path, NULL, &audio, &err));
    assert_int_equal(audio.info.rate, json_integer_value(json_object_get(row, "rate")));
    assert_int_equal(audio.info.channels, json_integer_value(json_object_get(row, "channels")));
    assert_string_equal(audio.info.warning, "");
    assert_true(audio.info.from == 0);
    assert_true(fabs(audio.info.seconds - (double)audio.n / audio.info.rate) < 1e-12);
    /* Mono of MP3 is mixed before its synthesis; other decoders are the same but for rounding. */
    check_strided(row, audio.samples, audio.n, 3e-6);
    hn_audio_free(&audio);
  }
}

/* Channel c holds (c + 1) / 16 throughout: the mean of n is (n + 1) / 32. */
static void test_channels_and_rates(void **state) {
  (void)state;
  hn_error err;
  float samples[8 * 200];
  const int rates[] = {8000, 44100, 192000};
  for (int channels = 1; channels <= 8; channels++) {
    for (int i = 0; i < 200 * channels; i++) samples[i] = (float)(i % channels + 1) / 16;
    hn_audio audio;
    int rate = rates[channels % 3];
    write_sound(in_folder("c.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_32, rate, channels, samples, 200);
    ok(hn_audio_read(in_folder("c.wav"), NULL, &audio, &err));
    assert_int_equal(audio.n, 200);
    assert_int_equal(audio.info.channels, channels);
    assert_int_equal(audio.info.rate, rate);
    for (size_t t = 0; t < 200; t++)
      assert_true(fabsf(audio.samples[t] - (float)(channels + 1) / 32) < 1e-6f);
    hn_audio_free(&audio);
  }
}

static void test_encodings(void **state) {
  (void)state;
  static const struct {
    int format;
    double tolerance; /* half a step of the encoding */
  } cases[] = {{SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 1.0 / 128},
               {SF_FORMAT_WAV | SF_FORMAT_PCM_16, 1.0 / 32768},
               {SF_FORMAT_WAV | SF_FORMAT_PCM_24, 1.0 / 8388608},
               {SF_FORMAT_WAV | SF_FORMAT_PCM_32, 1e-7},
               {SF_FORMAT_WAV | SF_FORMAT_FLOAT, 0},
               {SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 0},
               {SF_FORMAT_WAV | SF_FORMAT_ALAW, 0.02},
               {SF_FORMAT_RF64 | SF_FORMAT_PCM_16, 1.0 / 32768},
               {SF_FORMAT_W64 | SF_FORMAT_PCM_16, 1.0 / 32768},
               {SF_FORMAT_CAF | SF_FORMAT_PCM_16, 1.0 / 32768},
               {SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 1.0 / 8388608},
               {SF_FORMAT_AU | SF_FORMAT_FLOAT, 0},
               {SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 1.0 / 8388608}};
  hn_error err;
  float *sine = make_sine(440, 8000, 1000);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_audio audio;
    /* A name that lies about the content changes nothing. */
    write_sound(in_folder("x.mp3"), cases[i].format, 8000, 1, sine, 1000);
    ok(hn_audio_read(in_folder("x.mp3"), NULL, &audio, &err));
    assert_int_equal(audio.n, 1000);
    assert_string_equal(audio.info.warning, "");
    for (size_t t = 0; t < audio.n; t++)
      assert_true(fabs((double)audio.samples[t] - (double)sine[t]) <= cases[i].tolerance);
    hn_audio_free(&audio);
  }
  free(sine);
}

/* A ramp tells by its values which part of the song was kept. */
static void check_clip(double song, double from, double to, double kept_from, double kept_to) {
  enum { RATE = 8000 };
  hn_error err;
  size_t n = (size_t)(song * RATE);
  float *ramp = malloc(n * sizeof *ramp);
  for (size_t t = 0; t < n; t++) ramp[t] = (float)t / (float)(1 << 24);
  write_sound(in_folder("r.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, RATE, 1, ramp, n);
  hn_clip clip = {from, to};
  hn_audio audio;
  ok(hn_audio_read(in_folder("r.wav"), &clip, &audio, &err));
  size_t first = (size_t)(kept_from * RATE);
  assert_int_equal(audio.n, (size_t)(kept_to * RATE) - first);
  assert_memory_equal(audio.samples, ramp + first, audio.n * sizeof *ramp);
  assert_true(fabs(audio.info.from - kept_from) < 1e-9);
  assert_true(fabs(audio.info.seconds - (kept_to - kept_from)) < 1e-9);
  hn_audio_free(&audio);
  free(ramp);
}

static void test_clip(void **state) {
  (void)state;
  check_clip(100, 30, 75, 30, 75);
  check_clip(75, 30, 75, 30, 75);
  check_clip(60, 30, 75, 15, 60); /* ends inside */
  check_clip(20, 40, 50, 10, 20); /* ends before */
  check_clip(20, 30, 75, 0, 20);  /* shorter than the clip */
  check_clip(10, 2, 1e9, 0, 10);  /* a clip that no song fills */
  check_clip(10, 0, 0.125, 0, 0.125);
  check_clip(10, 9.9375, 10, 9.9375, 10);

  hn_error err;
  hn_audio audio;
  const hn_clip bad[] = {{75, 30}, {5, 5}, {-1, 3}, {NAN, 3}};
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(hn_audio_read(in_folder("r.wav"), &bad[i], &audio, &err), HN_INVALID);
  hn_audio_read(in_folder("r.wav"), &bad[0], &audio, &err);
  assert_string_equal(err.message, "clip: found 75 to 30 s; expected 0 <= from < to");
}

/* What a compressed song gives in a clip is what it gives there as a whole. */
static void test_clip_of_compressed(void **state) {
  (void)state;
  static const char *const names[] = {"stereo.mp3", "mono.mp3", "stereo.ogg", "stereo.flac"};
  hn_error err;
  for (size_t i = 0; i < 4; i++) {
    char path[256];
    hn_audio whole, part;
    hn_clip clip = {0.5, 0.75};
    snprintf(path, sizeof path, "%s%s", GOLDEN, names[i]);
    ok(hn_audio_read(path, NULL, &whole, &err));
    ok(hn_audio_read(path, &clip, &part, &err));
    size_t first = (size_t)(0.5 * whole.info.rate);
    assert_int_equal(part.n, whole.info.rate / 4);
    assert_memory_equal(part.samples, whole.samples + first, part.n * sizeof(float));
    hn_audio_free(&whole);
    hn_audio_free(&part);
  }
}

static void check_refused(const char *name, hn_status status, const char *reason) {
  hn_error err = {0};
  hn_audio audio = {0};
  char expected[512];
  snprintf(expected, sizeof expected, "%s: %s", in_folder(name), reason);
  assert_int_equal(hn_audio_read(in_folder(name), NULL, &audio, &err), status);
  assert_string_equal(err.message, expected);
  assert_null(audio.samples);
}

static void write_text(const char *name, const char *text) {
  write_bytes(in_folder(name), text, strlen(text));
}

static void test_refusals(void **state) {
  (void)state;
  check_refused("none.wav", HN_IO, "cannot open: No such file or directory");
  mkdir(in_folder("folder.wav"), 0700);
  check_refused("folder.wav", HN_IO, "a folder, not a sound file");
  mkfifo(in_folder("pipe.wav"), 0600);
  check_refused("pipe.wav", HN_IO, "not a regular file");
  write_bytes(in_folder("empty.mp3"), "", 0);
  check_refused("empty.mp3", HN_FORMAT, "the file is empty");
  write_text("text.mp3", "La la la,\nthis is no music.\n");
  check_refused("text.mp3", HN_UNSUPPORTED, "this is text" KINDS);
  write_bytes(in_folder("utf16.mp3"), "\xff\xfeH\0e\0l\0l\0o\0", 12);
  check_refused("utf16.mp3", HN_UNSUPPORTED, "this is text" KINDS);
  write_bytes(in_folder("song.m4a"), "\0\0\0\040ftypM4A \0\0\0\0", 16);
  check_refused("song.m4a", HN_UNSUPPORTED, "this is M4A/AAC or MP4" KINDS);
  write_bytes(in_folder("adts.mp3"), "\xff\xf1\x50\x80\x02\x1f\xfc\0\0\0", 10);
  check_refused("adts.mp3", HN_UNSUPPORTED, "this is AAC" KINDS);
  write_bytes(in_folder("free.mp3"), "\xff\xfb\x04\x00\0\0\0\0\0\0", 10);
  check_refused("free.mp3", HN_UNSUPPORTED, "this is free-format MP3" KINDS);
  write_bytes(in_folder("tag.mp3"), "ID3\3\0\0\0\0\0\2\0\0", 12);
  check_refused("tag.mp3", HN_UNSUPPORTED, "this is ID3 tags without sound" KINDS);
  write_bytes(in_folder("sync.mp3"), "\xff\xfb\xf0\x00\0\1\2\3\4\5", 10);
  check_refused("sync.mp3", HN_UNSUPPORTED, "this is data of an unknown kind" KINDS);
  write_bytes(in_folder("bytes.wav"), "\0\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7", 16);
  check_refused("bytes.wav", HN_FORMAT,
                "not a sound file that headnod reads (WAV, FLAC, Ogg Vorbis, Opus, AIFF, AU, CAF, "
                "MP3 …)");
  write_bytes(in_folder("head.wav"), "RIFF\377\0\0\0WAVEjunk\0\0\0\0", 20);
  check_refused("head.wav", HN_FORMAT,
                "broken WAV file, or a kind of it that libsndfile cannot read");
}

static void test_no_permission(void **state) {
  (void)state;
  write_text("secret.wav", "RIFF");
  chmod(in_folder("secret.wav"), 0);
  /* Root may read anything: be somebody else meanwhile. */
  int is_root = geteuid() == 0;
  if (is_root) assert_int_equal(seteuid(65534), 0);
  check_refused("secret.wav", HN_IO, "cannot open: Permission denied");
  if (is_root) assert_int_equal(seteuid(0), 0);
}

static void test_bad_samples(void **state) {
  (void)state;
  float samples[1000] = {0};
  write_sound(in_folder("zero.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, samples, 0);
  check_refused("zero.wav", HN_FORMAT, "holds no samples");
  samples[500] = NAN;
  write_sound(in_folder("nan.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 8000, 1, samples, 1000);
  check_refused("nan.wav", HN_FORMAT, "the sample at 0.062 s is NaN, not a finite number");
  samples[500] = -INFINITY;
  write_sound(in_folder("inf.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 8000, 1, samples, 1000);
  check_refused("inf.wav", HN_FORMAT, "the sample at 0.062 s is infinite, not a finite number");
  write_sound(in_folder("slow.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 50, 1, samples, 100);
  check_refused("slow.wav", HN_UNSUPPORTED, "sample rate 50 Hz; headnod reads 1000 to 768000 Hz");
}

static void test_silence(void **state) {
  (void)state;
  hn_error err;
  hn_audio audio;
  float samples[800] = {0};
  write_sound(in_folder("s.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, samples, 800);
  ok(hn_audio_read(in_folder("s.wav"), NULL, &audio, &err));
  assert_int_equal(audio.n, 800);
  assert_memory_equal(audio.samples, samples, sizeof samples);
  hn_audio_free(&audio);
  write_sound(in_folder("s.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, samples, 1);
  ok(hn_audio_read(in_folder("s.wav"), NULL, &audio, &err));
  assert_int_equal(audio.n, 1);
  hn_audio_free(&audio);
}

/* A cut file keeps what it has, equal to the whole one's beginning, and says where it ends. */
static void check_cut(const char *whole_path, const char *name, const char *of) {
  hn_error err;
  hn_audio whole, cut;
  char expected[160];
  write_cut(in_folder(name), whole_path, 0.6);
  ok(hn_audio_read(whole_path, NULL, &whole, &err));
  ok(hn_audio_read(in_folder(name), NULL, &cut, &err));
  assert_true(cut.n > whole.n / 5 && cut.n < whole.n * 4 / 5);
  snprintf(expected, sizeof expected, CUT "%.2f s%s", cut.info.seconds, of);
  assert_string_equal(cut.info.warning, expected);
  /* The last frame of a codec may miss the bits that it borrows. */
  assert_memory_equal(cut.samples, whole.samples, (cut.n - cut.n / 8) * sizeof(float));
  hn_audio_free(&cut);
  /* Nothing is said of what lies behind the clip. */
  hn_clip clip = {0, 0.05};
  ok(hn_audio_read(in_folder(name), &clip, &cut, &err));
  assert_string_equal(cut.info.warning, "");
  hn_audio_free(&cut);
  hn_audio_free(&whole);
}

static void test_cut(void **state) {
  (void)state;
  check_cut(GOLDEN "mono.wav", "cut.wav", "");
  check_cut(GOLDEN "mono.aiff", "cut.aiff", "");
  check_cut(GOLDEN "mono.au", "cut.au", "");
  check_cut(GOLDEN "stereo.mp3", "cut.mp3", " of 1.00 s");
  float *sine = make_sine(300, 22050, 66150);
  for (size_t i = 0; i < 66150; i++) sine[i] *= (float)(i % 1000) / 1000;
  write_sound(in_folder("long.flac"), SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 22050, 1, sine, 66150);
  check_cut(in_folder("long.flac"), "cut.flac", " of 3.00 s");
  write_sound(in_folder("long.ogg"), SF_FORMAT_OGG | SF_FORMAT_VORBIS, 22050, 1, sine, 66150);
  check_cut(in_folder("long.ogg"), "cut.ogg", "");
  write_sound(in_folder("long.rf64"), SF_FORMAT_RF64 | SF_FORMAT_PCM_16, 22050, 1, sine, 66150);
  check_cut(in_folder("long.rf64"), "cut.rf64", "");
  free(sine);
}

/* A pad byte that was counted but not written is no cut. */
static void test_missing_pad_byte(void **state) {
  (void)state;
  hn_error err;
  hn_audio audio;
  size_t n;
  float samples[999] = {0};
  write_sound(in_folder("odd.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 8000, 1, samples, 999);
  uint8_t *bytes = read_bytes(in_folder("odd.wav"), &n);
  write_bytes(in_folder("odd.wav"), bytes, n - 1);
  free(bytes);
  ok(hn_audio_read(in_folder("odd.wav"), NULL, &audio, &err));
  assert_int_equal(audio.n, 999);
  assert_string_equal(audio.info.warning, "");
  hn_audio_free(&audio);
}

/* Cut so early that nothing can be decoded. */
static void test_cut_to_nothing(void **state) {
  (void)state;
  write_cut(in_folder("stub.ogg"), GOLDEN "stereo.ogg", 0.3);
  check_refused("stub.ogg", HN_FORMAT, "holds no samples (cut or damaged: ends after 0.00 s)");
}

/* The frames of mono.mp3 without its Info header, between other things that MP3 files hold. */
static void test_mp3_without_header(void **state) {
  (void)state;
  hn_error err;
  hn_audio audio;
  hn_mpeg_frame frame;
  size_t n;
  uint8_t *bytes = read_bytes(GOLDEN "mono.mp3", &n);
  assert_true(hn_mpeg_frame_parse(bytes, &frame));
  size_t first = frame.n_bytes, n_frames = 0, at = first, half = 0;
  for (; at < n && hn_mpeg_frame_parse(bytes + at, &frame); at += frame.n_bytes)
    if (++n_frames == 20) half = at;
  assert_int_equal(at, n);
  write_bytes(in_folder("bare.mp3"), bytes + first, n - first);
  ok(hn_audio_read(in_folder("bare.mp3"), NULL, &audio, &err));
  assert_int_equal(audio.n, 576 * n_frames);
  assert_string_equal(audio.info.warning, "");
  hn_audio_free(&audio);

  write_bytes(in_folder("bare.mp3"), bytes + first, half + 50 - first);
  ok(hn_audio_read(in_folder("bare.mp3"), NULL, &audio, &err));
  assert_string_equal(audio.info.warning, CUT "0.50 s");
  hn_audio_free(&audio);
  free(bytes);
}

/* Tags with pictures before it and junk behind them change nothing. */
static void test_mp3_with_tags(void **state) {
  (void)state;
  enum { TAG = 10 + 300 * 128, JUNK = 3000 };
  hn_error err;
  hn_audio plain, tagged;
  size_t n;
  uint8_t *bytes = read_bytes(GOLDEN "stereo.mp3", &n);
  uint8_t *file = calloc(TAG + JUNK + n + 128, 1);
  memcpy(file, "ID3\3\0\0\0\2\54", 9);
  memset(file + 10, 0xff, TAG - 10);
  memcpy(file + TAG + JUNK, bytes, n);
  memcpy(file + TAG + JUNK + n, "TAG", 3);
  ok(hn_audio_read(GOLDEN "stereo.mp3", NULL, &plain, &err));
  for (int with_tag = 0; with_tag < 2; with_tag++) {
    const uint8_t *from = with_tag ? file : file + TAG;
    write_bytes(in_folder("tagged.mp3"), from, (size_t)(file + TAG + JUNK + n + 128 - from));
    ok(hn_audio_read(in_folder("tagged.mp3"), NULL, &tagged, &err));
    assert_int_equal(tagged.n, plain.n);
    assert_memory_equal(tagged.samples, plain.samples, plain.n * sizeof(float));
    assert_string_equal(tagged.info.warning, "");
    hn_audio_free(&tagged);
  }
  hn_audio_free(&plain);
  free(bytes);
  free(file);
}

static void test_mpeg_header(void **state) {
  (void)state;
  hn_mpeg_frame f;
  const uint8_t mp3[4] = {0xff, 0xfb, 0x92, 0x00}, low[4] = {0xff, 0xe3, 0x48, 0xc0};
  const uint8_t layer1[4] = {0xff, 0xff, 0xc4, 0x00}, bad[4] = {0xff, 0xfb, 0xfc, 0x00};
  assert_true(hn_mpeg_frame_parse(mp3, &f));
  assert_true(f.version == 1 && f.layer == 3 && f.rate == 44100 && f.channels == 2);
  assert_int_equal(f.n_bytes, 418);
  assert_true(hn_mpeg_frame_parse(low, &f));
  assert_true(f.version == 25 && f.rate == 8000 && f.channels == 1);
  assert_int_equal(f.n_bytes, 288);
  assert_true(hn_mpeg_frame_parse(layer1, &f));
  assert_true(f.layer == 1 && f.rate == 48000);
  assert_int_equal(f.n_bytes, 384);
  assert_false(hn_mpeg_frame_parse(bad, &f));
}

/* libsndfile 1.2.0 loses 6 KB with each Ogg Vorbis file whose head it refuses. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:vorbis_info_init";
}

/* Channels of an MP3 are mixed before the synthesis filter: the mean of what they are behind it,
 * within rounding. Constant and variable bit rates, joint stereo. */
static void test_mix_of_mp3(void **state) {
  (void)state;
  static const char *const names[] = {"stereo.mp3", "vbr.mp3"};
  hn_error err;
  for (size_t i = 0; i < 2; i++) {
    char path[256];
    hn_audio audio;
    SF_INFO info = {0};
    snprintf(path, sizeof path, "%s%s", GOLDEN, names[i]);
    ok(hn_audio_read(path, NULL, &audio, &err));
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    assert_non_null(file);
    assert_int_equal(info.channels, 2);
    float *samples = malloc(audio.n * 2 * sizeof *samples);
    assert_non_null(samples);
    assert_int_equal(sf_readf_float(file, samples, (sf_count_t)audio.n), audio.n);
    for (size_t t = 0; t < audio.n; t++)
      assert_true(fabsf(audio.samples[t] - (samples[2 * t] + samples[2 * t + 1]) / 2) <= 1.5e-6f);
    sf_close(file);
    free(samples);
    hn_audio_free(&audio);
  }
}

/* One bad sample among good ones of every size, wherever it stands. */
static void test_finite(void **state) {
  (void)state;
  enum { N = 67 };
  hn_error err;
  float samples[N];
  const float bad[] = {NAN, -NAN, INFINITY, -INFINITY};
  const float good[] = {0, -0.0f, 1, FLT_MAX, -FLT_MAX, FLT_MIN, FLT_TRUE_MIN};
  for (size_t i = 0; i < N; i++) samples[i] = good[i % 7];
  for (size_t n = 0; n <= N; n++) ok(hn_samples_check(samples, n, 0, 100, &err));
  for (size_t i = 0; i < N; i++) {
    char expected[80];
    float kept = samples[i];
    samples[i] = bad[i % 4];
    assert_int_equal(hn_samples_check(samples, N, 2, 100, &err), HN_FORMAT);
    snprintf(expected, sizeof expected, "the sample at %.3f s is %s, not a finite number",
             2 + (double)i / 100, i % 4 < 2 ? "NaN" : "infinite");
    assert_string_equal(err.message, expected);
    samples[i] = kept;
  }
}

/* Bytes changed and cut at random: whatever comes of it, it is samples that are finite or
 * a message that names the file. */
static void test_mangled(void **state) {
  (void)state;
  static const char *const names[] = {"mono.mp3",    "stereo.ogg", "stereo.opus",
                                      "stereo.flac", "alaw.wav",   "mono.aiff"};
  for (size_t i = 0; i < 6 * 40; i++) {
    char path[256];
    size_t n;
    hn_rng rng;
    hn_error err = {0};
    hn_audio audio = {0};
    hn_rng_init(&rng, 1, "test.mangled", i);
    snprintf(path, sizeof path, "%s%s", GOLDEN, names[i % 6]);
    uint8_t *bytes = read_bytes(path, &n);
    size_t n_changes = hn_rng_below(&rng, 30), reach = i % 2 ? n : 200;
    while (n_changes-- > 0) bytes[hn_rng_below(&rng, reach)] = (uint8_t)hn_rng_next(&rng);
    if (i % 3 == 0) n = 1 + (size_t)hn_rng_below(&rng, n);
    write_bytes(in_folder("mangled"), bytes, n);
    free(bytes);
    if (hn_audio_read(in_folder("mangled"), NULL, &audio, &err) == HN_OK) {
      assert_true(audio.n > 0 && audio.info.rate >= 1000);
      for (size_t k = 0; k < audio.n; k++) assert_true(isfinite(audio.samples[k]));
    } else {
      assert_non_null(strstr(err.message, "mangled: "));
    }
    hn_audio_free(&audio);
  }
}

/* Nothing that a library does to broken data may reach the user's terminal. */
static void test_quiet(void **state) {
  (void)state;
  hn_audio audio = {0};
  size_t n;
  uint8_t *bytes = read_bytes(GOLDEN "stereo.mp3", &n);
  for (size_t i = n / 2; i < n / 2 + 900; i++) bytes[i] = (uint8_t)(i * 31);
  write_bytes(in_folder("noisy.mp3"), bytes, n);
  free(bytes);
  fflush(stderr);
  int kept = dup(2), file = open(in_folder("stderr"), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  dup2(file, 2);
  hn_status status = hn_audio_read(in_folder("noisy.mp3"), NULL, &audio, NULL);
  hn_audio_read(in_folder("sync.mp3"), NULL, &audio, NULL);
  fflush(stderr);
  dup2(kept, 2);
  close(kept);
  close(file);
  assert_int_equal(status, HN_OK);
  hn_audio_free(&audio);
  free(read_bytes(in_folder("stderr"), &n));
  assert_int_equal(n, 0);
}

static void test_out_of_memory(void **state) {
  (void)state;
  static const char *const names[] = {GOLDEN "stereo.mp3", GOLDEN "stereo.ogg", GOLDEN "mono.wav"};
  const hn_clip clip = {0.25, 0.5};
  for (size_t i = 0; i < 3; i++) {
    hn_status status = HN_NO_MEMORY;
    for (long n = 0; status != HN_OK; n++) {
      hn_audio audio = {0};
      hn_memory_fail_after(n);
      status = hn_audio_read(names[i], &clip, &audio, NULL);
      hn_memory_fail_after(-1);
      assert_true(status == HN_OK || (status == HN_NO_MEMORY && !audio.samples));
      hn_audio_free(&audio);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_finite),
      cmocka_unit_test(test_mix_of_mp3),
      cmocka_unit_test(test_golden),
      cmocka_unit_test(test_channels_and_rates),
      cmocka_unit_test(test_encodings),
      cmocka_unit_test(test_clip),
      cmocka_unit_test(test_clip_of_compressed),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_no_permission),
      cmocka_unit_test(test_bad_samples),
      cmocka_unit_test(test_silence),
      cmocka_unit_test(test_cut),
      cmocka_unit_test(test_missing_pad_byte),
      cmocka_unit_test(test_cut_to_nothing),
      cmocka_unit_test(test_mp3_without_header),
      cmocka_unit_test(test_mp3_with_tags),
      cmocka_unit_test(test_mpeg_header),
      cmocka_unit_test(test_quiet),
      cmocka_unit_test(test_mangled),
      cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
