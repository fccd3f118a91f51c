/* headnod fit: a classifier trained on a feature file. */
#include "cli/command.h"

#include "base/labels.h"
#include "base/npy.h"
#include "base/progress.h"
#include "cli/inputs.h"
#include "learn/registry.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

static const hn_flag flags[] = {
    {"x", 0, "X", "features: .npy (n × D, or n × n_mels × frames) or .npz"},
    {"y", 0, "Y", "labels, one a row: .npy of integers or texts, or a manifest with --target"},
    {"target", 0, "COLUMN", "the column of the manifest that holds the labels"},
    {"groups", 0, "G.npy", "artists: validation is taken by group"},
    {"checkpoint", 0, "FILE",
     "networks: the state after each epoch, from which the same command goes on when stopped"},
    {"output", 'o', "M", "where the model goes (safetensors)"},
    {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod fit CLASSIFIER --x X --y Y [--target COLUMN] -o M [--OPTION VALUE]…",
    "Train a classifier; its options have the names of scikit-learn.",
    "headnod fit forest --x tfidf.npz --y corpus/manifest.csv --target region -o "
    "forest.safetensors",
    flags,
    1,
    1};

static void print_classifiers(FILE *stream) {
  fprintf(stream, "\nclassifiers (headnod fit CLASSIFIER --help shows the options of one)\n ");
  for (size_t i = 0; i < hn_classifier_count(); i++)
    fprintf(stream, " %s", hn_classifier_at(i)->name);
  fprintf(stream, "\n");
}

static hn_status check_length(const char *path, size_t n, size_t n_rows, hn_error *err) {
  return n == n_rows
             ? HN_OK
             : hn_fail(err, HN_INVALID, "%s: %zu values for %zu rows of features", path, n, n_rows);
}

static hn_status check_missing(const char *path, const hn_labels *y, hn_error *err) {
  for (size_t i = 0; i < y->n; i++)
    if (y->values[i] == HN_LABEL_MISSING)
      return hn_fail(err, HN_INVALID, "%s: the label of row %zu is missing; leave such rows out",
                     path, i);
  return HN_OK;
}

static hn_status fit(const hn_classifier_kind *kind, const hn_args *args, const char *x_path,
                     const char *y_path, const char *output, hn_error *err) {
  hn_status status = HN_OK;
  hn_features x = {0};
  hn_labels y = {0}, groups = {0};
  hn_model *model = NULL;
  hn_progress *progress = NULL;
  const char *groups_path = hn_args_get(args, "groups");
  const char *checkpoint = hn_args_get(args, "checkpoint");

  HN_TRY(hn_input_features(x_path, &x, err));
  HN_TRY(hn_input_labels(y_path, hn_args_get(args, "target"), &y, err));
  HN_TRY(check_length(y_path, y.n, hn_features_n_rows(&x), err));
  HN_TRY(check_missing(y_path, &y, err));
  if (groups_path) {
    HN_TRY(hn_npy_read_labels(groups_path, &groups, err));
    HN_TRY(check_length(groups_path, groups.n, y.n, err));
  }
  progress = hn_progress_create(stderr, kind->name, kind->unit, kind->n_units(args->tables[0]));
  hn_fit_input input = {.x = &x,
                        .y = y.values,
                        .n_classes = y.n_classes,
                        .groups = groups.values,
                        .seed = args->seed,
                        .progress = progress,
                        .checkpoint = checkpoint};
  status = hn_model_fit(kind, args->tables[0], &input, (const char *const *)y.classes, &model, err);
  if (status != HN_OK) HN_TRY(hn_fail_prefix(err, status, "%s", x_path));
  HN_TRY(hn_model_save(model, NULL, output, err));
  if (checkpoint) unlink(checkpoint);
  hn_progress_destroy(progress);
  progress = NULL;
  if (!isnan(hn_model_oob_score(model)))
    fprintf(stderr, "%s: out-of-bag accuracy %.2f %%\n", kind->name,
            100 * hn_model_oob_score(model));
  if (!isnan(hn_model_found_rate(model)))
    fprintf(stderr, "%s: learning rate %.3g found\n", kind->name, hn_model_found_rate(model));
done:
  hn_progress_destroy(progress);
  hn_model_destroy(model);
  hn_labels_free(&groups);
  hn_labels_free(&y);
  hn_features_free(&x);
  return status;
}

int hn_command_fit(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  const hn_classifier_kind *kind = NULL;
  const char *x, *y, *output;
  int exit_status;

  /* The classifier decides which options there are, so it comes first. */
  if (argc > 0 && argv[0][0] != '-') {
    if (hn_classifier_find(argv[0], &kind, &err) != HN_OK) {
      fprintf(stderr, "headnod: %s\n", err.message);
      return HN_EXIT_USAGE;
    }
    hn_status status = hn_options_create(kind->options, &args.tables[0], &err);
    if (status != HN_OK) return hn_command_end(status, &err);
    args.n_tables = 1;
  }
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    exit_status = HN_EXIT_USAGE;
    if (!kind)
      fprintf(stderr, "headnod: the classifier comes first; usage: %s\n", syntax.usage);
    else if ((x = hn_command_require(&args, "x")) && (y = hn_command_require(&args, "y")) &&
             (output = hn_command_require(&args, "output")))
      exit_status = hn_command_end(fit(kind, &args, x, y, output, &err), &err);
  } else if (args.wants_help && !kind) {
    print_classifiers(stdout);
  }
  hn_args_free(&args);
  return exit_status;
}
