#include "tests/support.h"

#include <sys/stat.h>

static hn_error err;
static char *folder;

static int set_up(void **state) {
  (void)state;
  folder = make_scratch();
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  drop_scratch(folder);
  return 0;
}

static char *in_folder(const char *name) {
  char *path = hn_path_join(folder, name);
  assert_non_null(path);
  return path;
}

static void test_write_and_read(void **state) {
  (void)state;
  static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 300000};
  char *path = in_folder("bytes"), *bytes, *wanted = malloc(300000);
  size_t n;
  for (size_t i = 0; i < 300000; i++) wanted[i] = (char)(i * 7 + i / 251);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    assert_ok(hn_file_write(path, wanted, sizes[i], &err));
    assert_ok(hn_file_read(path, &bytes, &n, &err));
    assert_int_equal(n, sizes[i]);
    assert_memory_equal(bytes, wanted, n);
    assert_int_equal(bytes[n], 0);
    hn_free(bytes);
  }
  char **names;
  assert_ok(hn_folder_list(folder, &names, &n, &err));
  assert_int_equal(n, 1); /* no scratch file stays behind */
  hn_names_free(names, n);
  free(wanted);
  hn_free(path);
}

static void test_read_without_a_size(void **state) {
  (void)state;
  char *bytes;
  size_t n;
  assert_ok(hn_file_read("/proc/self/status", &bytes, &n, &err));
  assert_true(n > 0 && strstr(bytes, "Name:"));
  hn_free(bytes);
}

static void test_errors(void **state) {
  (void)state;
  char *bytes = (char *)&err, *missing = in_folder("none/file"), *file = in_folder("file");
  size_t n = 77;
  char **names;
  char hex[33];
  assert_fails(hn_file_read(missing, &bytes, &n, &err), HN_IO, "none/file: cannot open: No such");
  assert_fails(hn_file_read(folder, &bytes, &n, &err), HN_IO, "Is a directory");
  assert_fails(hn_file_read_gzip(missing, &bytes, &n, &err), HN_IO, "No such file");
  assert_ptr_equal(bytes, &err);
  assert_int_equal(n, 77);
  assert_fails(hn_file_write(missing, "x", 1, &err), HN_IO, "none/file: cannot write: No such");
  assert_fails(hn_file_write(folder, "x", 1, &err), HN_IO, "cannot write: Is a directory");
  assert_fails(hn_hash_file(missing, hex, &err), HN_IO, "No such file");
  assert_fails(hn_folder_list(missing, &names, &n, &err), HN_IO, "cannot list the folder");
  assert_ok(hn_file_write(file, "x", 1, &err));
  char *below = in_folder("file/deeper");
  assert_fails(hn_folder_make(below, &err), HN_IO, "cannot make the folder");
  assert_false(hn_file_exists(missing));
  assert_true(hn_file_exists(file));
  assert_false(hn_file_is_folder(file));
  assert_true(hn_file_is_folder(folder));
  hn_free(below);
  hn_free(missing);
  hn_free(file);
}

/* A failed write leaves neither a damaged file nor a scratch file. */
static void test_write_keeps_the_old_file(void **state) {
  (void)state;
  if (geteuid() == 0) skip(); /* root may write anywhere */
  char *path = in_folder("kept"), *bytes;
  size_t n;
  assert_ok(hn_file_write(path, "old", 3, &err));
  chmod(folder, 0500);
  assert_fails(hn_file_write(path, "new", 3, &err), HN_IO, "Permission denied");
  chmod(folder, 0700);
  assert_ok(hn_file_read(path, &bytes, &n, &err));
  assert_string_equal(bytes, "old");
  hn_free(bytes);
  hn_free(path);
}

/* gzip.compress(b"headnod " * 3, mtime=0) and the same of b"again\n" */
static const unsigned char member_1[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0x4d, 0x4c, 0xc9,
    0xcb, 0x4f, 0x51, 0xc8, 0x40, 0xa3, 0x01, 0xc2, 0x14, 0x16, 0xa6, 0x18, 0x00, 0x00, 0x00};
static const unsigned char member_2[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
                                         0x03, 0x4b, 0x4c, 0x4f, 0xcc, 0xcc, 0xe3, 0x02, 0x00,
                                         0xff, 0x19, 0x4f, 0x86, 0x06, 0x00, 0x00, 0x00};

static void test_gzip(void **state) {
  (void)state;
  char *path = in_folder("packed.gz"), *bytes;
  size_t n;
  char both[sizeof member_1 + sizeof member_2];
  memcpy(both, member_1, sizeof member_1);
  memcpy(both + sizeof member_1, member_2, sizeof member_2);
  assert_ok(hn_file_write(path, both, sizeof both, &err));
  assert_ok(hn_file_read_gzip(path, &bytes, &n, &err));
  assert_int_equal(n, 30);
  assert_string_equal(bytes, "headnod headnod headnod again\n");
  hn_free(bytes);

  assert_survives_no_memory(hn_file_read_gzip(path, &bytes, &n, &err));
  hn_free(bytes);

  for (size_t cut = 2; cut < sizeof both; cut++) {
    if (cut == sizeof member_1) continue; /* one whole member is a whole file */
    assert_ok(hn_file_write(path, both, cut, &err));
    assert_fails(hn_file_read_gzip(path, &bytes, &n, &err), HN_FORMAT, "packed.gz: the gzip data");
  }
  both[14] ^= 0x10;
  assert_ok(hn_file_write(path, both, sizeof both, &err));
  assert_fails(hn_file_read_gzip(path, &bytes, &n, &err), HN_FORMAT, "broken");
  assert_ok(hn_file_write(path, "plain", 5, &err));
  assert_ok(hn_file_read_gzip(path, &bytes, &n, &err));
  assert_string_equal(bytes, "plain");
  hn_free(bytes);
  hn_free(path);
}

