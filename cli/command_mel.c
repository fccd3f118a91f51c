/* headnod mel: log-mel spectrograms of audio files, as arrays or as pictures. */
#include "cli/command.h"
#include "cli/features.h"

static const hn_syntax syntax = {
    "headnod mel FILE… -o DIR [--png] [--OPTION VALUE]…",
    "Log-mel spectrograms (n_mels × frames, float32, dB) with librosa's names and defaults.",
    "headnod mel music/*.mp3 -o spectrograms --clip 30,75 --n_mels 64",
    hn_features_flags,
    1,
    (size_t)-1};

int hn_command_mel(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  const hn_descriptor_kind *kind = hn_descriptor_find("mel");
  int exit_status;
  hn_status status = hn_options_create(hn_descriptor_options(kind), &args.tables[0], &err);
  if (status != HN_OK) return hn_command_end(status, &err);
  args.n_tables = 1;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status))
    exit_status = hn_features_check(&args)
                      ? hn_command_end(hn_features_write(kind, &args, &err), &err)
                      : HN_EXIT_USAGE;
  hn_args_free(&args);
  return exit_status;
}
