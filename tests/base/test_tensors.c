/* The files in corpus_tensors are written by make_golden.py from the format's specification. */
#include "tests/support.h"

#include "base/tensors.h"

#define CORPUS HN_TEST_DIR "/corpus_tensors/"

static hn_error err;

static void test_read(void **state) {
  (void)state;
  hn_tensors *t;
  const hn_tensor *a;
  const char *text;
  assert_ok(hn_tensors_read(CORPUS "metadata.safetensors", &t, &err));
  assert_int_equal(hn_tensors_count(t), 1);
  assert_ok(hn_tensors_get(t, "a", HN_TENSOR_F32, 2, &a, &err));
  assert_true(a->shape[0] == 2 && a->shape[1] == 3 && a->n_bytes == 24);
  for (size_t i = 0; i < 6; i++) assert_true(((const float *)a->data)[i] == (float)i);
  assert_ok(hn_tensors_get_text(t, "k", &text, &err));
  assert_string_equal(text, "v é");
  assert_string_equal(hn_tensors_text(t, "b"), "");
  assert_null(hn_tensors_text(t, "a"));
  assert_null(hn_tensors_find(t, "k"));
  assert_fails(hn_tensors_get(t, "a", HN_TENSOR_F32, 1, &a, &err), HN_FORMAT,
               "tensor \"a\" is F32 of 2 axes; F32 of 1 are needed");
  assert_fails(hn_tensors_get(t, "a", HN_TENSOR_I32, 2, &a, &err), HN_FORMAT, "I32 of 2");
  assert_fails(hn_tensors_get(t, "b", HN_TENSOR_F32, 1, &a, &err), HN_FORMAT,
               "metadata.safetensors: the tensor \"b\" is missing");
  assert_fails(hn_tensors_get_text(t, "a", &text, &err), HN_FORMAT, "metadata \"a\" is missing");
  hn_tensors_destroy(t);
}

static void test_types_and_order(void **state) {
  (void)state;
  static const char *const names[] = {"a", "b", "c", "d", "e"}; /* the order of the data */
  hn_tensors *t;
  assert_ok(hn_tensors_read(CORPUS "types.safetensors", &t, &err));
  assert_int_equal(hn_tensors_count(t), 5);
  for (size_t i = 0; i < 5; i++) {
    const hn_tensor *item = hn_tensors_at(t, i);
    assert_string_equal(item->name, names[i]);
    assert_int_equal((uintptr_t)item->data % 8, 0);
  }
  assert_true(*(const double *)hn_tensors_find(t, "a")->data == 0.5);
  assert_int_equal(((const int32_t *)hn_tensors_find(t, "b")->data)[5], 5);
  assert_int_equal(*(const uint8_t *)hn_tensors_find(t, "c")->data, 200);
  assert_int_equal(*(const int64_t *)hn_tensors_find(t, "d")->data, -5);
  assert_int_equal(hn_tensors_find(t, "d")->n_dims, 0);
  assert_int_equal(hn_tensors_find(t, "e")->n_bytes, 0);
  hn_tensors_destroy(t);
}

