#include "corpora/registry.h"

#include "base/buffer.h"

#include <string.h>

extern const hn_importer hn_importer_genius;
extern const hn_importer hn_importer_folders;
extern const hn_importer hn_importer_table;
extern const hn_importer hn_importer_lrc;
extern const hn_importer hn_importer_ultrastar;
extern const hn_importer hn_importer_jamendo;
extern const hn_importer hn_importer_mxm;

static const hn_importer *const importers[] = {
    &hn_importer_genius,    &hn_importer_folders, &hn_importer_table, &hn_importer_lrc,
    &hn_importer_ultrastar, &hn_importer_jamendo, &hn_importer_mxm,
};

size_t hn_importer_count(void) {
  return sizeof importers / sizeof *importers;
}

const hn_importer *hn_importer_at(size_t i) {
  return importers[i];
}

hn_status hn_importer_find(const char *name, const hn_importer **importer_out, hn_error *err) {
  hn_buffer known = {0};
  for (size_t i = 0; i < hn_importer_count(); i++) {
    if (strcmp(importers[i]->name, name) == 0) {
      hn_buffer_free(&known);
      *importer_out = importers[i];
      return HN_OK;
    }
    hn_buffer_format(&known, "%s%s", i ? ", " : "", importers[i]->name);
  }
  hn_status status = hn_buffer_status(&known, err);
  if (status == HN_OK)
    status = hn_fail(err, HN_INVALID, "\"%.80s\" is not a known source to import (known: %s)", name,
                     known.data);
  hn_buffer_free(&known);
  return status;
}
