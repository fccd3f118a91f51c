/* Files of a source, for importers: reading and finding them. What is wrong with one file becomes a
 * problem of the import and costs that file. */
#ifndef HN_CORPORA_IMPORT_FILES_H
#define HN_CORPORA_IMPORT_FILES_H

#include <stddef.h>

#include "base/error.h"
#include "corpora/importer.h"

/* The text of a lyrics file, UTF-8 without a byte order mark; NULL where it has none to give (it
 * cannot be read, is empty, is in another encoding), which is then listed. UTF-16 is told by its
 * byte order mark.
 *   encoding  what a file is in that is not UTF-8, a name of iconv(3) such as "CP1252"; or NULL
 *   text_out  owned by the caller, hn_free
 * Errors: HN_NO_MEMORY; HN_INVALID for an encoding that iconv does not know. */
hn_status hn_import_read_text(hn_import *import, const char *path, const char *encoding,
                              char **text_out, hn_error *err);
/* Convert n bytes; NULL where they are not of that encoding. Errors: as above. */
hn_status hn_text_from_encoding(const char *bytes, size_t n, const char *encoding, char **text_out,
                                hn_error *err);

/* The row of an option table that names that encoding. */
#define HN_IMPORT_ENCODING_OPTION                                                                  \
  {                                                                                                \
    .name = "encoding", .type = HN_OPTION_TEXT, .default_text = "none", .none_allowed = 1,         \
    .help = "what files are in that are not UTF-8, as iconv calls it: CP1252, GB18030"             \
  }
/* Its value, NULL for none. Borrowed. */
const char *hn_import_encoding(const hn_options *options);

typedef hn_status hn_import_visitor(void *context, const char *path, hn_error *err);
/* Visit a file, or all files of a folder and its folders that end in one of the suffixes (any case;
 * the list ends with NULL), in ascending order. A file given by its name is visited whatever it
 * ends in; the folder that the import writes to is passed over. Errors: HN_IO; those of visit. */
hn_status hn_import_walk(const hn_import *import, const char *path, const char *const *suffixes,
                         hn_import_visitor *visit, void *context, hn_error *err);
/* Do two paths lead to one existing folder? */
int hn_import_same_folder(const char *a, const char *b);

/* Does a name end like a sound file (.mp3, .flac, …)? */
int hn_name_is_audio(const char *name);
/* The sound file beside path that differs in its suffix only ("a/b.lrc": "a/b.mp3"), or NULL.
 * Owned by the caller. Errors: HN_NO_MEMORY. */
hn_status hn_import_find_audio(const char *path, char **audio_out, hn_error *err);

/* Cut "07 - Artist - Title" in place: the artist (NULL without one) and the title. */
void hn_import_split_name(char *name, const char **artist_out, const char **title_out);
/* Is there nothing but white space? */
int hn_text_is_blank(const char *text);

/* One line of a text, cut out of it in place: without its line break and the '\r' before it.
 * *at_inout moves to the next one; NULL at the end. */
char *hn_next_line(char **at_inout);

#endif
