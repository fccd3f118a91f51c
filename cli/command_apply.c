/* headnod apply: class probabilities of a feature file by a saved classifier. */
#include "cli/command.h"

#include "base/memory.h"
#include "base/npy.h"
#include "base/progress.h"
#include "cli/inputs.h"
#include "learn/classifier.h"

static const hn_flag flags[] = {
    {"x", 0, "X", "features, with the columns that the model was fitted on"},
    {"output", 'o', "P.npy", "where the probabilities go (n × classes, float32)"},
    {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {"headnod apply M --x X -o P.npy",
                                 "Class probabilities, the classes in ascending order.",
                                 "headnod apply forest.safetensors --x tfidf.npz -o p.npy",
                                 flags,
                                 1,
                                 1};

static hn_status apply(const char *model_path, const char *x_path, const char *output,
                       hn_error *err) {
  hn_status status = HN_OK;
  hn_model *model = NULL;
  hn_features x = {0};
  hn_progress *progress = NULL;
  float *p = NULL;

  HN_TRY(hn_model_load(model_path, &model, NULL, err));
  HN_TRY(hn_input_features(x_path, &x, err));
  size_t shape[2] = {hn_features_n_rows(&x), hn_model_n_classes(model)};
  HN_NEW(p, shape[0] * shape[1], err);
  progress = hn_progress_create(stderr, "apply", "rows", shape[0]);
  status = hn_model_predict_proba(model, &x, p, err);
  if (status != HN_OK) HN_TRY(hn_fail_prefix(err, status, "%s", x_path));
  hn_progress_advance(progress, shape[0]);
  hn_progress_destroy(progress);
  progress = NULL;
  status = hn_npy_write_floats(output, p, 2, shape, err);
done:
  hn_progress_destroy(progress);
  hn_free(p);
  hn_features_free(&x);
  hn_model_destroy(model);
  return status;
}

int hn_command_apply(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  const char *x, *output;
  int exit_status;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    exit_status = HN_EXIT_USAGE;
    if ((x = hn_command_require(&args, "x")) && (output = hn_command_require(&args, "output")))
      exit_status = hn_command_end(apply(args.files[0], x, output, &err), &err);
  }
  hn_args_free(&args);
  return exit_status;
}
