/* Guests of a song: from the `featured` column, or from "feat.", "ft.", "with" in the title. */
#ifndef HN_CORPORA_FEATURED_H
#define HN_CORPORA_FEATURED_H

#include <stddef.h>

#include "base/error.h"

/* Names as they were written, without blanks at the ends. Owns all. Start from {0}. */
typedef struct {
  char **names;
  size_t n, capacity;
} hn_guests;

void hn_guests_free(hn_guests *guests);

/* Split a cell at ';'; empty parts are left out. Errors: HN_NO_MEMORY. */
hn_status hn_guests_from_column(const char *cell, hn_guests *guests_out, hn_error *err);

/* Take the guests out of a title. What follows "feat", "ft", "featuring" (a point behind is
 * optional, any case) up to the closing bracket, the next bracket, " - " or the end; in "(with X)",
 * "[with X]" and "Song - with X" likewise. A bare "with" ("Ride with Me") counts only when all that
 * it names are leads. "ft" after a number ("6 ft. tall") is a length. A title without blanks
 * ("flipside-feat-peedi-crakk") is read with its hyphens and underscores as blanks.
 * The names are split at , ; & and "and", except where a known lead has that very name; in a slug,
 * which has lost its commas, known leads are told apart by their names alone.
 *   leads  folded names of all leads of the corpus, ascending (hn_labels.classes), n_leads of them
 * Errors: HN_NO_MEMORY; HN_FORMAT when title is not UTF-8. */
hn_status hn_guests_from_title(const char *title, char *const *leads, size_t n_leads,
                               hn_guests *guests_out, hn_error *err);

#endif
