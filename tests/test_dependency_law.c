/* Reads every #include "…" of the sources and holds it against the dependency law. Tests are free;
 * so are the headers of other projects, which stand in <…>. */
#include "tests/support.h"

#include "base/buffer.h"

static hn_error err;
static char *scratch;

/* What each folder may include of ours, itself aside; "*" is everything. */
static const struct {
  const char *folder, *may_include;
} law[] = {
    {"base", ""},
    {"learn", "base"},
    {"nlp", "base learn"},
    {"vision", "base learn"},
    {"corpora", "base learn"},
    {"fusion", "base learn"},
    {"eval", "base learn"},
    {"experiments", "base learn nlp vision corpora fusion eval"},
    {"cli", "*"},
};
enum { N_FOLDERS = sizeof law / sizeof *law };

/* Does a list of words hold the first n bytes of word? */
static int has_word(const char *words, const char *word, size_t n) {
  for (const char *at = words; *at; at += strspn(at, " ")) {
    size_t length = strcspn(at, " ");
    if (length == n && memcmp(at, word, n) == 0) return 1;
    at += length;
  }
  return 0;
}

static int is_allowed(size_t folder, const char *included) {
  size_t n = strcspn(included, "/");
  if (included[n] == 0 || included[0] == '.') return 0; /* includes are written from the root */
  if (strcmp(law[folder].may_include, "*") == 0) return 1;
  return has_word(law[folder].folder, included, n) ||
         has_word(law[folder].may_include, included, n);
}

/* Append "path:line: …" for each include of a file that the law forbids. */
static void check_file(size_t folder, const char *path, hn_buffer *breaches) {
  char *text;
  size_t n, line = 0;
  assert_ok(hn_file_read(path, &text, &n, &err));
  for (char *at = text; at; at = strchr(at, '\n')) {
    char included[256];
    at += *at == '\n';
    line++;
    if (sscanf(at, " # include \"%255[^\"\n]\"", included) == 1 && !is_allowed(folder, included))
      hn_buffer_format(breaches, "%s:%zu: %s may not include \"%s\"\n", path, line,
                       law[folder].folder, included);
  }
  hn_free(text);
}

/* Check the .c, .h and .inc files below path; returns how many. */
static size_t check_folder(size_t folder, const char *path, hn_buffer *breaches) {
  char **names;
  size_t n, n_files = 0;
  assert_ok(hn_folder_list(path, &names, &n, &err));
  for (size_t i = 0; i < n; i++) {
    char *inner = hn_path_join(path, names[i]);
    assert_non_null(inner);
    if (hn_file_is_folder(inner)) {
      n_files += check_folder(folder, inner, breaches);
    } else if (has_word(".c .h .inc", hn_path_suffix(inner), strlen(hn_path_suffix(inner)))) {
      check_file(folder, inner, breaches);
      n_files++;
    }
    hn_free(inner);
  }
  hn_names_free(names, n);
  return n_files;
}

static void test_sources_keep_the_law(void **state) {
  (void)state;
  hn_buffer breaches = {0};
  for (size_t i = 0; i < N_FOLDERS; i++) {
    char *path = hn_path_join(HN_SOURCE_DIR, law[i].folder);
    assert_non_null(path);
    check_folder(i, path, &breaches);
    hn_free(path);
  }
  if (breaches.length > 0) fail_msg("the dependency law is broken:\n%s", breaches.data);
  hn_buffer_free(&breaches);
}

/* Check one file of a made-up tree in `folder` with this text; the breaches found. */
static char *breaches_of(size_t folder, const char *text) {
  hn_buffer breaches = {0};
  char *inner = hn_path_join(scratch, "deeper"), *path = hn_path_join(scratch, "deeper/a.c"),
       *found;
  assert_ok(hn_folder_make(inner, &err));
  assert_ok(hn_file_write(path, text, strlen(text), &err));
  assert_int_equal(check_folder(folder, scratch, &breaches), 1);
  assert_ok(hn_buffer_steal(&breaches, &found, NULL, &err));
  hn_free(inner);
  hn_free(path);
  return found;
}

static void test_breaches_are_found(void **state) {
  (void)state;
  static const struct {
    size_t folder;
    const char *text;
    size_t n_breaches;
  } cases[] = {
      {0, "#include \"base/error.h\"\n#include <stdio.h>\n", 0},
      {0, "#include \"learn/registry.h\"\n", 1},
      {0, "int x;\n#  include \"base/a.h\"\n #include \"eval/b.h\"\n#include \"nlp/c.h\"", 2},
      {1, "#include \"base/a.h\"\n#include \"learn/nn/b.h\"\n", 0},
      {1, "#include \"nlp/a.h\"\n", 1},
      {2, "#include \"vision/a.h\"\n", 1},
      {2, "#include \"learn/a.h\"\n#include \"experiments/b.h\"\n", 1},
      {2, "#include \"neighbour.h\"\n", 1},
      {2, "#include \"../base/error.h\"\n", 1},
      {7, "#include \"nlp/a.h\"\n#include \"eval/b.h\"\n", 0},
      {7, "#include \"cli/a.h\"\n", 1},
      {8, "#include \"experiments/a.h\"\n", 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    scratch = make_scratch();
    char *found = breaches_of(cases[i].folder, cases[i].text);
    size_t n = 0;
    for (const char *c = found; *c; c++) n += *c == '\n';
    if (n != cases[i].n_breaches) fail_msg("case %zu: %zu breaches\n%s", i, n, found);
    hn_free(found);
    drop_scratch(scratch);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sources_keep_the_law),
      cmocka_unit_test(test_breaches_are_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
