/* Class probabilities of a new song by the models of a finished run. */
#ifndef HN_EXPERIMENTS_PREDICT_H
#define HN_EXPERIMENTS_PREDICT_H

#include "base/error.h"
#include "base/probability.h"

/* What is known of the song; NULL where it is not. */
typedef struct {
  const char *lyrics; /* path of UTF-8 text, cleaned as the run's lyrics were */
  const char *artist; /* the lead, as the headings of the lyrics name it */
  const char *audio;  /* path of a sound file, or of its spectrogram (.npy, .png) */
  const char *row;    /* path of a CSV with one row that has the columns of table models */
} hn_new_song;

/* Rows of table_out: one a model of the run that can see the song, by its name, then one a fusion
 * method ("fused-stacking"); each is the mean over the models of all folds. A method that fuses
 * none of these models has a row of NaN.
 * Where the run's filters.featured cuts guests out of lyrics, the sections in which the artist does
 * not perform are cut here too; remove-verses-other-region cannot be, since nothing tells the
 * regions of the song's guests. *note_out (the caller's to free; NULL: nothing to say) tells what
 * was cut, or why nothing could be. Errors: HN_INVALID when no model can see the song, no word of
 * its lyrics is left, or the run is not finished; HN_IO, HN_FORMAT of files. */
hn_status hn_predict_song(const char *run, const hn_new_song *song, hn_probability *table_out,
                          char **note_out, hn_error *err);

#endif
