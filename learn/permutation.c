#include "learn/permutation.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

const hn_option_spec hn_permutation_options[] = {
    {"n_repeats", HN_OPTION_INT, "5", 1, 1e6, 0, NULL, "how often each column is permuted"},
    {.name = NULL}};

/* Permuting the rows of a group moves its parts (see learn/column_groups.h) to rows drawn without
 * repetition; rows that get none hold zeros. So the work is that of the parts, not of the rows.
 * Permutations, numbered group by group and repeat by repeat, are taken in blocks: first, by
 * permutation, what changes in which row; then, row by row, what the model says of all changes. */

#define NO_PART UINT32_MAX
enum { MAX_CHANGES = 1 << 21, MAX_PERMUTATIONS = 1 << 20, CHANGES_AT_ONCE = 1 << 12 };

/* Row `row` holds the part `now` of a group, and `then` after the permutation. */
typedef struct {
  uint32_t row, permutation; /* the latter within the block */
  uint32_t now, then;
} change;

typedef struct {
  const hn_model *model;
  const hn_permutation_input *input;
  size_t n_rows, n_permutations;
  hn_group_parts parts;
  uint8_t *right; /* (N) is the row classified rightly as it is? */
  size_t n_right;
  int64_t *gains; /* (n_permutations) rows right afterwards, less n_right */
  /* The block. */
  size_t from, to;
  size_t *first;      /* (permutations + 1) where the changes of each may lie */
  size_t *n_changes;  /* (permutations) */
  change *changes;    /* by permutation */
  change *by_row;     /* the same by row, then by permutation */
  size_t *row_starts; /* (N + 1) */
  size_t n_done;      /* rows */
} job;

static void free_job(job *j) {
  hn_group_parts_free(&j->parts);
  hn_free(j->right);
  hn_free(j->gains);
  hn_free(j->first);
  hn_free(j->n_changes);
  hn_free(j->changes);
  hn_free(j->by_row);
  hn_free(j->row_starts);
}

static int is_right(const float *p, size_t n_classes, int32_t y) {
  size_t best = 0;
  for (size_t k = 1; k < n_classes; k++)
    if (p[k] > p[best]) best = k;
  return y >= 0 && best == (size_t)y;
}

static size_t group_of(const job *j, size_t permutation) {
  return permutation / j->input->n_repeats;
}

static size_t n_parts_of(const job *j, size_t group) {
  return j->parts.start[group + 1] - j->parts.start[group];
}

/* --- by permutation --- */

/* One thread's arrays, each (N); between permutations `order` ascends and now and then hold
 * NO_PART. */
typedef struct {
  uint32_t *order, *drawn, *now, *then;
} deal;

static int same_part(const hn_group_parts *parts, uint32_t a, uint32_t b) {
  if (a == b) return 1;
  if (a == NO_PART || b == NO_PART) return 0;
  size_t n = parts->entry[a + 1] - parts->entry[a];
  const size_t at_a = parts->entry[a], at_b = parts->entry[b];
  return n == parts->entry[b + 1] - at_b &&
         memcmp(parts->columns + at_a, parts->columns + at_b, n * sizeof *parts->columns) == 0 &&
         memcmp(parts->values + at_a, parts->values + at_b, n * sizeof *parts->values) == 0;
}

static void swap(uint32_t *a, uint32_t *b) {
  uint32_t kept = *a;
  *a = *b;
  *b = kept;
}

/* The first steps of a Fisher-Yates shuffle say where the parts go: part t to row order[t]. */
static void draw_rows(const job *j, size_t permutation, deal *d) {
  size_t group = group_of(j, permutation), start = j->parts.start[group];
  hn_rng rng;
  hn_rng_init(&rng, j->input->seed, "permutation", permutation);
  for (size_t t = 0; t < n_parts_of(j, group); t++) {
    d->drawn[t] = (uint32_t)(t + hn_rng_below(&rng, j->n_rows - t));
    swap(&d->order[t], &d->order[d->drawn[t]]);
    d->now[j->parts.row[start + t]] = (uint32_t)(start + t);
    d->then[d->order[t]] = (uint32_t)(start + t);
  }
}

