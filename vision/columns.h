/* What the columns (frames) of every feature over time share. */
#ifndef HN_VISION_COLUMNS_H
#define HN_VISION_COLUMNS_H

#include "base/matrix.h"

/* Divide each column by its p-norm, p > 0; HUGE_VAL: by its largest magnitude; 0: leave it. A
 * column of norm below 1.2e-38 stays as it is. Matches librosa.util.normalize(m, norm=p, axis=0).
 */
void hn_columns_normalize(hn_matrix *m, double p);

#endif