static void test_folders(void **state) {
  (void)state;
  char *deep = in_folder("a/b/c"), *slash = in_folder("d/"), *b = in_folder("a/b");
  char **names;
  size_t n;
  assert_ok(hn_folder_make(deep, &err));
  assert_ok(hn_folder_make(deep, &err));
  assert_ok(hn_folder_make(slash, &err));
  assert_true(hn_file_is_folder(deep));
  assert_ok(hn_folder_list(folder, &names, &n, &err));
  assert_int_equal(n, 2);
  assert_string_equal(names[0], "a");
  assert_string_equal(names[1], "d");
  hn_names_free(names, n);
  assert_ok(hn_folder_list(deep, &names, &n, &err));
  assert_int_equal(n, 0);
  hn_names_free(names, n);
  assert_survives_no_memory(hn_folder_list(folder, &names, &n, &err));
  hn_names_free(names, n);
  assert_survives_no_memory(hn_folder_make(b, &err));
  hn_free(deep);
  hn_free(slash);
  hn_free(b);
}

/* All of it goes, but not what a link leads to. */
static void test_remove(void **state) {
  (void)state;
  char *top = in_folder("gone"), *deep = in_folder("gone/x/y"), *kept = in_folder("kept");
  char *file = in_folder("gone/x/file"), *link = in_folder("gone/link"), *in = in_folder("kept/f");
  assert_ok(hn_folder_make(deep, &err));
  assert_ok(hn_folder_make(kept, &err));
  assert_ok(hn_file_write(file, "x", 1, &err));
  assert_ok(hn_file_write(in, "x", 1, &err));
  assert_int_equal(symlink(kept, link), 0);
  assert_ok(hn_folder_remove(top, &err));
  assert_false(hn_file_exists(top));
  assert_true(hn_file_exists(in));
  assert_fails(hn_folder_remove(top, &err), HN_IO, "gone: cannot list the folder: No such file");
  assert_survives_no_memory(hn_folder_remove(kept, &err));
  char *const paths[] = {top, deep, kept, file, link, in};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) hn_free(paths[i]);
}

static void assert_text(char *text, const char *expected) {
  assert_non_null(text);
  assert_string_equal(text, expected);
  hn_free(text);
}

static void test_paths(void **state) {
  (void)state;
  assert_text(hn_path_join("a", "b"), "a/b");
  assert_text(hn_path_join("a/", "b"), "a/b");
  assert_text(hn_path_join("a", "/b"), "/b");
  assert_text(hn_path_join("", "b"), "b");
  assert_text(hn_path_join(".", "b"), "b");
  assert_text(hn_path_folder("a/b/c"), "a/b");
  assert_text(hn_path_folder("c"), ".");
  assert_text(hn_path_folder("/c"), "/");
  assert_string_equal(hn_path_name("a/b.tar.gz"), "b.tar.gz");
  assert_string_equal(hn_path_name("b"), "b");
  assert_text(hn_path_stem("a/b.tar.gz"), "b.tar");
  assert_text(hn_path_stem("a.d/b"), "b");
  assert_text(hn_path_stem(".hidden"), ".hidden");
  assert_string_equal(hn_path_suffix("a/b.tar.gz"), ".gz");
  assert_string_equal(hn_path_suffix("a.d/b"), "");
  assert_string_equal(hn_path_suffix(".hidden"), "");
  char *one = hn_path_scratch("x"), *two = hn_path_scratch("x");
  assert_string_not_equal(one, two);
  hn_free(one);
  hn_free(two);
}

/* XXH3_128bits of nothing, and of "a", as xxhsum -H2 prints them. */
static void test_hash(void **state) {
  (void)state;
  char hex[33], again[33], *path = in_folder("hashed");
  char *big = calloc(200000, 1);
  hn_hash_bytes("", 0, hex);
  assert_string_equal(hex, "99aa06d3014798d86001c324468d497f");
  hn_hash_bytes("a", 1, hex);
  assert_string_equal(hex, "a96faf705af16834e6c632b61e964e1f");
  assert_ok(hn_file_write(path, big, 200000, &err));
  hn_hash_bytes(big, 200000, hex);
  assert_ok(hn_hash_file(path, again, &err));
  assert_string_equal(hex, again);
  assert_survives_no_memory(hn_hash_file(path, again, &err));
  free(big);
  hn_free(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_write_and_read, set_up, tear_down),
      cmocka_unit_test(test_read_without_a_size),
      cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_write_keeps_the_old_file, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_gzip, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_folders, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_remove, set_up, tear_down),
      cmocka_unit_test(test_paths),
      cmocka_unit_test_setup_teardown(test_hash, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
