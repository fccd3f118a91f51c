/* headnod run: a study. */
#include "cli/command.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "experiments/runner.h"
#include "experiments/study.h"
#include "experiments/summary.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const hn_flag flags[] = {
    {"set", 0, "KEY=VALUE", "change a key of the study (dotted path, YAML value); repeatable"},
    {"output", 'o', "DIR", "the run folder (default: runs/<name>-<UTC time>)"},
    {"resume", 0, "DIR", "go on with an interrupted run instead"},
    {"seed", 0, "S", "seed of every random stream (default: the study's)"},
    {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod run STUDY.yaml [--set KEY=VALUE]… [-o DIR] | headnod run --resume DIR",
    "Run a study: features, training, fusion, evaluation, report.",
    "headnod run experiments/studies/demo.yaml --set seed=2",
    flags,
    0,
    1};

/* Every --set is KEY=VALUE; else the first that is not. */
static const char *find_bad_set(const hn_args *args) {
  for (size_t i = 0; i < args->n_flags; i++)
    if (strcmp(args->flag_names[i], "set") == 0 && !strchr(args->flag_values[i], '='))
      return args->flag_values[i];
  return NULL;
}

/* What ctrl-C prints; composed beforehand, since a signal handler may only write. */
static char interrupted[8400];
static size_t n_interrupted;

static void on_interrupt(int signal_number) {
  ssize_t ignored = write(STDERR_FILENO, interrupted, n_interrupted);
  (void)ignored;
  _exit(128 + signal_number);
}

/* A word as a shell takes it: plain where that is safe, else in single quotes. */
static void shell_word(const char *word, char *out, size_t n) {
  size_t at = 0;
  int is_plain = word[0] && !word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-+=:.,/@%"
                                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ")];
  if (is_plain) {
    snprintf(out, n, "%s", word);
    return;
  }
  out[at++] = '\'';
  for (; *word && at + 6 < n; word++) {
    if (*word == '\'') {
      memcpy(out + at, "'\\'", 3);
      at += 3;
    }
    out[at++] = *word;
  }
  memcpy(out + at, "'", 2);
}

/* Every file of a run appears whole, so that stopping at once loses the fold under way only. */
static void offer_resume(const char *folder) {
  char word[8200];
  shell_word(folder, word, sizeof word);
  int n = snprintf(interrupted, sizeof interrupted,
                   "\nheadnod: interrupted; go on with:\n  headnod run --resume %s\n", word);
  n_interrupted = n < (int)sizeof interrupted ? (size_t)n : sizeof interrupted - 1;
  struct sigaction action = {.sa_handler = on_interrupt};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

static hn_status print_result(const json_t *metrics, const char *folder, hn_error *err) {
  hn_buffer text = {0};
  hn_status status = hn_summary_text(metrics, &text, err);
  if (status == HN_OK) printf("%s\nreport: %s/report.html\n", text.data, folder);
  hn_buffer_free(&text);
  return status;
}

static hn_status run_new(const hn_args *args, hn_error *err) {
  hn_status status = HN_OK;
  hn_study *study = NULL;
  json_t *metrics = NULL;
  char *folder = NULL, seed[32];
  const char **sets = NULL;

  HN_NEW(sets, args->n_flags + 1, err);
  size_t n_sets = hn_args_all(args, "set", sets);
  if (hn_args_get(args, "seed")) {
    snprintf(seed, sizeof seed, "seed=%s", hn_args_get(args, "seed"));
    sets[n_sets++] = seed;
  }
  HN_TRY(hn_study_read(args->files[0], sets, n_sets, &study, err));
  HN_TRY(hn_run_study(study, hn_args_get(args, "output"), stderr, offer_resume, &metrics, &folder,
                      err));
  status = print_result(metrics, folder, err);
done:
  json_decref(metrics);
  hn_study_destroy(study);
  hn_free(folder);
  hn_free(sets);
  return status;
}

static hn_status run_again(const char *folder, hn_error *err) {
  json_t *metrics = NULL;
  hn_status status = hn_run_resume(folder, stderr, offer_resume, &metrics, err);
  if (status == HN_OK) status = print_result(metrics, folder, err);
  json_decref(metrics);
  return status;
}

int hn_command_run(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  int exit_status;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    const char *resume = hn_args_get(&args, "resume"), *bad_set = find_bad_set(&args);
    int changes =
        hn_args_get(&args, "set") || hn_args_get(&args, "output") || hn_args_get(&args, "seed");
    if ((resume != NULL) == (args.n_files == 1) || (resume && changes)) {
      fprintf(stderr, "headnod: give a study, or --resume DIR and nothing else; usage: %s\n",
              syntax.usage);
      exit_status = HN_EXIT_USAGE;
    } else if (bad_set) {
      fprintf(stderr, "headnod: --set %s: expected KEY=VALUE, such as --set seed=2\n", bad_set);
      exit_status = HN_EXIT_USAGE;
    } else {
      exit_status = hn_command_end(resume ? run_again(resume, &err) : run_new(&args, &err), &err);
    }
  }
  hn_args_free(&args);
  return exit_status;
}
