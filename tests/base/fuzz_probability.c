#include "tests/fuzz.h"

#include "base/probability.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
  hn_probability table = {0};
  if (hn_probability_parse("input", (const char *)bytes, n, &table, NULL) == HN_OK)
    for (size_t i = 0; i < table.n_rows; i++) {
      require(table.truth[i] < (int32_t)table.n_classes);
      require(hn_probability_has(&table, i) == (hn_probability_argmax(&table, i) >= 0));
    }
  hn_probability_free(&table);
  return 0;
}
