/* A study back to YAML: the resolved copy that stands in the run folder. */
#include "experiments/study.h"

#include "base/memory.h"
#include "experiments/yaml.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static hn_yaml *scalar(const char *text) {
  return hn_yaml_new(HN_YAML_SCALAR, text);
}

static hn_status add_texts(hn_yaml *map, const char *key, const hn_texts *texts, hn_error *err) {
  hn_yaml *list = hn_yaml_new(HN_YAML_LIST, NULL);
  hn_status status = hn_yaml_add(map, key, list, err);
  for (size_t i = 0; status == HN_OK && i < texts->n; i++)
    status = hn_yaml_add(list, NULL, scalar(texts->items[i]), err);
  return status;
}

/* Lists are written as YAML lists, which read back as the same option text. */
static hn_status add_option(hn_yaml *map, const hn_option_spec *spec, const char *text,
                            hn_error *err) {
  hn_status status = HN_OK;
  int is_list =
      (spec->type == HN_OPTION_INTS || spec->type == HN_OPTION_REALS) && strcmp(text, "none") != 0;
  if (!is_list) return hn_yaml_add(map, spec->name, scalar(text), err);
  hn_yaml *list = hn_yaml_new(HN_YAML_LIST, NULL);
  HN_TRY(hn_yaml_add(map, spec->name, list, err));
  for (const char *at = text;; at++) {
    size_t n = strcspn(at, ",");
    char *item = hn_strndup(at, n);
    status = hn_yaml_add(list, NULL, item ? scalar(item) : NULL, err);
    hn_free(item);
    if (status != HN_OK || !at[n]) break;
    at += n;
  }
done:
  return status;
}

static hn_status add_options(hn_yaml *map, const char *key, const hn_options *options,
                             hn_error *err) {
  hn_yaml *target = key ? hn_yaml_new(HN_YAML_MAP, NULL) : map;
  hn_status status = key ? hn_yaml_add(map, key, target, err) : HN_OK;
  for (const hn_option_spec *s = hn_options_specs(options); status == HN_OK && s->name; s++)
    status = add_option(target, s, hn_options_text(options, s->name), err);
  return status;
}

static hn_status add_map(hn_yaml *parent, const char *key, hn_yaml **map_out, hn_error *err) {
  *map_out = hn_yaml_new(HN_YAML_MAP, NULL);
  return hn_yaml_add(parent, key, *map_out, err);
}

static hn_status add_model(hn_yaml *models, const hn_study_model *model, hn_error *err) {
  hn_status status = HN_OK;
  hn_yaml *map;
  HN_TRY(add_map(models, model->name, &map, err));
  HN_TRY(hn_yaml_add(map, "features", scalar(model->kind), err));
  if (model->features) HN_TRY(add_options(map, model->kind, model->features, err));
  if (model->modality == HN_MODALITY_TABLE) HN_TRY(add_texts(map, "columns", &model->columns, err));
  HN_TRY(hn_yaml_add(map, "classifier", scalar(model->classifier->name), err));
  HN_TRY(add_options(map, model->classifier->name, model->options, err));
done:
  return status;
}

static hn_status add_corpus(hn_yaml *root, const hn_study *study, hn_error *err) {
  hn_status status = HN_OK;
  hn_yaml *corpus, *filters, *where;
  HN_TRY(add_map(root, "corpus", &corpus, err));
  if (study->is_simulated) HN_TRY(add_options(corpus, "simulated", study->simulated, err));
  if (study->manifest) HN_TRY(hn_yaml_add(corpus, "manifest", scalar(study->manifest), err));
  if (study->bow) HN_TRY(hn_yaml_add(corpus, "bow", scalar(study->bow), err));
  if (study->missing.n) HN_TRY(add_texts(corpus, "missing", &study->missing, err));
  HN_TRY(hn_yaml_add(root, "target", scalar(study->target), err));
  HN_TRY(hn_yaml_add(root, "on_error", scalar(study->skip_errors ? "skip" : "stop"), err));
  HN_TRY(add_map(root, "filters", &filters, err));
  HN_TRY(add_texts(filters, "drop_kinds", &study->drop_kinds, err));
  HN_TRY(hn_yaml_add(filters, "featured", scalar(study->featured), err));
  if (study->compare_featured.n)
    HN_TRY(add_texts(filters, "compare_featured", &study->compare_featured, err));
  HN_TRY(add_texts(filters, "require", &study->require, err));
  if (study->languages.n) HN_TRY(add_texts(filters, "language", &study->languages, err));
  if (study->n_where) HN_TRY(add_map(filters, "where", &where, err));
  for (size_t i = 0; i < study->n_where; i++)
    HN_TRY(add_texts(where, study->where[i].column, &study->where[i].values, err));
done:
  return status;
}

