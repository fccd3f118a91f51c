#include "base/random.h"

#include <math.h>

__extension__ typedef unsigned __int128 u128;

static uint64_t splitmix(uint64_t *x) {
  uint64_t z = (*x += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

uint64_t hn_seed_derive(uint64_t seed, const char *purpose, uint64_t index) {
  uint64_t h = 0xCBF29CE484222325u; /* FNV-1a over the purpose */
  for (const char *c = purpose; *c; c++) h = (h ^ (unsigned char)*c) * 0x100000001B3u;
  uint64_t x = seed;
  h ^= splitmix(&x);
  h = splitmix(&h) + index;
  return splitmix(&h);
}

void hn_rng_init(hn_rng *rng, uint64_t seed, const char *purpose, uint64_t index) {
  uint64_t x = hn_seed_derive(seed, purpose, index);
  for (int i = 0; i < 4; i++) rng->state[i] = splitmix(&x);
}

static uint64_t rotate(uint64_t x, int k) {
  return (x << k) | (x >> (64 - k));
}

uint64_t hn_rng_next(hn_rng *rng) {
  uint64_t *s = rng->state;
  uint64_t result = rotate(s[1] * 5, 7) * 9;
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 45);
  return result;
}

uint64_t hn_rng_below(hn_rng *rng, uint64_t n) {
  u128 m = (u128)hn_rng_next(rng) * n;
  if ((uint64_t)m < n) {
    uint64_t threshold = -n % n;
    while ((uint64_t)m < threshold) m = (u128)hn_rng_next(rng) * n;
  }
  return (uint64_t)(m >> 64);
}

double hn_rng_uniform(hn_rng *rng) {
  return (double)(hn_rng_next(rng) >> 11) * 0x1.0p-53;
}

double hn_rng_normal(hn_rng *rng) {
  for (;;) {
    double u = 2 * hn_rng_uniform(rng) - 1, v = 2 * hn_rng_uniform(rng) - 1;
    double s = u * u + v * v;
    if (s > 0 && s < 1) return u * sqrt(-2 * log(s) / s);
  }
}

void hn_rng_shuffle(hn_rng *rng, size_t *indices, size_t n) {
  for (size_t i = n; i > 1; i--) {
    size_t j = (size_t)hn_rng_below(rng, i);
    size_t t = indices[i - 1];
    indices[i - 1] = indices[j];
    indices[j] = t;
  }
}
