/* headnod evaluate: scores of a probability table. */
#include "cli/command.h"

#include "base/memory.h"
#include "base/probability.h"
#include "corpora/credits.h"
#include "corpora/manifest.h"
#include "eval/metrics.h"
#include "eval/significance.h"
#include "eval/slice.h"

#include <inttypes.h>
#include <stdio.h>

static const hn_flag flags[] = {
    {"manifest", 0, "M", "the tracks' manifest: artists for the interval, columns for slices"},
    {"slice", 0, "COLUMN", "scores for each value of a column of the manifest, too"},
    {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod evaluate P.csv [--slice COLUMN --manifest M]",
    "Accuracy with its 95 % interval, macro-F1, log loss, each class, the confusion matrix.",
    "headnod evaluate runs/demo/predictions/lyrics.csv --manifest songs/manifest.csv --slice era",
    flags,
    1,
    1};

/* What the manifest adds to the table's rows; all NULL and 0 without one. */
typedef struct {
  hn_manifest *manifest;
  size_t *tracks; /* (rows) */
  int32_t *artists;
} row_facts;

static void free_facts(row_facts *facts) {
  hn_manifest_destroy(facts->manifest);
  hn_free(facts->tracks);
  hn_free(facts->artists);
}

static hn_status find_rows(const char *path, const hn_probability *table, row_facts *facts,
                           hn_error *err) {
  hn_status status = HN_OK;
  hn_credits credits = {0};
  HN_TRY(hn_manifest_read(path, &(hn_manifest_options){.skip_errors = 1}, &facts->manifest, err));
  HN_TRY(hn_manifest_credits(facts->manifest, &credits, err));
  HN_NEW(facts->tracks, table->n_rows, err);
  HN_NEW(facts->artists, table->n_rows, err);
  for (size_t i = 0; i < table->n_rows; i++) {
    facts->tracks[i] = hn_manifest_find(facts->manifest, table->ids[i]);
    if (facts->tracks[i] == (size_t)-1)
      HN_TRY(hn_fail(err, HN_INVALID, "%s: no track \"%s\", which the probability table has", path,
                     table->ids[i]));
    facts->artists[i] = credits.groups[facts->tracks[i]];
  }
done:
  hn_credits_free(&credits);
  return status;
}

/* One line of scores; rows where mask is 0 do not count. */
static hn_status print_line(const char *name, const hn_probability *table, const uint8_t *mask,
                            const int32_t *artists, hn_metrics *m, hn_interval *interval,
                            hn_error *err) {
  hn_status status = HN_OK;
  int32_t *outcomes = NULL;
  hn_bootstrap_options options = hn_bootstrap_options_default();
  HN_NEW(outcomes, table->n_rows, err);
  HN_TRY(hn_metrics_score(table, mask, m, err));
  hn_outcomes(table, outcomes);
  for (size_t i = 0; mask && i < table->n_rows; i++)
    if (!mask[i]) outcomes[i] = -1;
  HN_TRY(hn_bootstrap_accuracy(outcomes, artists, table->n_rows, &options, interval, err));
  printf("%-24s %6zu %8.1f %% %6.1f - %5.1f %% %9.3f %9.3f\n", name, m->n_scored, 100 * m->accuracy,
         100 * interval->low, 100 * interval->high, m->macro_f1, m->log_loss);
done:
  hn_free(outcomes);
  return status;
}

static void print_classes(const hn_probability *table, const hn_metrics *m) {
  printf("\n%-24s %6s %10s %10s %10s\n", "class", "songs", "precision", "recall", "F1");
  for (size_t k = 0; k < m->n_classes; k++)
    printf("%-24s %6zu %10.3f %10.3f %10.3f\n", table->classes[k], m->classes[k].support,
           m->classes[k].precision, m->classes[k].recall, m->classes[k].f1);
  printf("\n%-24s", "truth \\ said");
  for (size_t k = 0; k < m->n_classes; k++) printf(" %10s", table->classes[k]);
  printf("\n");
  for (size_t i = 0; i < m->n_classes; i++) {
    printf("%-24s", table->classes[i]);
    for (size_t j = 0; j < m->n_classes; j++)
      printf(" %10" PRId64, m->confusion[i * m->n_classes + j]);
    printf("\n");
  }
}

static hn_status print_slices(const hn_probability *table, const row_facts *facts, size_t column,
                              hn_error *err) {
  hn_status status = HN_OK;
  hn_slices slices = {0};
  const char **texts = NULL;
  uint8_t *mask = NULL;
  char *small = NULL;
  const char *column_name = hn_manifest_column_name(facts->manifest, column);

  HN_NEW(texts, table->n_rows, err);
  HN_NEW(mask, table->n_rows, err);
  for (size_t i = 0; i < table->n_rows; i++)
    texts[i] = hn_manifest_cell(facts->manifest, facts->tracks[i], column);
  HN_TRY(hn_slices_by_value(texts, table->n_rows, NULL, 10, &slices, err));
  printf("\nby %s\n", column_name);
  for (size_t s = 0; s < slices.n_slices; s++) {
    hn_metrics m = {0};
    hn_interval interval;
    if (slices.slices[s].too_small) continue;
    hn_slices_mask(&slices, s, mask);
    status = print_line(slices.slices[s].name, table, mask, facts->artists, &m, &interval, err);
    hn_metrics_free(&m);
    if (status != HN_OK) goto done;
  }
  HN_TRY(hn_slices_describe_small(&slices, &small, err));
  if (small) printf("%s\n", small);
  if (slices.n_missing) printf("%zu tracks: %s missing\n", slices.n_missing, column_name);
done:
  hn_slices_free(&slices);
  hn_free(texts);
  hn_free(mask);
  hn_free(small);
  return status;
}

static hn_status evaluate(const char *path, const char *manifest, const char *slice,
                          hn_error *err) {
  hn_status status = HN_OK;
  hn_probability table = {0};
  row_facts facts = {0};
  hn_metrics m = {0};
  hn_interval interval;
  size_t column = 0, n_scored = 0;
  char note[160];

  HN_TRY(hn_probability_read(path, &table, err));
  if (manifest) HN_TRY(find_rows(manifest, &table, &facts, err));
  if (slice) HN_TRY(hn_manifest_require_column(facts.manifest, slice, &column, err));
  for (size_t i = 0; i < table.n_rows; i++)
    n_scored += table.truth[i] != HN_LABEL_MISSING && hn_probability_has(&table, i);
  if (n_scored == 0)
    HN_TRY(hn_fail(err, HN_INVALID,
                   "%s: none of its %zu tracks has both a truth and probabilities: there is "
                   "nothing to score",
                   path, table.n_rows));
  printf("%-24s %6s %10s %17s %9s %9s\n", "", "songs", "accuracy", "95 % interval", "macro-F1",
         "log loss");
  HN_TRY(print_line("all", &table, NULL, facts.artists, &m, &interval, err));
  hn_interval_describe(&interval, 0.95, note);
  print_classes(&table, &m);
  printf("\n%s\n", note);
  if (m.n_absent) printf("%zu songs have no probabilities and are not scored\n", m.n_absent);
  if (m.n_unlabelled) printf("%zu songs have no truth and are not scored\n", m.n_unlabelled);
  if (slice) status = print_slices(&table, &facts, column, err);
done:
  hn_metrics_free(&m);
  free_facts(&facts);
  hn_probability_free(&table);
  return status;
}

int hn_command_evaluate(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  int exit_status;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    const char *manifest = hn_args_get(&args, "manifest"), *slice = hn_args_get(&args, "slice");
    if (slice && !manifest) {
      fprintf(stderr, "headnod: --slice needs --manifest; usage: %s\n", syntax.usage);
      exit_status = HN_EXIT_USAGE;
    } else {
      exit_status = hn_command_end(evaluate(args.files[0], manifest, slice, &err), &err);
    }
  }
  hn_args_free(&args);
  return exit_status;
}
