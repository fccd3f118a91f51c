/* Bags of words from any bytes: refused with a message, or well-formed. */
#include "corpora/bags.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
  hn_error err = {0};
  hn_bags bags = {0};
  if (hn_bags_parse("bags", (const char *)bytes, n, &bags, &err) != HN_OK) {
    if (err.message[0] == 0) abort();
    return 0;
  }
  if (hn_csr_check(&bags.counts, &err) != HN_OK || bags.counts.n_rows != bags.n_rows) abort();
  hn_bags_free(&bags);
  return 0;
}
