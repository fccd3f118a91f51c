#include "experiments/ranking.h"

#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct hn_ranked ranked;

static int by_name(const void *a, const void *b) {
  return strcmp(((const ranked *)a)->name, ((const ranked *)b)->name);
}

static int by_mean(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->mean != y->mean) return x->mean > y->mean ? -1 : 1;
  return strcmp(x->name, y->name);
}

hn_status hn_ranking_add(hn_ranking *r, const char *name, double mean, double deviation,
                         hn_error *err) {
  hn_status status = HN_OK;
  HN_GROW(r->items, r->n, r->capacity, err);
  HN_DUP(r->items[r->n].name, name, err);
  r->items[r->n].mean = mean;
  r->items[r->n++].square = mean * mean + deviation * deviation;
done:
  return status;
}

void hn_ranking_settle(hn_ranking *r, size_t n_folds) {
  size_t n = 0;
  if (r->n == 0) return;
  qsort(r->items, r->n, sizeof *r->items, by_name);
  for (size_t i = 0; i < r->n; i++) {
    ranked item = r->items[i];
    item.mean /= (double)n_folds;
    item.square /= (double)n_folds;
    if (n > 0 && strcmp(r->items[n - 1].name, item.name) == 0) {
      r->items[n - 1].mean += item.mean;
      r->items[n - 1].square += item.square;
      hn_free(item.name);
    } else {
      r->items[n++] = item;
    }
  }
  r->n = n;
  qsort(r->items, r->n, sizeof *r->items, by_mean);
}

json_t *hn_ranking_json(const hn_ranking *r, const char *key, size_t n_most, int has_deviation) {
  json_t *list = json_array();
  for (size_t i = 0; list && i < r->n && (n_most == 0 || i < n_most); i++) {
    const ranked *item = &r->items[i];
    json_t *entry = json_pack("{s:s, s:f}", key, item->name, "importance", item->mean);
    double deviation = sqrt(fmax(0, item->square - item->mean * item->mean));
    int is_added =
        json_array_append_new(list, entry) == 0 &&
        (!has_deviation || json_object_set_new(entry, "deviation", json_real(deviation)) == 0);
    if (is_added) continue;
    json_decref(list);
    return NULL;
  }
  return list;
}

void hn_ranking_free(hn_ranking *r) {
  for (size_t i = 0; i < r->n; i++) hn_free(r->items[i].name);
  hn_free(r->items);
  *r = (hn_ranking){0};
}
