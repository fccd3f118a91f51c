/* Where a network computes: the activations of a batch, what layers keep from forward to backward,
 * gradients and scratch, all in one arena that is filled anew with every batch. */
#ifndef HN_LEARN_NN_WORKSPACE_H
#define HN_LEARN_NN_WORKSPACE_H

#include "learn/nn/network.h"

typedef struct hn_workspace hn_workspace;

typedef enum {
  HN_WORKSPACE_INFERENCE, /* no backward pass */
  HN_WORKSPACE_TRAINING,
  HN_WORKSPACE_GRADIENTS /* training, with hn_workspace_gradient_at: for tests, and for who wants
                            the gradient of the input */
} hn_workspace_use;

/* Room for batches of up to max_batch samples, for one caller at a time.
 * n_threads: how many threads share the samples of a batch; the results do not depend on it.
 * kernels: NULL for the best of this machine. Borrows network. Errors: HN_NO_MEMORY. */
hn_status hn_workspace_create(const hn_network *network, size_t max_batch, hn_workspace_use use,
                              int n_threads, const hn_kernels *kernels,
                              hn_workspace **workspace_out, hn_error *err);
void hn_workspace_destroy(hn_workspace *workspace);

/* The place of sample i of the next batch, of the network's input shape: write its pixels. */
float *hn_workspace_sample(hn_workspace *workspace, size_t i);
/* Take over the network's parameters: before the first forward pass and after every change. */
void hn_workspace_prepare(hn_workspace *workspace);
/* Run n samples, 1 … max_batch; returns logits (n, K), valid until the next call. */
float *hn_workspace_forward(hn_workspace *workspace, size_t n);
/* The same for training (not of HN_WORKSPACE_INFERENCE): batch statistics, dropout by the stream of
 * each sample. streams (n) stay borrowed until backward; no other forward pass may come between. */
float *hn_workspace_forward_training(hn_workspace *workspace, size_t n, uint64_t seed,
                                     const uint64_t *streams);
/* Where the caller puts the gradient of the logits (n, K) between the two; backward overwrites it.
 */
float *hn_workspace_logit_gradient(hn_workspace *workspace);
/* Returns the gradient of all parameters (n_parameters, laid out as they are), valid until the next
 * call. */
const float *hn_workspace_backward(hn_workspace *workspace);
/* Activations: the input for i = 0, then the output of layer i; and after backward their gradient,
 * of HN_WORKSPACE_GRADIENTS. */
float *hn_workspace_activations(hn_workspace *workspace, size_t i);
const float *hn_workspace_gradient_at(const hn_workspace *workspace, size_t i);
/* Bytes of the arena. */
size_t hn_workspace_bytes(const hn_workspace *workspace);

#endif
