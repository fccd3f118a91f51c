#include "corpora/bags.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "corpora/cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_MAX 16777216 /* the whole numbers that a float holds exactly */

typedef struct {
  int32_t word; /* from 0 */
  float count;
} entry;

/* A file being read: what it gave so far. */
typedef struct {
  const char *name;
  size_t line;
  hn_bags bags;
  int has_vocabulary;
  size_t ids_capacity, terms_capacity;
  size_t *lines; /* (n_rows) where each bag stands */
  size_t lines_capacity;
  entry *entries; /* of all rows */
  size_t n_entries, entries_capacity;
  size_t *starts; /* (n_rows) first entry of each row */
  size_t starts_capacity;
  hn_bags_problem *on_problem; /* NULL: a wrong bag is an error */
  void *context;
} reader;

/* "file:line: the value … what", value being the n bytes found. */
static hn_status refuse(const reader *r, const char *value, size_t n, const char *what,
                        hn_error *err) {
  hn_buffer quoted = {0};
  char *text = hn_strndup(value, n);
  hn_status status = HN_NO_MEMORY;
  if (text) hn_cell_quote(&quoted, text);
  if (!text || hn_buffer_status(&quoted, err) != HN_OK)
    hn_fail_memory(err);
  else
    status = hn_fail(err, HN_FORMAT, "%s:%zu: %s %s", r->name, r->line, quoted.data, what);
  hn_free(text);
  hn_buffer_free(&quoted);
  return status;
}

typedef struct {
  const char *text;
  size_t index;
} sorted_text;

