#include "experiments/study.h"

#include "base/file.h"
#include "base/memory.h"
#include "corpora/filter.h"
#include "corpora/simulate.h"
#include "eval/split.h"
#include "experiments/study_reader.h"
#include "nlp/clean.h"
#include "nlp/language.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to 2^63 - 1: JSON's integers go no further. */
static hn_status read_seed(hn_study_reader *r, const hn_yaml *root, uint64_t *seed_out) {
  const hn_yaml *node = hn_yaml_get(root, "seed");
  if (!node) return HN_OK;
  char *end = NULL;
  errno = 0;
  if (node->kind == HN_YAML_SCALAR && node->text[0] >= '0' && node->text[0] <= '9')
    *seed_out = strtoull(node->text, &end, 10);
  if (!end || *end || errno || *seed_out > INT64_MAX)
    return hn_study_fail_at(r, node,
                            "seed must be a whole number from 0 to %" PRId64 ", not \"%s\"",
                            INT64_MAX, node->text ? node->text : hn_yaml_kind_name(node));
  return HN_OK;
}

static hn_status read_corpus(hn_study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *corpus = hn_yaml_get(root, "corpus");
  if (!corpus)
    return hn_study_fail_at(r, root,
                            "corpus is missing: write corpus: {manifest: PATH} or "
                            "corpus: {simulated: {seed: 1}}");
  HN_TRY(hn_study_check_map(r, corpus, "corpus", "manifest|bow|simulated|missing"));
  const hn_yaml *simulated = hn_yaml_get(corpus, "simulated");
  HN_TRY(hn_study_read_text(r, corpus, "manifest", NULL, &study->manifest));
  HN_TRY(hn_study_read_text(r, corpus, "bow", NULL, &study->bow));
  HN_TRY(hn_study_read_texts(r, corpus, "missing", &study->missing));
  study->is_simulated = simulated != NULL;
  if (study->is_simulated == (study->manifest != NULL))
    return hn_study_fail_at(r, corpus, "corpus needs a manifest or simulated, one of the two");
  if (study->is_simulated && study->bow)
    return hn_study_fail_at(r, hn_yaml_get(corpus, "bow"),
                            "the simulated corpus has no bag of words");
  if (simulated)
    HN_TRY(hn_study_read_options(r, simulated, "corpus.simulated", hn_simulate_options,
                                 &study->simulated));
done:
  return status;
}

static hn_status read_clean(hn_study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *clean = hn_yaml_get(root, "clean");
  int is_word = clean && clean->kind == HN_YAML_SCALAR;
  HN_TRY(
      hn_study_read_options(r, is_word ? NULL : clean, "clean", hn_clean_options, &study->clean));
  if (!is_word || strcmp(clean->text, "true") == 0) return HN_OK;
  if (strcmp(clean->text, "false") != 0)
    return hn_study_fail_at(r, clean, "clean must be true, false or a map of rules, not \"%s\"",
                            clean->text);
  for (const hn_option_spec *s = hn_clean_options; s->name; s++)
    if (s->type == HN_OPTION_BOOL) HN_TRY(hn_options_set(study->clean, s->name, "false", r->err));
done:
  return status;
}

static hn_status read_edges(hn_study_reader *r, const hn_yaml *node, hn_study_slice *slice) {
  hn_status status = HN_OK;
  if (!node) return HN_OK;
  if (node->kind != HN_YAML_LIST || node->n == 0)
    return hn_study_fail_at(r, node, "edges must be a list of numbers, such as [1990, 2000]");
  HN_NEW(slice->edges, node->n, r->err);
  for (size_t i = 0; i < node->n; i++) {
    const hn_yaml *item = node->items[i];
    char *end = NULL;
    double edge = item->kind == HN_YAML_SCALAR ? strtod(item->text, &end) : 0;
    if (!end || end == item->text || *end || !isfinite(edge) ||
        (i > 0 && edge <= slice->edges[i - 1]))
      return hn_study_fail_at(r, item, "edges must be ascending numbers; found \"%s\"",
                              item->text ? item->text : hn_yaml_kind_name(item));
    slice->edges[slice->n_edges++] = edge;
  }
done:
  return status;
}

