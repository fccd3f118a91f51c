#include "learn/forest/tree_grower.h"

#include <float.h>
#include <math.h>

/* The best cut so far, and whether any column drawn so far varies within the node. */
typedef struct {
  hn_split split;
  size_t column;
  int is_found, is_varying;
} candidate;

static hn_split_outcome try_cuts(hn_tree_grower *g, const hn_split_column *column, hn_split *best) {
  if (g->options->splitter == HN_SPLITTER_RANDOM)
    return hn_split_random(&g->rules, &g->node, column, g->rng, g->split_scratch, best);
  if (hn_split_is_constant(column, g->rules.shift)) return HN_SPLIT_CONSTANT;
  return hn_split_search(&g->rules, &g->node, column, g->split_scratch, best) ? HN_SPLIT_BETTER
                                                                              : HN_SPLIT_WORSE;
}

static void try_column(hn_tree_grower *g, size_t j, const hn_split_column *column,
                       candidate *best) {
  hn_split_outcome outcome = try_cuts(g, column, &best->split);
  if (outcome == HN_SPLIT_CONSTANT) return;
  best->is_varying = 1;
  if (outcome == HN_SPLIT_WORSE) return;
  best->is_found = 1;
  best->column = j;
}

/* --- one column of a node --- */

/* The places among a column's n entries of those whose rows are in the node. Without branches, for
 * which rows are in the bag is a coin's toss; and by a byte a row: a pass meets few rows of a small
 * node, and bytes stay in the nearest cache where words do not. */
#define DEFINE_FILTER(name, row_type)                                                              \
  static size_t name(const row_type *rows, size_t n, const uint8_t *is_member, uint32_t *places) { \
    size_t n_members = 0;                                                                          \
    for (size_t p = 0; p < n; p++) {                                                               \
      places[n_members] = (uint32_t)p;                                                             \
      n_members += is_member[rows[p]];                                                             \
    }                                                                                              \
    return n_members;                                                                              \
  }
DEFINE_FILTER(filter16, uint16_t)
DEFINE_FILTER(filter32, uint32_t)

/* By a pass over all of column j; the place in the node of its first row there in *first. */
static hn_split_column scanned_column(const hn_tree_grower *g, size_t j, const hn_tree_range *node,
                                      uint32_t *first) {
  const hn_tree_data *d = g->data;
  const hn_tree_column c = d->columns[j];
  const unsigned shift = g->rules.shift;
  const uint32_t mask = hn_tree_payload_mask(g);
  const size_t n = d->rows16 ? filter16(d->rows16 + c.start, c.length, g->is_member, g->keys)
                             : filter32(d->rows32 + c.start, c.length, g->is_member, g->keys);
  uint32_t least = UINT32_MAX;
  size_t n_negative = 0;
  for (size_t i = 0; i < n; i++) {
    uint32_t p = g->keys[i], word = g->words[hn_tree_data_row(d, c.start + p)];
    g->keys[i] = p << shift | (word & mask);
    least = word < least ? word : least;
    n_negative += p < c.n_negative;
  }
  *first = n ? (least >> shift) - (uint32_t)node->start : UINT32_MAX;
  return (hn_split_column){.keys = g->keys,
                           .n_keys = n,
                           .n_negative = n_negative,
                           .n_zeros = node->end - node->start - n,
                           .values = d->values + c.start,
                           .has_ties = c.has_ties};
}

/* By rank, where the search for a cut needs them so. */
static void sort_keys(const hn_tree_grower *g, size_t n) {
  if (g->options->splitter == HN_SPLITTER_BEST)
    hn_split_sort(g->keys, n, g->rules.shift, g->scratch);
}

/* By looking up each row of the node in the bitmap of frequent column f. */
static hn_split_column looked_up_column(const hn_tree_grower *g, size_t f,
                                        const hn_tree_range *node, uint32_t *first) {
  const hn_tree_column c = g->data->columns[g->rows->frequent[f]];
  const uint32_t mask = hn_tree_payload_mask(g), *samples = g->samples + node->start;
  const size_t n_rows = node->end - node->start;
  uint32_t *present = g->scratch;
  size_t n = 0, n_negative = 0;
  for (size_t i = 0; i < n_rows; i++) {
    present[n] = samples[i];
    n += (size_t)hn_tree_rows_has(g->rows, f, samples[i]);
  }
  *first = n ? (g->words[present[0]] >> g->rules.shift) - (uint32_t)node->start : UINT32_MAX;
  for (size_t i = 0; i < n; i++) {
    uint32_t rank = hn_tree_rows_rank(g->rows, f, present[i]);
    g->keys[i] = rank << g->rules.shift | (g->words[present[i]] & mask);
    n_negative += rank < c.n_negative;
  }
  sort_keys(g, n);
  return (hn_split_column){.keys = g->keys,
                           .n_keys = n,
                           .n_negative = n_negative,
                           .n_zeros = n_rows - n,
                           .values = g->data->values + c.start,
                           .has_ties = c.has_ties};
}

