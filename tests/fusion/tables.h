/* What the tests of fusion share: probability tables made of the golden values. */
#ifndef HN_TESTS_FUSION_TABLES_H
#define HN_TESTS_FUSION_TABLES_H

#include "tests/support.h"

#include "base/probability.h"
#include "tests/fusion/golden.h"

enum { N = 90, M = 3, K = 4 };

static const char *const models[] = {"lyrics", "audio", "table"};
static const char *const classes[] = {"East", "Midwest", "South", "West"};

/* A table of n tracks t0, t1, …; backwards: in the opposite order. */
static inline void make_table(const float *p, const int32_t *truth, size_t n, size_t n_classes,
                              int backwards, hn_probability *table) {
  static char names[N][8];
  const char *ids[N] = {NULL};
  hn_error err;
  for (size_t i = 0; i < n; i++) {
    size_t track = backwards ? n - 1 - i : i;
    snprintf(names[track], sizeof names[track], "t%zu", track);
    ids[i] = names[track];
  }
  if (hn_probability_init(table, n, ids, n_classes, classes, &err) != HN_OK)
    fail_msg("%s", err.message);
  for (size_t i = 0; i < n; i++) {
    size_t track = backwards ? n - 1 - i : i;
    table->truth[i] = truth[track];
    table->fold[i] = (int32_t)(track % 5);
    memcpy(table->p + i * n_classes, p + track * n_classes, n_classes * sizeof *p);
  }
}

/* The three golden models; the second has its tracks in the opposite order. */
static inline void make_golden(hn_probability tables[M], const hn_probability *pointers[M]) {
  for (size_t m = 0; m < M; m++) {
    make_table(golden_p + m * N * K, golden_truth, N, K, m == 1, &tables[m]);
    pointers[m] = &tables[m];
  }
}

static inline void free_tables(hn_probability *tables, size_t n) {
  for (size_t t = 0; t < n; t++) hn_probability_free(&tables[t]);
}

#endif