static hn_status read_slices(hn_study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *slices = hn_yaml_get(root, "slices");
  if (!slices) return HN_OK;
  if (slices->kind != HN_YAML_MAP)
    return hn_study_fail_at(r, slices,
                            "slices must be a map such as {era: {column: year, edges: [2000]}}");
  HN_NEW(study->slices, slices->n, r->err);
  for (size_t i = 0; i < slices->n; i++) {
    hn_study_slice *slice = &study->slices[i];
    study->n_slices = i + 1;
    HN_DUP(slice->name, slices->keys[i], r->err);
    HN_TRY(hn_study_check_map(r, slices->items[i], "a slice", "column|edges"));
    HN_TRY(hn_study_read_text(r, slices->items[i], "column", slices->keys[i], &slice->column));
    HN_TRY(read_edges(r, hn_yaml_get(slices->items[i], "edges"), slice));
  }
done:
  return status;
}

static hn_status read_where(hn_study_reader *r, const hn_yaml *where, hn_study *study) {
  hn_status status = HN_OK;
  if (!where) return HN_OK;
  if (where->kind != HN_YAML_MAP)
    return hn_study_fail_at(r, where, "filters.where must be a map such as {source: [a, b]}");
  HN_NEW(study->where, where->n, r->err);
  for (size_t i = 0; i < where->n; i++) {
    study->n_where = i + 1;
    HN_DUP(study->where[i].column, where->keys[i], r->err);
    HN_TRY(hn_study_read_texts(r, where, where->keys[i], &study->where[i].values));
  }
done:
  return status;
}

/* By name or code; their names are kept. */
static hn_status read_languages(hn_study_reader *r, const hn_yaml *filters, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *node = filters ? hn_yaml_get(filters, "language") : NULL;
  if (!node) return HN_OK;
  if (study->bow)
    return hn_study_fail_at(
        r, node, "filters.language needs lyrics as texts, and this corpus has bags of words");
  HN_TRY(hn_study_read_texts(r, filters, "language", &study->languages));
  for (size_t i = 0; i < study->languages.n; i++) {
    const char *name = hn_language_find(study->languages.items[i]);
    if (!name)
      return hn_study_fail_at(r, node,
                              "filters.language: \"%s\" is not known; expected English names in "
                              "lower case or codes, such as english or en (headnod language tells "
                              "which ones songs are in)",
                              study->languages.items[i]);
    hn_free(study->languages.items[i]);
    study->languages.items[i] = NULL;
    HN_DUP(study->languages.items[i], name, r->err);
  }
done:
  return status;
}

static hn_status read_filters(hn_study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *filters = hn_yaml_get(root, "filters");
  if (filters)
    HN_TRY(hn_study_check_map(r, filters, "filters",
                              "drop_kinds|featured|compare_featured|require|where|language"));
  HN_TRY(hn_study_read_texts(r, filters, "drop_kinds", &study->drop_kinds));
  HN_TRY(hn_study_read_texts(r, filters, "require", &study->require));
  HN_TRY(hn_study_read_texts(r, filters, "compare_featured", &study->compare_featured));
  HN_TRY(read_languages(r, filters, study));
  if (filters) HN_TRY(read_where(r, hn_yaml_get(filters, "where"), study));
  if (filters)
    HN_TRY(hn_study_read_choice(r, filters, "featured",
                                "keep|drop|lead-only|drop-other-region|remove-verses|"
                                "remove-verses-other-region",
                                "keep", &study->featured));
  else
    HN_DUP(study->featured, "keep", r->err);
done:
  return status;
}

