/* The fusion methods that headnod knows, one line each in registry.c. */
#ifndef HN_FUSION_REGISTRY_H
#define HN_FUSION_REGISTRY_H

#include "fusion/fusion.h"

size_t hn_fusion_count(void);
const hn_fusion_kind *hn_fusion_at(size_t i);
/* By name; an unknown one is HN_INVALID and lists the known ones. */
hn_status hn_fusion_find(const char *name, const hn_fusion_kind **kind_out, hn_error *err);

#endif