/* Entries that a scan passes in the time of one look-up. */
enum { LOOK_UP_COST = 4 };

static hn_split_column frequent_column(const hn_tree_grower *g, size_t f, const hn_tree_range *node,
                                       uint32_t *first) {
  size_t j = g->rows->frequent[f];
  if ((node->end - node->start) * LOOK_UP_COST < g->data->columns[j].length)
    return looked_up_column(g, f, node, first);
  return scanned_column(g, j, node, first);
}

static hn_split_column sparse_column(const hn_tree_grower *g, size_t j, const hn_tree_range *node) {
  int32_t f = g->rows->frequent_at[j];
  uint32_t first;
  return f < 0 ? scanned_column(g, j, node, &first) : frequent_column(g, (size_t)f, node, &first);
}

static hn_split_column dense_column(const hn_tree_grower *g, size_t j, const hn_tree_range *node) {
  const hn_tree_data *d = g->data;
  const uint32_t *ranks = d->ranks + j * d->n_rows;
  const uint32_t mask = hn_tree_payload_mask(g);
  size_t n = node->end - node->start;
  for (size_t i = 0; i < n; i++) {
    uint32_t row = g->samples[node->start + i];
    g->keys[i] = ranks[row] << g->rules.shift | (g->words[row] & mask);
  }
  sort_keys(g, n);
  return (hn_split_column){.keys = g->keys, .n_keys = n, .values = d->values + d->columns[j].start};
}

/* --- which columns --- */

/* Have the first entries of a column brought near, so that its wait for memory overlaps with those
 * of other columns. */
static void fetch_column(const hn_tree_grower *g, size_t j) {
  size_t start = g->data->columns[j].start;
  const char *rows = g->data->rows16 ? (const char *)(g->data->rows16 + start)
                                     : (const char *)(g->data->rows32 + start);
  __builtin_prefetch(rows);
  __builtin_prefetch(rows + 64);
}

enum { FETCH_AHEAD = 8 };

/* Move a column that was not drawn yet to place n_drawn. */
static void draw_column(hn_tree_grower *g, size_t n_drawn) {
  size_t at = n_drawn + (size_t)hn_rng_below(g->rng, g->data->n_cols - n_drawn);
  uint32_t j = g->columns[at];
  g->columns[at] = g->columns[n_drawn];
  g->columns[n_drawn] = j;
  __builtin_prefetch(&g->data->columns[j]);
}

static void try_drawn_column(hn_tree_grower *g, size_t j, const hn_tree_range *node,
                             candidate *best) {
  hn_split_column column = g->data->is_dense ? dense_column(g, j, node) : sparse_column(g, j, node);
  try_column(g, j, &column, best);
}

static void draw_columns(hn_tree_grower *g, const hn_tree_range *node, candidate *best) {
  size_t n_drawn = g->options->max_features;
  for (size_t i = 0; i < n_drawn; i++) draw_column(g, i);
  for (size_t i = 0; i < n_drawn; i++) {
    if (!g->data->is_dense && i + FETCH_AHEAD < n_drawn)
      fetch_column(g, g->columns[i + FETCH_AHEAD]);
    try_drawn_column(g, g->columns[i], node, best);
  }
  for (; !best->is_varying && n_drawn < g->data->n_cols; n_drawn++) {
    draw_column(g, n_drawn);
    try_drawn_column(g, g->columns[n_drawn], node, best);
  }
}

/* In a small node nearly all columns are zero throughout, and drawing them is in vain. So slots are
 * drawn instead, as many as there are columns: one for each entry of the node's rows, the rest
 * standing for columns that are constant. An entry counts only in the first row that has its
 * column, in the others it stands for a constant too: each column that is not zero throughout then
 * has exactly one slot, which is the same chance as drawing columns. Where it takes fewer slots,
 * the frequent columns have one each instead of one an entry. */

/* Which slots of a small node stand for something: first the frequent columns, if they have their
 * own (else n_frequent is 0), then entries by row. */
typedef struct {
  size_t n_frequent, n_live;
} slot_plan;

/* Plan the slots and number the entries of the node's rows that have some: grower->before. 0 when
 * there would be more slots than columns. */
static int plan_slots(hn_tree_grower *g, const hn_tree_range *node, slot_plan *plan) {
  const uint32_t *samples = g->samples + node->start;
  size_t n = node->end - node->start, n_frequent = g->rows->n_frequent, n_rare = 0, n_entries = 0;
  for (size_t i = 0; i < n; i++) {
    g->before[i] = (uint32_t)n_rare;
    n_rare += g->rows->rows[samples[i]].n_rare;
    n_entries += g->rows->rows[samples[i]].n_entries;
  }
  *plan = (slot_plan){n_frequent, n_frequent + n_rare};
  if (n_entries <= plan->n_live) {
    *plan = (slot_plan){0, n_entries};
    n_entries = 0;
    for (size_t i = 0; i < n; i++) {
      g->before[i] = (uint32_t)n_entries;
      n_entries += g->rows->rows[samples[i]].n_entries;
    }
  }
  return plan->n_live <= g->data->n_cols;
}

