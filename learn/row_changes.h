/* Predicting many variants of one row. */
#ifndef HN_LEARN_ROW_CHANGES_H
#define HN_LEARN_ROW_CHANGES_H

#include "learn/classifier.h"

/* hn_model_predict_changes for every kind of classifier: the changed rows are made, some hundred at
 * a time, and predicted. Errors: HN_NO_MEMORY, those of hn_model_predict_proba. */
hn_status hn_predict_changed_rows(const hn_model *model, const hn_features *x, size_t row,
                                  const hn_row_change *changes, size_t n_changes, float *p_out,
                                  hn_error *err);

#endif
