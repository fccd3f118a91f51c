#include "fusion/registry.h"

#include "base/buffer.h"
#include "fusion/pool.h"
#include "fusion/stacking.h"

#include <string.h>

static const hn_fusion_kind *const kinds[] = {
    &hn_fusion_mean,
    &hn_fusion_weighted,
    &hn_fusion_product,
    &hn_fusion_stacking,
};

size_t hn_fusion_count(void) {
  return sizeof kinds / sizeof *kinds;
}

const hn_fusion_kind *hn_fusion_at(size_t i) {
  return kinds[i];
}

hn_status hn_fusion_find(const char *name, const hn_fusion_kind **kind_out, hn_error *err) {
  hn_buffer known = {0};
  for (size_t i = 0; i < hn_fusion_count(); i++) {
    if (strcmp(kinds[i]->name, name) != 0) continue;
    *kind_out = kinds[i];
    return HN_OK;
  }
  for (size_t i = 0; i < hn_fusion_count(); i++)
    hn_buffer_format(&known, "%s%s", i ? ", " : "", kinds[i]->name);
  hn_status status = hn_buffer_status(&known, err);
  if (status == HN_OK)
    status =
        hn_fail(err, HN_INVALID, "\"%.80s\" is not a fusion method (known: %s)", name, known.data);
  hn_buffer_free(&known);
  return status;
}
