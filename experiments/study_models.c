/* The models of a study, how they are fused and what is clustered. */
#include "experiments/study_reader.h"

#include "base/memory.h"
#include "eval/kmeans.h"
#include "fusion/registry.h"
#include "learn/permutation.h"
#include "nlp/style.h"
#include "nlp/tfidf.h"
#include "vision/mel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Features by the name they have in a study; those of audio stand in vision/descriptors.h. */
static const struct {
  const char *name, *modality_name;
  const hn_option_spec *options;
  hn_features_kind kind;
} feature_kinds[] = {[HN_MODALITY_LYRICS] = {"tfidf", "lyrics", hn_tfidf_options, HN_FEATURES_CSR},
                     [HN_MODALITY_AUDIO] = {NULL, "audio", NULL, HN_FEATURES_IMAGES},
                     [HN_MODALITY_TABLE] = {"columns", "table", NULL, HN_FEATURES_DENSE},
                     [HN_MODALITY_STYLE] = {"style", "style", NULL, HN_FEATURES_DENSE}};
enum { N_FEATURE_KINDS = sizeof feature_kinds / sizeof feature_kinds[0] };

int hn_study_sees_pictures(const hn_study_model *model) {
  return model->modality == HN_MODALITY_AUDIO && !model->is_statistics;
}

const char *hn_modality_name(hn_modality modality) {
  return feature_kinds[modality].modality_name;
}

static int has_option(const hn_option_spec *specs, const char *key) {
  return specs && hn_option_find(specs, key) != NULL;
}

/* A flat key belongs to the features or to the classifier; both having it needs the owner's map. */
static hn_status read_model_option(hn_study_reader *r, const hn_yaml *map, size_t i,
                                   hn_study_model *model) {
  const char *key = map->keys[i];
  const hn_yaml *node = map->items[i];
  const char *features = model->kind;
  const hn_option_spec *own = model->features ? hn_options_specs(model->features) : NULL;
  if (strcmp(key, "features") == 0 || strcmp(key, "classifier") == 0) return HN_OK;
  if (strcmp(key, "columns") == 0 && model->modality == HN_MODALITY_TABLE) return HN_OK;

  int is_features = strcmp(key, features) == 0 && own;
  if (is_features || strcmp(key, model->classifier->name) == 0) {
    hn_status status = HN_OK;
    if (node->kind != HN_YAML_MAP)
      return hn_study_fail_at(r, node, "%s must be a map of its options, not %s", key,
                              hn_yaml_kind_name(node));
    for (size_t j = 0; status == HN_OK && j < node->n; j++)
      status = hn_study_set_option(r, is_features ? model->features : model->options, node->keys[j],
                                   node->items[j]);
    return status;
  }
  int in_features = has_option(own, key),
      in_classifier = has_option(model->classifier->options, key);
  if (in_features && in_classifier)
    return hn_study_fail_at(
        r, node, "%s is an option of both %s and %s: write %s: {%s: …} or %s: {%s: …}", key,
        features, model->classifier->name, features, key, model->classifier->name, key);
  if (in_features) return hn_study_set_option(r, model->features, key, node);
  if (in_classifier) return hn_study_set_option(r, model->options, key, node);

  hn_buffer known = {0};
  for (const hn_option_spec *s = own; s && s->name; s++) hn_buffer_format(&known, ", %s", s->name);
  for (const hn_option_spec *s = model->classifier->options; s->name; s++)
    hn_buffer_format(&known, ", %s", s->name);
  hn_status status = hn_buffer_status(&known, r->err);
  if (status == HN_OK)
    status = hn_study_fail_at(r, node,
                              "\"%s\" is not a key of model \"%s\" (known: features, classifier%s)",
                              key, model->name, known.data ? known.data : "");
  hn_buffer_free(&known);
  return status;
}

static hn_status name_style_columns(hn_texts *columns, hn_error *err) {
  hn_status status = HN_OK;
  HN_NEW(columns->items, HN_STYLE_N_FEATURES, err);
  for (; columns->n < HN_STYLE_N_FEATURES; columns->n++)
    HN_DUP(columns->items[columns->n], hn_style_names[columns->n], err);
done:
  return status;
}

