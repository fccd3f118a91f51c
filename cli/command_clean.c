/* headnod clean: lyrics without the leftovers of scraping, one song or a whole corpus. */
#include "cli/command.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/inputs.h"
#include "experiments/clean_corpus.h"
#include "nlp/clean.h"

#include <stdio.h>

static const hn_flag flags[] = {
    {"output", 'o', "F", "write there instead of to stdout; of a manifest, the folder to write"},
    {"diff", 0, NULL, "show each removed span with the rule behind it, instead of the text"},
    {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod clean FILE [--diff] [-o F] | MANIFEST -o DIR [--RULE true|false]…",
    "Cleaned lyrics, or a copy of a corpus with cleaned lyrics; each rule can be "
    "switched on and off.",
    "headnod clean song.txt --diff",
    flags,
    1,
    1};

/* Bytes on one line, in quotes. */
static void add_quoted(hn_buffer *out, const char *bytes, size_t n) {
  hn_buffer_byte(out, '"');
  for (size_t i = 0; i < n; i++) {
    if (bytes[i] == '\n')
      hn_buffer_text(out, "\\n");
    else if (bytes[i] == '\r')
      hn_buffer_text(out, "\\r");
    else if (bytes[i] == '\t')
      hn_buffer_text(out, "\\t");
    else if (bytes[i] == '"' || bytes[i] == '\\')
      hn_buffer_format(out, "\\%c", bytes[i]);
    else
      hn_buffer_byte(out, bytes[i]);
  }
  hn_buffer_byte(out, '"');
}

/* "12: section_mark: "[Verse 1]" -> """: the line of the original, the rule, what became of it. */
static void add_diff(hn_buffer *out, const char *original, const hn_cleaned *cleaned) {
  size_t line = 1, at = 0;
  for (size_t s = 0; s < cleaned->n_spans; s++) {
    const hn_clean_span *span = &cleaned->spans[s];
    for (; at < span->offset; at++) line += original[at] == '\n';
    hn_buffer_format(out, "%zu: %s: ", line, hn_clean_rule_name(span->rule));
    add_quoted(out, original + span->offset, span->length);
    if (span->text_length) {
      hn_buffer_text(out, " -> ");
      add_quoted(out, cleaned->text + span->text_offset, span->text_length);
    }
    hn_buffer_byte(out, '\n');
  }
}

static hn_status clean(const hn_args *args, hn_error *err) {
  hn_status status = HN_OK;
  hn_cleaner *cleaner = NULL;
  hn_cleaned cleaned = {0};
  hn_buffer result = {0};
  const char *output = hn_args_get(args, "output");
  char *text = NULL;
  size_t n;

  HN_TRY(hn_file_read(args->files[0], &text, &n, err));
  HN_TRY(hn_cleaner_create(args->tables[0], &cleaner, err));
  status = hn_cleaner_apply(cleaner, text, n, &cleaned, err);
  if (status != HN_OK) {
    hn_fail_prefix(err, status, "%s", args->files[0]);
    goto done;
  }
  if (hn_args_get(args, "diff"))
    add_diff(&result, text, &cleaned);
  else
    hn_buffer_append(&result, cleaned.text, cleaned.n);
  HN_TRY(hn_buffer_status(&result, err));
  if (output)
    status = hn_file_write(output, result.length ? result.data : "", result.length, err);
  else
    fwrite(result.length ? result.data : "", 1, result.length, stdout);
done:
  hn_buffer_free(&result);
  hn_cleaned_free(&cleaned);
  hn_cleaner_destroy(cleaner);
  hn_free(text);
  return status;
}

static hn_status clean_corpus(const hn_args *args, const char *folder, hn_error *err) {
  hn_status status = HN_OK;
  hn_clean_count *counts = NULL;
  hn_progress *progress = NULL;

  HN_NEW(counts, hn_clean_n_rules(), err);
  progress = hn_progress_create(stderr, "clean", "songs", 0);
  HN_TRY(hn_clean_corpus(args->files[0], args->tables[0], folder, progress, counts, err));
  printf("rule,times,bytes\n");
  for (size_t r = 0; r < hn_clean_n_rules(); r++)
    if (counts[r].n_matches)
      printf("%s,%zu,%zu\n", hn_clean_rule_name(r), counts[r].n_matches, counts[r].n_bytes);
done:
  hn_progress_destroy(progress);
  hn_free(counts);
  return status;
}

int hn_command_clean(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  int exit_status;
  hn_status status = hn_options_create(hn_clean_options, &args.tables[0], &err);
  if (status != HN_OK) return hn_command_end(status, &err);
  args.n_tables = 1;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    const char *folder;
    if (!hn_input_is_manifest(args.files[0]))
      exit_status = hn_command_end(clean(&args, &err), &err);
    else if ((folder = hn_command_require(&args, "output")))
      exit_status = hn_command_end(clean_corpus(&args, folder, &err), &err);
    else
      exit_status = HN_EXIT_USAGE;
  }
  hn_args_free(&args);
  return exit_status;
}
