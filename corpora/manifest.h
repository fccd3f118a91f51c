/* The manifest: manifest.csv, one row a track, the way every corpus comes in (RFC 4180, UTF-8,
 * header row). Columns with a meaning: track_id (required, unique), title, artist (the lead, one
 * name), featured (guests, separated by ';'), album, kind, year, lat, lon (degrees), lyrics, audio,
 * spectrogram (paths relative to the manifest). Further columns are kept as text.
 *
 * A cell is missing when it is empty or one of the missing words; a missing cell is never a
 * problem, except of track_id. Blanks at the ends of a cell are no part of it, so that "West " and
 * "West" are one class. */
#ifndef HN_CORPORA_MANIFEST_H
#define HN_CORPORA_MANIFEST_H

#include <limits.h>
#include <stddef.h>

#include "base/error.h"
#include "base/labels.h"

#define HN_YEAR_MISSING INT_MIN

typedef struct {
  const char *const *missing; /* words that mean "missing", beside the empty cell; */
  size_t n_missing;           /* 0: the default list below */
  /* 0: any problem is an error. 1: a problem costs what is wrong and nothing else: a bad year,
   * latitude, longitude or path becomes a missing cell; a row with another number of cells, and
   * one without an id or with the id of an earlier row, is left out. */
  int skip_errors;
} hn_manifest_options;

/* NaN, nan, None, null, NULL, N/A, NA; ends with NULL. */
extern const char *const hn_manifest_missing_words[];

/* One track. Texts are NULL where missing; all is borrowed from the manifest. */
typedef struct {
  const char *id, *title, *artist, *album, *kind;
  char *const *featured; /* n_featured names as written */
  size_t n_featured;
  int featured_from_title; /* no featured cell: the names were found in the title */
  int year;                /* or HN_YEAR_MISSING */
  double lat, lon;         /* degrees north and east; both NaN unless both are known */
  /* Joined with the manifest's folder; each leads to a file. */
  const char *lyrics, *audio, *spectrogram;
  size_t line; /* of the manifest, from 1 */
} hn_track;

/* What is wrong with one cell or one row. Borrowed from the manifest. */
typedef struct {
  size_t line;
  const char *track_id; /* NULL where the row has none */
  const char *column;   /* NULL where the row as a whole is wrong */
  const char *value;    /* the cell as found; NULL with column */
  const char *what;     /* "is not a year" */
  const char *remedy;
  int drops_track;  /* under skip_errors: the track is left out, or only the cell */
  const char *text; /* all of it: "m.csv:3: year: \"19x4\" is not a year; write …" */
} hn_manifest_problem;

typedef struct hn_manifest hn_manifest;

/* Read and check a manifest (options may be NULL). Errors: HN_IO; HN_FORMAT for what no reading can
 * mend (no header, two columns of one name, no track_id column, no track left) and, unless
 * skip_errors, for any problem: the message shows the first three and counts all. */
hn_status hn_manifest_read(const char *path, const hn_manifest_options *options,
                           hn_manifest **manifest_out, hn_error *err);
/* The same from memory; path names it in messages and its folder is where files are looked for. */
hn_status hn_manifest_parse(const char *path, const char *bytes, size_t n,
                            const hn_manifest_options *options, hn_manifest **manifest_out,
                            hn_error *err);
void hn_manifest_destroy(hn_manifest *manifest);

const char *hn_manifest_path(const hn_manifest *manifest);
size_t hn_manifest_n_tracks(const hn_manifest *manifest);
const hn_track *hn_manifest_track(const hn_manifest *manifest, size_t track);
/* Index of the track with this id, or (size_t)-1. O(log n). */
size_t hn_manifest_find(const hn_manifest *manifest, const char *id);

/* Problems in the order of their lines; skipped tracks are those that drops_track counts. */
size_t hn_manifest_n_problems(const hn_manifest *manifest);
const hn_manifest_problem *hn_manifest_problem_at(const hn_manifest *manifest, size_t i);
size_t hn_manifest_n_skipped(const hn_manifest *manifest);

size_t hn_manifest_n_columns(const hn_manifest *manifest);
const char *hn_manifest_column_name(const hn_manifest *manifest, size_t column);
/* Index of a column, or (size_t)-1. */
size_t hn_manifest_find_column(const hn_manifest *manifest, const char *name);
/* The same for a column that must be there. Errors: HN_INVALID listing the columns there are. */
hn_status hn_manifest_require_column(const hn_manifest *manifest, const char *name,
                                     size_t *column_out, hn_error *err);
/* A cell as text, NULL where missing (or skipped as wrong). Borrowed. */
const char *hn_manifest_cell(const hn_manifest *manifest, size_t track, size_t column);

/* A column as labels, one a track, missing cells as HN_LABEL_MISSING. Errors: HN_INVALID for an
 * unknown column, HN_NO_MEMORY. */
hn_status hn_manifest_labels(const hn_manifest *manifest, const char *column, hn_labels *labels_out,
                             hn_error *err);
/* A column as numbers, missing cells as NaN.
 *   values_out  (tracks) caller-allocated, untouched on error
 * Errors: HN_INVALID for an unknown column; HN_FORMAT with file, line, column and value for a cell
 * that is no finite decimal number. */
hn_status hn_manifest_numbers(const hn_manifest *manifest, const char *column, double *values_out,
                              hn_error *err);

#endif
