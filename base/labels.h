/* Labels: text values of a column as numbers, classes in ascending order. */
#ifndef HN_BASE_LABELS_H
#define HN_BASE_LABELS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* values[i] indexes classes, or is HN_LABEL_MISSING. Owns all. */
typedef struct {
  size_t n, n_classes;
  int32_t *values;
  char **classes;
} hn_labels;

#define HN_LABEL_MISSING (-1)

/* The order of classes everywhere: whole numbers in their shortest decimal form ("-3", "0", "2008")
 * come first and by value, other texts follow by bytes. Below, at or above 0 as strcmp. A total
 * order, equal only for equal texts. */
int hn_labels_compare(const char *a, const char *b);

/* Encode n texts (NULL: missing). Errors: HN_NO_MEMORY. O(n log n). */
hn_status hn_labels_encode(const char *const *texts, size_t n, hn_labels *labels_out,
                           hn_error *err);
void hn_labels_free(hn_labels *labels);
/* Index of name among classes (ascending), or HN_LABEL_MISSING. O(log n). */
int32_t hn_labels_find(char *const *classes, size_t n_classes, const char *name);

#endif
