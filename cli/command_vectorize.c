/* headnod vectorize: texts or bags of words to a TF-IDF matrix. */
#include "cli/command.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/npz.h"
#include "base/progress.h"
#include "cli/documents.h"
#include "corpora/bags.h"
#include "corpora/detect.h"
#include "nlp/hashing.h"
#include "nlp/tfidf.h"

#include <stdio.h>
#include <string.h>

static const hn_flag flags[] = {
    {"output", 'o', "X.npz", "where the matrix goes (SciPy's CSR)"},
    {"vocabulary", 0, "V.txt", "write the terms, one a line, in the order of the columns"},
    {"counts", 0, NULL, "counts instead of TF-IDF (scikit-learn's CountVectorizer)"},
    {"hashing", 0, NULL, "hash terms to columns, keep no vocabulary: memory does not grow"},
    {"replace-invalid", 0, NULL, "replace invalid UTF-8 (decode_error replace)"},
    {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod vectorize FILE… -o X.npz [--vocabulary V.txt] [--counts | --hashing] [--OPTION "
    "VALUE]…",
    "TF-IDF as scikit-learn computes it. A FILE is a manifest, JSON Lines ({\"id\", \"text\"}) or "
    "a\n"
    "bag of words; texts are taken as they are (see headnod clean). - is JSON Lines from standard\n"
    "input.",
    "headnod vectorize corpus/manifest.csv -o x.npz --ngram 1,2 --min_df 2",
    flags,
    1,
    (size_t)-1};

static hn_status from_bags(const hn_args *args, hn_tfidf **tfidf, hn_csr *x, hn_error *err) {
  hn_bags bags = {0};
  if (args->n_files > 1)
    return hn_fail(err, HN_INVALID,
                   "%s: a bag of words has its own vocabulary; give one such file at a time",
                   args->files[0]);
  hn_status status = hn_bags_read(args->files[0], &bags, err);
  if (status == HN_OK)
    status = hn_tfidf_fit_transform_counts(&bags.counts, (const char *const *)bags.terms,
                                           args->tables[0], tfidf, x, err);
  hn_bags_free(&bags);
  return status;
}

static hn_status from_texts(const hn_args *args, hn_tfidf **tfidf, hn_csr *x, hn_error *err) {
  hn_status status = HN_OK;
  hn_documents *documents = NULL;
  hn_tfidf_fitter *fitter = NULL;
  hn_progress *progress = hn_progress_create(stderr, "vectorize", "texts", 0);
  int replace_invalid = hn_options_is(args->tables[0], "decode_error", "replace");
  HN_TRY(hn_documents_create(args->files, args->n_files, replace_invalid, &documents, err));
  HN_TRY(hn_tfidf_fitter_create(args->tables[0], &fitter, err));
  for (;;) {
    const hn_text *texts;
    size_t n;
    HN_TRY(hn_documents_next(documents, &texts, &n, err));
    if (n == 0) break;
    HN_TRY(hn_tfidf_fitter_add(fitter, texts, n, progress, err));
  }
  HN_TRY(hn_tfidf_fitter_finish(fitter, 0, tfidf, x, err));
done:
  hn_progress_destroy(progress);
  hn_tfidf_fitter_destroy(fitter);
  hn_documents_destroy(documents);
  return status;
}

static hn_status hash(const hn_args *args, const char *output, hn_error *err) {
  hn_status status = HN_OK;
  hn_documents *documents = NULL;
  hn_hashing *hashing = NULL;
  hn_npz_writer *writer = NULL;
  hn_csr x = {0};
  hn_progress *progress = hn_progress_create(stderr, "vectorize", "texts", 0);
  int replace_invalid = hn_options_is(args->tables[0], "decode_error", "replace");
  HN_TRY(hn_documents_create(args->files, args->n_files, replace_invalid, &documents, err));
  HN_TRY(hn_hashing_create(args->tables[0], &hashing, err));
  HN_TRY(hn_npz_writer_create(output, hn_hashing_n_features(hashing), &writer, err));
  for (;;) {
    const hn_text *texts;
    size_t n;
    HN_TRY(hn_documents_next(documents, &texts, &n, err));
    if (n == 0) break;
    HN_TRY(hn_hashing_transform(hashing, texts, n, progress, &x, err));
    HN_TRY(hn_npz_writer_add(writer, &x, err));
    hn_csr_free(&x);
  }
  HN_TRY(hn_npz_writer_finish(writer, err));
  hn_progress_destroy(progress);
  progress = NULL;
  fprintf(stderr, "%s: %zu texts × %zu hashed columns, %zu entries\n", output,
          hn_npz_writer_n_rows(writer), hn_hashing_n_features(hashing),
          hn_npz_writer_n_entries(writer));
done:
  hn_csr_free(&x);
  hn_progress_destroy(progress);
  hn_npz_writer_destroy(writer);
  hn_hashing_destroy(hashing);
  hn_documents_destroy(documents);
  return status;
}

static hn_status write_vocabulary(const hn_tfidf *tfidf, const char *path, hn_error *err) {
  hn_buffer text = {0};
  hn_status status = hn_tfidf_write_terms(tfidf, &text, err);
  if (status == HN_OK) status = hn_file_write(path, text.data ? text.data : "", text.length, err);
  hn_buffer_free(&text);
  return status;
}

static hn_status vectorize(const hn_args *args, const char *output, hn_error *err) {
  hn_status status = HN_OK;
  hn_corpus_format format;
  hn_tfidf *tfidf = NULL;
  hn_csr x = {0};
  const char *vocabulary = hn_args_get(args, "vocabulary");

  if (hn_args_get(args, "replace-invalid"))
    HN_TRY(hn_options_set(args->tables[0], "decode_error", "replace", err));
  if (hn_args_get(args, "hashing")) return hash(args, output, err);
  if (hn_args_get(args, "counts")) HN_TRY(hn_tfidf_options_count(args->tables[0], err));
  HN_TRY(hn_corpus_detect(args->files[0], &format, err));
  HN_TRY(format == HN_CORPUS_BAGS ? from_bags(args, &tfidf, &x, err)
                                  : from_texts(args, &tfidf, &x, err));
  HN_TRY(hn_npz_write_csr(output, &x, err));
  if (vocabulary) HN_TRY(write_vocabulary(tfidf, vocabulary, err));
  fprintf(stderr, "%s: %zu texts × %zu terms, %zu entries\n", output, x.n_rows, x.n_cols,
          hn_csr_n_entries(&x));
done:
  hn_csr_free(&x);
  hn_tfidf_destroy(tfidf);
  return status;
}

/* It has options of its own, so that it must be known before they are read. */
static int wants_hashing(int argc, char **argv) {
  for (int i = 0; i < argc; i++)
    if (strcmp(argv[i], "--hashing") == 0) return 1;
  return 0;
}

/* What hashing has no use for. */
static int check_hashing(const hn_args *args) {
  static const char *const refused[] = {"vocabulary", "counts"};
  for (size_t i = 0; hn_args_get(args, "hashing") && i < 2; i++)
    if (hn_args_get(args, refused[i])) {
      fprintf(stderr, "headnod: --%s does not go with --hashing%s\n", refused[i],
              i == 0 ? ", which keeps no vocabulary" : "; set --norm none");
      return 0;
    }
  return 1;
}

int hn_command_vectorize(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  const char *output;
  int exit_status;
  const hn_option_spec *specs = wants_hashing(argc, argv) ? hn_hashing_options : hn_tfidf_options;
  hn_status status = hn_options_create(specs, &args.tables[0], &err);
  if (status != HN_OK) return hn_command_end(status, &err);
  args.n_tables = 1;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status)) {
    exit_status = HN_EXIT_USAGE;
    if ((output = hn_command_require(&args, "output")) && check_hashing(&args))
      exit_status = hn_command_end(vectorize(&args, output, &err), &err);
  }
  hn_args_free(&args);
  return exit_status;
}
