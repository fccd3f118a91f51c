/* One import from a scratch folder, and what must come of it. */
#ifndef HN_TESTS_CORPORA_IMPORTING_H
#define HN_TESTS_CORPORA_IMPORTING_H

#include "corpora/registry.h"

#include "check.h"
#include "scratch.h"

/* Import folder/path into folder/out; settings are option names and values, ending with NULL. */
static inline hn_status run_import(scratch *s, const char *name, const char *path,
                                   const char *const *settings, hn_import_report *report,
                                   hn_error *err) {
  const hn_importer *importer = NULL;
  hn_options *options = NULL;
  char in[256], out[256];
  strcpy(in, scratch_path(s, path));
  strcpy(out, scratch_path(s, "out"));
  hn_status status = hn_importer_find(name, &importer, err);
  if (status == HN_OK) status = hn_options_create(importer->options, &options, err);
  for (; status == HN_OK && settings && *settings; settings += 2)
    status = hn_options_set(options, settings[0], settings[1], err);
  if (status == HN_OK) status = hn_import_run(importer, in, out, options, NULL, report, err);
  hn_options_destroy(options);
  return status;
}

static inline void assert_file(scratch *s, const char *name, const char *expected) {
  char *text = scratch_read(s, name);
  if (!text) fail_msg("%s is not there", name);
  assert_string_equal(text, expected);
  free(text);
}

/* The manifest and the problems that an import must give. $ in a problem is the folder. */
static inline void assert_imports(scratch *s, const char *name, const char *path,
                                  const char *const *settings, const char *manifest,
                                  const char *const *problems) {
  hn_error err;
  hn_import_report report = {0};
  assert_ok(run_import(s, name, path, settings, &report, &err));
  for (size_t i = 0; i < report.n_problems; i++) {
    char expected[512];
    if (!problems[i]) fail_msg("%s", report.problems[i]);
    snprintf(expected, sizeof expected, "%s%s", problems[i][0] == '$' ? s->folder : "",
             problems[i] + (problems[i][0] == '$'));
    assert_string_equal(report.problems[i], expected);
  }
  assert_null(problems[report.n_problems]);
  assert_file(s, "out/manifest.csv", manifest);
  hn_import_report_free(&report);
}

#endif
