/* Class probabilities of spectrograms of any width: the mean over the windows of each. */
#ifndef HN_LEARN_NN_PREDICTOR_H
#define HN_LEARN_NN_PREDICTOR_H

#include "learn/nn/windows.h"
#include "learn/nn/workspace.h"

/* A network and one workspace for each thread. Borrows network. */
typedef struct {
  const hn_network *network;
  int n_threads;
  hn_workspace **workspaces; /* (n_threads) */
  double *sums;              /* (n_threads, K) */
} hn_predictor;

/* Errors: HN_NO_MEMORY. */
hn_status hn_predictor_init(hn_predictor *predictor, const hn_network *network, hn_error *err);
void hn_predictor_free(hn_predictor *predictor);
/* p_out (n_rows, K): of the rows listed (NULL: 0 … n_rows - 1), by the network's parameters of
 * this moment. Rows run in parallel. */
void hn_predictor_run(hn_predictor *predictor, const hn_images *images, const hn_standard *standard,
                      const size_t *rows, size_t n_rows, float *p_out);

#endif
