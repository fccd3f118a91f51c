#include "tests/fuzz.h"

#include "base/npz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
  hn_csr m = {0};
  if (hn_npz_parse_csr("input", bytes, n, &m, NULL) == HN_OK)
    require(hn_csr_check(&m, NULL) == HN_OK);
  hn_csr_free(&m);
  return 0;
}