static void take_back(const job *j, size_t permutation, deal *d) {
  size_t group = group_of(j, permutation), start = j->parts.start[group];
  for (size_t t = n_parts_of(j, group); t-- > 0;) {
    d->now[j->parts.row[start + t]] = NO_PART;
    d->then[d->order[t]] = NO_PART;
    swap(&d->order[t], &d->order[d->drawn[t]]);
  }
}

static void add_change(const job *j, const deal *d, uint32_t row, size_t i, size_t *at) {
  if (!same_part(&j->parts, d->now[row], d->then[row]))
    j->changes[(*at)++] = (change){row, (uint32_t)i, d->now[row], d->then[row]};
}

/* What permutation i of the block changes: rows that hold a part, then rows that only get one. */
static void list_changes(job *j, size_t i, deal *d) {
  size_t group = group_of(j, j->from + i), start = j->parts.start[group], at = j->first[i];
  draw_rows(j, j->from + i, d);
  for (size_t t = 0; t < n_parts_of(j, group); t++)
    add_change(j, d, j->parts.row[start + t], i, &at);
  for (size_t t = 0; t < n_parts_of(j, group); t++)
    if (d->now[d->order[t]] == NO_PART) add_change(j, d, d->order[t], i, &at);
  j->n_changes[i] = at - j->first[i];
  take_back(j, j->from + i, d);
}

static int init_deal(deal *d, size_t n_rows) {
  uint32_t *all = hn_alloc(n_rows, 4 * sizeof *all);
  if (!all) return 0;
  *d = (deal){all, all + n_rows, all + 2 * n_rows, all + 3 * n_rows};
  for (size_t r = 0; r < n_rows; r++) {
    d->order[r] = (uint32_t)r;
    d->now[r] = d->then[r] = NO_PART;
  }
  return 1;
}

static hn_status list_all_changes(job *j, hn_error *err) {
  int is_out_of_memory = 0;
#pragma omp parallel reduction(| : is_out_of_memory)
  {
    deal d = {0};
    int is_ready = init_deal(&d, j->n_rows);
    if (!is_ready) is_out_of_memory = 1;
#pragma omp for schedule(dynamic)
    for (size_t i = 0; i < j->to - j->from; i++)
      if (is_ready) list_changes(j, i, &d);
    hn_free(d.order);
  }
  return is_out_of_memory ? hn_fail_memory(err) : HN_OK;
}

/* row_starts[r + 1] counts row r, then begins it, then, filled, ends it. */
static void sort_by_row(job *j) {
  size_t *cursor = j->row_starts + 1, before = 0;
  memset(j->row_starts, 0, (j->n_rows + 1) * sizeof *j->row_starts);
  for (size_t i = 0; i < j->to - j->from; i++)
    for (size_t c = 0; c < j->n_changes[i]; c++) cursor[j->changes[j->first[i] + c].row]++;
  for (size_t r = 0; r < j->n_rows; r++) {
    size_t count = cursor[r];
    cursor[r] = before;
    before += count;
  }
  for (size_t i = 0; i < j->to - j->from; i++)
    for (size_t c = 0; c < j->n_changes[i]; c++) {
      const change *one = &j->changes[j->first[i] + c];
      j->by_row[cursor[one->row]++] = *one;
    }
}

/* --- by row --- */

/* One thread's changes of a row in the form that a model takes. */
typedef struct {
  hn_row_change *changes; /* (CHANGES_AT_ONCE) */
  int32_t *columns;
  float *values;
  size_t room; /* of columns and values */
  float *p;    /* (CHANGES_AT_ONCE, K) */
} variants;

static void free_variants(variants *v) {
  hn_free(v->changes);
  hn_free(v->columns);
  hn_free(v->values);
  hn_free(v->p);
}

static hn_status init_variants(const job *j, variants *v, hn_error *err) {
  hn_status status = HN_OK;
  v->room = 2 * j->parts.longest > 1 << 16 ? 2 * j->parts.longest : 1 << 16;
  HN_NEW(v->changes, CHANGES_AT_ONCE, err);
  HN_NEW(v->columns, v->room, err);
  HN_NEW(v->values, v->room, err);
  HN_NEW(v->p, CHANGES_AT_ONCE * hn_model_n_classes(j->model), err);
done:
  return status;
}