static int compare_sorted(const void *a, const void *b) {
  const sorted_text *x = a, *y = b;
  int order = strcmp(x->text, y->text);
  return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* The first two equal ones of n texts, by the place of the second; 0 or 1. */
static hn_status find_twins(char *const *texts, size_t n, int *found_out, size_t *first_out,
                            size_t *second_out, hn_error *err) {
  hn_status status = HN_OK;
  sorted_text *sorted = NULL;
  HN_NEW(sorted, n, err);
  for (size_t i = 0; i < n; i++) sorted[i] = (sorted_text){texts[i], i};
  qsort(sorted, n, sizeof *sorted, compare_sorted);
  *found_out = 0;
  for (size_t i = 1; i < n; i++) {
    if (strcmp(sorted[i].text, sorted[i - 1].text) != 0) continue;
    if (*found_out && *second_out < sorted[i].index) continue;
    *found_out = 1;
    *first_out = sorted[i - 1].index;
    *second_out = sorted[i].index;
  }
done:
  hn_free(sorted);
  return status;
}

static hn_status read_vocabulary(reader *r, const char *at, const char *end, hn_error *err) {
  hn_status status = HN_OK;
  hn_bags *bags = &r->bags;
  int found;
  size_t first, second;
  if (r->has_vocabulary)
    return hn_fail(err, HN_FORMAT,
                   "%s:%zu: a second vocabulary; a file has one %% line, before its first bag",
                   r->name, r->line);
  for (;;) {
    const char *comma = memchr(at, ',', (size_t)(end - at));
    size_t n = (size_t)((comma ? comma : end) - at);
    if (n == 0)
      return hn_fail(err, HN_FORMAT, "%s:%zu: word %zu of the vocabulary is empty", r->name,
                     r->line, bags->n_terms + 1);
    HN_GROW(bags->terms, bags->n_terms, r->terms_capacity, err);
    if (!(bags->terms[bags->n_terms] = hn_strndup(at, n))) return hn_fail_memory(err);
    bags->n_terms++;
    if (!comma) break;
    at = comma + 1;
  }
  HN_TRY(find_twins(bags->terms, bags->n_terms, &found, &first, &second, err));
  if (found)
    return hn_fail(err, HN_FORMAT, "%s:%zu: words %zu and %zu of the vocabulary are both \"%s\"",
                   r->name, r->line, first + 1, second + 1, bags->terms[second]);
  r->has_vocabulary = 1;
done:
  return status;
}

/* The whole number that fills from … to, or -1; numbers too large to matter stop at 10^12. */
static long long parse_digits(const char *from, const char *to) {
  long long number = 0;
  if (from == to) return -1;
  for (; from < to; from++) {
    if (*from < '0' || *from > '9') return -1;
    if (number < 1000000000000) number = 10 * number + (*from - '0');
  }
  return number;
}

/* One word:count pair. */
static hn_status read_pair(reader *r, const char *at, const char *end, hn_error *err) {
  hn_status status = HN_OK;
  size_t n = (size_t)(end - at);
  const char *colon = memchr(at, ':', n);
  if (!colon) return refuse(r, at, n, "is no word:count pair", err);
  long long word = parse_digits(at, colon), count = parse_digits(colon + 1, end);
  if (word < 1 || word > (long long)r->bags.n_terms) {
    char what[96];
    snprintf(what, sizeof what, "is no word number; the vocabulary has words 1 to %zu",
             r->bags.n_terms);
    return refuse(r, at, (size_t)(colon - at), what, err);
  }
  if (count < 1 || count > COUNT_MAX)
    return refuse(r, colon + 1, (size_t)(end - colon - 1),
                  "is no count; expected a whole number from 1 to 16777216", err);
  HN_GROW(r->entries, r->n_entries, r->entries_capacity, err);
  r->entries[r->n_entries++] = (entry){(int32_t)(word - 1), (float)count};
done:
  return status;
}

static int compare_entries(const void *a, const void *b) {
  const entry *x = a, *y = b;
  return (x->word > y->word) - (x->word < y->word);
}

/* Columns of a row ascend, each once. */
static hn_status sort_row(reader *r, size_t start, hn_error *err) {
  entry *row = r->entries + start;
  size_t n = r->n_entries - start;
  int is_sorted = 1;
  for (size_t i = 1; i < n; i++) is_sorted &= row[i - 1].word < row[i].word;
  if (is_sorted) return HN_OK;
  qsort(row, n, sizeof *row, compare_entries);
  for (size_t i = 1; i < n; i++)
    if (row[i - 1].word == row[i].word)
      return hn_fail(err, HN_FORMAT,
                     "%s:%zu: word %d stands twice in this bag; a bag names each word once",
                     r->name, r->line, row[i].word + 1);
  return HN_OK;
}

static hn_status read_bag(reader *r, const char *at, const char *end, hn_error *err) {
  hn_status status = HN_OK;
  hn_bags *bags = &r->bags;
  const char *comma = memchr(at, ',', (size_t)(end - at));
  const char *id_end = comma ? comma : end;
  if (!r->has_vocabulary)
    return hn_fail(err, HN_FORMAT,
                   "%s:%zu: a bag before the vocabulary; expected a line of words that begins "
                   "with %%",
                   r->name, r->line);
  if (id_end == at)
    return hn_fail(err, HN_FORMAT, "%s:%zu: a bag without a track id", r->name, r->line);
  HN_GROW(r->lines, bags->n_rows, r->lines_capacity, err);
  HN_GROW(r->starts, bags->n_rows, r->starts_capacity, err);
  HN_GROW(bags->ids, bags->n_rows, r->ids_capacity, err);
  if (!(bags->ids[bags->n_rows] = hn_strndup(at, (size_t)(id_end - at))))
    return hn_fail_memory(err);
  r->lines[bags->n_rows] = r->line;
  r->starts[bags->n_rows] = r->n_entries;
  bags->n_rows++;

  for (int field = 0; comma; field++) {
    at = comma + 1;
    comma = memchr(at, ',', (size_t)(end - at));
    const char *field_end = comma ? comma : end;
    int is_second_id = field == 0 && parse_digits(at, field_end) >= 0;
    if (!is_second_id) HN_TRY(read_pair(r, at, field_end, err));
  }
  HN_TRY(sort_row(r, r->starts[bags->n_rows - 1], err));
done:
  return status;
}

/* A bag whose errors cost that bag only, where somebody wants to hear of them. */
static hn_status read_bag_if_good(reader *r, const char *at, const char *end, hn_error *err) {
  const size_t n_rows = r->bags.n_rows, n_entries = r->n_entries;
  hn_error why;
  if (!r->on_problem || !r->has_vocabulary) return read_bag(r, at, end, err);
  hn_status status = read_bag(r, at, end, &why);
  if (status == HN_OK) return HN_OK;
  if (status == HN_NO_MEMORY) return hn_fail_memory(err);
  while (r->bags.n_rows > n_rows) hn_free(r->bags.ids[--r->bags.n_rows]);
  r->n_entries = n_entries;
  return r->on_problem(r->context, why.message, err);
}

static hn_status read_lines(reader *r, const char *bytes, size_t n, hn_error *err) {
  const char *end = bytes + n;
  if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) bytes += 3; /* a byte order mark */
  for (const char *at = bytes; at < end;) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *next = newline ? newline + 1 : end;
    const char *line_end = newline ? newline : end;
    if (line_end > at && line_end[-1] == '\r') line_end--;
    size_t length = (size_t)(line_end - at);
    hn_status status = HN_OK;
    r->line++;
    if (hn_utf8_valid_length(at, length) < length || memchr(at, 0, length))
      return hn_fail(err, HN_FORMAT, "%s:%zu: the line is not UTF-8 text", r->name, r->line);
    if (length && *at == '%')
      status = read_vocabulary(r, at + 1, line_end, err);
    else if (length && *at != '#')
      status = read_bag_if_good(r, at, line_end, err);
    if (status != HN_OK) return status;
    at = next;
  }
  if (r->has_vocabulary) return HN_OK;
  return hn_fail(err, HN_FORMAT, "%s: no vocabulary; expected a line of words that begins with %%",
                 r->name);
}

static hn_status refuse_twin_ids(const reader *r, hn_error *err) {
  int found;
  size_t first, second;
  hn_status status = find_twins(r->bags.ids, r->bags.n_rows, &found, &first, &second, err);
  if (status != HN_OK || !found) return status;
  return hn_fail(err, HN_FORMAT,
                 "%s:%zu: the id \"%s\" stands in line %zu already; each track has one bag",
                 r->name, r->lines[second], r->bags.ids[second], r->lines[first]);
}

