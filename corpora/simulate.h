/* The simulated corpus: made-up songs whose best possible accuracies are known exactly, to try a
 * study on and to check it by. In each region an exact share of the songs has lyrics without any
 * word of the region, and an exact share a beat without any cue of it, crossed exactly; whoever
 * tells all other songs right and guesses among these reaches the ceiling. No method can expect
 * more, but a single run can have luck with its guesses.
 *
 * The ceilings hold where no artist of a test song is met in training (artist-disjoint splits):
 * artists have words and sounds of their own, which a random split would let a model recognise. */
#ifndef HN_CORPORA_SIMULATE_H
#define HN_CORPORA_SIMULATE_H

#include <stddef.h>

#include "base/error.h"
#include "base/options.h"
#include "base/progress.h"

/* seed, n_artists (a region), n_songs (an artist), neutral_lyrics, neutral_audio (shares of a
 * region's songs without cue), duration (s). */
extern const hn_option_spec hn_simulate_options[];

/* Part of the key under which a corpus is cached: raise it when the same options give other songs.
 */
#define HN_SIMULATE_VERSION "1"

/* What can be expected at best on n > 0 songs with a region, of which n_cue tell it.
 * accuracy: (n_cue + (n - n_cue) / 4) / n, in [0.25, 1]; exact, because the regions are equally
 * many among the songs that do not tell.
 * sd: the standard deviation of the accuracy by luck, sqrt((n - n_cue) 3/16) / n. */
typedef struct {
  size_t n, n_cue;
  double accuracy, sd;
} hn_ceiling;

/* lyrics: the songs with lyrics; audio: those with audio; fused: all, each by what it has. */
typedef struct {
  hn_ceiling lyrics, audio, fused;
} hn_ceilings;

typedef struct {
  size_t n_tracks, n_artists, n_regions;
  size_t n_skits, n_guests;                               /* tracks that are skits, have a guest */
  size_t n_without_lyrics, n_without_audio, n_unlabelled; /* never two of them at once */
  hn_ceilings ceilings;                                   /* over all tracks */
  hn_ceilings without_skits;
} hn_simulation;

/* How many units of progress hn_simulate advances: tracks. options NULL: the defaults. */
size_t hn_simulate_n_units(const hn_options *options);

/* Write into folder, which is made, or exists and is empty:
 *   lyrics/<track id>.txt   UTF-8, section marks as Genius writes them
 *   audio/<track id>.flac   22,050 Hz, mono, 16 bit, all equally long
 *   cues.csv                track_id, lyrics_cue, audio_cue: what each song tells (the answer
 *                           sheet, for ceilings over a part of the songs; never a feature)
 *   ceilings.json           {"simulated": true, "lyrics": 0.73, "audio": …, "fused": …, counts}
 *   README.txt              what this is, and that it is simulated
 *   manifest.csv            last: where it is, the corpus is complete
 * Tracks stand in the order of their random ids. Same options, same bytes for every thread count;
 * FLAC files may differ between versions of libFLAC. options (hn_simulate_options), progress,
 * summary_out may be NULL. Parallel over tracks; about 10 ms a track and core.
 * Errors: HN_INVALID when folder is not empty; HN_IO; HN_NO_MEMORY. What was written stays. */
hn_status hn_simulate(const char *folder, const hn_options *options, hn_progress *progress,
                      hn_simulation *summary_out, hn_error *err);

#endif
