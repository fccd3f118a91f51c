/* headnod cluster: k-means on a feature file. */
#include "cli/command.h"

#include "base/npy.h"
#include "cli/inputs.h"
#include "eval/kmeans.h"

#include <stdio.h>

static const hn_flag flags[] = {{"x", 0, "X", "features: .npy (dense) or .npz (sparse)"},
                                {"output", 'o', "L.npy", "where the labels go (n, int32)"},
                                {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {"headnod cluster --x X --k K [--n_init 10] -o L.npy",
                                 "k-means as scikit-learn's KMeans; clusters are numbered by first "
                                 "appearance.",
                                 "headnod cluster --x tfidf.npz --k 8 -o labels.npy",
                                 flags,
                                 0,
                                 0};

static hn_status cluster(const hn_args *args, const char *x_path, const char *output,
                         hn_error *err) {
  hn_status status = HN_OK;
  hn_features x = {0};
  hn_kmeans kmeans = {0};
  HN_TRY(hn_input_features(x_path, &x, err));
  status = hn_kmeans_fit(&x, args->tables[0], args->seed, &kmeans, err);
  if (status != HN_OK) HN_TRY(hn_fail_prefix(err, status, "%s", x_path));
  HN_TRY(hn_npy_write_ints(output, kmeans.labels, 1, &kmeans.n_rows, err));
  fprintf(stderr, "%s: %zu rows in %zu clusters, inertia %.6g after %zu rounds\n", output,
          kmeans.n_rows, kmeans.n_clusters, kmeans.inertia, kmeans.n_iter);
done:
  hn_kmeans_free(&kmeans);
  if (x.kind) hn_features_free(&x);
  return status;
}

int hn_command_cluster(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  const char *x, *output;
  int exit_status;
  hn_status status = hn_options_create(hn_kmeans_options, &args.tables[0], &err);
  if (status != HN_OK) return hn_command_end(status, &err);
  args.n_tables = 1;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    exit_status = HN_EXIT_USAGE;
    if ((x = hn_command_require(&args, "x")) && (output = hn_command_require(&args, "output")))
      exit_status = hn_command_end(cluster(&args, x, output, &err), &err);
  }
  hn_args_free(&args);
  return exit_status;
}
