/* The classifiers that headnod knows, one line each in registry.c. */
#ifndef HN_LEARN_REGISTRY_H
#define HN_LEARN_REGISTRY_H

#include "learn/classifier.h"

size_t hn_classifier_count(void);
const hn_classifier_kind *hn_classifier_at(size_t i);
/* By name; an unknown one is HN_INVALID and lists the known ones. */
hn_status hn_classifier_find(const char *name, const hn_classifier_kind **kind_out, hn_error *err);

#endif
