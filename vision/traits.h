/* Seven traits of a song by the names of Spotify's audio features. Spotify never published how it
 * computes them and closed the service to new applications in November 2024. All are ESTIMATES,
 * and but for danceability and energy mere PROXIES: sounds that often go with the trait, measured
 * by hand-made formulas without training. Compare them with each other over one corpus, never a
 * value of them with one of Spotify's. */
#ifndef HN_VISION_TRAITS_H
#define HN_VISION_TRAITS_H

#include "base/error.h"
#include "vision/key.h"
#include "vision/song_frames.h"
#include "vision/tempo.h"

/* Each 0 … 1. With clamp(x) = min(1, max(0, x)) and sigmoid(x) = 1 / (1 + exp(-x)): */
typedef struct {
  /* A clear pulse at a usual tempo: sqrt(tempo.strength) * exp(-(log2(bpm / 118) / 0.6)^2 / 2).
   * "Pulse clarity" is Lartillot's (2008); 118 is the (geometric) mean tempo of 28,356 songs on
   * Spotify. */
  double danceability;
  /* Loud and busy: sigmoid(2.61 + 0.23 * LUFS + ln(activity / 1.5)), activity the mean onset
   * strength (dB a frame). The first two constants regress Spotify's energy on its loudness over
   * the same songs (the correlation of the two there: 0.68); 1.5 dB is usual for pop. */
  double energy;
  /* PROXY. Little power above 5 kHz and loud beside soft, as in unamplified music:
   * sigmoid((range - 20) / 5 - (treble + 22) / 5), range from the 10th to the 95th percentile of
   * the level (dB), treble the power above 5 kHz by the whole (dB). A dull recording scores high
   * too. */
  double acousticness;
  /* PROXY. Loudness that moves at the rate of syllables but without a beat:
   * clamp(2 * (depth - 0.25)) * (1 - tempo.strength)^2, depth the root mean square of the
   * amplitude's modulations between about 2 and 8 Hz by its mean (after Scheirer and Slaney 1997,
   * who look at 4 Hz). Rap over a beat scores low here, high on Spotify. */
  double speechiness;
  /* PROXY, the weakest but one: 1 - clamp(2 * share * depth) with the share of power between 300
   * and 3400 Hz and the depth, as above, of that band alone. A voice raises both; so does a violin.
   */
  double instrumentalness;
  /* PROXY. Noise in the quiet moments (a hall, an audience): the flatness (geometric by arithmetic
   * mean of band powers) of the quietest fifth of the frames, times their amplitude by the song's.
   */
  double liveness;
  /* PROXY, the weakest: cheerful by the folklore of music theory, major and fast and bright:
   * clamp(0.5 + clamp(|margin| * 4) * (major ? 0.2 : -0.2) + (bpm - 118) / 400 + (treble + 22) /
   * 100) with hn_key's margin. Words and melody, which it rests on, are not looked at. */
  double valence;
} hn_traits;

/* All NaN where lufs is -INFINITY (silence). Errors: HN_NO_MEMORY. Thread-safe. O(frames). */
hn_status hn_traits_estimate(const hn_song_frames *frames, double lufs, const hn_tempo *tempo,
                             const hn_key *key, hn_traits *traits_out, hn_error *err);

#endif