static hn_status add_slices(hn_yaml *root, const hn_study *study, hn_error *err) {
  hn_status status = HN_OK;
  hn_yaml *slices;
  if (!study->n_slices) return HN_OK;
  HN_TRY(add_map(root, "slices", &slices, err));
  for (size_t i = 0; i < study->n_slices; i++) {
    const hn_study_slice *slice = &study->slices[i];
    hn_yaml *map, *edges;
    HN_TRY(add_map(slices, slice->name, &map, err));
    HN_TRY(hn_yaml_add(map, "column", scalar(slice->column), err));
    if (!slice->n_edges) continue;
    edges = hn_yaml_new(HN_YAML_LIST, NULL);
    HN_TRY(hn_yaml_add(map, "edges", edges, err));
    for (size_t e = 0; e < slice->n_edges; e++) {
      char number[32];
      snprintf(number, sizeof number, "%.17g", slice->edges[e]);
      HN_TRY(hn_yaml_add(edges, NULL, scalar(number), err));
    }
  }
done:
  return status;
}

static hn_status add_importances(hn_yaml *root, const hn_study *study, hn_error *err) {
  hn_status status = HN_OK;
  hn_yaml *importances, *groups;
  if (!study->importances) return HN_OK;
  HN_TRY(add_map(root, "importances", &importances, err));
  HN_TRY(add_options(importances, NULL, study->importances, err));
  if (study->n_groups) HN_TRY(add_map(importances, "groups", &groups, err));
  for (size_t g = 0; g < study->n_groups; g++)
    HN_TRY(add_texts(groups, study->groups[g].name, &study->groups[g].columns, err));
done:
  return status;
}

hn_status hn_study_write(const hn_study *study, hn_buffer *out, hn_error *err) {
  hn_status status = HN_OK;
  hn_yaml *root = hn_yaml_new(HN_YAML_MAP, NULL), *models, *fusion, *clusters;
  char number[32];

  if (!root) return hn_fail_memory(err);
  snprintf(number, sizeof number, "%" PRIu64, study->seed);
  HN_TRY(hn_yaml_add(root, "name", scalar(study->name), err));
  HN_TRY(hn_yaml_add(root, "seed", scalar(number), err));
  HN_TRY(add_corpus(root, study, err));
  HN_TRY(add_options(root, "clean", study->clean, err));
  HN_TRY(add_options(root, "split", study->split, err));
  HN_TRY(add_map(root, "models", &models, err));
  for (size_t i = 0; i < study->n_models; i++) HN_TRY(add_model(models, &study->models[i], err));
  if (hn_study_fuses(study)) {
    HN_TRY(add_map(root, "fusion", &fusion, err));
    HN_TRY(add_texts(fusion, "of", &study->fusion_of, err));
    HN_TRY(add_texts(fusion, "methods", &study->fusion_methods, err));
    HN_TRY(hn_yaml_add(fusion, "headline", scalar(study->fusion_headline), err));
    snprintf(number, sizeof number, "%.17g", study->validation_fraction);
    HN_TRY(hn_yaml_add(fusion, "validation_fraction", scalar(number), err));
  }
  HN_TRY(add_slices(root, study, err));
  if (study->cluster_of.n) {
    HN_TRY(add_map(root, "clusters", &clusters, err));
    HN_TRY(add_texts(clusters, "of", &study->cluster_of, err));
    HN_TRY(add_options(clusters, NULL, study->clusters, err));
    HN_TRY(add_texts(clusters, "compare", &study->cluster_compare, err));
  }
  HN_TRY(add_importances(root, study, err));
  status = hn_yaml_write(root, out, err);
done:
  hn_yaml_destroy(root);
  return status;
}