static void test_refusals(void **state) {
  (void)state;
  static const struct {
    const char *path;
    hn_status status;
    const char *message;
  } cases[] = {
      {CORPUS "none", HN_IO, "none: cannot open"},
      {CORPUS "bad_length.safetensors", HN_FORMAT, "cut short"},
      {CORPUS "bad_json.safetensors", HN_FORMAT, "not JSON"},
      {CORPUS "bad_list.safetensors", HN_FORMAT, "not a JSON object"},
      {CORPUS "bad_dtype.safetensors", HN_UNSUPPORTED, "BF16"},
      {CORPUS "bad_twice.safetensors", HN_FORMAT, "duplicate"},
      {CORPUS "bad_hole.safetensors", HN_FORMAT, "should begin at 0"},
      {CORPUS "bad_overlap.safetensors", HN_FORMAT, "should begin at 3"},
      {CORPUS "bad_end.safetensors", HN_FORMAT, "end by 4"},
      {CORPUS "bad_tail.safetensors", HN_FORMAT, "1 bytes behind the last tensor"},
      {CORPUS "bad_shape.safetensors", HN_FORMAT, "does not fit"},
      {CORPUS "bad_overflow.safetensors", HN_FORMAT, "does not fit"},
      {CORPUS "bad_negative.safetensors", HN_FORMAT, "does not fit"},
      {CORPUS "bad_axes.safetensors", HN_UNSUPPORTED, "9 axes"},
      {CORPUS "bad_entry.safetensors", HN_FORMAT, "lacks dtype"},
      {CORPUS "bad_metadata.safetensors", HN_FORMAT, "\"k\" is not text"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_tensors *t = NULL;
    assert_fails(hn_tensors_read(cases[i].path, &t, &err), cases[i].status, cases[i].message);
    assert_null(t);
  }
}

static void test_cut_files(void **state) {
  (void)state;
  char *bytes;
  size_t n;
  hn_tensors *t;
  assert_ok(hn_file_read(CORPUS "types.safetensors", &bytes, &n, &err));
  for (size_t cut = 0; cut < n; cut++)
    assert_fails(hn_tensors_parse("cut", bytes, cut, &t, &err), HN_FORMAT, "cut: ");
  hn_free(bytes);
}

static hn_status build(hn_tensors **tensors_out) {
  hn_status status = HN_OK;
  hn_tensors *t = NULL;
  const float floats[] = {1, -2.5f};
  HN_TRY(hn_tensors_create(&t, &err));
  HN_TRY(hn_tensors_add(t, "weights", HN_TENSOR_F32, 2, (size_t[]){2, 1}, floats, &err));
  HN_TRY(hn_tensors_add(t, "\"odd\" é", HN_TENSOR_U8, 1, (size_t[]){3}, "abc", &err));
  HN_TRY(hn_tensors_add(t, "one", HN_TENSOR_I64, 0, NULL, (int64_t[]){-9}, &err));
  HN_TRY(hn_tensors_add(t, "none", HN_TENSOR_F64, 1, (size_t[]){0}, NULL, &err));
  HN_TRY(hn_tensors_set_text(t, "z", "last", &err));
  HN_TRY(hn_tensors_set_text(t, "a", "old", &err));
  HN_TRY(hn_tensors_set_text(t, "a", "new\nline", &err));
  *tensors_out = t;
  t = NULL;
done:
  hn_tensors_destroy(t);
  return status;
}

static const char written[] =
    "\x20\1\0\0\0\0\0\0"
    "{\"__metadata__\":{\"a\":\"new\\nline\",\"z\":\"last\"},"
    "\"weights\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
    "\"\\\"odd\\\" é\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[8,11]},"
    "\"one\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[11,19]},"
    "\"none\":{\"dtype\":\"F64\",\"shape\":[0],\"data_offsets\":[19,19]}}"
    "      \0\0\x80?\0\0 \xc0"
    "abc\xf7\xff\xff\xff\xff\xff\xff\xff";

static void test_write(void **state) {
  (void)state;
  char *folder = make_scratch(), *path = hn_path_join(folder, "m.safetensors"), *bytes;
  size_t n;
  hn_tensors *t = NULL;
  assert_ok(build(&t));
  for (int round = 0; round < 2; round++) { /* what is read and written again keeps its bytes */
    assert_ok(hn_tensors_write(t, path, &err));
    assert_ok(hn_file_read(path, &bytes, &n, &err));
    assert_int_equal(n, sizeof written - 1);
    assert_memory_equal(bytes, written, n);
    hn_free(bytes);
    hn_tensors_destroy(t);
    assert_ok(hn_tensors_read(path, &t, &err));
  }
  assert_survives_no_memory(hn_tensors_write(t, path, &err));
  hn_tensors_destroy(t);
  assert_survives_no_memory(build(&t));
  hn_tensors_destroy(t);
  assert_survives_no_memory(hn_tensors_read(path, &t, &err));
  hn_tensors_destroy(t);
  hn_free(path);
  drop_scratch(folder);
}

static void test_merge(void **state) {
  (void)state;
  hn_tensors *t, *from;
  assert_ok(hn_tensors_create(&t, &err));
  assert_ok(hn_tensors_add(t, "own", HN_TENSOR_U8, 0, NULL, "x", &err));
  assert_ok(hn_tensors_set_text(t, "a", "replaced", &err));
  assert_ok(build(&from));
  assert_ok(hn_tensors_merge(t, from, &err));
  assert_int_equal(hn_tensors_count(t), 5);
  assert_int_equal(*(const int64_t *)hn_tensors_find(t, "one")->data, -9);
  assert_string_equal(hn_tensors_text(t, "a"), "new\nline");
  assert_fails(hn_tensors_merge(t, from, &err), HN_INVALID, "\"weights\": the name is taken");
  hn_tensors_destroy(from);
  hn_tensors_destroy(t);
}

static void test_bad_additions(void **state) {
  (void)state;
  hn_tensors *t;
  size_t shape[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1}, huge[2] = {SIZE_MAX / 2, 3};
  assert_ok(build(&t));
  assert_fails(hn_tensors_add(t, "one", HN_TENSOR_U8, 1, shape, "x", &err), HN_INVALID, "is taken");
  assert_fails(hn_tensors_add(t, "__metadata__", HN_TENSOR_U8, 1, shape, "x", &err), HN_INVALID,
               "is taken");
  assert_fails(hn_tensors_add(t, "x", HN_TENSOR_U8, 9, shape, "x", &err), HN_INVALID, "9 axes");
  assert_fails(hn_tensors_add(t, "x", HN_TENSOR_U8, 2, huge, "x", &err), HN_INVALID, "overflows");
  assert_fails(hn_tensors_set_text(t, "x", "caf\xe9", &err), HN_INVALID, "not UTF-8");
  assert_int_equal(hn_tensors_count(t), 4);
  hn_tensors_destroy(t);
  hn_tensors_destroy(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_read),          cmocka_unit_test(test_types_and_order),
      cmocka_unit_test(test_refusals),      cmocka_unit_test(test_cut_files),
      cmocka_unit_test(test_write),         cmocka_unit_test(test_merge),
      cmocka_unit_test(test_bad_additions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
