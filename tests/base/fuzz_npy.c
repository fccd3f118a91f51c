#include "tests/fuzz.h"

#include "base/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
  hn_npy array = {0};
  if (hn_npy_parse("input", bytes, n, &array, NULL) == HN_OK) {
    size_t n_values = 1;
    for (int d = 0; d < array.n_dims; d++) n_values *= array.shape[d];
    require(n_values == array.n_values && n_values <= n);
  }
  hn_npy_free(&array);
  return 0;
}