static hn_status name_statistics(hn_study_model *model, hn_error *err) {
  hn_status status = HN_OK;
  char name[64];
  hn_texts *columns = &model->columns;
  size_t n_rows = hn_descriptor_count_rows(model->descriptor, model->features);
  HN_NEW(columns->items, 2 * n_rows, err);
  for (; columns->n < 2 * n_rows; columns->n++) {
    hn_descriptor_statistic(model->descriptor, n_rows, columns->n, name);
    HN_DUP(columns->items[columns->n], name, err);
  }
done:
  return status;
}

static hn_status fail_features(hn_study_reader *r, const hn_yaml *map, const char *found) {
  hn_buffer known = {0};
  const hn_descriptor_kind *kind;
  for (int f = 0; f < N_FEATURE_KINDS; f++)
    if (feature_kinds[f].name) hn_buffer_format(&known, "%s|", feature_kinds[f].name);
  for (size_t i = 0; (kind = hn_descriptor_kinds(i)); i++)
    hn_buffer_format(&known, "%s%s", i ? "|" : "", hn_descriptor_name(kind));
  hn_status status = hn_buffer_status(&known, r->err);
  if (status == HN_OK)
    status =
        hn_study_fail_at(r, hn_yaml_get(map, "features"),
                         "features: \"%s\" is not allowed; expected one of %s, those from %s on "
                         "with or without _statistics behind",
                         found, known.data, hn_descriptor_name(hn_descriptor_kinds(0)));
  hn_buffer_free(&known);
  return status;
}

/* What the word behind `features` means. */
static hn_status read_features(hn_study_reader *r, const hn_yaml *map, hn_study_model *model) {
  static const char suffix[] = "_statistics";
  char name[64];
  hn_status status = hn_study_read_text(r, map, "features", "", &model->kind);
  if (status != HN_OK) return status;
  for (int f = 0; f < N_FEATURE_KINDS; f++)
    if (feature_kinds[f].name && strcmp(model->kind, feature_kinds[f].name) == 0) {
      model->modality = (hn_modality)f;
      return HN_OK;
    }
  size_t n = strlen(model->kind), n_suffix = sizeof suffix - 1;
  model->modality = HN_MODALITY_AUDIO;
  model->is_statistics = n > n_suffix && strcmp(model->kind + n - n_suffix, suffix) == 0;
  if (model->is_statistics) n -= n_suffix;
  snprintf(name, sizeof name, "%.*s", n < sizeof name ? (int)n : 0, model->kind);
  model->descriptor = hn_descriptor_find(name);
  return model->descriptor ? HN_OK : fail_features(r, map, model->kind);
}

static hn_status read_model(hn_study_reader *r, const char *name, const hn_yaml *map,
                            hn_study_model *model) {
  hn_status status = HN_OK;
  char *classifier = NULL;
  hn_error inner = {0};

  if (map->kind != HN_YAML_MAP)
    return hn_study_fail_at(r, map, "model \"%s\" must be a map of keys, not %s", name,
                            hn_yaml_kind_name(map));
  HN_DUP(model->name, name, r->err);
  if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
          strlen(name) ||
      strncmp(name, "fused", 5) == 0 || strncmp(name, "dummy", 5) == 0)
    HN_TRY(hn_study_fail_at(r, map,
                            "a model cannot be called \"%s\": letters, digits, _ and - make a "
                            "name, and fused… and dummy… are taken",
                            name));
  HN_TRY(read_features(r, map, model));
  const hn_option_spec *own = model->descriptor ? hn_descriptor_options(model->descriptor)
                                                : feature_kinds[model->modality].options;
  hn_features_kind kind =
      model->is_statistics ? HN_FEATURES_DENSE : feature_kinds[model->modality].kind;
  HN_TRY(hn_study_read_text(r, map, "classifier", kind == HN_FEATURES_IMAGES ? "cnn" : "forest",
                            &classifier));
  status = hn_classifier_find(classifier, &model->classifier, &inner);
  if (status != HN_OK)
    HN_TRY(hn_study_fail_at(r, hn_yaml_get(map, "classifier"), "%s", inner.message));
  if (!(model->classifier->accepts & kind))
    HN_TRY(hn_study_fail_at(r, map, "model \"%s\": %s does not take the features of %s", name,
                            classifier, model->kind));
  if (own) HN_TRY(hn_options_create(own, &model->features, r->err));
  HN_TRY(hn_options_create(model->classifier->options, &model->options, r->err));
  if (model->modality == HN_MODALITY_AUDIO)
    HN_TRY(hn_options_set(model->features, "clip", "30,75", r->err));
  for (size_t i = 0; i < map->n; i++) HN_TRY(read_model_option(r, map, i, model));
  if (own == hn_mel_options) HN_TRY(hn_mel_options_resolve(model->features, r->err));
  HN_TRY(hn_study_read_texts(r, map, "columns", &model->columns));
  if (model->is_statistics) HN_TRY(name_statistics(model, r->err));
  if (model->modality == HN_MODALITY_STYLE) HN_TRY(name_style_columns(&model->columns, r->err));
  if (model->modality == HN_MODALITY_TABLE && model->columns.n == 0)
    HN_TRY(hn_study_fail_at(r, map, "model \"%s\": columns: [name, …] is missing", name));
