#include "learn/linear/linear_svm.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/threads.h"
#include "learn/folds.h"
#include "learn/linear/linear_model.h"
#include "learn/sharpness.h"

#include <linear.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum { N_FOLDS = 3 };

static const hn_option_spec specs[] = {
    {.name = "C",
     .type = HN_OPTION_REAL,
     .default_text = "1.0",
     .min = 1e-12,
     .max = 1e12,
     .help = "inverse strength of the L2 penalty"},
    {.name = "loss",
     .type = HN_OPTION_CHOICE,
     .default_text = "squared_hinge",
     .choices = "squared_hinge|hinge",
     .help = "what a row inside the margin costs"},
    {.name = "dual",
     .type = HN_OPTION_CHOICE,
     .default_text = "auto",
     .choices = "auto|true|false",
     .help = "solve the dual problem; auto: with fewer rows than columns"},
    {.name = "tol",
     .type = HN_OPTION_REAL,
     .default_text = "0.0001",
     .min = 1e-15,
     .max = 1e9,
     .help = "tolerance of liblinear's stopping rule"},
    {.name = "fit_intercept",
     .type = HN_OPTION_BOOL,
     .default_text = "true",
     .help = "learn a constant for each class"},
    {.name = "intercept_scaling",
     .type = HN_OPTION_REAL,
     .default_text = "1.0",
     .min = 1e-9,
     .max = 1e9,
     .help = "value of the constant column; larger: the intercept is penalised less"},
    {.name = "class_weight",
     .type = HN_OPTION_CHOICE,
     .default_text = "none",
     .none_allowed = 1,
     .choices = "balanced",
     .help = "balanced: weigh each class by the inverse of its size"},
    {.name = NULL},
};

static size_t svm_n_units(const hn_options *options) {
  (void)options;
  return N_FOLDS + 1;
}

/* All rows as liblinear wants them; a fit on some of them borrows these. */
typedef struct {
  const hn_fit_input *input;
  size_t n_rows, n_cols, n_classes;
  struct feature_node *nodes; /* the rows one after another, each with bias and end mark */
  struct feature_node **rows; /* (N) */
  struct parameter parameter; /* class weights apart */
  int is_balanced;
  double bias; /* below 0: none */
} trainer;

static void trainer_free(trainer *t) {
  hn_free(t->nodes);
  hn_free(t->rows);
}

static struct feature_node *append_row(const hn_features *x, size_t i, struct feature_node *node) {
  if (x->kind == HN_FEATURES_DENSE) {
    const hn_matrix *m = &x->as.dense;
    const float *row = m->values + i * m->n_cols;
    for (size_t j = 0; j < m->n_cols; j++)
      if (row[j] != 0) *node++ = (struct feature_node){(int)j + 1, row[j]};
  } else {
    const hn_csr *m = &x->as.csr;
    for (int64_t e = m->indptr[i]; e < m->indptr[i + 1]; e++)
      *node++ = (struct feature_node){m->indices[e] + 1, m->values[e]};
  }
  return node;
}

static hn_status choose_solver(const hn_options *options, size_t n_rows, size_t n_cols,
                               int *solver_out, hn_error *err) {
  int is_hinge = hn_options_is(options, "loss", "hinge");
  if (is_hinge && hn_options_is(options, "dual", "false"))
    return hn_fail(err, HN_INVALID,
                   "loss hinge is solved in the dual only, but dual is false; leave dual at auto, "
                   "or take loss squared_hinge");
  int is_dual = hn_options_is(options, "dual", "auto") ? n_rows < n_cols
                                                       : hn_options_is(options, "dual", "true");
  *solver_out = is_hinge ? L2R_L1LOSS_SVC_DUAL : is_dual ? L2R_L2LOSS_SVC_DUAL : L2R_L2LOSS_SVC;
  return HN_OK;
}

