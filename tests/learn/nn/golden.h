/* Passes through networks whose results golden.py computed too, from the same drawn numbers. */
#ifndef HN_TESTS_LEARN_NN_GOLDEN_H
#define HN_TESTS_LEARN_NN_GOLDEN_H

#include "testing.h"

#include "base/tensors.h"
#include "learn/nn/workspace.h"

enum { GOLDEN_SAMPLES = 4, GOLDEN_STEPS = 5 };

/* A network of `name` in a golden file, see results() in golden.py. */
typedef struct {
  const hn_tensors *golden;
  const char *name;
  hn_network *network; /* owned by the caller */
  double tolerance;    /* in units of the largest element of a tensor, of 0.1 at least */
} golden_case;

/* Fails if the golden file or a tensor of it is not there. */
hn_tensors *golden_read(const char *path);
const void *golden_tensor(const golden_case *c, const char *name, size_t size);

/* One pass with each set of kernels: the output in training and evaluation mode, the gradient of
 * every parameter and of the input. */
void golden_check_pass(const golden_case *c);
/* With the best set: the loss of each step of SGD, and the logits in evaluation mode behind the
 * last. */
void golden_check_steps(const golden_case *c);

#endif
