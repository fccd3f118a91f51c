#include "tests/fuzz.h"

#include "base/table.h"

#include <string.h>

/* Write the table as CSV and read it again: every cell must come back. */
static void check_round_trip(const hn_table *table) {
  hn_buffer text = {0};
  hn_table *again = NULL;
  size_t n_columns = hn_table_n_columns(table), n_rows = hn_table_n_rows(table);
  for (size_t j = 0; j < n_columns; j++) hn_csv_cell(&text, hn_table_column_name(table, j), j == 0);
  for (size_t i = 0; i < n_rows; i++) {
    hn_buffer_byte(&text, '\n');
    for (size_t j = 0; j < n_columns; j++) hn_csv_cell(&text, hn_table_cell(table, i, j), j == 0);
  }
  require(hn_table_parse("again", text.data, text.length, 1, &again, NULL) == HN_OK);
  require(hn_table_n_rows(again) == n_rows && hn_table_n_columns(again) == n_columns);
  for (size_t i = 0; i < n_rows; i++)
    for (size_t j = 0; j < n_columns; j++)
      require(strcmp(hn_table_cell(again, i, j), hn_table_cell(table, i, j)) == 0);
  hn_table_destroy(again);
  hn_buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
  hn_table *strict = NULL, *lenient = NULL;
  hn_status status = hn_table_parse("input", (const char *)bytes, n, 1, &strict, NULL);
  if (hn_table_parse("input", (const char *)bytes, n, 0, &lenient, NULL) == HN_OK) {
    size_t n_bad = hn_table_n_bad_rows(lenient);
    require((status == HN_OK) == (n_bad == 0));
    for (size_t i = 0; i < n_bad; i++) require(hn_table_bad_row_reason(lenient, i)[0]);
    check_round_trip(lenient);
  } else {
    require(status != HN_OK);
  }
  hn_table_destroy(strict);
  hn_table_destroy(lenient);
  return 0;
}
