#include "experiments/study.h"

#include "base/file.h"
#include "base/memory.h"
#include "corpora/simulate.h"
#include "eval/kmeans.h"
#include "eval/split.h"
#include "experiments/yaml.h"
#include "fusion/registry.h"
#include "nlp/clean.h"
#include "nlp/tfidf.h"
#include "vision/mel.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Features by the name they have in a study. */
static const struct {
  const char *name, *modality_name;
  const hn_option_spec *options;
  hn_features_kind kind;
} feature_kinds[] = {[HN_MODALITY_LYRICS] = {"tfidf", "lyrics", hn_tfidf_options, HN_FEATURES_CSR},
                     [HN_MODALITY_AUDIO] = {"mel", "audio", hn_mel_options, HN_FEATURES_IMAGES},
                     [HN_MODALITY_TABLE] = {"columns", "table", NULL, HN_FEATURES_DENSE}};
enum { N_FEATURE_KINDS = sizeof feature_kinds / sizeof feature_kinds[0] };

const char *hn_study_features_name(hn_modality modality) {
  return feature_kinds[modality].name;
}

const char *hn_modality_name(hn_modality modality) {
  return feature_kinds[modality].modality_name;
}

/* Where reading stands, for messages. */
typedef struct {
  const char *name;
  hn_error *err;
} study_reader;

