/* How a lyric is written, in a few numbers: features for a dense classifier beside TF-IDF.
 *
 * A word is a run of letters, digits and underscores, with apostrophes inside; a line is one with a
 * word in it. Case is ignored but for names. Every value is finite; a text without a word is all 0.
 *
 *   words           number of words
 *   lines           number of lines
 *   words_per_line  words / lines
 *   word_length     characters a word
 *   mattr           type-token ratio, as the mean over all windows of 50 words, so that length does
 *                   not matter; (0, 1]; of fewer than 50 words their plain ratio. Covington and
 *                   McFall (2010), Cutting the Gordian knot
 *   compression     1 - deflated bytes / bytes (zlib, level 9, without header), [0, 1): how much
 *                   repeats; a text too short to shrink has 0
 *   repeated_lines  share of lines that are word for word an earlier one, [0, 1)
 *   sections        number of section marks
 *   chorus_share    share of lines in choruses, hooks and their pre- and post-, by the marks; [0,
 * 1] verse_share     share of lines in verses, by the marks; [0, 1]; both 0 without marks rhymes
 * share of lines whose last word rhymes with that of one of the three lines before it in the same
 * stanza, [0, 1]. By spelling: different words that are equal from their last vowel on rhyme, a
 * silent e at the end aside ("night", "light"; "rime", "time"; not "fly", "high"); words without a
 * Latin vowel, when their last two characters are equal. For comparing songs of one language names
 * share of the words not at the beginning of a line that begin with a capital, but for I, I'm, I'll
 * …; [0, 1] numbers         share of words that hold a digit, [0, 1]
 */
#ifndef HN_NLP_STYLE_H
#define HN_NLP_STYLE_H

#include <stddef.h>

#include "base/error.h"
#include "nlp/text.h"

enum { HN_STYLE_N_FEATURES = 13 };

/* The names above, in that order; ends with NULL. */
extern const char *const hn_style_names[];

/* Measure a lyric.
 *   lyric       cleaned: its words and lines
 *   marked      the same with its section marks, as it was scraped; may be lyric itself
 *   values_out  (HN_STYLE_N_FEATURES) caller-allocated, overwritten
 * Errors: HN_FORMAT for invalid UTF-8, HN_NO_MEMORY. Thread-safe. O(n log n). */
hn_status hn_style_measure(hn_text lyric, hn_text marked, float *values_out, hn_error *err);

#endif
