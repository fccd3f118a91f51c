/* Lines written for this test, in languages that anyone can check. */
#include "nlp/language.h"

#include "base/buffer.h"

#include "tests/support.h"

static hn_error err;
static hn_language_detector *detector;

static hn_languages detect(const char *text) {
  hn_languages languages = {0};
  assert_ok(hn_language_detect(detector, (hn_text){text, strlen(text)}, &languages, &err));
  return languages;
}

static void test_languages(void **state) {
  (void)state;
  static const struct {
    const char *text, *name;
  } songs[] = {
      {"When the morning light is coming through the window, I will think about the things that "
       "you have told me and the long road that is waiting for us both",
       "english"},
      {"Wenn das Licht am Morgen durch das Fenster kommt, denke ich an alles, was du mir gesagt "
       "hast, und an den langen Weg, der noch vor uns liegt",
       "german"},
      {"Quand la lumière du matin entre par la fenêtre, je pense à tout ce que tu m'as dit et au "
       "long chemin qui nous attend tous les deux",
       "french"},
      {"Cuando la luz de la mañana entra por la ventana, pienso en todo lo que me has dicho y en "
       "el largo camino que nos espera a los dos",
       "spanish"},
      {"Когда утренний свет входит в окно, я думаю обо всём, что ты мне сказала, и о длинной "
       "дороге, которая нас ждёт",
       "russian"},
      {"早上的光照进窗户的时候，我想起你告诉我的一切，也想起等着我们两个人的那条很长很长的路，还有"
       "那首老歌",
       "chinese"},
      {"朝の光が窓から入ってくると、あなたが話してくれたことと、ふたりを待っている長い道のことを思"
       "い出す",
       "japanese"},
      {"아침 햇살이 창문으로 들어올 때 나는 네가 나에게 해준 모든 말과 우리를 기다리는 먼 길을 "
       "생각해 그리고 노래해",
       "korean"},
  };
  for (size_t i = 0; i < sizeof songs / sizeof *songs; i++) {
    hn_languages languages = detect(songs[i].text);
    if (languages.n == 0) fail_msg("%s cannot be told", songs[i].name);
    assert_string_equal(languages.names[0], songs[i].name);
  }
}

static void test_untold(void **state) {
  (void)state;
  assert_int_equal(detect("").n, 0);
  assert_int_equal(detect("the love of my life").n, 0);
  assert_int_equal(detect("12 34 — 56 !!! ♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪♪").n, 0);
  /* Too few different letters. */
  assert_int_equal(detect("na na na na na na na na na na na na na na na na na na na na na na").n,
                   0);
}

/* Beyond the beginning that is read, which here ends inside a character. */
static void test_long_text(void **state) {
  (void)state;
  hn_buffer text = {0};
  while (text.length < 70000) hn_buffer_text(&text, "Übers Öl läuft über die Straße für alle. ");
  hn_languages languages = detect(text.data);
  assert_int_equal(languages.n, 1);
  assert_string_equal(languages.names[0], "german");
  hn_buffer_clear(&text);
  while (text.length < 70000) hn_buffer_text(&text, "€");
  assert_int_equal(detect(text.data).n, 0);
  hn_buffer_free(&text);
}

static void test_errors(void **state) {
  (void)state;
  hn_languages languages;
  assert_fails(hn_language_detect(detector, (hn_text){"caf\xE9", 4}, &languages, &err), HN_FORMAT,
               "byte 3");
}

static void test_names(void **state) {
  (void)state;
  assert_string_equal(hn_language_find("en"), "english");
  assert_string_equal(hn_language_find("english"), "english");
  assert_string_equal(hn_language_find("nn"), "norwegian");
  assert_null(hn_language_find("English"));
  assert_null(hn_language_find(""));
}

static hn_status create_and_destroy(void) {
  hn_language_detector *made = NULL;
  hn_status status = hn_language_detector_create(&made, &err);
  hn_language_detector_destroy(made);
  return status;
}

static void test_no_memory(void **state) {
  (void)state;
  assert_survives_no_memory(create_and_destroy());
}

static int begin(void **state) {
  (void)state;
  assert_ok(hn_language_detector_create(&detector, &err));
  return 0;
}

static int end(void **state) {
  (void)state;
  hn_language_detector_destroy(detector);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_languages), cmocka_unit_test(test_untold),
      cmocka_unit_test(test_long_text), cmocka_unit_test(test_errors),
      cmocka_unit_test(test_names),     cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, begin, end);
}
