#include "cli/inputs.h"

#include "base/file.h"
#include "base/npy.h"
#include "base/npz.h"
#include "corpora/detect.h"
#include "corpora/manifest.h"

#include <string.h>

hn_status hn_input_features(const char *path, hn_features *x_out, hn_error *err) {
  const char *suffix = hn_path_suffix(path);
  if (strcmp(suffix, ".npy") == 0) return hn_npy_read_features(path, x_out, err);
  if (strcmp(suffix, ".npz") == 0) {
    hn_csr csr;
    hn_status status = hn_npz_read_csr(path, &csr, err);
    if (status == HN_OK) *x_out = (hn_features){.kind = HN_FEATURES_CSR, .as.csr = csr};
    return status;
  }
  return hn_fail(err, HN_INVALID,
                 "%s: features are a .npy (dense, pictures) or a .npz (sparse) file", path);
}

hn_status hn_input_labels(const char *path, const char *target, hn_labels *y_out, hn_error *err) {
  if (!target) return hn_npy_read_labels(path, y_out, err);
  hn_manifest *manifest = NULL;
  hn_status status = hn_manifest_read(path, NULL, &manifest, err);
  if (status == HN_OK) status = hn_manifest_labels(manifest, target, y_out, err);
  hn_manifest_destroy(manifest);
  return status;
}

int hn_input_is_manifest(const char *path) {
  hn_corpus_format format;
  return hn_corpus_detect(path, &format, NULL) == HN_OK && format == HN_CORPUS_MANIFEST;
}