done:
  hn_free(classifier);
  return status;
}

hn_status hn_study_read_models(hn_study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *models = hn_yaml_get(root, "models");
  if (!models || models->kind != HN_YAML_MAP || models->n == 0)
    return hn_study_fail_at(r, models ? models : root,
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

int hn_study_has_modality(const hn_study *study, hn_modality modality) {
  for (size_t m = 0; m < study->n_models; m++)
    if (study->models[m].modality == modality) return 1;
  return 0;
}

int hn_study_reads_lyrics(const hn_study *study) {
  return hn_study_has_modality(study, HN_MODALITY_LYRICS) ||
         hn_study_has_modality(study, HN_MODALITY_STYLE);
}

static int lists(const hn_texts *texts, const char *text) {
  for (size_t i = 0; i < texts->n; i++)
    if (strcmp(texts->items[i], text) == 0) return 1;
  return 0;
}

/* Each text must be a model of the study, or `also`; and stand there once. */
static hn_status check_model_names(hn_study_reader *r, const hn_yaml *node, const char *key,
                                   const hn_study *study, const hn_texts *names, const char *also) {
  for (size_t i = 0; i < names->n; i++) {
    if (!hn_study_find_model(study, names->items[i]) &&
        !(also && strcmp(names->items[i], also) == 0))
      return hn_study_fail_at(r, node, "%s names \"%s\", which is no model of this study", key,
                              names->items[i]);
    for (size_t j = 0; j < i; j++)
      if (strcmp(names->items[i], names->items[j]) == 0)
        return hn_study_fail_at(r, node, "%s names \"%s\" twice", key, names->items[i]);
  }
  return HN_OK;
}

hn_status hn_study_read_fusion(hn_study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *fusion = hn_yaml_get(root, "fusion");
  if (!fusion) return HN_OK;
  HN_TRY(hn_study_check_map(r, fusion, "fusion", "of|methods|headline|validation_fraction"));
  HN_TRY(hn_study_read_texts(r, fusion, "of", &study->fusion_of));
  HN_TRY(hn_study_read_texts(r, fusion, "methods", &study->fusion_methods));
  if (study->fusion_of.n < 2)
    return hn_study_fail_at(r, fusion,
                            "fusion.of must name at least two models, such as [lyrics, audio]");
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
      return hn_study_fail_at(r, hn_yaml_get(fusion, "methods"), "%s", inner.message);
  }
  HN_TRY(hn_study_read_text(
      r, fusion, "headline",
      lists(&study->fusion_methods, "stacking") ? "stacking" : study->fusion_methods.items[0],
      &study->fusion_headline));
  if (!lists(&study->fusion_methods, study->fusion_headline))
    return hn_study_fail_at(r, hn_yaml_get(fusion, "headline"),
                            "fusion.headline is \"%s\", which is not among fusion.methods",
                            study->fusion_headline);
  const hn_yaml *share = hn_yaml_get(fusion, "validation_fraction");
  char *end = NULL;
  if (share && share->kind == HN_YAML_SCALAR)
    study->validation_fraction = strtod(share->text, &end);
  if (share &&
      (!end || *end || !(study->validation_fraction >= 0.01) || study->validation_fraction > 0.5))
    return hn_study_fail_at(r, share,
                            "fusion.validation_fraction must be a number from 0.01 to 0.5");
done:
  return status;
}

hn_status hn_study_read_clusters(hn_study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *clusters = hn_yaml_get(root, "clusters");
  char *method = NULL;
  HN_TRY(hn_options_create(hn_kmeans_options, &study->clusters, r->err));
  if (!clusters) goto done;
  HN_TRY(hn_study_check_map(r, clusters, "clusters", "of|compare|method|k|n_init|max_iter|tol"));
  HN_TRY(hn_study_read_choice(r, clusters, "method", "kmeans", "kmeans", &method));
  HN_TRY(hn_study_read_texts(r, clusters, "of", &study->cluster_of));
  HN_TRY(hn_study_read_texts(r, clusters, "compare", &study->cluster_compare));
  if (study->cluster_of.n == 0)
    HN_TRY(
        hn_study_fail_at(r, clusters, "clusters.of must name what is clustered, such as [lyrics]"));
  HN_TRY(check_model_names(r, hn_yaml_get(clusters, "of"), "clusters.of", study, &study->cluster_of,
                           hn_study_fuses(study) ? "fused" : NULL));
  for (size_t i = 0; i < clusters->n; i++)
    if (hn_option_find(hn_kmeans_options, clusters->keys[i]))
      HN_TRY(hn_study_set_option(r, study->clusters, clusters->keys[i], clusters->items[i]));
done:
  hn_free(method);
  return status;
}

int hn_study_group_fits(const hn_study_group *group, const hn_study_model *model) {
  for (size_t c = 0; c < group->columns.n; c++)
    if (!lists(&model->columns, group->columns.items[c])) return 0;
  return 1;
}

static hn_status check_group(hn_study_reader *r, const hn_yaml *node, const hn_study_group *group,
                             const hn_study *study) {
  const hn_texts *columns = &group->columns;
  if (columns->n == 0)
    return hn_study_fail_at(r, node, "importances.groups: \"%s\" names no column", group->name);
  for (size_t c = 0; c < columns->n; c++)
    for (size_t d = 0; d < c; d++)
      if (strcmp(columns->items[c], columns->items[d]) == 0)
        return hn_study_fail_at(r, node, "importances.groups: \"%s\" names column \"%s\" twice",
                                group->name, columns->items[c]);
  for (size_t m = 0; m < study->n_models; m++)
    if (hn_study_group_fits(group, &study->models[m])) return HN_OK;
  return hn_study_fail_at(r, node,
                          "importances.groups: no model of this study has all columns of \"%s\"; "
                          "groups are of the columns of one model with features: columns or style",
                          group->name);
}

hn_status hn_study_read_importances(hn_study_reader *r, const hn_yaml *root, hn_study *study) {
  hn_status status = HN_OK;
  const hn_yaml *importances = hn_yaml_get(root, "importances");
  if (!importances) return HN_OK;
  HN_TRY(hn_study_check_map(r, importances, "importances", "n_repeats|groups"));
  HN_TRY(hn_options_create(hn_permutation_options, &study->importances, r->err));
  const hn_yaml *n_repeats = hn_yaml_get(importances, "n_repeats");
  const hn_yaml *groups = hn_yaml_get(importances, "groups");
  if (n_repeats) HN_TRY(hn_study_set_option(r, study->importances, "n_repeats", n_repeats));
  if (!groups) return HN_OK;
  if (groups->kind != HN_YAML_MAP)
    return hn_study_fail_at(r, groups,
                            "importances.groups must be a map such as {rhythm: [tempo, swing]}");
  HN_NEW(study->groups, groups->n, r->err);
  for (size_t g = 0; g < groups->n; g++) {
    study->n_groups = g + 1;
    HN_DUP(study->groups[g].name, groups->keys[g], r->err);
    HN_TRY(hn_study_read_texts(r, groups, groups->keys[g], &study->groups[g].columns));
    HN_TRY(check_group(r, groups->items[g], &study->groups[g], study));
  }
done:
  return status;
}