/* A policy that could change nothing would be taken for a finding. */
static hn_status check_policy(hn_study_reader *r, const hn_yaml *node, const char *key,
                              const char *name, const hn_study *study) {
  hn_featured_policy policy;
  hn_error inner = {0};
  if (hn_featured_policy_parse(name, &policy, &inner) != HN_OK)
    return hn_study_fail_at(r, node, "%s: %s", key, inner.message);
  if (!hn_featured_policy_cuts(policy)) return HN_OK;
  if (study->bow)
    return hn_study_fail_at(
        r, node,
        "%s: %s cuts sections out of lyrics, and the bags of words of corpus.bow "
        "have none; drop and drop-other-region work with them",
        key, name);
  if (!hn_study_reads_lyrics(study))
    return hn_study_fail_at(r, node,
                            "%s: %s cuts sections out of lyrics, and no model of this study sees "
                            "lyrics; add one with features: tfidf, or write %s",
                            key, name,
                            strcmp(key, "filters.featured") == 0 ? "featured: keep" : "drop");
  return HN_OK;
}

static hn_status check_guests(hn_study_reader *r, const hn_yaml *root, const hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *filters = hn_yaml_get(root, "filters");
  const hn_yaml *node = filters ? hn_yaml_get(filters, "compare_featured") : NULL;
  const hn_texts *others = &study->compare_featured;
  if (!filters) return HN_OK;
  HN_TRY(check_policy(r, hn_yaml_get(filters, "featured"), "filters.featured", study->featured,
                      study));
  if (others->n && strncmp(study->featured, "drop", 4) == 0)
    return hn_study_fail_at(r, node,
                            "filters.compare_featured compares on the songs of filters.featured, "
                            "where %s leaves guests out; write featured: keep and %s here",
                            study->featured, study->featured);
  if (others->n && !hn_study_reads_lyrics(study))
    return hn_study_fail_at(r, node,
                            "filters.compare_featured trains the models that see lyrics once more, "
                            "and this study has none; add one with features: tfidf");
  for (size_t i = 0; i < others->n; i++) {
    HN_TRY(check_policy(r, node, "filters.compare_featured", others->items[i], study));
    int is_again = strcmp(others->items[i], study->featured) == 0;
    for (size_t j = 0; j < i; j++) is_again |= strcmp(others->items[i], others->items[j]) == 0;
    if (is_again)
      return hn_study_fail_at(r, node,
                              "filters.compare_featured: %s stands there twice, or is "
                              "filters.featured itself, with which the others are compared",
                              others->items[i]);
  }
done:
  return status;
}

static hn_status read_split(hn_study_reader *r, const hn_yaml *root, hn_study *study) {
  const hn_yaml *split = hn_yaml_get(root, "split");
  hn_status status = hn_study_read_options(r, split, "split", hn_split_options, &study->split);
  if (status != HN_OK) return status;
  if (hn_options_is(study->split, "method", "column") == hn_options_is_none(study->split, "column"))
    return hn_study_fail_at(r, split,
                            "split.column belongs to method: column, and that method needs it");
  return HN_OK;
}

static hn_status read_study(hn_study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  char *on_error = NULL;
  HN_TRY(hn_study_check_map(
      r, root, "a study",
      "name|seed|corpus|target|on_error|filters|clean|split|models|fusion|slices|"
      "clusters|importances"));
  HN_TRY(hn_study_read_text(r, root, "name", NULL, &study->name));
  HN_TRY(hn_study_read_text(r, root, "target", NULL, &study->target));
  if (!study->name || !study->target)
    HN_TRY(hn_study_fail_at(r, root, "%s is missing", study->name ? "target" : "name"));
  if (strchr(study->name, '/') || study->name[0] == '.')
    HN_TRY(hn_study_fail_at(
        r, hn_yaml_get(root, "name"),
        "name \"%s\" becomes part of a folder's name: no / and no leading point", study->name));
  HN_TRY(hn_study_read_choice(r, root, "on_error", "stop|skip", "stop", &on_error));
  study->skip_errors = strcmp(on_error, "skip") == 0;
  HN_TRY(read_seed(r, root, &study->seed));
  HN_TRY(read_corpus(r, root, study));
  HN_TRY(read_filters(r, root, study));
  HN_TRY(read_clean(r, root, study));
  HN_TRY(read_split(r, root, study));
  HN_TRY(hn_study_read_models(r, root, study));
  HN_TRY(check_guests(r, root, study));
  HN_TRY(hn_study_read_fusion(r, root, study));
  HN_TRY(read_slices(r, root, study));
  HN_TRY(hn_study_read_clusters(r, root, study));
  status = hn_study_read_importances(r, root, study);
done:
  hn_free(on_error);
  return status;
}