static hn_status fail_at(study_reader *r, const hn_yaml *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static hn_status fail_at(study_reader *r, const hn_yaml *node, const char *format, ...) {
  char message[900];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  if (node && node->line)
    return hn_fail(r->err, HN_INVALID, "%s:%zu:%zu: %s", r->name, node->line, node->column,
                   message);
  return hn_fail(r->err, HN_INVALID, "%s%s: %s", r->name, node ? " as changed by --set" : "",
                 message);
}

static const char *kind_name(const hn_yaml *node) {
  static const char *const names[] = {"a single value", "a list", "a map"};
  return names[node->kind];
}

/* map must be a map with no other keys than those in known ("a|b|c"). */
static hn_status check_map(study_reader *r, const hn_yaml *map, const char *where,
                           const char *known) {
  if (map->kind != HN_YAML_MAP)
    return fail_at(r, map, "%s must be a map of keys, not %s", where, kind_name(map));
  for (size_t i = 0; i < map->n; i++) {
    const char *c = known;
    size_t n = strlen(map->keys[i]);
    while (c && !(strncmp(c, map->keys[i], n) == 0 && (c[n] == '|' || c[n] == 0)))
      if ((c = strchr(c, '|'))) c++;
    if (!c)
      return fail_at(r, map->items[i], "\"%s\" is not a key of %s (known: %s)", map->keys[i], where,
                     known);
  }
  return HN_OK;
}

static hn_status read_text(study_reader *r, const hn_yaml *map, const char *key,
                           const char *fallback, char **text_out) {
  const hn_yaml *node = map ? hn_yaml_get(map, key) : NULL;
  const char *text = fallback;
  if (node && node->kind != HN_YAML_SCALAR)
    return fail_at(r, node, "%s must be a single value, not %s", key, kind_name(node));
  if (node && !hn_yaml_is_null(node)) text = node->text;
  if (!text) return HN_OK;
  *text_out = hn_strdup(text);
  return *text_out ? HN_OK : hn_fail_memory(r->err);
}

static hn_status copy_texts(study_reader *r, const hn_yaml *node, const char *key, hn_texts *out) {
  hn_status status = HN_OK;
  size_t n = node->kind == HN_YAML_LIST ? node->n : 1;
  HN_NEW(out->items, n, r->err);
  for (; out->n < n; out->n++) {
    const hn_yaml *item = node->kind == HN_YAML_LIST ? node->items[out->n] : node;
    if (item->kind != HN_YAML_SCALAR)
      return fail_at(r, item, "%s must be a list of single values, not of %s", key,
                     kind_name(item));
    HN_DUP(out->items[out->n], item->text, r->err);
  }
done:
  return status;
}

/* A list of texts; one text alone is a list of one. */
static hn_status read_texts(study_reader *r, const hn_yaml *map, const char *key, hn_texts *out) {
  const hn_yaml *node = map ? hn_yaml_get(map, key) : NULL;
  if (!node || hn_yaml_is_null(node)) return HN_OK;
  if (node->kind == HN_YAML_MAP) return fail_at(r, node, "%s must be a list, not a map", key);
  return copy_texts(r, node, key, out);
}

/* One of the words of "a|b|c". */
static hn_status read_choice(study_reader *r, const hn_yaml *map, const char *key,
                             const char *choices, const char *fallback, char **text_out) {
  hn_status status = read_text(r, map, key, fallback, text_out);
  if (status != HN_OK) return status;
  size_t n = strlen(*text_out);
  for (const char *c = choices; c; c = strchr(c, '|')) {
    if (*c == '|') c++;
    if (strncmp(c, *text_out, n) == 0 && (c[n] == '|' || c[n] == 0)) return HN_OK;
  }
  return fail_at(r, hn_yaml_get(map, key), "%s: \"%s\" is not allowed; expected one of %s", key,
                 *text_out, choices);
}

/* A scalar as it is, a list joined by commas. */
static hn_status option_text(study_reader *r, const hn_yaml *node, const char *key,
                             hn_buffer *text) {
  hn_buffer_clear(text);
  if (node->kind == HN_YAML_MAP)
    return fail_at(r, node, "%s must be a single value or a list, not a map", key);
  if (node->kind == HN_YAML_SCALAR) {
    hn_buffer_text(text, hn_yaml_is_null(node) ? "none" : node->text);
  } else {
    for (size_t i = 0; i < node->n; i++) {
      if (node->items[i]->kind != HN_YAML_SCALAR)
        return fail_at(r, node->items[i], "%s must be a list of single values", key);
      hn_buffer_format(text, "%s%s", i ? "," : "", node->items[i]->text);
    }
    hn_buffer_text(text, "");
  }
  return hn_buffer_status(text, r->err);
}

static hn_status set_option(study_reader *r, hn_options *options, const char *key,
                            const hn_yaml *node) {
  hn_buffer text = {0};
  hn_error inner = {0};
  hn_status status = option_text(r, node, key, &text);
  if (status == HN_OK) {
    status = hn_options_set(options, key, text.data, &inner);
    if (status == HN_INVALID) status = fail_at(r, node, "%s", inner.message);
    if (status == HN_NO_MEMORY) hn_fail_memory(r->err);
  }
  hn_buffer_free(&text);
  return status;
}

/* Every key of map (may be NULL) is an option. */
static hn_status read_options(study_reader *r, const hn_yaml *map, const char *where,
                              const hn_option_spec *specs, hn_options **options_out) {
  hn_status status = hn_options_create(specs, options_out, r->err);
  if (status != HN_OK || !map) return status;
  if (map->kind != HN_YAML_MAP)
    return fail_at(r, map, "%s must be a map of keys, not %s", where, kind_name(map));
  for (size_t i = 0; status == HN_OK && i < map->n; i++)
    status = set_option(r, *options_out, map->keys[i], map->items[i]);
  return status;
}

static hn_status read_seed(study_reader *r, const hn_yaml *root, uint64_t *seed_out) {
  const hn_yaml *node = hn_yaml_get(root, "seed");
  if (!node) return HN_OK;
  char *end = NULL;
  errno = 0;
  if (node->kind == HN_YAML_SCALAR && node->text[0] >= '0' && node->text[0] <= '9')
    *seed_out = strtoull(node->text, &end, 10);
  if (!end || *end || errno)
    return fail_at(r, node,
                   "seed must be a whole number from 0 to 18446744073709551615, not \"%s\"",
                   node->text ? node->text : kind_name(node));
  return HN_OK;
}

static hn_status read_corpus(study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *corpus = hn_yaml_get(root, "corpus");
  if (!corpus)
    return fail_at(r, root,
                   "corpus is missing: write corpus: {manifest: PATH} or "
                   "corpus: {simulated: {seed: 1}}");
  HN_TRY(check_map(r, corpus, "corpus", "manifest|bow|simulated|missing"));
  const hn_yaml *simulated = hn_yaml_get(corpus, "simulated");
  HN_TRY(read_text(r, corpus, "manifest", NULL, &study->manifest));
  HN_TRY(read_text(r, corpus, "bow", NULL, &study->bow));
  HN_TRY(read_texts(r, corpus, "missing", &study->missing));
  study->is_simulated = simulated != NULL;
  if (study->is_simulated == (study->manifest != NULL))
    return fail_at(r, corpus, "corpus needs a manifest or simulated, one of the two");
  if (study->is_simulated && study->bow)
    return fail_at(r, hn_yaml_get(corpus, "bow"), "the simulated corpus has no bag of words");
  if (simulated)
    HN_TRY(read_options(r, simulated, "corpus.simulated", hn_simulate_options, &study->simulated));
done:
  return status;
}

static hn_status read_clean(study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *clean = hn_yaml_get(root, "clean");
  int is_word = clean && clean->kind == HN_YAML_SCALAR;
  HN_TRY(read_options(r, is_word ? NULL : clean, "clean", hn_clean_options, &study->clean));
  if (!is_word || strcmp(clean->text, "true") == 0) return HN_OK;
  if (strcmp(clean->text, "false") != 0)
    return fail_at(r, clean, "clean must be true, false or a map of rules, not \"%s\"",
                   clean->text);
  for (const hn_option_spec *s = hn_clean_options; s->name; s++)
    if (s->type == HN_OPTION_BOOL) HN_TRY(hn_options_set(study->clean, s->name, "false", r->err));
done:
  return status;
}

static int has_option(const hn_option_spec *specs, const char *key) {
  return specs && hn_option_find(specs, key) != NULL;
}

/* A flat key belongs to the features or to the classifier; both having it needs the owner's map. */
static hn_status read_model_option(study_reader *r, const hn_yaml *map, size_t i,
                                   hn_study_model *model) {
  const char *key = map->keys[i];
  const hn_yaml *node = map->items[i];
  const char *features = hn_study_features_name(model->modality);
  const hn_option_spec *own = feature_kinds[model->modality].options;
  if (strcmp(key, "features") == 0 || strcmp(key, "classifier") == 0) return HN_OK;
  if (strcmp(key, "columns") == 0 && model->modality == HN_MODALITY_TABLE) return HN_OK;

  int is_features = strcmp(key, features) == 0 && own;
  if (is_features || strcmp(key, model->classifier->name) == 0) {
    hn_status status = HN_OK;
    if (node->kind != HN_YAML_MAP)
      return fail_at(r, node, "%s must be a map of its options, not %s", key, kind_name(node));
    for (size_t j = 0; status == HN_OK && j < node->n; j++)
      status = set_option(r, is_features ? model->features : model->options, node->keys[j],
                          node->items[j]);
    return status;
  }
  int in_features = has_option(own, key),
      in_classifier = has_option(model->classifier->options, key);
  if (in_features && in_classifier)
    return fail_at(r, node, "%s is an option of both %s and %s: write %s: {%s: …} or %s: {%s: …}",
                   key, features, model->classifier->name, features, key, model->classifier->name,
                   key);
  if (in_features) return set_option(r, model->features, key, node);
  if (in_classifier) return set_option(r, model->options, key, node);

  hn_buffer known = {0};
  for (const hn_option_spec *s = own; s && s->name; s++) hn_buffer_format(&known, ", %s", s->name);
  for (const hn_option_spec *s = model->classifier->options; s->name; s++)
    hn_buffer_format(&known, ", %s", s->name);
  hn_status status = hn_buffer_status(&known, r->err);
  if (status == HN_OK)
    status = fail_at(r, node, "\"%s\" is not a key of model \"%s\" (known: features, classifier%s)",
                     key, model->name, known.data ? known.data : "");
  hn_buffer_free(&known);
  return status;
}

static hn_status read_model(study_reader *r, const char *name, const hn_yaml *map,
                            hn_study_model *model) {
  hn_status status = HN_OK;
  char *features = NULL, *classifier = NULL;
  hn_error inner = {0};

  if (map->kind != HN_YAML_MAP)
    return fail_at(r, map, "model \"%s\" must be a map of keys, not %s", name, kind_name(map));
  HN_DUP(model->name, name, r->err);
  if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
          strlen(name) ||
      strncmp(name, "fused", 5) == 0 || strncmp(name, "dummy", 5) == 0)
    HN_TRY(fail_at(r, map,
                   "a model cannot be called \"%s\": letters, digits, _ and - make a "
                   "name, and fused… and dummy… are taken",
                   name));
  HN_TRY(read_choice(r, map, "features", "tfidf|mel|columns", "", &features));
  for (int f = 0; f < N_FEATURE_KINDS; f++)
    if (strcmp(features, feature_kinds[f].name) == 0) model->modality = (hn_modality)f;
  HN_TRY(read_text(r, map, "classifier", model->modality == HN_MODALITY_AUDIO ? "cnn" : "forest",
                   &classifier));
  status = hn_classifier_find(classifier, &model->classifier, &inner);
  if (status != HN_OK) HN_TRY(fail_at(r, hn_yaml_get(map, "classifier"), "%s", inner.message));
  if (!(model->classifier->accepts & feature_kinds[model->modality].kind))
    HN_TRY(fail_at(r, map, "model \"%s\": %s does not take the features of %s", name, classifier,
                   features));
  if (feature_kinds[model->modality].options)
    HN_TRY(hn_options_create(feature_kinds[model->modality].options, &model->features, r->err));
  HN_TRY(hn_options_create(model->classifier->options, &model->options, r->err));
  if (model->modality == HN_MODALITY_AUDIO)
    HN_TRY(hn_options_set(model->features, "clip", "30,75", r->err));
  for (size_t i = 0; i < map->n; i++) HN_TRY(read_model_option(r, map, i, model));
  HN_TRY(read_texts(r, map, "columns", &model->columns));
  if (model->modality == HN_MODALITY_TABLE && model->columns.n == 0)
    HN_TRY(fail_at(r, map, "model \"%s\": columns: [name, …] is missing", name));
done:
  hn_free(features);
  hn_free(classifier);
  return status;
}

