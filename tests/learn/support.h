/* Small made-up data and shorthands for the tests of learn/. */
#ifndef HN_TESTS_LEARN_SUPPORT_H
#define HN_TESTS_LEARN_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

#include "learn/classifier.h"

/* N rows with labels of K classes that the features tell apart more often than not. */
typedef struct {
  hn_features x;
  int32_t *y;
  size_t n_rows, n_classes;
} test_data;

/* HN_FEATURES_DENSE and HN_FEATURES_CSR of one seed hold the same numbers: 8 columns, half of them
 * 0, some negative. Pictures have 8 bands and 16 to 23 frames. */
test_data make_data(hn_features_kind kind, size_t n_rows, size_t n_classes, uint64_t seed);
void free_data(test_data *data);
/* Make the values of dense or sparse features their absolute ones. */
void drop_signs(hn_features *x);
/* The sparse form of a dense matrix; its zeros are left out. */
hn_features to_csr(const hn_matrix *m);

/* cmocka compares as floats only. */
#define expect_near(got, want, tolerance)                                                          \
  do {                                                                                             \
    double got_ = (got), want_ = (want);                                                           \
    if (!(fabs(got_ - want_) <= (tolerance))) fail_msg("%.17g, expected %.17g", got_, want_);      \
  } while (0)

/* Let the n-th allocation fail, for each n until there is none left to fail. Needs base/memory.h;
 * for the same n-th each time, one thread. */
#define EXPECT_CLEAN_FAILURES(call)                                                                \
  do {                                                                                             \
    hn_status status_ = HN_NO_MEMORY;                                                              \
    for (long n_ = 0; status_ != HN_OK; n_++) {                                                    \
      hn_memory_fail_after(n_);                                                                    \
      status_ = (call);                                                                            \
      hn_memory_fail_after(-1);                                                                    \
      assert_true(status_ == HN_OK || status_ == HN_NO_MEMORY);                                    \
    }                                                                                              \
  } while (0)

extern const char *const class_names[]; /* "a", "b", … eight of them */

/* Fit, or fail the test with the message. options: NULL or "name=text name=text". */
hn_model *fit(const hn_classifier_kind *kind, const char *options, const test_data *data,
              uint64_t seed);
/* Options from such a text; fails the test on a bad one. */
hn_options *parse_options(const hn_classifier_kind *kind, const char *text);
/* Probabilities (N, K) of data; hn_free them. */
float *predict(const hn_model *model, const test_data *data);
/* The file that hn_model_save writes, as bytes; hn_free them. */
char *saved_bytes(const hn_model *model, size_t *n_out);
/* A path for one test program's scratch file. */
const char *scratch_path(void);

/* golden.safetensors, read once; the tensor `name` of it. */
const hn_tensor *golden(const char *name, ...) __attribute__((format(printf, 1, 2)));
int has_golden(const char *name, ...) __attribute__((format(printf, 1, 2)));
/* The golden data set `name` (x, y), dense or sparse; "wide" is sparse only. */
test_data golden_data(const char *name, hn_features_kind kind);
/* The coefficients and intercepts of a linear model (learn/linear/linear_model.h) are those of the
 * golden <key>.coef and <key>.intercept, where two classes share one vector. */
void expect_coefficients(const hn_model *model, const char *key, double tolerance);
void free_golden(void);

#endif
