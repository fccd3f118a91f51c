/* The importers that headnod knows, one line each in registry.c. */
#ifndef HN_CORPORA_REGISTRY_H
#define HN_CORPORA_REGISTRY_H

#include "corpora/importer.h"

size_t hn_importer_count(void);
const hn_importer *hn_importer_at(size_t i);
/* By name; an unknown one is HN_INVALID and lists the known ones. */
hn_status hn_importer_find(const char *name, const hn_importer **importer_out, hn_error *err);

#endif
