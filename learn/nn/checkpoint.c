#include "learn/nn/checkpoint.h"

#include <string.h>

#include "base/tensors.h"

/* The arrays of n_parameters floats. */
typedef struct {
  const char *name;
  float *values; /* NULL: this training has none */
} state_array;

enum { N_ARRAYS = 4, N_COUNTS = 3 };

static void list_arrays(const hn_checkpoint *c, state_array arrays_out[N_ARRAYS]) {
  arrays_out[0] = (state_array){"parameters", c->network->parameters};
  arrays_out[1] = (state_array){"optimizer.first", c->optimizer->first};
  arrays_out[2] = (state_array){"optimizer.second", c->optimizer->second};
  arrays_out[3] = (state_array){"best", c->best};
}

hn_status hn_checkpoint_write(const hn_checkpoint *c, const char *path, hn_error *err) {
  hn_status status = HN_OK;
  hn_tensors *tensors = NULL;
  state_array arrays[N_ARRAYS];
  const size_t n = c->network->n_parameters, n_counts = N_COUNTS;
  const int64_t counts[N_COUNTS] = {(int64_t)c->n_epochs, (int64_t)c->optimizer->step,
                                    (int64_t)c->best_epoch};
  list_arrays(c, arrays);
  HN_TRY(hn_tensors_create(&tensors, err));
  HN_TRY(hn_tensors_set_text(tensors, "training", c->identity, err));
  HN_TRY(hn_tensors_add(tensors, "counts", HN_TENSOR_I64, 1, &n_counts, counts, err));
  HN_TRY(hn_tensors_add(tensors, "learning_rate", HN_TENSOR_F64, 0, NULL, &c->learning_rate, err));
  HN_TRY(hn_tensors_add(tensors, "best_loss", HN_TENSOR_F64, 0, NULL, &c->best_loss, err));
  for (size_t i = 0; i < N_ARRAYS; i++) {
    if (!arrays[i].values) continue;
    HN_TRY(hn_tensors_add(tensors, arrays[i].name, HN_TENSOR_F32, 1, &n, arrays[i].values, err));
  }
  HN_TRY(hn_tensors_write(tensors, path, err));
done:
  hn_tensors_destroy(tensors);
  return status;
}

static hn_status check_identity(const hn_checkpoint *c, const hn_tensors *tensors, hn_error *err) {
  const char *found;
  hn_status status = hn_tensors_get_text(tensors, "training", &found, err);
  if (status == HN_OK && strcmp(found, c->identity) != 0)
    status = hn_fail(err, HN_INVALID,
                     "the checkpoint of a training with other options, another seed or other data; "
                     "remove the file to begin anew");
  return status;
}

static hn_status get_numbers(hn_checkpoint *c, const hn_tensors *tensors, size_t *step_out,
                             hn_error *err) {
  hn_status status = HN_OK;
  const hn_tensor *counts, *learning_rate, *best_loss;
  HN_TRY(hn_tensors_get(tensors, "counts", HN_TENSOR_I64, 1, &counts, err));
  HN_TRY(hn_tensors_get(tensors, "learning_rate", HN_TENSOR_F64, 0, &learning_rate, err));
  HN_TRY(hn_tensors_get(tensors, "best_loss", HN_TENSOR_F64, 0, &best_loss, err));
  if (counts->shape[0] != N_COUNTS)
    return hn_fail(err, HN_FORMAT, "counts: %zu elements, %d are expected", counts->shape[0],
                   N_COUNTS);
  const int64_t *values = counts->data;
  c->n_epochs = (size_t)values[0];
  c->learning_rate = *(const double *)learning_rate->data;
  c->best_epoch = (size_t)values[2];
  c->best_loss = *(const double *)best_loss->data;
  *step_out = (size_t)values[1];
done:
  return status;
}

/* Every array is looked at before the first is taken over. */
static hn_status restore(hn_checkpoint *c, const hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  state_array arrays[N_ARRAYS];
  const hn_tensor *found[N_ARRAYS] = {NULL};
  hn_checkpoint numbers = *c;
  size_t step = 0;
  list_arrays(c, arrays);
  HN_TRY(check_identity(c, tensors, err));
  HN_TRY(get_numbers(&numbers, tensors, &step, err));
  for (size_t i = 0; i < N_ARRAYS; i++) {
    if (!arrays[i].values) continue;
    HN_TRY(hn_tensors_get(tensors, arrays[i].name, HN_TENSOR_F32, 1, &found[i], err));
    if (found[i]->shape[0] != c->network->n_parameters)
      return hn_fail(err, HN_FORMAT, "%s: %zu elements, the network has %zu parameters",
                     arrays[i].name, found[i]->shape[0], c->network->n_parameters);
  }
  for (size_t i = 0; i < N_ARRAYS; i++) {
    if (found[i]) memcpy(arrays[i].values, found[i]->data, found[i]->n_bytes);
  }
  *c = numbers;
  c->optimizer->step = step;
done:
  return status;
}

hn_status hn_checkpoint_read(hn_checkpoint *c, const char *path, hn_error *err) {
  hn_tensors *tensors;
  hn_status status = hn_tensors_read(path, &tensors, err);
  if (status != HN_OK) return status;
  status = restore(c, tensors, err);
  if (status != HN_OK) hn_fail_prefix(err, status, "%s", path);
  hn_tensors_destroy(tensors);
  return status;
}
