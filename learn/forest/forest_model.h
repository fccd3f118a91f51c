/* A fitted forest, shared by the files that grow, ask and save it. */
#ifndef HN_LEARN_FOREST_MODEL_H
#define HN_LEARN_FOREST_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/matrix.h"
#include "base/options.h"
#include "base/tensors.h"
#include "learn/classifier.h"
#include "learn/forest/tree.h"

typedef struct {
  size_t n_columns, n_classes, n_trees;
  hn_tree *trees;
  size_t n_oob_rows; /* rows that it was fitted on, if they were asked about; else 0 */
  float *oob_proba;  /* (n_oob_rows, K), or NULL */
  double oob_score;  /* NaN where unknown */
} hn_forest;

/* Which rows each tree has in its bag, a bit each. Owns its array. */
typedef struct {
  size_t n_words; /* of a tree */
  uint64_t *bits; /* (T, n_words) */
} hn_forest_bags;

static inline int hn_forest_bags_has(const hn_forest_bags *bags, size_t tree, size_t row) {
  return (int)(bags->bits[tree * bags->n_words + row / 64] >> row % 64 & 1);
}

/* Trees empty. Errors: HN_NO_MEMORY. */
hn_status hn_forest_create(size_t n_columns, size_t n_classes, size_t n_trees,
                           hn_forest **forest_out, hn_error *err);
void hn_forest_destroy(void *forest);

/* The functions of hn_classifier_kind. */
hn_status hn_forest_predict_proba(const void *model, const hn_features *x, float *p_out,
                                  hn_error *err);
/* The same by those trees alone that do not have the row in their bag; all 0 where none is left. */
hn_status hn_forest_predict_oob(const hn_forest *forest, const hn_features *x,
                                const hn_forest_bags *bags, float *p_out, hn_error *err);
/* Fill in the three fields above from the rows (N) and labels that the trees were grown on. */
hn_status hn_forest_score_oob(hn_forest *forest, const hn_features *x, const int32_t *y,
                              const hn_forest_bags *bags, hn_error *err);
double hn_forest_oob_score(const void *model);
hn_status hn_forest_importances(const void *model, double *importances_out, hn_error *err);
hn_status hn_forest_predict_changes(const void *model, const hn_features *x, size_t row,
                                    const hn_row_change *changes, size_t n_changes, float *p_out,
                                    hn_error *err);
void hn_forest_uses(const void *model, uint8_t *used_out);
hn_status hn_forest_save(const void *model, hn_tensors *tensors, hn_error *err);
hn_status hn_forest_load(const hn_tensors *tensors, const hn_options *options, size_t n_classes,
                         void **model_out, hn_error *err);

#endif
