/* Feature and label files as the commands take them. */
#ifndef HN_CLI_INPUTS_H
#define HN_CLI_INPUTS_H

#include "base/labels.h"
#include "base/matrix.h"

/* X.npz (sparse) or X.npy (two axes dense, three axes pictures), by the name's ending.
 * Errors: HN_INVALID for another ending, and those of base/npy.h and base/npz.h. */
hn_status hn_input_features(const char *path, hn_features *x_out, hn_error *err);

/* Labels of rows: Y.npy (target NULL), or the column `target` of a manifest, in its order. Errors:
 * those of base/npy.h and corpora/manifest.h. */
hn_status hn_input_labels(const char *path, const char *target, hn_labels *y_out, hn_error *err);

/* Is this a manifest? 0 too for what cannot be read. */
int hn_input_is_manifest(const char *path);

#endif
