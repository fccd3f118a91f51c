#include "eval/metrics.h"

#include "base/labels.h"
#include "base/memory.h"

#include <float.h>
#include <math.h>

enum { N_BINS = 10 };

/* What is summed over the scored rows. */
typedef struct {
  double log_loss, brier;
  double bin_confidence[N_BINS], bin_right[N_BINS];
} sums;

static double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

static void add_row(const float *p, size_t n_classes, int32_t truth, int32_t predicted, sums *s) {
  double right = p[truth], highest = p[predicted];
  double clipped = fmin(fmax(right, FLT_EPSILON), 1 - (double)FLT_EPSILON);
  s->log_loss -= log(clipped);
  for (size_t k = 0; k < n_classes; k++) {
    double off = (double)p[k] - ((int32_t)k == truth);
    s->brier += off * off;
  }
  int bin = (int)ceil(highest * N_BINS) - 1;
  bin = bin < 0 ? 0 : bin < N_BINS ? bin : N_BINS - 1;
  s->bin_confidence[bin] += highest;
  s->bin_right[bin] += truth == predicted;
}

hn_one_against_rest hn_metrics_one_against_rest(const hn_metrics *metrics, size_t class_index) {
  hn_one_against_rest m = {0};
  size_t n_classes = metrics->n_classes, c = class_index;
  for (size_t t = 0; t < n_classes; t++)
    for (size_t p = 0; p < n_classes; p++) {
      int64_t n = metrics->confusion[t * n_classes + p];
      if (t == c)
        *(p == c ? &m.true_positive : &m.false_negative) += n;
      else
        *(p == c ? &m.false_positive : &m.true_negative) += n;
    }
  double tp = (double)m.true_positive, fp = (double)m.false_positive;
  m.recall = ratio(tp, tp + (double)m.false_negative);
  m.precision = ratio(tp, tp + fp);
  m.specificity = ratio((double)m.true_negative, (double)m.true_negative + fp);
  return m;
}

/* Per-class figures and their means, from the confusion matrix. */
static void summarise_classes(hn_metrics *m) {
  size_t n_true = 0, n_present = 0;
  double recall = 0, f1 = 0, right = 0;
  for (size_t k = 0; k < m->n_classes; k++) {
    hn_one_against_rest one = hn_metrics_one_against_rest(m, k);
    double tp = (double)one.true_positive;
    double errors = (double)(one.false_positive + one.false_negative);
    hn_class_metrics *c = &m->classes[k];
    c->precision = one.precision;
    c->recall = one.recall;
    c->f1 = ratio(2 * tp, 2 * tp + errors);
    c->support = (size_t)(one.true_positive + one.false_negative);
    right += tp;
    if (c->support > 0) {
      recall += c->recall;
      n_true++;
    }
    if (tp + errors > 0) {
      f1 += c->f1;
      n_present++;
    }
  }
  m->accuracy = right / (double)m->n_scored;
  m->balanced_accuracy = recall / (double)n_true;
  m->macro_f1 = f1 / (double)n_present;
}

hn_status hn_metrics_score(const hn_probability *table, const uint8_t *rows,
                           hn_metrics *metrics_out, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_classes = table->n_classes;
  hn_metrics m = {.n_classes = n_classes};
  sums s = {0};

  HN_NEW(m.classes, n_classes, err);
  HN_NEW(m.confusion, n_classes * n_classes, err);
  for (size_t i = 0; i < table->n_rows; i++) {
    if (rows && !rows[i]) continue;
    int32_t truth = table->truth[i], predicted = hn_probability_argmax(table, i);
    if (truth == HN_LABEL_MISSING) {
      m.n_unlabelled++;
    } else if (predicted == HN_LABEL_MISSING) {
      m.n_absent++;
    } else {
      m.n_scored++;
      m.confusion[(size_t)truth * n_classes + (size_t)predicted]++;
      add_row(table->p + i * n_classes, n_classes, truth, predicted, &s);
    }
  }
  if (m.n_scored > 0) {
    double n = (double)m.n_scored;
    summarise_classes(&m);
    m.log_loss = s.log_loss / n;
    m.brier = s.brier / n;
    for (int b = 0; b < N_BINS; b++)
      m.calibration_error += fabs(s.bin_right[b] - s.bin_confidence[b]) / n;
  } else {
    m.accuracy = m.balanced_accuracy = m.macro_f1 = NAN;
    m.log_loss = m.brier = m.calibration_error = NAN;
  }
  *metrics_out = m;
  m = (hn_metrics){0};
done:
  hn_metrics_free(&m);
  return status;
}

void hn_metrics_free(hn_metrics *metrics) {
  if (!metrics) return;
  hn_free(metrics->classes);
  hn_free(metrics->confusion);
  *metrics = (hn_metrics){0};
}
