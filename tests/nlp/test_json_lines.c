/* Every line goes through the scanner; those with a nested value through jansson too, which is the
 * twin that the scanner is compared with. */
#include "tests/support.h"

#include <jansson.h>
#include <zlib.h>

#include "base/buffer.h"
#include "base/threads.h"
#include "nlp/json_lines.h"

static hn_error err;

static char *folder, *path;

static int make_folder(void **state) {
  (void)state;
  folder = make_scratch();
  path = hn_path_join(folder, "x.jsonl");
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  hn_free(path);
  drop_scratch(folder);
  return 0;
}

/* All texts of a file with these bytes, a '|' behind each. */
static hn_status read_all(const char *bytes, size_t n, int replace, hn_buffer *out) {
  hn_json_lines *lines = NULL;
  hn_status status = HN_OK;
  const hn_text *texts;
  size_t n_texts;
  hn_buffer_clear(out);
  FILE *file = fopen(path, "wb"); /* not hn_file_write, which waits for the disk */
  assert_int_equal(fwrite(bytes, 1, n, file), n);
  fclose(file);
  HN_TRY(hn_json_lines_open(path, replace, &lines, &err));
  for (;;) {
    HN_TRY(hn_json_lines_next(lines, &texts, &n_texts, &err));
    if (n_texts == 0) break;
    for (size_t i = 0; i < n_texts; i++) {
      hn_buffer_append(out, texts[i].bytes, texts[i].n);
      hn_buffer_byte(out, '|');
    }
  }
done:
  hn_json_lines_close(lines);
  return status;
}

static void assert_texts(const char *bytes, const char *expected) {
  hn_buffer out = {0};
  assert_ok(read_all(bytes, strlen(bytes), 0, &out));
  assert_string_equal(out.data ? out.data : "", expected);
  hn_buffer_free(&out);
}

static void assert_refused(const char *bytes, const char *part) {
  hn_buffer out = {0};
  hn_buffer message = {0};
  hn_buffer_format(&message, "%s:%s", path, part);
  assert_fails(read_all(bytes, strlen(bytes), 0, &out), HN_FORMAT, message.data);
  hn_buffer_free(&message);
  hn_buffer_free(&out);
}

static void test_lines(void **state) {
  (void)state;
  assert_texts("", "");
  assert_texts("\n \t\r\n", "");
  assert_texts("{\"text\":\"\"}", "|");
  assert_texts(
      "\xEF\xBB\xBF{\"id\":\"1\",\"text\":\"a\"}\r\n\n  { \"text\" : \"b\" , \"id\" : -1.50 }  \n",
      "a|b|");
  assert_texts("{\"a\":null,\"b\":true,\"c\":false,\"d\":0,\"text\":\"b\"}", "b|");
  /* what the scanner leaves to jansson */
  assert_texts(
      "{\"a\":[{\"text\":\"no\"}],\"text\":\"y\\u00e9s\"}\n{\"\\u0061\":1e3,\"text\":\"z\"}",
      "yés|z|");
  assert_texts("{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"text\":\"t\"}",
               "t|");
}

static void test_escapes(void **state) {
  (void)state;
  assert_texts("{\"text\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "\"\\/\b\f\n\r\t|");
  assert_texts("{\"text\":\"\\u0041\\u00E9\\u20ac\\ud83d\\ude00 plain é€😀 and more of it\"}",
               "Aé€😀 plain é€😀 and more of it|");
}

static void test_refusals(void **state) {
  (void)state;
  assert_refused("{\"text\":\"a\"}\n\n{\"text\":\"a\" \"b\"}", "3:");
  assert_refused("{\"text\":\"a\",\"text\":\"b\"}", "1:18: not valid JSON: duplicate");
  assert_refused("{\"x\":1,\"text\":\"\\ud83d\"}", "1:");
  assert_refused("{\"x\":1,\"text\":\"\\ude00\"}", "1:");
  assert_refused("{\"text\":\"\\u0000\"}", "1:");
  assert_refused("{\"text\":\"\\x\"}", "1:");
  assert_refused("{\"text\":\"tab\there\"}", "1:");
  assert_refused("{\"text\":\"open}", "1:");
  assert_refused("{\"text\":\"open\\", "1:");
  assert_refused("{\"text\":\"a\"} x", "1:");
  assert_refused("{\"text\":\"a\",}", "1:");
  assert_refused("{\"n\":01,\"text\":\"a\"}", "1:");
  assert_refused("{\"n\":1.,\"text\":\"a\"}", "1:");
  assert_refused("{\"n\":-,\"text\":\"a\"}", "1:");
  assert_refused("{\"id\":1}", "1: no \"text\"; each line must be an object");
  assert_refused("{\"text\":1}", "1: no \"text\"");
  assert_refused("[1]", "1: no \"text\"");
  assert_refused("{}", "1: no \"text\"");
  /* of many wrong lines the first, for every number of threads */
  hn_buffer many = {0};
  for (int i = 0; i < 200; i++)
    hn_buffer_text(&many, i < 70 ? "{\"text\":\"a\"}\n" : "{\"text\"}\n");
  assert_refused(many.data, "71:");
  hn_buffer_free(&many);
}

