#include "base/labels.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* The digits of a whole number in its shortest decimal form, or NULL; *sign is -1, 0 or 1. */
static const char *whole_number(const char *text, int *sign) {
  const char *digits = text + (*text == '-');
  size_t n = strspn(digits, "0123456789");
  if (n == 0 || digits[n] != 0 || (digits[0] == '0' && (n > 1 || digits != text))) return NULL;
  *sign = digits != text ? -1 : digits[0] != '0';
  return digits;
}

int hn_labels_compare(const char *a, const char *b) {
  int sign_a = 0, sign_b = 0;
  const char *digits_a = whole_number(a, &sign_a), *digits_b = whole_number(b, &sign_b);
  if (!digits_a && !digits_b) return strcmp(a, b);
  if (!digits_a || !digits_b) return digits_a ? -1 : 1;
  if (sign_a != sign_b) return sign_a - sign_b;
  size_t n_a = strlen(digits_a), n_b = strlen(digits_b);
  int order = n_a != n_b ? (n_a < n_b ? -1 : 1) : strcmp(digits_a, digits_b);
  return sign_a < 0 ? -order : order;
}

static int compare_texts(const void *a, const void *b) {
  return hn_labels_compare(*(const char *const *)a, *(const char *const *)b);
}

int32_t hn_labels_find(char *const *classes, size_t n_classes, const char *name) {
  char *const *found =
      n_classes ? bsearch(&name, classes, n_classes, sizeof *classes, compare_texts) : NULL;
  return found ? (int32_t)(found - classes) : HN_LABEL_MISSING;
}

hn_status hn_labels_encode(const char *const *texts, size_t n, hn_labels *labels_out,
                           hn_error *err) {
  hn_status status = HN_OK;
  const char **sorted = NULL;
  hn_labels made = {.n = n};
  size_t n_sorted = 0;

  HN_NEW(sorted, n, err);
  for (size_t i = 0; i < n; i++)
    if (texts[i]) sorted[n_sorted++] = texts[i];
  qsort(sorted, n_sorted, sizeof *sorted, compare_texts);
  HN_NEW(made.classes, n_sorted, err);
  for (size_t i = 0; i < n_sorted; i++) {
    if (i > 0 && strcmp(sorted[i], sorted[i - 1]) == 0) continue;
    HN_DUP(made.classes[made.n_classes], sorted[i], err);
    made.n_classes++;
  }
  HN_NEW(made.values, n, err);
  for (size_t i = 0; i < n; i++)
    made.values[i] =
        texts[i] ? hn_labels_find(made.classes, made.n_classes, texts[i]) : HN_LABEL_MISSING;
  *labels_out = made;
  made = (hn_labels){0};
done:
  hn_free(sorted);
  hn_labels_free(&made);
  return status;
}

void hn_labels_free(hn_labels *labels) {
  if (!labels) return;
  if (labels->classes)
    for (size_t k = 0; k < labels->n_classes; k++) hn_free(labels->classes[k]);
  hn_free(labels->classes);
  hn_free(labels->values);
  *labels = (hn_labels){0};
}