/* All columns of both parts, with the values of `then`; returns how many. */
static size_t merge_parts(const hn_group_parts *parts, const change *c, int32_t *columns,
                          float *values) {
  size_t a = 0, a_end = 0, b = 0, b_end = 0, n = 0;
  if (c->now != NO_PART) a = parts->entry[c->now], a_end = parts->entry[c->now + 1];
  if (c->then != NO_PART) b = parts->entry[c->then], b_end = parts->entry[c->then + 1];
  while (a < a_end || b < b_end) {
    int is_then = b < b_end && (a == a_end || parts->columns[b] <= parts->columns[a]);
    if (is_then && a < a_end && parts->columns[a] == parts->columns[b]) a++;
    columns[n] = is_then ? parts->columns[b] : parts->columns[a++];
    values[n++] = is_then ? parts->values[b++] : 0;
  }
  return n;
}

static hn_status predict_row(job *j, size_t row, variants *v, hn_error *err) {
  size_t n_classes = hn_model_n_classes(j->model), end = j->row_starts[row + 1];
  for (size_t from = j->row_starts[row]; from < end;) {
    size_t n = 0, n_values = 0;
    for (; n < CHANGES_AT_ONCE && from + n < end; n++) {
      if (n_values + 2 * j->parts.longest > v->room) break;
      int32_t *columns = v->columns + n_values;
      float *values = v->values + n_values;
      v->changes[n] = (hn_row_change){columns, values, 0};
      v->changes[n].n = merge_parts(&j->parts, &j->by_row[from + n], columns, values);
      n_values += v->changes[n].n;
    }
    hn_status status =
        hn_model_predict_changes(j->model, j->input->x, row, v->changes, n, v->p, err);
    if (status != HN_OK) return status;
    for (size_t i = 0; i < n; i++) {
      int gain = is_right(v->p + i * n_classes, n_classes, j->input->y[row]) - j->right[row];
      int64_t *gains = &j->gains[j->from + j->by_row[from + i].permutation];
#pragma omp atomic
      *gains += gain;
    }
    from += n;
  }
  return HN_OK;
}

/* Progress counts permutations, of which each row done is a share. */
static void advance(job *j) {
  size_t n = j->to - j->from, n_done;
#pragma omp atomic capture
  n_done = ++j->n_done;
  hn_progress_advance(j->input->progress, n * n_done / j->n_rows - n * (n_done - 1) / j->n_rows);
}

/* All rows; the error of the lowest one that failed. */
static hn_status predict_rows(job *j, hn_error *err) {
  size_t failed = j->n_rows;
  hn_error first = {HN_OK, ""};
  j->n_done = 0;
#pragma omp parallel
  {
    variants v = {0};
    hn_status ready = init_variants(j, &v, NULL);
#pragma omp for schedule(dynamic)
    for (size_t row = 0; row < j->n_rows; row++) {
      hn_error error = {HN_OK, ""};
      hn_status status = ready == HN_OK ? predict_row(j, row, &v, &error) : hn_fail_memory(&error);
      advance(j);
      if (status == HN_OK) continue;
#pragma omp critical(hn_permutation_error)
      if (row < failed) {
        failed = row;
        first = error;
      }
    }
    free_variants(&v);
  }
  return failed < j->n_rows ? hn_fail(err, first.code, "%s", first.message) : HN_OK;
}

/* --- all --- */

static size_t most_changes(const job *j, size_t permutation) {
  size_t n = 2 * n_parts_of(j, group_of(j, permutation));
  return n < j->n_rows ? n : j->n_rows;
}

/* The permutations from `from` on whose changes fit together; at least one. */
static void choose_block(job *j, size_t from) {
  j->from = j->to = from;
  j->first[0] = 0;
  while (j->to < j->n_permutations && j->to - from < MAX_PERMUTATIONS) {
    size_t i = j->to - from, end = j->first[i] + most_changes(j, j->to);
    if (i > 0 && end > MAX_CHANGES) break;
    j->first[i + 1] = end;
    j->to++;
  }
}

