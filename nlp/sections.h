/* The sections of a lyric: what its marks say ("[Verse 2: Snoop Dogg & Nate Dogg]"), who performs
 * each, and the lyric without the sections of given artists. Texts are well-formed UTF-8. */
#ifndef HN_NLP_SECTIONS_H
#define HN_NLP_SECTIONS_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "nlp/text.h"

typedef enum {
  HN_SECTION_NONE, /* before the first mark; as an answer: this is no heading */
  HN_SECTION_INTRO,
  HN_SECTION_VERSE,
  HN_SECTION_PRE_CHORUS,
  HN_SECTION_CHORUS, /* also hook, refrain */
  HN_SECTION_POST_CHORUS,
  HN_SECTION_BRIDGE,
  HN_SECTION_INTERLUDE, /* also skit, spoken parts */
  HN_SECTION_INSTRUMENTAL,
  HN_SECTION_OUTRO
} hn_section_kind;

/* "none", "intro", "verse", "pre-chorus", … */
const char *hn_section_kind_name(hn_section_kind kind);

typedef enum {
  HN_MARK_BRACKETS,    /* [Verse 1: X] or {Chorus}, anywhere in a line */
  HN_MARK_PARENTHESES, /* (Chorus), alone on its line */
  HN_MARK_BARE         /* Verse 1, alone on its line */
} hn_mark_form;

typedef struct {
  hn_section_kind kind;
  hn_mark_form form;
  hn_range range;   /* brackets and all */
  hn_range heading; /* without brackets and outer spaces */
} hn_section_mark;

/* Find the first section mark at or behind `from`; 0 when there is none. A heading begins with the
 * name of a section, in English or one of a dozen other languages, perhaps behind a word such as
 * "final". In brackets anything may follow. In parentheses or bare it has its line for itself and
 * only a number, a colon and a repetition ("x2") may follow; bare "Hook", "Bridge" and other words
 * that a line could consist of count only with a number or a colon, or beside a blank line. O(n) */
int hn_section_next_mark(const char *text, size_t n, size_t from, hn_section_mark *mark_out);

/* One section: its mark, its text up to the next mark, and the performers that the mark names, as
 * ranges of the text: what follows ':' or a dash, split at , & + "and", "with", "feat.", "ft.",
 * "featuring"; without decoration such as *, _ and parentheses. Owns performers. */
typedef struct {
  hn_section_kind kind;
  hn_range mark, heading; /* empty for the text before the first mark */
  hn_range text;
  hn_range *performers;
  size_t n_performers;
} hn_section;

/* In the order of the text, covering all of it. Owns items. */
typedef struct {
  hn_section *items;
  size_t n, capacity;
} hn_sections;

/* Errors: HN_FORMAT for invalid UTF-8, HN_NO_MEMORY. O(n) */
hn_status hn_sections_read(const char *text, size_t n, hn_sections *sections_out, hn_error *err);
void hn_sections_free(hn_sections *sections);

/* Append text to out without the sections (marks and all) of which every performer is one of the
 * names; sections without performers stay. Names are compared without case and without regard to
 * compatibility forms, kinds of apostrophe and amount of space; a name may hold a separator ("Simon
 * & Garfunkel"). *n_removed_out: how many sections were left out. Errors: as above; HN_FORMAT also
 * for a name that is not valid UTF-8. */
hn_status hn_sections_remove_performers(const char *text, size_t n, const char *const *names,
                                        size_t n_names, hn_buffer *out, size_t *n_removed_out,
                                        hn_error *err);
/* Append text to out without the sections that name performers of whom none is `name`; sections
 * without performers, and those shared with others, stay. The rest as above. */
hn_status hn_sections_keep_performer(const char *text, size_t n, const char *name, hn_buffer *out,
                                     size_t *n_removed_out, hn_error *err);

#endif
