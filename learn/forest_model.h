/* A fitted forest, shared by the files that grow, ask and save it. */
#ifndef HN_LEARN_FOREST_MODEL_H
#define HN_LEARN_FOREST_MODEL_H

#include <stddef.h>

#include "base/error.h"
#include "base/matrix.h"
#include "base/options.h"
#include "base/tensors.h"
#include "learn/classifier.h"
#include "learn/tree.h"

typedef struct {
  size_t n_columns, n_classes, n_trees;
  hn_tree *trees;
} hn_forest;

/* Trees empty. Errors: HN_NO_MEMORY. */
hn_status hn_forest_create(size_t n_columns, size_t n_classes, size_t n_trees,
                           hn_forest **forest_out, hn_error *err);
void hn_forest_destroy(void *forest);

/* The functions of hn_classifier_kind. */
hn_status hn_forest_predict_proba(const void *model, const hn_features *x, float *p_out,
                                  hn_error *err);
hn_status hn_forest_importances(const void *model, double *importances_out, hn_error *err);
hn_status hn_forest_predict_changes(const void *model, const hn_features *x, size_t row,
                                    const hn_row_change *changes, size_t n_changes, float *p_out,
                                    hn_error *err);
void hn_forest_uses(const void *model, uint8_t *used_out);
hn_status hn_forest_save(const void *model, hn_tensors *tensors, hn_error *err);
hn_status hn_forest_load(const hn_tensors *tensors, const hn_options *options, size_t n_classes,
                         void **model_out, hn_error *err);

#endif
