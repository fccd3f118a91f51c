#include "tests/fuzz.h"

#include "base/tensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
  hn_tensors *tensors = NULL;
  if (hn_tensors_parse("input", bytes, n, &tensors, NULL) == HN_OK) {
    size_t n_bytes = 0;
    for (size_t i = 0; i < hn_tensors_count(tensors); i++) {
      const hn_tensor *item = hn_tensors_at(tensors, i);
      require(hn_tensors_find(tensors, item->name) == item);
      n_bytes += item->n_bytes;
    }
    require(n_bytes < n);
  }
  hn_tensors_destroy(tensors);
  return 0;
}
