/* Random streams that belong to work items (a tree, a fold, an epoch, a file), never to threads:
 * the same seed gives the same numbers for every thread count.
 * Generator: xoshiro256** (Blackman and Vigna, 2018), seeded through SplitMix64. */
#ifndef HN_BASE_RANDOM_H
#define HN_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t state[4];
} hn_rng;

/* The stream of one work item: `purpose` names the kind of work ("forest.tree"), index the item.
 * Different purposes and indices give unrelated streams. */
void hn_rng_init(hn_rng *rng, uint64_t seed, const char *purpose, uint64_t index);
/* A seed for a sub-task (a fold's model), derived in the same way. */
uint64_t hn_seed_derive(uint64_t seed, const char *purpose, uint64_t index);

uint64_t hn_rng_next(hn_rng *rng);
/* Uniform in 0 … n - 1, without bias (Lemire, 2019); n > 0. */
uint64_t hn_rng_below(hn_rng *rng, uint64_t n);
/* Uniform in [0, 1), 53 bits. */
double hn_rng_uniform(hn_rng *rng);
/* Standard normal (polar method of Marsaglia; one value a call, the second is thrown away). */
double hn_rng_normal(hn_rng *rng);
/* Shuffle n indices in place (Fisher–Yates). */
void hn_rng_shuffle(hn_rng *rng, size_t *indices, size_t n);

#endif