static hn_status make_counts(reader *r, hn_error *err) {
  hn_bags *bags = &r->bags;
  hn_status status = hn_csr_init(&bags->counts, bags->n_rows, bags->n_terms, r->n_entries, err);
  if (status != HN_OK) return status;
  for (size_t i = 0; i < bags->n_rows; i++) bags->counts.indptr[i] = (int64_t)r->starts[i];
  bags->counts.indptr[bags->n_rows] = (int64_t)r->n_entries;
  for (size_t k = 0; k < r->n_entries; k++) {
    bags->counts.indices[k] = r->entries[k].word;
    bags->counts.values[k] = r->entries[k].count;
  }
  return HN_OK;
}

static hn_status parse(reader *r, const char *bytes, size_t n, hn_bags *bags_out, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(read_lines(r, bytes, n, err));
  if (!r->on_problem) HN_TRY(refuse_twin_ids(r, err));
  HN_TRY(make_counts(r, err));
  *bags_out = r->bags;
  r->bags = (hn_bags){0};
done:
  hn_bags_free(&r->bags);
  hn_free(r->lines);
  hn_free(r->starts);
  hn_free(r->entries);
  return status;
}

hn_status hn_bags_parse(const char *name, const char *bytes, size_t n, hn_bags *bags_out,
                        hn_error *err) {
  reader r = {.name = name};
  return parse(&r, bytes, n, bags_out, err);
}

hn_status hn_bags_read_good(const char *path, hn_bags_problem *on_problem, void *context,
                            hn_bags *bags_out, hn_error *err) {
  reader r = {.name = path, .on_problem = on_problem, .context = context};
  char *bytes;
  size_t n;
  hn_status status = hn_file_read_gzip(path, &bytes, &n, err);
  if (status != HN_OK) return status;
  status = parse(&r, bytes, n, bags_out, err);
  hn_free(bytes);
  return status;
}

hn_status hn_bags_read(const char *path, hn_bags *bags_out, hn_error *err) {
  return hn_bags_read_good(path, NULL, NULL, bags_out, err);
}

void hn_bags_free(hn_bags *bags) {
  if (!bags) return;
  for (size_t i = 0; i < bags->n_rows; i++) hn_free(bags->ids[i]);
  for (size_t i = 0; i < bags->n_terms; i++) hn_free(bags->terms[i]);
  hn_free(bags->ids);
  hn_free(bags->terms);
  hn_csr_free(&bags->counts);
  *bags = (hn_bags){0};
}

/* Row of the bag of each track into rows, or (size_t)-1. */
static size_t match_rows(const hn_bags *bags, const hn_manifest *manifest, size_t *rows) {
  size_t n_ignored = 0;
  for (size_t i = 0; i < hn_manifest_n_tracks(manifest); i++) rows[i] = (size_t)-1;
  for (size_t b = 0; b < bags->n_rows; b++) {
    size_t track = hn_manifest_find(manifest, bags->ids[b]);
    if (track == (size_t)-1)
      n_ignored++;
    else
      rows[track] = b;
  }
  return n_ignored;
}

hn_status hn_bags_align(const hn_bags *bags, const hn_manifest *manifest,
                        hn_bags_alignment *alignment_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_bags_alignment made = {0};
  size_t *rows = NULL, n_entries = 0;
  const size_t n_tracks = hn_manifest_n_tracks(manifest);
  const hn_csr *from = &bags->counts;

  HN_NEW(rows, n_tracks, err);
  HN_NEW(made.has_bag, n_tracks, err);
  made.n_ignored = match_rows(bags, manifest, rows);
  for (size_t i = 0; i < n_tracks; i++) {
    made.has_bag[i] = rows[i] != (size_t)-1;
    made.n_without += !made.has_bag[i];
    if (made.has_bag[i]) n_entries += (size_t)(from->indptr[rows[i] + 1] - from->indptr[rows[i]]);
  }
  HN_TRY(hn_csr_init(&made.counts, n_tracks, bags->n_terms, n_entries, err));
  for (size_t i = 0; i < n_tracks; i++) {
    size_t at = (size_t)made.counts.indptr[i], n = 0;
    if (made.has_bag[i]) {
      size_t start = (size_t)from->indptr[rows[i]];
      n = (size_t)from->indptr[rows[i] + 1] - start;
      memcpy(made.counts.indices + at, from->indices + start, n * sizeof *from->indices);
      memcpy(made.counts.values + at, from->values + start, n * sizeof *from->values);
    }
    made.counts.indptr[i + 1] = (int64_t)(at + n);
  }
  *alignment_out = made;
  made = (hn_bags_alignment){0};
done:
  hn_free(rows);
  hn_bags_alignment_free(&made);
  return status;
}

void hn_bags_alignment_free(hn_bags_alignment *alignment) {
  if (!alignment) return;
  hn_csr_free(&alignment->counts);
  hn_free(alignment->has_bag);
  *alignment = (hn_bags_alignment){0};
}
