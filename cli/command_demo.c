/* headnod demo: the simulated corpus as files. */
#include "cli/command.h"

#include "base/progress.h"
#include "corpora/simulate.h"

#include <inttypes.h>
#include <stdio.h>

static const hn_flag flags[] = {{NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod demo DIR [--OPTION VALUE]…",
    "Write the simulated corpus: made-up songs whose best possible accuracies are known.",
    "headnod demo simulated && headnod run experiments/studies/demo.yaml "
    "--set corpus='{manifest: simulated/manifest.csv}'",
    flags,
    1,
    1};

static void print_ceiling(const char *name, const hn_ceiling *c) {
  printf("  %-8s %5.1f %%  of %zu songs, %zu of which tell their region\n", name, 100 * c->accuracy,
         c->n, c->n_cue);
}

static hn_status simulate(const hn_args *args, hn_error *err) {
  hn_simulation s;
  hn_progress *progress =
      hn_progress_create(stderr, "simulated songs", "songs", hn_simulate_n_units(args->tables[0]));
  hn_status status = hn_simulate(args->files[0], args->tables[0], progress, &s, err);
  hn_progress_destroy(progress);
  if (status != HN_OK) return status;
  printf("%s: %zu simulated songs by %zu artists of %zu regions\n"
         "  %zu skits, %zu with a guest, %zu without lyrics, %zu without audio, %zu without a "
         "region\n"
         "best possible accuracy\n",
         args->files[0], s.n_tracks, s.n_artists, s.n_regions, s.n_skits, s.n_guests,
         s.n_without_lyrics, s.n_without_audio, s.n_unlabelled);
  print_ceiling("lyrics", &s.ceilings.lyrics);
  print_ceiling("audio", &s.ceilings.audio);
  print_ceiling("both", &s.ceilings.fused);
  return HN_OK;
}

int hn_command_demo(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  int exit_status;
  hn_status status = hn_options_create(hn_simulate_options, &args.tables[0], &err);
  if (status != HN_OK) return hn_command_end(status, &err);
  args.n_tables = 1;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, args.seed);
    if (hn_args_get(&args, "seed")) status = hn_options_set(args.tables[0], "seed", seed, &err);
    if (status == HN_OK) status = simulate(&args, &err);
    exit_status = hn_command_end(status, &err);
  }
  hn_args_free(&args);
  return exit_status;
}
