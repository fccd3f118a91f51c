#include "golden.h"

#include "nlp/stem.h"

#include "tests/support.h"

static hn_error err;

static hn_stemmer *make_stemmer(const char *language) {
  hn_stemmer *stemmer = NULL;
  assert_ok(hn_stemmer_create(language, &stemmer, &err));
  return stemmer;
}

/* The stem of one word, as a text. */
static hn_text stem(hn_stemmer *stemmer, hn_text word) {
  hn_text stems;
  hn_span span = {0, (uint32_t)word.n};
  assert_ok(hn_stemmer_apply(stemmer, word, &span, 1, &stems, &err));
  return (hn_text){stems.bytes + span.start, span.length};
}

static void assert_text(hn_text got, hn_text expected) {
  if (got.n != expected.n || memcmp(got.bytes, expected.bytes, got.n) != 0)
    fail_msg("%.*s, not %.*s", (int)got.n, got.bytes, (int)expected.n, expected.bytes);
}

/* What the Snowball algorithms of Python give. */
static void test_golden(void **state) {
  (void)state;
  json_t *golden = read_golden("stems.json"), *item;
  size_t i;
  json_array_foreach(golden, i, item) {
    const json_t *words = json_object_get(item, "words"), *stems = json_object_get(item, "stems");
    hn_stemmer *stemmer = make_stemmer(json_string_value(json_object_get(item, "language")));
    for (size_t w = 0; w < json_array_size(words); w++)
      assert_text(stem(stemmer, golden_text(json_array_get(words, w), NULL)),
                  golden_text(json_array_get(stems, w), NULL));
    hn_stemmer_destroy(stemmer);
  }
  json_decref(golden);
}

/* Words known and new, some twice, with bytes between them; none at all. */
static void test_text(void **state) {
  (void)state;
  hn_stemmer *stemmer = make_stemmer("english");
  const hn_text text = {"loves, dogs loves", 17};
  hn_text stems;
  for (int round = 0; round < 2; round++) {
    hn_span spans[] = {{0, 5}, {7, 4}, {12, 5}};
    assert_ok(hn_stemmer_apply(stemmer, text, spans, 3, &stems, &err));
    assert_text((hn_text){stems.bytes + spans[0].start, spans[0].length}, (hn_text){"love", 4});
    assert_text((hn_text){stems.bytes + spans[1].start, spans[1].length}, (hn_text){"dog", 3});
    assert_memory_equal(&spans[0], &spans[2], sizeof *spans);
  }
  assert_ok(hn_stemmer_apply(stemmer, (hn_text){"", 0}, NULL, 0, &stems, &err));
  hn_stemmer_destroy(stemmer);
}

/* The old English stemmer takes the s away whatever is before it; long words are none. */
static void test_words_that_stay(void **state) {
  (void)state;
  hn_stemmer *porter = make_stemmer("porter");
  char dogs[300];
  assert_text(stem(porter, (hn_text){"s", 1}), (hn_text){"s", 1});
  memset(dogs, 'g', sizeof dogs);
  dogs[sizeof dogs - 1] = 's';
  assert_text(stem(porter, (hn_text){dogs, sizeof dogs}), (hn_text){dogs, sizeof dogs});
  assert_text(stem(porter, (hn_text){"", 0}), (hn_text){"", 0});
  hn_stemmer_destroy(porter);
}

/* More words than are remembered. */
static void test_forgetting(void **state) {
  (void)state;
  hn_stemmer *stemmer = make_stemmer("english");
  char word[32];
  for (int i = 0; i < 150000; i++) {
    size_t n = (size_t)snprintf(word, sizeof word, "word%d", i);
    assert_text(stem(stemmer, (hn_text){word, n}), (hn_text){word, n});
    assert_text(stem(stemmer, (hn_text){"loving", 6}), (hn_text){"love", 4});
  }
  hn_stemmer_destroy(stemmer);
}

static void test_unknown_language(void **state) {
  (void)state;
  hn_stemmer *stemmer = NULL;
  assert_fails(hn_stemmer_create("klingon", &stemmer, &err), HN_INVALID,
               "no stemmer for \"klingon\"; expected one of arabic, ");
  assert_null(stemmer);
}

static hn_status stem_and_free(void) {
  hn_stemmer *stemmer = NULL;
  hn_text stems;
  hn_span spans[] = {{0, 5}, {6, 4}};
  hn_status status = hn_stemmer_create("english", &stemmer, &err);
  if (status == HN_OK)
    status = hn_stemmer_apply(stemmer, (hn_text){"loves dogs", 10}, spans, 2, &stems, &err);
  hn_stemmer_destroy(stemmer);
  return status;
}

static void test_no_memory(void **state) {
  (void)state;
  assert_survives_no_memory(stem_and_free());
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),           cmocka_unit_test(test_text),
      cmocka_unit_test(test_words_that_stay),  cmocka_unit_test(test_forgetting),
      cmocka_unit_test(test_unknown_language), cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