/* How many of max_features slots drawn without replacement are among the n_live that stand for
 * something: a hypergeometric number, by inversion from no_live, its chance to be none. Where that
 * is too small a number, draw by draw. */
static size_t count_live(hn_tree_grower *g, size_t n_live) {
  const size_t n_cols = g->data->n_cols, n_draws = g->options->max_features;
  const double most = (double)(n_live < n_draws ? n_live : n_draws);
  double p = g->no_live[n_live], k = 0;
  if (p < DBL_MIN) {
    size_t n = 0;
    for (size_t drawn = 0; drawn < n_draws; drawn++)
      n += hn_rng_below(g->rng, n_cols - drawn) < n_live - n;
    return n;
  }
  const double n_others = (double)(n_cols - n_live - n_draws);
  for (double u = hn_rng_uniform(g->rng); u >= p && k < most; k++) {
    u -= p;
    p *= ((double)n_live - k) * ((double)n_draws - k) / ((k + 1) * (n_others + k + 1));
  }
  return (size_t)k;
}

/* Draw one of the slots that stand for something, other than those drawn before. */
static void draw_slot(hn_tree_grower *g, const slot_plan *plan, size_t n_drawn) {
  for (;;) {
    size_t slot = (size_t)hn_rng_below(g->rng, plan->n_live);
    uint64_t bit = (uint64_t)1 << slot % 64;
    if (g->is_drawn[slot / 64] & bit) continue;
    g->is_drawn[slot / 64] |= bit;
    g->slots[n_drawn].slot = (uint32_t)slot;
    return;
  }
}

/* The slot's row, and where in hn_tree_rows its entry stands. */
static void locate_slot(const hn_tree_grower *g, const hn_tree_range *node, const slot_plan *plan,
                        hn_tree_slot *s) {
  s->row = UINT32_MAX;
  if (s->slot < plan->n_frequent) return;
  size_t at = s->slot - plan->n_frequent, low = 0, n = node->end - node->start;
  while (n > 1) {
    size_t half = n / 2;
    if (g->before[low + half] <= at) low += half;
    n -= half;
  }
  s->row = (uint32_t)low;
  s->at = g->rows->rows[g->samples[node->start + low]].start + at - g->before[low];
  __builtin_prefetch(&g->rows->entries[s->at]);
}

static void resolve_slot(const hn_tree_grower *g, hn_tree_slot *s) {
  s->entry = s->row == UINT32_MAX ? HN_FREQUENT | s->slot : g->rows->entries[s->at];
  if (!(s->entry & HN_FREQUENT)) __builtin_prefetch(&g->data->columns[s->entry]);
}

static void try_slot(hn_tree_grower *g, const hn_tree_range *node, const hn_tree_slot *s,
                     candidate *best) {
  size_t at = s->entry & ~HN_FREQUENT;
  size_t j = s->entry & HN_FREQUENT ? g->rows->frequent[at] : at;
  uint32_t first;
  hn_split_column column = s->entry & HN_FREQUENT ? frequent_column(g, at, node, &first)
                                                  : scanned_column(g, j, node, &first);
  if (s->row == UINT32_MAX || s->row == first) try_column(g, j, &column, best);
}

static void draw_slots(hn_tree_grower *g, const hn_tree_range *node, const slot_plan *plan,
                       candidate *best) {
  size_t n_drawn = count_live(g, plan->n_live);
  for (size_t i = 0; i < n_drawn; i++) draw_slot(g, plan, i);
  /* One step for all slots before the next step: their waits for memory overlap. */
  for (size_t i = 0; i < n_drawn; i++) locate_slot(g, node, plan, &g->slots[i]);
  for (size_t i = 0; i < n_drawn; i++) resolve_slot(g, &g->slots[i]);
  for (size_t i = 0; i < n_drawn; i++)
    if (!(g->slots[i].entry & HN_FREQUENT)) fetch_column(g, g->slots[i].entry);
  for (size_t i = 0; i < n_drawn; i++) try_slot(g, node, &g->slots[i], best);
  for (; !best->is_varying && n_drawn < plan->n_live; n_drawn++) {
    draw_slot(g, plan, n_drawn);
    locate_slot(g, node, plan, &g->slots[n_drawn]);
    resolve_slot(g, &g->slots[n_drawn]);
    try_slot(g, node, &g->slots[n_drawn], best);
  }
  for (size_t i = 0; i < n_drawn; i++) g->is_drawn[g->slots[i].slot / 64] = 0;
}

int hn_tree_find_split(hn_tree_grower *g, const hn_tree_range *node, hn_split *split_out,
                       size_t *column_out) {
  candidate best = {.split.score = -INFINITY};
  slot_plan plan;
  if (node->end - node->start <= g->max_small_node && plan_slots(g, node, &plan))
    draw_slots(g, node, &plan, &best);
  else
    draw_columns(g, node, &best);
  *split_out = best.split;
  *column_out = best.column;
  return best.is_found;
}
