/* What every feature over time (rows × frames) shares. */
#ifndef HN_VISION_COLUMNS_H
#define HN_VISION_COLUMNS_H

#include "base/matrix.h"

/* Divide each column by its p-norm, p > 0; HUGE_VAL: by its largest magnitude; 0: leave it. A
 * column of norm below 1.2e-38 stays as it is. Matches librosa.util.normalize(m, norm=p, axis=0).
 */
void hn_columns_normalize(hn_matrix *m, double p);

/* Mean and standard deviation (numpy.std) of each row over its columns, 0 where there are none.
 *   statistics_out  (2 n_rows): the means, then the deviations; caller-allocated */
void hn_rows_summarize(const hn_matrix *m, float *statistics_out);

#endif
