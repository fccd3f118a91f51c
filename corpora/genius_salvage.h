/* Whole songs in a LyricsGenius dump that is cut or broken in one place. */
#ifndef HN_CORPORA_GENIUS_SALVAGE_H
#define HN_CORPORA_GENIUS_SALVAGE_H

#include <stddef.h>

/* One object of the list of songs, from its '{' to its '}', or to the end of a cut file. */
typedef struct {
  size_t start, length, line;
} hn_genius_song;

/* How far a search has come; start from {0}. */
typedef struct {
  size_t at, n_lines; /* bytes and line breaks passed */
} hn_genius_cursor;

/* The next object of the list behind "songs" or "tracks" (or of the list that is the file).
 * 1 and *song_out, or 0 at the end of the list. A broken string ends at its line, so that one stray
 * quotation mark costs one song. O(bytes passed). */
int hn_genius_next_song(const char *bytes, size_t n, hn_genius_cursor *cursor,
                        hn_genius_song *song_out);

#endif
