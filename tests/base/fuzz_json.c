#include "tests/fuzz.h"

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
  json_t *value = NULL;
  hn_error err = {0};
  if (hn_json_parse("input", (const char *)bytes, n, &value, &err) == HN_OK)
    require(value);
  else
    require(err.message[0]);
  json_decref(value);
  return 0;
}