static hn_status read_models(study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *models = hn_yaml_get(root, "models");
  if (!models || models->kind != HN_YAML_MAP || models->n == 0)
    return fail_at(r, models ? models : root,
                   "models must be a map with at least one model, such as "
                   "lyrics: {features: tfidf, classifier: forest}");
  HN_NEW(study->models, models->n, r->err);
  for (size_t i = 0; i < models->n; i++) {
    study->n_models = i + 1;
    HN_TRY(read_model(r, models->keys[i], models->items[i], &study->models[i]));
  }
done:
  return status;
}

const hn_study_model *hn_study_find_model(const hn_study *study, const char *name) {
  for (size_t i = 0; i < study->n_models; i++)
    if (strcmp(study->models[i].name, name) == 0) return &study->models[i];
  return NULL;
}

int hn_study_fuses(const hn_study *study) {
  return study->fusion_of.n > 0;
}

static int lists(const hn_texts *texts, const char *text) {
  for (size_t i = 0; i < texts->n; i++)
    if (strcmp(texts->items[i], text) == 0) return 1;
  return 0;
}

/* Each text must be a model of the study, or `also`; and stand there once. */
static hn_status check_model_names(study_reader *r, const hn_yaml *node, const char *key,
                                   const hn_study *study, const hn_texts *names, const char *also) {
  for (size_t i = 0; i < names->n; i++) {
    if (!hn_study_find_model(study, names->items[i]) &&
        !(also && strcmp(names->items[i], also) == 0))
      return fail_at(r, node, "%s names \"%s\", which is no model of this study", key,
                     names->items[i]);
    for (size_t j = 0; j < i; j++)
      if (strcmp(names->items[i], names->items[j]) == 0)
        return fail_at(r, node, "%s names \"%s\" twice", key, names->items[i]);
  }
  return HN_OK;
}

