/* Shared checks of the tests of corpora. */
#ifndef HN_TESTS_CORPORA_CHECK_H
#define HN_TESTS_CORPORA_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"

/* Both want a variable `hn_error err` around. */
#define assert_ok(call)                                                                            \
  do {                                                                                             \
    hn_status assert_status = (call);                                                              \
    if (assert_status != HN_OK) print_error("%s\n", err.message);                                  \
    assert_int_equal(assert_status, HN_OK);                                                        \
  } while (0)

#define assert_fails(call, code, text)                                                             \
  do {                                                                                             \
    err = (hn_error){0};                                                                           \
    assert_int_equal((call), (code));                                                              \
    assert_string_equal(err.message, (text));                                                      \
  } while (0)

/* Run call with the n-th allocation failing, for n = 0, 1, …, until it succeeds. */
#define assert_survives_no_memory(call)                                                            \
  do {                                                                                             \
    hn_status no_memory_status = HN_NO_MEMORY;                                                     \
    for (long no_memory_n = 0; no_memory_status != HN_OK; no_memory_n++) {                         \
      hn_memory_fail_after(no_memory_n);                                                           \
      no_memory_status = (call);                                                                   \
      hn_memory_fail_after(-1);                                                                    \
      if (no_memory_status != HN_OK) assert_int_equal(no_memory_status, HN_NO_MEMORY);             \
      assert_true(no_memory_n < 100000);                                                           \
    }                                                                                              \
  } while (0)

#endif
