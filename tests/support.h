/* What the tests share: checks of a status that show its message, a scratch folder, and the loop
 * that makes each allocation fail in turn. Each test file declares `static hn_error err;`. */
#ifndef HN_TESTS_SUPPORT_H
#define HN_TESTS_SUPPORT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"

/* The call (whose last argument is &err) succeeds. */
#define assert_ok(call)                                                                            \
  do {                                                                                             \
    if ((call) != HN_OK) fail_msg("%s: %s", #call, err.message);                                   \
  } while (0)

/* The call (whose last argument is &err) fails with this code, and its message has this part. */
#define assert_fails(call, expected, part)                                                         \
  do {                                                                                             \
    hn_status got_status = (call);                                                                 \
    if (got_status != (expected) || err.code != (expected))                                        \
      fail_msg("%s: %s, not %s (%s)", #call, hn_status_name(got_status), #expected, err.message);  \
    if (!strstr(err.message, part)) fail_msg("%s: \"%s\" lacks \"%s\"", #call, err.message, part); \
  } while (0)

/* Make the first, second, … allocation of the call fail until it succeeds: each failure must be
 * HN_NO_MEMORY; leaks show under the address sanitizer. At least one failure must happen. */
#define assert_survives_no_memory(call)                                                            \
  do {                                                                                             \
    hn_status got_status = HN_NO_MEMORY;                                                           \
    long n_failures = -1;                                                                          \
    while (got_status == HN_NO_MEMORY) {                                                           \
      hn_memory_fail_after(++n_failures);                                                          \
      got_status = (call);                                                                         \
      hn_memory_fail_after(-1);                                                                    \
    }                                                                                              \
    if (got_status != HN_OK) fail_msg("%s: %s", #call, hn_status_name(got_status));                \
    assert_true(n_failures > 0);                                                                   \
  } while (0)

/* Two doubles differ by no more than tolerance; never equal when one is NaN. */
#define assert_near(got, expected, tolerance)                                                      \
  do {                                                                                             \
    double got_value = (got), expected_value = (expected);                                         \
    if (!(fabs(got_value - expected_value) <= (tolerance)))                                        \
      fail_msg("%s is %.17g, not %.17g", #got, got_value, expected_value);                         \
  } while (0)

/* A new empty folder under TMPDIR; free the path with drop_scratch. */
static inline char *make_scratch(void) {
  const char *parent = getenv("TMPDIR");
  char *path = hn_path_join(parent && *parent ? parent : "/tmp", "headnod-test-XXXXXX");
  assert_non_null(path);
  assert_non_null(mkdtemp(path));
  return path;
}

/* Remove a scratch folder with the files and folders in it. */
static inline void drop_scratch(char *path) {
  char **names;
  size_t n;
  assert_int_equal(hn_folder_list(path, &names, &n, NULL), HN_OK);
  for (size_t i = 0; i < n; i++) {
    char *inner = hn_path_join(path, names[i]);
    if (hn_file_is_folder(inner))
      drop_scratch(inner);
    else {
      unlink(inner);
      hn_free(inner);
    }
  }
  hn_names_free(names, n);
  rmdir(path);
  hn_free(path);
}

#endif