static hn_status read_fusion(study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *fusion = hn_yaml_get(root, "fusion");
  if (!fusion) return HN_OK;
  HN_TRY(check_map(r, fusion, "fusion", "of|methods|headline|validation_fraction"));
  HN_TRY(read_texts(r, fusion, "of", &study->fusion_of));
  HN_TRY(read_texts(r, fusion, "methods", &study->fusion_methods));
  if (study->fusion_of.n < 2)
    return fail_at(r, fusion, "fusion.of must name at least two models, such as [lyrics, audio]");
  HN_TRY(
      check_model_names(r, hn_yaml_get(fusion, "of"), "fusion.of", study, &study->fusion_of, NULL));
  if (study->fusion_methods.n == 0) {
    HN_NEW(study->fusion_methods.items, hn_fusion_count(), r->err);
    for (; study->fusion_methods.n < hn_fusion_count(); study->fusion_methods.n++)
      HN_DUP(study->fusion_methods.items[study->fusion_methods.n],
             hn_fusion_at(study->fusion_methods.n)->name, r->err);
  }
  for (size_t i = 0; i < study->fusion_methods.n; i++) {
    const hn_fusion_kind *kind;
    hn_error inner = {0};
    if (hn_fusion_find(study->fusion_methods.items[i], &kind, &inner) != HN_OK)
      return fail_at(r, hn_yaml_get(fusion, "methods"), "%s", inner.message);
  }
  HN_TRY(read_text(r, fusion, "headline",
                   lists(&study->fusion_methods, "stacking") ? "stacking"
                                                             : study->fusion_methods.items[0],
                   &study->fusion_headline));
  if (!lists(&study->fusion_methods, study->fusion_headline))
    return fail_at(r, hn_yaml_get(fusion, "headline"),
                   "fusion.headline is \"%s\", which is not among fusion.methods",
                   study->fusion_headline);
  const hn_yaml *share = hn_yaml_get(fusion, "validation_fraction");
  char *end = NULL;
  if (share && share->kind == HN_YAML_SCALAR)
    study->validation_fraction = strtod(share->text, &end);
  if (share &&
      (!end || *end || !(study->validation_fraction >= 0.01) || study->validation_fraction > 0.5))
    return fail_at(r, share, "fusion.validation_fraction must be a number from 0.01 to 0.5");
done:
  return status;
}

