/* Fusion: several models' probabilities of a track become one. A method learns, where it learns at
 * all, on validation or out-of-fold tables, never on tracks that a base model was trained on.
 * M models, K classes, N tracks. */
#ifndef HN_FUSION_FUSION_H
#define HN_FUSION_FUSION_H

#include <stddef.h>

#include "base/error.h"
#include "base/options.h"
#include "base/probability.h"
#include "base/tensors.h"
#include "fusion/align.h"

/* A method. `model` is whatever fit made; it stays private to its file (NULL where nothing is
 * learned). Names of tensors begin with prefix. */
typedef struct hn_fusion_kind {
  const char *name;              /* "stacking" */
  const char *summary;           /* one line for help and report */
  const hn_option_spec *options; /* ends with a NULL name */
  /* NULL where nothing is learned. rows: those of validation with a truth and with probabilities
   * of one model at least (N ≥ 1). */
  hn_status (*fit)(const hn_aligned *rows, const hn_options *options, void **model_out,
                   hn_error *err);
  /* p_out (N, K), filled with NaN beforehand; rows without any model stay so. */
  hn_status (*apply)(const void *model, const hn_options *options, const hn_aligned *rows,
                     float *p_out, hn_error *err);
  hn_status (*save)(const void *model, const char *prefix, hn_tensors *tensors, hn_error *err);
  hn_status (*load)(const hn_tensors *tensors, const char *prefix, const hn_options *options,
                    size_t n_models, size_t n_classes, void **model_out, hn_error *err);
  void (*destroy)(void *model);
} hn_fusion_kind;

/* A method with its options, the names of the models it fuses, and what it has learned. Const use
 * is thread-safe. */
typedef struct hn_fusion hn_fusion;

/* Learn to fuse M ≥ 2 models.
 *   options  of kind->options, or NULL: defaults
 *   names    (M) the models ("lyrics", "audio"), each once; copied
 *   tables   (M) validation tables in the same order, with truth; tracks in any order, and not
 *            every track in each. A method that learns nothing takes classes alone from them.
 * Errors: HN_INVALID: fewer than two models, a name twice, tables that do not fit together
 * (hn_align), no track to learn from; HN_NO_MEMORY; HN_NUMERIC. */
hn_status hn_fusion_fit(const hn_fusion_kind *kind, const hn_options *options,
                        const char *const *names, const hn_probability *const *tables,
                        size_t n_tables, hn_fusion **fusion_out, hn_error *err);

/* Fuse tables: names (n_tables) are some or all of the fitted models, in any order. fused_out has
 * every track of any table once (order of hn_align), its truth, and its fold where the tables
 * agree; a track is fused by the models that it has, and absent where it has none.
 * Errors: HN_INVALID: an unknown name, a name twice, other classes than those fitted. */
hn_status hn_fusion_apply(const hn_fusion *fusion, const char *const *names,
                          const hn_probability *const *tables, size_t n_tables,
                          hn_probability *fused_out, hn_error *err);

/* Add to a file of tensors under names that begin with prefix ("fold0."); "" for none. */
hn_status hn_fusion_save(const hn_fusion *fusion, const char *prefix, hn_tensors *tensors,
                         hn_error *err);
/* Errors: HN_FORMAT for what is missing or does not fit. */
hn_status hn_fusion_load(const hn_tensors *tensors, const char *prefix, hn_fusion **fusion_out,
                         hn_error *err);
void hn_fusion_destroy(hn_fusion *fusion);

const hn_fusion_kind *hn_fusion_get_kind(const hn_fusion *fusion);
size_t hn_fusion_n_models(const hn_fusion *fusion);
const char *const *hn_fusion_models(const hn_fusion *fusion);

/* prefix and name as one text, for kinds: or HN_INVALID where they exceed 200 bytes. */
enum { HN_FUSION_NAME_SIZE = 201 };
hn_status hn_fusion_name(const char *prefix, const char *name, char out[HN_FUSION_NAME_SIZE],
                         hn_error *err);

#endif
