/* A manifest from any bytes: refused with a message, or fit for all that is done with one. */
#include "corpora/manifest.h"

#include <stdlib.h>

#include "corpora/credits.h"
#include "corpora/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void use(const hn_manifest *manifest) {
  static const char *const kinds[] = {"intro", "skit"};
  const hn_filter_options options = {
      .drop_kinds = kinds, .n_drop_kinds = 2, .featured = HN_FEATURED_REMOVE_VERSES};
  hn_error err;
  hn_credits credits;
  hn_filter filter;
  for (size_t i = 0; i < hn_manifest_n_tracks(manifest); i++)
    if (hn_manifest_find(manifest, hn_manifest_track(manifest, i)->id) != i) abort();
  if (hn_manifest_credits(manifest, &credits, &err) != HN_OK) abort();
  if (hn_manifest_filter(manifest, &options, &filter, &err) != HN_OK) abort();
  hn_credits_free(&credits);
  hn_filter_free(&filter);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
  for (int skip = 0; skip < 2; skip++) {
    const hn_manifest_options options = {.skip_errors = skip};
    hn_error err = {0};
    hn_manifest *manifest = NULL;
    hn_status status =
        hn_manifest_parse("m.csv", (const char *)bytes, n, &options, &manifest, &err);
    if (status == HN_OK)
      use(manifest);
    else if (err.message[0] == 0)
      abort();
    hn_manifest_destroy(manifest);
  }
  return 0;
}