static hn_status read_edges(study_reader *r, const hn_yaml *node, hn_study_slice *slice) {
  hn_status status = HN_OK;
  if (!node) return HN_OK;
  if (node->kind != HN_YAML_LIST || node->n == 0)
    return fail_at(r, node, "edges must be a list of numbers, such as [1990, 2000]");
  HN_NEW(slice->edges, node->n, r->err);
  for (size_t i = 0; i < node->n; i++) {
    const hn_yaml *item = node->items[i];
    char *end = NULL;
    double edge = item->kind == HN_YAML_SCALAR ? strtod(item->text, &end) : 0;
    if (!end || end == item->text || *end || !isfinite(edge) ||
        (i > 0 && edge <= slice->edges[i - 1]))
      return fail_at(r, item, "edges must be ascending numbers; found \"%s\"",
                     item->text ? item->text : kind_name(item));
    slice->edges[slice->n_edges++] = edge;
  }
done:
  return status;
}

static hn_status read_slices(study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *slices = hn_yaml_get(root, "slices");
  if (!slices) return HN_OK;
  if (slices->kind != HN_YAML_MAP)
    return fail_at(r, slices, "slices must be a map such as {era: {column: year, edges: [2000]}}");
  HN_NEW(study->slices, slices->n, r->err);
  for (size_t i = 0; i < slices->n; i++) {
    hn_study_slice *slice = &study->slices[i];
    study->n_slices = i + 1;
    HN_DUP(slice->name, slices->keys[i], r->err);
    HN_TRY(check_map(r, slices->items[i], "a slice", "column|edges"));
    HN_TRY(read_text(r, slices->items[i], "column", slices->keys[i], &slice->column));
    HN_TRY(read_edges(r, hn_yaml_get(slices->items[i], "edges"), slice));
  }
done:
  return status;
}

static hn_status read_clusters(study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *clusters = hn_yaml_get(root, "clusters");
  char *method = NULL;
  HN_TRY(hn_options_create(hn_kmeans_options, &study->clusters, r->err));
  if (!clusters) goto done;
  HN_TRY(check_map(r, clusters, "clusters", "of|compare|method|k|n_init|max_iter|tol"));
  HN_TRY(read_choice(r, clusters, "method", "kmeans", "kmeans", &method));
  HN_TRY(read_texts(r, clusters, "of", &study->cluster_of));
  HN_TRY(read_texts(r, clusters, "compare", &study->cluster_compare));
  if (study->cluster_of.n == 0)
    HN_TRY(fail_at(r, clusters, "clusters.of must name what is clustered, such as [lyrics]"));
  HN_TRY(check_model_names(r, hn_yaml_get(clusters, "of"), "clusters.of", study, &study->cluster_of,
                           hn_study_fuses(study) ? "fused" : NULL));
  for (size_t i = 0; i < clusters->n; i++)
    if (hn_option_find(hn_kmeans_options, clusters->keys[i]))
      HN_TRY(set_option(r, study->clusters, clusters->keys[i], clusters->items[i]));
done:
  hn_free(method);
  return status;
}

