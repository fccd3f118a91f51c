/* Features by importance: what the models of several folds say of each, brought together by name.
 */
#ifndef HN_EXPERIMENTS_RANKING_H
#define HN_EXPERIMENTS_RANKING_H

#include <jansson.h>

#include "base/error.h"

/* Start from {0}. Owns its items and their names. */
typedef struct {
  struct hn_ranked {
    char *name;
    double mean, square; /* of the importance; the mean of its square */
  } * items;
  size_t n, capacity;
} hn_ranking;

/* Add what one fold says of a feature: mean and standard deviation of its importance. */
hn_status hn_ranking_add(hn_ranking *ranking, const char *name, double mean, double deviation,
                         hn_error *err);
/* Equal names become one, the mean over n_folds folds, of which those that say nothing of a feature
 * say 0; the largest first, ties by name. Once, after the last addition. */
void hn_ranking_settle(hn_ranking *ranking, size_t n_folds);
/* The first n_most (0: all) as a list of {<key>: name, importance, deviation}: the standard
 * deviation within and between folds, only where has_deviation. NULL: out of memory. */
json_t *hn_ranking_json(const hn_ranking *ranking, const char *key, size_t n_most,
                        int has_deviation);
void hn_ranking_free(hn_ranking *ranking);

#endif