hn_status hn_study_parse(const char *name, const char *text, size_t n, const char *const *sets,
                         size_t n_sets, hn_study **study_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_yaml *root = NULL;
  hn_study *study = NULL;
  char *path = NULL;

  HN_TRY(hn_yaml_parse(name, text, n, &root, err));
  for (size_t i = 0; i < n_sets; i++) {
    size_t at = strcspn(sets[i], "=");
    if (!sets[i][at])
      HN_TRY(
          hn_fail(err, HN_INVALID, "--set %s: expected KEY=VALUE, such as --set seed=2", sets[i]));
    hn_free(path);
    if (!(path = hn_strndup(sets[i], at))) HN_TRY(hn_fail_memory(err));
    HN_TRY(hn_yaml_set_path(root, path, sets[i] + at + 1, err));
  }
  HN_NEW(study, 1, err);
  study->validation_fraction = 0.2;
  HN_TRY(read_study(&(hn_study_reader){name, err}, root, study));
  *study_out = study;
  study = NULL;
done:
  hn_free(path);
  hn_yaml_destroy(root);
  hn_study_destroy(study);
  return status;
}

hn_status hn_study_read(const char *path, const char *const *sets, size_t n_sets,
                        hn_study **study_out, hn_error *err) {
  char *text = NULL;
  size_t n;
  hn_status status = hn_file_read(path, &text, &n, err);
  if (status == HN_OK) status = hn_study_parse(path, text, n, sets, n_sets, study_out, err);
  hn_free(text);
  return status;
}

static void free_texts(hn_texts *texts) {
  for (size_t i = 0; i < texts->n; i++) hn_free(texts->items[i]);
  hn_free(texts->items);
}

void hn_study_destroy(hn_study *study) {
  if (!study) return;
  for (size_t i = 0; i < study->n_models; i++) {
    hn_free(study->models[i].name);
    hn_free(study->models[i].kind);
    hn_options_destroy(study->models[i].features);
    hn_options_destroy(study->models[i].options);
    free_texts(&study->models[i].columns);
  }
  hn_free(study->models);
  for (size_t i = 0; i < study->n_slices; i++) {
    hn_free(study->slices[i].name);
    hn_free(study->slices[i].column);
    hn_free(study->slices[i].edges);
  }
  hn_free(study->slices);
  for (size_t i = 0; i < study->n_groups; i++) {
    hn_free(study->groups[i].name);
    free_texts(&study->groups[i].columns);
  }
  hn_free(study->groups);
  for (size_t i = 0; i < study->n_where; i++) {
    hn_free(study->where[i].column);
    free_texts(&study->where[i].values);
  }
  hn_free(study->where);
  hn_texts *const texts[] = {
      &study->missing,        &study->drop_kinds,       &study->require,
      &study->fusion_of,      &study->cluster_of,       &study->cluster_compare,
      &study->fusion_methods, &study->compare_featured, &study->languages};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free_texts(texts[i]);
  hn_options_destroy(study->simulated);
  hn_options_destroy(study->clean);
  hn_options_destroy(study->split);
  hn_options_destroy(study->clusters);
  hn_options_destroy(study->importances);
  hn_free(study->name);
  hn_free(study->manifest);
  hn_free(study->bow);
  hn_free(study->target);
  hn_free(study->featured);
  hn_free(study->fusion_headline);
  hn_free(study);
}
