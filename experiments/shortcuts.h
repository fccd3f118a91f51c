/* Does a property of the recordings tell the class? */
#ifndef HN_EXPERIMENTS_SHORTCUTS_H
#define HN_EXPERIMENTS_SHORTCUTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct {
  size_t n;         /* items with a class and a value */
  double majority;  /* share of the largest class among them */
  double accuracy;  /* of guessing each from the others of the same value */
  double cramers_v; /* 0 … 1, corrected for bias (Bergsma, 2013); 0 where undefined */
  int is_shortcut;
} hn_shortcut;

/* How far a categorical property tells the class.
 *   classes  (n) 0 … n_classes - 1; negative: left out
 *   values   (n) 0 … n_values - 1; negative: left out
 * accuracy guesses the class that is most frequent among the other items of the same value; ties,
 * and an item alone with its value, go to the class most frequent in all; where that does worse
 * than the majority, it is the majority. The property is called a shortcut where the accuracy is at
 * least five points and two standard errors above the majority, or where V is at least 0.3 and
 * chi-squared is two standard deviations above its mean under independence.
 * Errors: HN_NO_MEMORY. O(n + n_classes n_values). */
hn_status hn_shortcut_measure(const int32_t *classes, size_t n_classes, const int32_t *values,
                              size_t n_values, size_t n, hn_shortcut *shortcut_out, hn_error *err);

#endif
