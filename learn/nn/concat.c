/* Concatenation: the channels of the input, then those of the side input. */
#include <string.h>

#include "learn/nn/layer.h"

static hn_status plan(hn_layer *layer, hn_error *err) {
  const hn_shape *in = &layer->in, *side = &layer->beside;
  if (in->block != side->block || in->height != side->height || in->width != side->width)
    return hn_fail(
        err, HN_INVALID,
        "concatenation: pictures of (%zu, %zu) and (%zu, %zu) pixels: they must be alike",
        in->height, in->width, side->height, side->width);
  layer->out = *in;
  layer->out.channels += side->channels;
  return HN_OK;
}

/* Channel c of one picture, from or to channel d of another of the same size. */
static void copy_channel(const hn_shape *from, const float *x, size_t c, const hn_shape *to,
                         float *y, size_t d, int adds) {
  const float *source = x + hn_shape_channel(from, c);
  float *target = y + hn_shape_channel(to, d);
  for (size_t p = 0; p < hn_shape_pixels(from); p++)
    target[p * to->block] = source[p * from->block] + (adds ? target[p * to->block] : 0);
}

static void forward(const hn_layer *layer, const hn_pass *pass) {
  const hn_shape *in = &layer->in, *side = &layer->beside, *out = &layer->out;
#pragma omp parallel for num_threads(pass->n_threads)
  for (size_t i = 0; i < pass->n; i++) {
    const float *x = pass->x + i * hn_shape_size(in), *z = pass->side + i * hn_shape_size(side);
    float *y = pass->y + i * hn_shape_size(out);
    memset(y, 0, hn_shape_size(out) * sizeof *y); /* what fills the last block */
    for (size_t c = 0; c < in->channels; c++) copy_channel(in, x, c, out, y, c, 0);
    for (size_t c = 0; c < side->channels; c++)
      copy_channel(side, z, c, out, y, in->channels + c, 0);
  }
}

/* The gradient of an input whose channels begin at `first` in the output. */
static void give_back(const hn_layer *layer, const hn_pass *pass, const hn_shape *input,
                      size_t first, float *dx, int adds) {
  if (!dx) return;
#pragma omp parallel for num_threads(pass->n_threads)
  for (size_t i = 0; i < pass->n; i++) {
    float *to = dx + i * hn_shape_size(input);
    if (!adds) memset(to, 0, hn_shape_size(input) * sizeof *to);
    for (size_t c = 0; c < input->channels; c++)
      copy_channel(&layer->out, pass->dy + i * hn_shape_size(&layer->out), first + c, input, to, c,
                   1);
  }
}

static void backward(const hn_layer *layer, const hn_pass *pass) {
  give_back(layer, pass, &layer->beside, layer->in.channels, pass->dside, pass->adds_dside);
  give_back(layer, pass, &layer->in, 0, pass->dx, pass->adds_dx);
}

const hn_layer_kind hn_concat_layer = {"concat", plan, NULL, NULL, forward, backward};