static hn_status trainer_init(trainer *t, const hn_fit_input *input, const hn_options *options,
                              hn_error *err) {
  hn_status status = HN_OK;
  const hn_features *x = input->x;
  trainer r = {.input = input,
               .n_rows = hn_features_n_rows(x),
               .n_cols = hn_features_n_cols(x),
               .n_classes = input->n_classes,
               .is_balanced = hn_options_is(options, "class_weight", "balanced"),
               .bias = hn_options_bool(options, "fit_intercept")
                           ? hn_options_real(options, "intercept_scaling")
                           : -1};
  size_t n_entries =
      x->kind == HN_FEATURES_DENSE ? r.n_rows * r.n_cols : hn_csr_n_entries(&x->as.csr);
  if (r.n_rows > INT32_MAX || r.n_cols >= INT32_MAX)
    return hn_fail(err, HN_INVALID,
                   "%zu rows of %zu columns; linear_svm takes less than 2^31 of each", r.n_rows,
                   r.n_cols);
  HN_TRY(choose_solver(options, r.n_rows, r.n_cols, &r.parameter.solver_type, err));
  r.parameter.C = hn_options_real(options, "C");
  r.parameter.eps = hn_options_real(options, "tol");
  HN_NEW(r.nodes, n_entries + 2 * r.n_rows, err);
  HN_NEW(r.rows, r.n_rows, err);
  struct feature_node *node = r.nodes;
  for (size_t i = 0; i < r.n_rows; i++) {
    r.rows[i] = node;
    node = append_row(x, i, node);
    if (r.bias >= 0) *node++ = (struct feature_node){(int)r.n_cols + 1, r.bias};
    (node++)->index = -1;
  }
  *t = r;
  return HN_OK;
done:
  trainer_free(&r);
  return status;
}

static void print_nothing(const char *text) {
  (void)text;
}

/* liblinear's train: one at a time, because it draws from rand(), and with one thread inside BLAS,
 * whose rounding otherwise depends on their number. */
static struct model *train_alone(const struct problem *problem, const struct parameter *parameter,
                                 uint64_t seed) {
  static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
  int n_threads = hn_threads();
  pthread_mutex_lock(&turn);
  hn_threads_set(1);
  set_print_string_function(print_nothing);
  srand((unsigned)seed);
  struct model *model = train(problem, parameter);
  hn_threads_set(n_threads);
  pthread_mutex_unlock(&turn);
  return model;
}

/* liblinear keeps one vector of coefficients a class, or only that of its first of two. */
static void take_solution(hn_linear_model *l, const struct model *from, double bias) {
  size_t n_vectors = from->nr_class == 2 ? 1 : (size_t)from->nr_class, n_classes = l->n_classes;
  for (size_t v = 0; v < n_vectors; v++) {
    size_t k = (size_t)from->label[v];
    double sign = 1;
    if (n_vectors == 1 && from->label[1] > from->label[0]) {
      k = (size_t)from->label[1];
      sign = -1;
    }
    for (size_t j = 0; j < l->n_columns; j++)
      l->coef[j * n_classes + k] = sign * from->w[j * n_vectors + v];
    if (bias >= 0) l->intercept[k] = sign * bias * from->w[l->n_columns * n_vectors + v];
  }
}

/* Fit on the rows listed; a single class needs no machine. */
static hn_status fit_rows(const trainer *t, const size_t *rows, size_t n, uint64_t seed,
                          hn_linear_model **model_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_linear_model *l = NULL;
  struct model *solved = NULL;
  struct problem problem = {.l = (int)n, .n = (int)t->n_cols + (t->bias >= 0), .bias = t->bias};
  struct parameter parameter = t->parameter;
  size_t *counts = NULL;
  HN_TRY(hn_linear_model_create(t->n_cols, t->n_classes, &l, err));
  HN_NEW(counts, t->n_classes, err);
  HN_NEW(problem.x, n, err);
  HN_NEW(problem.y, n, err);
  HN_NEW(parameter.weight, t->n_classes, err);
  HN_NEW(parameter.weight_label, t->n_classes, err);
  for (size_t i = 0; i < n; i++) {
    int32_t label = t->input->y[rows[i]];
    problem.x[i] = t->rows[rows[i]];
    problem.y[i] = label;
    counts[label]++;
  }
  hn_class_weights(counts, t->n_classes, t->is_balanced, parameter.weight);
  for (size_t k = 0; k < t->n_classes; k++) {
    l->present[k] = counts[k] > 0;
    if (!l->present[k]) continue;
    parameter.weight_label[parameter.nr_weight] = (int)k;
    parameter.weight[parameter.nr_weight++] = parameter.weight[k];
  }
  if (parameter.nr_weight > 1) {
    solved = train_alone(&problem, &parameter, seed);
    take_solution(l, solved, t->bias);
  }
  hn_progress_advance(t->input->progress, 1);
  *model_out = l;
  l = NULL;
done:
  if (solved) free_and_destroy_model(&solved);
  hn_linear_model_destroy(l);
  hn_free(counts);
  hn_free(problem.x);
  hn_free(problem.y);
  hn_free(parameter.weight);
  hn_free(parameter.weight_label);
  return status;
}

