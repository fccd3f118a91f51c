#include "learn/registry.h"

#include "base/buffer.h"
#include "learn/dummy.h"
#include "learn/forest/forest.h"
#include "learn/linear/linear_svm.h"
#include "learn/linear/logistic.h"
#include "learn/linear/naive_bayes.h"
#include "learn/nn/network_classifier.h"

#include <string.h>

static const hn_classifier_kind *const kinds[] = {
    &hn_dummy_kind,      &hn_forest_kind,         &hn_extra_trees_kind,   &hn_logistic_kind,
    &hn_linear_svm_kind, &hn_multinomial_nb_kind, &hn_complement_nb_kind, &hn_cnn_kind,
    &hn_vgg_kind,        &hn_resnet18_kind,       &hn_resnet34_kind,      &hn_musicnn_kind,
};

size_t hn_classifier_count(void) {
  return sizeof kinds / sizeof *kinds;
}

const hn_classifier_kind *hn_classifier_at(size_t i) {
  return kinds[i];
}

hn_status hn_classifier_find(const char *name, const hn_classifier_kind **kind_out, hn_error *err) {
  hn_buffer known = {0};
  for (size_t i = 0; i < hn_classifier_count(); i++) {
    if (strcmp(kinds[i]->name, name) == 0) {
      hn_buffer_free(&known);
      *kind_out = kinds[i];
      return HN_OK;
    }
    hn_buffer_format(&known, "%s%s", i ? ", " : "", kinds[i]->name);
  }
  hn_status status = hn_buffer_status(&known, err);
  if (status == HN_OK)
    status = hn_fail(err, HN_INVALID, "\"%.80s\" is not a known classifier (known: %s)", name,
                     known.data);
  hn_buffer_free(&known);
  return status;
}
