#include "vision/window.h"

#include "support.h"

static void test_golden(void **state) {
  (void)state;
  size_t i, k;
  json_t *row, *value;
  double found[16];
  json_array_foreach(golden("windows"), i, row) {
    const char *name = json_string_value(json_object_get(row, "window"));
    json_t *values = json_object_get(row, "values");
    hn_window_fill(name, json_array_size(values), found);
    json_array_foreach(values, k, value) {
      /* The same formula in another order of summation. */
      if (!(fabs(found[k] - json_number_value(value)) < 1e-12))
        fail_msg("%s of %zu, point %zu: %.17g, expected %.17g", name, json_array_size(values), k,
                 found[k], json_number_value(value));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