/* Fit without a fold and add the fold's decision values: rows from *n_scored on of scores and
 * truth. Rows of a class that the other folds lack cannot be judged and are passed over. */
static hn_status score_fold(const trainer *t, const uint32_t *folds, uint32_t fold, size_t *rows,
                            double *scores, int32_t *truth, size_t *n_scored, hn_error *err) {
  hn_status status = HN_OK;
  hn_linear_model *l = NULL;
  size_t n = 0;
  for (size_t i = 0; i < t->n_rows; i++)
    if (folds[i] != fold) rows[n++] = i;
  if (n == 0) return HN_OK;
  HN_TRY(fit_rows(t, rows, n, hn_seed_derive(t->input->seed, "linear_svm", fold), &l, err));
  for (size_t i = 0; i < t->n_rows; i++) {
    int32_t label = t->input->y[i];
    if (folds[i] != fold || !l->present[label]) continue;
    double *s = scores + *n_scored * t->n_classes;
    hn_linear_model_scores(l, t->input->x, i, s);
    for (size_t k = 0; k < t->n_classes; k++)
      if (!l->present[k]) s[k] = -INFINITY;
    truth[(*n_scored)++] = label;
  }
done:
  hn_linear_model_destroy(l);
  return status;
}

static hn_status learn_sharpness(const trainer *t, size_t *rows, double *sharpness_out,
                                 hn_error *err) {
  hn_status status = HN_OK;
  uint32_t *folds = NULL;
  int32_t *truth = NULL;
  double *scores = NULL;
  size_t n_scored = 0;
  HN_NEW(folds, t->n_rows, err);
  HN_NEW(truth, t->n_rows, err);
  HN_NEW(scores, t->n_rows * t->n_classes, err);
  HN_TRY(
      hn_deal_folds(t->input->y, t->input->groups, t->n_rows, N_FOLDS, t->input->seed, folds, err));
  for (uint32_t f = 0; f < N_FOLDS; f++)
    HN_TRY(score_fold(t, folds, f, rows, scores, truth, &n_scored, err));
  *sharpness_out = hn_sharpness_fit(scores, truth, n_scored, t->n_classes);
done:
  hn_free(folds);
  hn_free(truth);
  hn_free(scores);
  return status;
}

static hn_status svm_fit(const hn_fit_input *input, const hn_options *options, void **model_out,
                         hn_error *err) {
  hn_status status = HN_OK;
  trainer t = {0};
  hn_linear_model *l = NULL;
  size_t *rows = NULL;
  double sharpness = 1;
  HN_TRY(trainer_init(&t, input, options, err));
  HN_NEW(rows, t.n_rows, err);
  HN_TRY(learn_sharpness(&t, rows, &sharpness, err));
  for (size_t i = 0; i < t.n_rows; i++) rows[i] = i;
  HN_TRY(fit_rows(&t, rows, t.n_rows, hn_seed_derive(input->seed, "linear_svm", N_FOLDS), &l, err));
  l->sharpness = sharpness;
  *model_out = l;
done:
  trainer_free(&t);
  hn_free(rows);
  return status;
}

const hn_classifier_kind hn_linear_svm_kind = {
    .name = "linear_svm",
    .accepts = HN_FEATURES_DENSE | HN_FEATURES_CSR,
    .unit = "fits",
    .options = specs,
    .n_units = svm_n_units,
    .fit = svm_fit,
    .predict_proba = hn_linear_model_predict_proba,
    .save = hn_linear_model_save,
    .load = hn_linear_model_load,
    .destroy = hn_linear_model_destroy,
    .uses = hn_linear_model_uses,
};
