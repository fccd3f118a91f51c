/* Songs with a known tempo, key and metre: synthesised drums, bass, chords and a melody. */
#ifndef HN_TESTS_VISION_RENDER_H
#define HN_TESTS_VISION_RENDER_H

#include <stddef.h>
#include <stdint.h>

enum { RENDER_RATE = 22050 };

/* What a song is; everything else (rhythm, progression, melody, levels, detuning) is drawn. */
typedef struct {
  double bpm, seconds;
  int key, mode;     /* 0 C … 11 B; 1 major, 0 minor */
  int beats_per_bar; /* 3 or 4 */
  uint64_t seed;
} render_song;

/* Samples at RENDER_RATE, mono, within ±1; free with free. A third of the songs have no drums. */
float *render(const render_song *song, size_t *n_out);

#endif
