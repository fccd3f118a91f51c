/* Sparse training features by rows, for small nodes: what a few rows hold is found from the rows,
 * not by passing over whole columns.
 *
 * Each row lists its entries and their ranks. Frequent columns (see HN_FREQUENT_SHARE) are few and
 * hold most of the entries; each row has a bitmap of those where it has one. */
#ifndef HN_LEARN_TREE_ROWS_H
#define HN_LEARN_TREE_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "learn/forest/tree_data.h"

/* A column is frequent when more than one row in this many has an entry there, and more than
 * HN_FREQUENT_LEAST rows: below that a pass over the column costs no more than a look at a bitmap.
 */
#define HN_FREQUENT 0x80000000u
enum { HN_FREQUENT_SHARE = 64, HN_FREQUENT_LEAST = 64 };

/* 32 frequent columns of a row: in which it has entries, and where in the row the first of these
 * stands. By rows, so that all that a small node and those below it look at is near together. */
typedef struct {
  uint32_t bits, at;
} hn_tree_block;

/* A row's entries are entries[start] … entries[start + n_entries - 1], the rare ones first. */
typedef struct {
  size_t start;
  uint32_t n_rare, n_entries;
} hn_tree_row;

/* N rows, D columns, F frequent ones. Owns its arrays. */
typedef struct {
  size_t n_frequent, n_blocks; /* blocks a row */
  uint32_t *frequent;          /* (F) columns */
  int32_t *frequent_at;        /* (D) place in `frequent`, or -1 */
  hn_tree_row *rows;           /* (N) */
  hn_tree_block *blocks;       /* (N, blocks) */
  uint32_t *entries;           /* the column of a rare one; HN_FREQUENT | place of a frequent one */
  uint16_t *ranks16;           /* of each entry in its column; N <= 65,536 */
  uint32_t *ranks32;           /* otherwise */
  double rare_scan; /* mean length of the column of a rare entry: the cost of looking at one */
} hn_tree_rows;

/* data: sparse. Errors: HN_NO_MEMORY. O(entries). */
hn_status hn_tree_rows_init(hn_tree_rows *rows, const hn_tree_data *data, hn_error *err);
void hn_tree_rows_free(hn_tree_rows *rows);

/* Has row i an entry in the frequent column at place f? */
static inline int hn_tree_rows_has(const hn_tree_rows *rows, size_t f, uint32_t i) {
  return (int)(rows->blocks[i * rows->n_blocks + f / 32].bits >> f % 32 & 1);
}

/* Set bits of a word, without the instruction that not every x86-64 has. */
static inline uint32_t hn_count_bits(uint32_t x) {
  x -= x >> 1 & 0x55555555u;
  x = (x & 0x33333333u) + (x >> 2 & 0x33333333u);
  return ((x + (x >> 4)) & 0x0F0F0F0Fu) * 0x01010101u >> 24;
}

/* The rank of row i in the frequent column at place f, where it has an entry. */
static inline uint32_t hn_tree_rows_rank(const hn_tree_rows *rows, size_t f, uint32_t i) {
  hn_tree_block block = rows->blocks[i * rows->n_blocks + f / 32];
  size_t e =
      rows->rows[i].start + block.at + hn_count_bits(block.bits & (((uint32_t)1 << f % 32) - 1));
  return rows->ranks16 ? rows->ranks16[e] : rows->ranks32[e];
}

#endif
