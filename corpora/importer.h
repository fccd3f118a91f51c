/* Importers: from what a source hands out to a manifest with lyrics files. An importer is one file
 * import_<name>.c and one line in registry.c; it walks its source and gives every song to
 * hn_import_add. A song that is wrong costs that song, never the import. */
#ifndef HN_CORPORA_IMPORTER_H
#define HN_CORPORA_IMPORTER_H

#include <stddef.h>

#include "base/error.h"
#include "base/options.h"
#include "base/progress.h"
#include "corpora/manifest.h"

/* An import under way. */
typedef struct hn_import hn_import;

typedef struct hn_importer {
  const char *name;              /* "genius" */
  const char *help;              /* what it reads, one line */
  const hn_option_spec *options; /* ends with a NULL name */
  /* Walk path and add every song. Errors are for what stops everything (path is not there, memory,
   * a full disk); what is wrong with one song or file goes to hn_import_problem. */
  hn_status (*run)(hn_import *import, const char *path, const hn_options *options, hn_error *err);
} hn_importer;

/* What an import did. Owns problems. */
typedef struct {
  size_t n_tracks, n_lyrics, n_audio;
  char **problems; /* a line each: which file or song, what is wrong, what became of it */
  size_t n_problems, problems_capacity;
} hn_import_report;

/* Run an importer: writes folder/manifest.csv (at the end, atomically) and folder/lyrics/<id>.txt;
 * audio stays where it is: its path is relative if it lies below folder, else absolute.
 *   options   of the importer's table; NULL: the defaults
 *   progress  advanced by one a track; may be NULL
 * Errors: HN_IO; HN_FORMAT when there is no song at all; what the importer adds. Free report_out
 * with hn_import_report_free. */
hn_status hn_import_run(const hn_importer *importer, const char *path, const char *folder,
                        const hn_options *options, hn_progress *progress,
                        hn_import_report *report_out, hn_error *err);
void hn_import_report_free(hn_import_report *report);

/* What follows is for importers. */

/* One song; NULL where unknown, all borrowed for the call, UTF-8. */
typedef struct {
  /* Wanted id. Bytes that a file name should not have become '-', a long one is cut, and a taken
   * one gets "-2", "-3", … */
  const char *id;
  const char *title, *artist, *album;
  const char *const *featured;
  size_t n_featured;
  int year;                  /* or HN_YEAR_MISSING */
  const char *const *extras; /* one for each further column, see hn_import_columns */
  const char *lyrics;        /* the text itself */
  const char *audio;         /* path from the current folder */
} hn_import_track;

/* Name further columns, before the first track. Errors: HN_INVALID for the name of a column that
 * the manifest has anyway. */
hn_status hn_import_columns(hn_import *import, const char *const *names, size_t n, hn_error *err);
hn_status hn_import_add(hn_import *import, const hn_import_track *track, hn_error *err);
/* Was a track with this wanted id added? */
int hn_import_has(const hn_import *import, const char *id);
/* List a problem. Errors: HN_NO_MEMORY. */
hn_status hn_import_problem(hn_import *import, hn_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The folder that the import writes to. Borrowed. */
const char *hn_import_folder(const hn_import *import);

#endif
