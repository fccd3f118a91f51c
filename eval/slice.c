#include "eval/slice.h"

#include "base/buffer.h"
#include "base/labels.h"
#include "base/memory.h"

#include <math.h>

/* Count the tracks of each slice; index and names are in place. */
static void count_rows(hn_slices *s, const uint8_t *rows, size_t min_count) {
  s->min_count = min_count;
  for (size_t i = 0; i < s->n_rows; i++) {
    if (rows && !rows[i]) continue;
    if (s->index[i] < 0)
      s->n_missing++;
    else
      s->slices[s->index[i]].count++;
  }
  for (size_t k = 0; k < s->n_slices; k++) s->slices[k].too_small = s->slices[k].count < min_count;
}

hn_status hn_slices_by_value(const char *const *texts, size_t n_rows, const uint8_t *rows,
                             size_t min_count, hn_slices *slices_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_labels labels = {0};
  hn_slices made = {.n_rows = n_rows};

  HN_TRY(hn_labels_encode(texts, n_rows, &labels, err));
  HN_NEW(made.slices, labels.n_classes, err);
  made.n_slices = labels.n_classes;
  for (size_t k = 0; k < made.n_slices; k++) {
    made.slices[k].name = labels.classes[k];
    labels.classes[k] = NULL;
  }
  made.index = labels.values;
  labels.values = NULL;
  count_rows(&made, rows, min_count);
  *slices_out = made;
done:
  hn_labels_free(&labels);
  return status;
}

static int are_years(const double *edges, size_t n_edges) {
  for (size_t e = 0; e < n_edges; e++)
    if (edges[e] != floor(edges[e]) || edges[e] < 1000 || edges[e] > 2999) return 0;
  return 1;
}

/* The name of slice s of n_edges + 1, to be freed; NULL when out of memory. */
static char *name_of(const double *edges, size_t n_edges, size_t s) {
  int years = are_years(edges, n_edges);
  hn_buffer name = {0};
  char *text = NULL;
  if (s == 0)
    hn_buffer_format(&name, "%s %.10g", years ? "before" : "below", edges[0]);
  else if (s == n_edges)
    hn_buffer_format(&name, "%.10g and %s", edges[s - 1], years ? "later" : "above");
  else if (!years)
    hn_buffer_format(&name, "%.10g to below %.10g", edges[s - 1], edges[s]);
  else if (edges[s] == edges[s - 1] + 1)
    hn_buffer_format(&name, "%.10g", edges[s - 1]);
  else
    hn_buffer_format(&name, "%.10g–%.10g", edges[s - 1], edges[s] - 1);
  if (hn_buffer_steal(&name, &text, NULL, NULL) != HN_OK) hn_buffer_free(&name);
  return text;
}

hn_status hn_slices_by_edges(const double *values, size_t n_rows, const double *edges,
                             size_t n_edges, const uint8_t *rows, size_t min_count,
                             hn_slices *slices_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_slices made = {.n_rows = n_rows};

  if (n_edges == 0)
    return hn_fail(err, HN_INVALID, "no edges to cut slices at: give one at least, such as 2000");
  for (size_t e = 0; e < n_edges; e++)
    if (!isfinite(edges[e]) || (e > 0 && edges[e] <= edges[e - 1]))
      return hn_fail(err, HN_INVALID,
                     "the edges of slices must be finite and ascend: edge %zu of %zu is %.10g",
                     e + 1, n_edges, edges[e]);

  HN_NEW(made.slices, n_edges + 1, err);
  HN_NEW(made.index, n_rows, err);
  for (; made.n_slices <= n_edges; made.n_slices++) {
    char *name = name_of(edges, n_edges, made.n_slices);
    if (!name) HN_TRY(hn_fail_memory(err));
    made.slices[made.n_slices].name = name;
  }
  for (size_t i = 0; i < n_rows; i++) {
    int32_t s = 0;
    while ((size_t)s < n_edges && values[i] >= edges[s]) s++;
    made.index[i] = isnan(values[i]) ? -1 : s;
  }
  count_rows(&made, rows, min_count);
  *slices_out = made;
  made = (hn_slices){0};
done:
  hn_slices_free(&made);
  return status;
}

void hn_slices_free(hn_slices *s) {
  if (!s) return;
  for (size_t k = 0; k < s->n_slices; k++) hn_free(s->slices[k].name);
  hn_free(s->slices);
  hn_free(s->index);
  *s = (hn_slices){0};
}

void hn_slices_mask(const hn_slices *slices, size_t s, uint8_t *mask_out) {
  for (size_t i = 0; i < slices->n_rows; i++) mask_out[i] = slices->index[i] == (int32_t)s;
}

hn_status hn_slices_describe_small(const hn_slices *slices, char **text_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer text = {0};
  char *made = NULL;
  for (size_t k = 0; k < slices->n_slices; k++) {
    const hn_slice *s = &slices->slices[k];
    if (!s->too_small) continue;
    if (text.length == 0)
      hn_buffer_format(&text, "fewer than %zu tracks, not scored: ", slices->min_count);
    else
      hn_buffer_text(&text, ", ");
    hn_buffer_format(&text, "%s (%zu)", s->name, s->count);
  }
  if (text.length || text.failed) HN_TRY(hn_buffer_steal(&text, &made, NULL, err));
  *text_out = made;
done:
  hn_buffer_free(&text);
  return status;
}