static hn_status run(job *j, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_at_once = j->n_permutations < MAX_PERMUTATIONS ? j->n_permutations : MAX_PERMUTATIONS;
  size_t n_changes = 0;
  for (size_t i = 0; i < j->n_permutations && n_changes < MAX_CHANGES; i++)
    n_changes += most_changes(j, i);
  if (n_changes >= MAX_CHANGES) n_changes = j->n_rows > MAX_CHANGES ? j->n_rows : MAX_CHANGES;
  HN_NEW(j->first, n_at_once + 1, err);
  HN_NEW(j->n_changes, n_at_once, err);
  HN_NEW(j->changes, n_changes, err);
  HN_NEW(j->by_row, n_changes, err);
  HN_NEW(j->row_starts, j->n_rows + 1, err);
  for (size_t from = 0; from < j->n_permutations; from = j->to) {
    choose_block(j, from);
    HN_TRY(list_all_changes(j, err));
    sort_by_row(j);
    HN_TRY(predict_rows(j, err));
  }
done:
  return status;
}

static hn_status prepare(job *j, hn_error *err) {
  hn_status status = HN_OK;
  const hn_features *x = j->input->x;
  uint8_t *used = NULL;
  float *p = NULL;
  size_t n_classes = hn_model_n_classes(j->model);

  HN_NEW(p, j->n_rows * n_classes, err);
  HN_NEW(j->right, j->n_rows, err);
  HN_NEW(used, hn_model_n_columns(j->model), err);
  HN_TRY(hn_model_predict_proba(j->model, x, p, err));
  for (size_t i = 0; i < j->n_rows; i++) {
    j->right[i] = (uint8_t)is_right(p + i * n_classes, n_classes, j->input->y[i]);
    j->n_right += j->right[i];
  }
  hn_model_uses(j->model, used);
  HN_TRY(hn_group_parts_init(&j->parts, x, j->input->groups, used, err));
  j->n_permutations = j->parts.n_groups * j->input->n_repeats;
  HN_NEW(j->gains, j->n_permutations, err);
done:
  hn_free(used);
  hn_free(p);
  return status;
}

static hn_status summarise(const job *j, hn_permutation *importances_out, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_repeats = j->input->n_repeats;
  double n_rows = (double)j->n_rows;
  hn_permutation made = {.accuracy = (double)j->n_right / n_rows, .n_groups = j->parts.n_groups};
  HN_NEW(made.mean, made.n_groups, err);
  HN_NEW(made.deviation, made.n_groups, err);
  for (size_t g = 0; g < made.n_groups; g++) {
    const int64_t *gains = j->gains + g * n_repeats;
    double sum = 0, squares = 0;
    for (size_t r = 0; r < n_repeats; r++) sum -= (double)gains[r];
    double mean = sum / (double)n_repeats;
    for (size_t r = 0; r < n_repeats; r++)
      squares += (-(double)gains[r] - mean) * (-(double)gains[r] - mean);
    made.mean[g] = mean / n_rows;
    made.deviation[g] = sqrt(squares / (double)n_repeats) / n_rows;
  }
  *importances_out = made;
  return HN_OK;
done:
  hn_permutation_free(&made);
  return status;
}

hn_status hn_permutation_importances(const hn_model *model, const hn_permutation_input *input,
                                     hn_permutation *importances_out, hn_error *err) {
  hn_status status = HN_OK;
  job j = {.model = model, .input = input, .n_rows = hn_features_n_rows(input->x)};
  if (input->x->kind == HN_FEATURES_IMAGES)
    return hn_fail(err, HN_UNSUPPORTED, "permutation importance is of columns; pictures have none");
  if (j.n_rows == 0 || input->n_repeats == 0)
    return hn_fail(err, HN_INVALID,
                   "%zu rows and %zu repeats; permutation importance needs at least one of each",
                   j.n_rows, input->n_repeats);
  HN_TRY(prepare(&j, err));
  HN_TRY(run(&j, err));
  status = summarise(&j, importances_out, err);
done:
  free_job(&j);
  return status;
}

void hn_permutation_free(hn_permutation *importances) {
  hn_free(importances->mean);
  hn_free(importances->deviation);
  *importances = (hn_permutation){0};
}