static void test_invalid_utf8(void **state) {
  (void)state;
  hn_buffer out = {0};
  static const char bytes[] = "{\"text\":\"a\"}\n{\"text\":\"caf\xE9\"}";
  assert_refused(bytes, "2: byte 13 of the line (0xE9) is not valid UTF-8");
  assert_ok(read_all(bytes, strlen(bytes), 1, &out));
  assert_string_equal(out.data, "a|caf\xE9|");
  hn_buffer_free(&out);
}

/* Each byte of some lines replaced by others: the scanner and jansson agree. */
static void test_agrees_with_jansson(void **state) {
  (void)state;
  static const char line[] = "{\"id\":-1.5,\"b\":true,\"text\":\"a\\u00e9\\ud83d\\ude00\\n\"}";
  static const char others[] = "{}\"\\,:0ua \x01-.";
  hn_buffer out = {0};
  for (size_t i = 0; i < sizeof line - 1; i++)
    for (size_t k = 0; k < sizeof others - 1; k++) {
      char bytes[sizeof line];
      memcpy(bytes, line, sizeof line);
      bytes[i] = others[k];
      json_t *value = json_loadb(bytes, sizeof line - 1, JSON_REJECT_DUPLICATES, NULL);
      const char *text = json_string_value(json_object_get(value, "text"));
      hn_status status = read_all(bytes, sizeof line - 1, 0, &out);
      if ((status == HN_OK) != (text != NULL)) fail_msg("%s", bytes);
      if (text) {
        assert_memory_equal(out.data, text, strlen(text));
        assert_int_equal(out.length, strlen(text) + 1);
      }
      json_decref(value);
    }
  hn_buffer_free(&out);
}

/* More than a batch, and a line longer than one. */
static void test_batches(void **state) {
  (void)state;
  enum { LONG = 9 << 20, N = 200000 };
  hn_buffer bytes = {0}, out = {0}, expected = {0};
  for (int i = 0; i < N; i++) {
    hn_buffer_format(&bytes, "{\"id\": \"song %d\", \"text\": \"line\\n%d\"}\n", i, i);
    hn_buffer_format(&expected, "line\n%d|", i);
    if (i != N / 2) continue;
    hn_buffer_text(&bytes, "{\"text\": \"");
    for (size_t k = 0; k < LONG; k++) hn_buffer_byte(&bytes, 'x');
    for (size_t k = 0; k < LONG; k++) hn_buffer_byte(&expected, 'x');
    hn_buffer_text(&bytes, "\"}\n");
    hn_buffer_byte(&expected, '|');
  }
  assert_ok(read_all(bytes.data, bytes.length - 1, 0, &out));
  assert_int_equal(out.length, expected.length);
  assert_memory_equal(out.data, expected.data, out.length);

  gzFile packed = gzopen(path, "wb1");
  assert_int_equal(gzwrite(packed, bytes.data, (unsigned)bytes.length), (int)bytes.length);
  gzclose(packed);
  char *whole;
  size_t n;
  assert_ok(hn_file_read(path, &whole, &n, &err));
  assert_ok(read_all(whole, n, 0, &out));
  assert_int_equal(out.length, expected.length);
  assert_memory_equal(out.data, expected.data, out.length);
  assert_fails(read_all(whole, n / 2, 0, &out), HN_FORMAT, "the gzip data is cut short");
  hn_free(whole);
  hn_buffer_free(&bytes);
  hn_buffer_free(&out);
  hn_buffer_free(&expected);
}

static void test_no_file(void **state) {
  (void)state;
  hn_json_lines *lines = NULL;
  assert_fails(hn_json_lines_open("/none/x.jsonl", 0, &lines, &err), HN_IO, "/none/x.jsonl");
  assert_fails(hn_json_lines_open(folder, 0, &lines, &err), HN_IO, "cannot read");
  assert_null(lines);
}

static hn_status read_once(void) {
  hn_json_lines *lines = NULL;
  const hn_text *texts;
  size_t n;
  hn_status status = hn_json_lines_open(path, 0, &lines, &err);
  if (status == HN_OK) status = hn_json_lines_next(lines, &texts, &n, &err);
  hn_json_lines_close(lines);
  return status;
}

static void test_no_memory(void **state) {
  (void)state;
  static const char bytes[] = "{\"text\":\"a\"}\n{\"text\":\"b\"}\n";
  assert_ok(hn_file_write(path, bytes, sizeof bytes - 1, &err));
  hn_threads_set(1);
  assert_survives_no_memory(read_once());
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines),
                                     cmocka_unit_test(test_escapes),
                                     cmocka_unit_test(test_refusals),
                                     cmocka_unit_test(test_invalid_utf8),
                                     cmocka_unit_test(test_agrees_with_jansson),
                                     cmocka_unit_test(test_batches),
                                     cmocka_unit_test(test_no_file),
                                     cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