static hn_status read_where(study_reader *r, const hn_yaml *where, hn_study *study) {
  hn_status status = HN_OK;
  if (!where) return HN_OK;
  if (where->kind != HN_YAML_MAP)
    return fail_at(r, where, "filters.where must be a map such as {source: [a, b]}");
  HN_NEW(study->where, where->n, r->err);
  for (size_t i = 0; i < where->n; i++) {
    study->n_where = i + 1;
    HN_DUP(study->where[i].column, where->keys[i], r->err);
    HN_TRY(read_texts(r, where, where->keys[i], &study->where[i].values));
  }
done:
  return status;
}

static hn_status read_filters(study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *filters = hn_yaml_get(root, "filters");
  if (filters) HN_TRY(check_map(r, filters, "filters", "drop_kinds|featured|require|where"));
  HN_TRY(read_texts(r, filters, "drop_kinds", &study->drop_kinds));
  HN_TRY(read_texts(r, filters, "require", &study->require));
  if (filters) HN_TRY(read_where(r, hn_yaml_get(filters, "where"), study));
  if (filters)
    HN_TRY(read_choice(r, filters, "featured", "keep|drop|drop-other-region|remove-verses", "keep",
                       &study->featured));
  else
    HN_DUP(study->featured, "keep", r->err);
done:
  return status;
}

static hn_status read_split(study_reader *r, const hn_yaml *root, hn_study *study) {
  const hn_yaml *split = hn_yaml_get(root, "split");
  hn_status status = read_options(r, split, "split", hn_split_options, &study->split);
  if (status != HN_OK) return status;
  if (hn_options_is(study->split, "method", "column") == hn_options_is_none(study->split, "column"))
    return fail_at(r, split, "split.column belongs to method: column, and that method needs it");
  return HN_OK;
}

static hn_status read_study(study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  char *on_error = NULL;
  HN_TRY(check_map(r, root, "a study",
                   "name|seed|corpus|target|on_error|filters|clean|split|models|fusion|slices|"
                   "clusters"));
  HN_TRY(read_text(r, root, "name", NULL, &study->name));
  HN_TRY(read_text(r, root, "target", NULL, &study->target));
  if (!study->name || !study->target)
    HN_TRY(fail_at(r, root, "%s is missing", study->name ? "target" : "name"));
  if (strchr(study->name, '/') || study->name[0] == '.')
    HN_TRY(fail_at(r, hn_yaml_get(root, "name"),
                   "name \"%s\" becomes part of a folder's name: no / and no leading point",
                   study->name));
  HN_TRY(read_choice(r, root, "on_error", "stop|skip", "stop", &on_error));
  study->skip_errors = strcmp(on_error, "skip") == 0;
  HN_TRY(read_seed(r, root, &study->seed));
  HN_TRY(read_corpus(r, root, study));
  HN_TRY(read_filters(r, root, study));
  HN_TRY(read_clean(r, root, study));
  HN_TRY(read_split(r, root, study));
  HN_TRY(read_models(r, root, study));
  HN_TRY(read_fusion(r, root, study));
  HN_TRY(read_slices(r, root, study));
  HN_TRY(read_clusters(r, root, study));
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
  HN_TRY(read_study(&(study_reader){name, err}, root, study));
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
  for (size_t i = 0; i < study->n_where; i++) {
    hn_free(study->where[i].column);
    free_texts(&study->where[i].values);
  }
  hn_free(study->where);
  hn_texts *const texts[] = {&study->missing,       &study->drop_kinds, &study->require,
                             &study->fusion_of,     &study->cluster_of, &study->cluster_compare,
                             &study->fusion_methods};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free_texts(texts[i]);
  hn_options_destroy(study->simulated);
  hn_options_destroy(study->clean);
  hn_options_destroy(study->split);
  hn_options_destroy(study->clusters);
  hn_free(study->name);
  hn_free(study->manifest);
  hn_free(study->bow);
  hn_free(study->target);
  hn_free(study->featured);
  hn_free(study->fusion_headline);
  hn_free(study);
}
