/* Names of people and words in titles: comparable forms and whole-word search. */
#ifndef HN_CORPORA_NAMES_H
#define HN_CORPORA_NAMES_H

#include <stddef.h>

#include "base/error.h"

/* The comparable form of a name: NFKC, case-folded (Unicode), invisible characters removed (Genius
 * puts U+200B before names that begin in lower case), runs of white space as one blank, none at the
 * ends. "\u200bblackbear" and "BlackBear " give "blackbear". Accents stay: "Mo" is not "Mø".
 *   text        UTF-8
 *   folded_out  owned by the caller, hn_free
 * Errors: HN_NO_MEMORY; HN_FORMAT when text is not UTF-8. Thread-safe. */
hn_status hn_name_fold(const char *text, char **folded_out, hn_error *err);

/* Does text hold word (lower-case ASCII) as a whole word, in any case? "intro" is in "Album Intro"
 * and "intro-2", not in "Introduction" or "Intros". Letters, digits and all bytes of other scripts
 * make words; everything else separates. */
int hn_text_has_word(const char *text, const char *word);

/* Does a byte belong to a word in the sense of hn_text_has_word? */
int hn_byte_is_word(char byte);

#endif
