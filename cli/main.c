/* headnod: a command and its arguments. */
#include "cli/command.h"
#include "experiments/environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
  const char *name;
  hn_command_function *run;
  const char *summary;
} commands[] = {
    {"run", hn_command_run, "run a study: train, fuse, evaluate, report"},
    {"report", hn_command_report, "build report.html of a run again"},
    {"predict", hn_command_predict, "class probabilities of a new song, by the models of a run"},
    {"demo", hn_command_demo, "write the simulated corpus"},
    {"import", hn_command_import, "make a manifest from a music or lyrics collection"},
    {"audit", hn_command_audit, "what is wrong with a corpus, before any training"},
    {"clean", hn_command_clean, "lyrics without the leftovers of scraping"},
    {"language", hn_command_language, "which languages songs are in"},
    {"vectorize", hn_command_vectorize, "lyrics or bags of words to TF-IDF"},
    {"mel", hn_command_mel, "audio files to log-mel spectrograms"},
    {"feature", hn_command_feature, "audio files to MFCC, chroma, onset strength …"},
    {"describe", hn_command_describe, "tempo, key, loudness, energy … of songs, as CSV"},
    {"fit", hn_command_fit, "train a classifier on a feature file"},
    {"apply", hn_command_apply, "class probabilities by a saved classifier"},
    {"importance", hn_command_importance, "which features a saved classifier needs"},
    {"fuse", hn_command_fuse, "several probability tables to one"},
    {"evaluate", hn_command_evaluate, "scores of a probability table"},
    {"cluster", hn_command_cluster, "k-means on a feature file"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *stream) {
  fprintf(stream,
          "headnod %s: classify songs by what they say and how they sound\n\n"
          "usage: headnod COMMAND [ARGUMENT…]\n\n",
          hn_version());
  for (int i = 0; i < N_COMMANDS; i++)
    fprintf(stream, "  %-10s %s\n", commands[i].name, commands[i].summary);
  fprintf(stream, "\nheadnod COMMAND --help tells more.\n");
}

/* Threads that wait should soon sleep: while they spin they take the processor from those that work
 * as soon as anything else runs on the machine. Spinning for some microseconds costs a busy machine
 * little, and saves an idle one the way to sleep and back at every loop. The OpenMP library reads
 * the setting before main begins, so the program starts itself once more. */
static void let_threads_sleep(char **argv) {
  if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT")) return;
  if (setenv("GOMP_SPINCOUNT", "2000", 0) != 0) return;
  execv("/proc/self/exe", argv); /* returns only where that is not possible: go on as we are */
}

/* A full disk behind stdout shows only when the last bytes are written. */
static int end_output(int exit_status) {
  if (fflush(stdout) == 0 && !ferror(stdout)) return exit_status;
  fprintf(stderr, "headnod: stdout: cannot write: %s\n", strerror(errno));
  return exit_status == HN_EXIT_DONE ? HN_EXIT_FAILED : exit_status;
}

int main(int argc, char **argv) {
  let_threads_sleep(argv);
  const char *name = argc > 1 ? argv[1] : "";
  for (int i = 0; i < N_COMMANDS; i++)
    if (strcmp(name, commands[i].name) == 0) return end_output(commands[i].run(argc - 2, argv + 2));
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    print_help(stdout);
    return end_output(HN_EXIT_DONE);
  }
  if (strcmp(name, "--version") == 0) {
    printf("headnod %s\n", hn_version());
    return end_output(HN_EXIT_DONE);
  }
  if (name[0]) fprintf(stderr, "headnod: \"%s\" is not a command\n\n", name);
  print_help(stderr);
  return HN_EXIT_USAGE;
}
