/* Drums are one-shots, rendered once a song and added where the patterns say; bass and keys are
 * notes read from one period of their waveform. A region's cue is the whole of its style (patterns,
 * registers, timbres, tempo): far larger than what an artist changes, which is a few percent. */
#include "corpora/simulate_audio.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

enum { STEPS = 16, TABLE = 1024, MAX_HIT = HN_SIMULATED_RATE / 2 };
static const double rate = HN_SIMULATED_RATE;
static const double two_pi = 6.283185307179586;

typedef struct {
  double tone, tone_share; /* Hz; share of the tone, the rest is noise */
  double noise;            /* Hz, centre of the noise band */
  double decay, level;     /* s to 1/e; 1 is full scale */
} hit;

/* Patterns: a step a sixteenth; 'x' a hit, 'o' a soft one, in "rolls" 'r' three within the step;
 * for notes a digit is the degree of the scale. */
typedef struct {
  double octave;     /* Hz of degree 0 in the lowest key */
  double brightness; /* harmonic h has the level brightness^(h-1) */
  double decay, level;
  double vibrato; /* depth, share of the frequency */
} instrument;

typedef struct {
  double tempo_low, tempo_high; /* beats a minute */
  double swing;                 /* where the off-sixteenth falls: 0.5 is straight */
  const char *kicks[2], *snare, *hats[2], *bass[2], *keys[2]; /* a bar each, in turn */
  hit kick, snare_hit, hat;
  instrument bass_sound, keys_sound;
} style;

/* In the order of the regions; the last is that of nowhere. */
static const style styles[HN_SIMULATED_REGIONS + 1] = {
    {.tempo_low = 86,
     .tempo_high = 96,
     .swing = 0.62,
     .kicks = {"x......x..x.....", "x.x....x..x...o."},
     .snare = "....x.......x...",
     .hats = {"x.o.x.o.x.o.x.o.", "x.o.x.o.x.o.xoo."},
     .bass = {"0.....0.3...4...", "0...2...4..3...."},
     .keys = {"4.......2.......", "4...5...2......."},
     .kick = {62, 0.8, 250, 0.09, 0.9},
     .snare_hit = {210, 0.45, 2600, 0.09, 0.8},
     .hat = {0, 0, 4200, 0.025, 0.35},
     .bass_sound = {98, 0.35, 0.18, 0.5, 0},
     .keys_sound = {330, 0.6, 0.25, 0.28, 0}},
    {.tempo_low = 92,
     .tempo_high = 102,
     .swing = 0.5,
     .kicks = {"x.....x.x.......", "x..x..x.x......."},
     .snare = "....x.......x...",
     .hats = {"oooooooooooooooo", "oooooooooooooooo"},
     .bass = {"0.0...2...0.4...", "0.0...4...3.2..."},
     .keys = {"7...........9...", "8.......6......."},
     .kick = {55, 0.9, 150, 0.14, 0.8},
     .snare_hit = {0, 0, 1200, 0.12, 0.8},
     .hat = {0, 0, 6500, 0.03, 0.2},
     .bass_sound = {55, 0.75, 0.5, 0.45, 0},
     .keys_sound = {880, 0.05, 1.2, 0.3, 0.012}},
    {.tempo_low = 66,
     .tempo_high = 76,
     .swing = 0.5,
     .kicks = {"x.........x.....", "x......x..x....."},
     .snare = "........x.......",
     .hats = {"xxxxxxrxxxxxxxrr", "xxrxxxxxrrxxxxxx"},
     .bass = {"0.........0.....", "0......2..4....."},
     .keys = {"0...1...0...3...", "0...1...0...4..."},
     .kick = {48, 0.95, 100, 0.2, 1.0},
     .snare_hit = {0, 0, 1800, 0.05, 0.9},
     .hat = {0, 0, 9000, 0.015, 0.4},
     .bass_sound = {41, 0.15, 1.2, 0.8, 0},
     .keys_sound = {220, 0.8, 0.12, 0.25, 0}},
    {.tempo_low = 112,
     .tempo_high = 126,
     .swing = 0.5,
     .kicks = {"x...x...x...x...", "x...x...x...x.o."},
     .snare = "....x.......x..o",
     .hats = {"..x...x...x...x.", "..x...x...x...x."},
     .bass = {"0.7.0.7.0.7.0.7.", "3.7.3.7.4.7.4.7."},
     .keys = {"..4...4...4...4.", "..5...5...4...4."},
     .kick = {75, 0.7, 900, 0.06, 1.0},
     .snare_hit = {900, 0.7, 3500, 0.03, 0.7},
     .hat = {0, 0, 7500, 0.11, 0.35},
     .bass_sound = {123, 0.6, 0.1, 0.4, 0},
     .keys_sound = {587, 0.5, 0.1, 0.35, 0.004}},
    {.tempo_low = 70,
     .tempo_high = 122,
     .swing = 0.55,
     .kicks = {"x.......x.x.....", "x...o...x......."},
     .snare = "....o..x....x...",
     .hats = {"x...o...x...o...", "x...o...x...o.o."},
     .bass = {"0...0...0...0...", "2...2...4...4..."},
     .keys = {"0...............", "2.......4......."},
     .kick = {68, 0.85, 400, 0.1, 0.8},
     .snare_hit = {330, 0.6, 900, 0.12, 0.7},
     .hat = {0, 0, 3000, 0.06, 0.25},
     .bass_sound = {73, 0.45, 0.25, 0.5, 0},
     .keys_sound = {262, 0.3, 0.7, 0.3, 0}},
};

/* How a decade records: a ceiling of frequency, hiss, and how hard the tape is driven. */
static const struct {
  double cutoff, hiss, drive; /* Hz; 1 is full scale; factor */
} decades[] = {{5500, 0.002, 1.2}, {7500, 0.001, 1.0}, {9000, 0.0004, 1.6}, {10500, 0.0002, 2.2}};

static const double scale[] = {0,  3,  5,  7,  10,
                               12, 15, 17, 19, 22}; /* minor pentatonic, semitones */

typedef struct {
  float *samples;
  size_t n;
} signal;

typedef struct {
  float samples[MAX_HIT];
  size_t n;
} shot;

size_t hn_simulated_n_samples(const hn_simulated_design *design) {
  return (size_t)(design->duration * rate);
}

static double between(hn_rng *rng, double low, double high) {
  return low + (high - low) * hn_rng_uniform(rng);
}

/* A drum: a decaying tone that falls in pitch, and noise through a resonator (two poles). */
static void render_hit(const hit *h, hn_rng *rng, shot *out) {
  double r = exp(-two_pi * 0.25 * h->noise / rate), fall = exp(-1 / (0.03 * rate));
  double a1 = 2 * r * cos(two_pi * h->noise / rate), a2 = -r * r;
  double fade = exp(-1 / (h->decay * rate)), envelope = h->level, bend = 1;
  double y1 = 0, y2 = 0, x2 = 0, x1 = 0, phase = 0;
  size_t n = (size_t)(6 * h->decay * rate);
  out->n = n < MAX_HIT ? n : MAX_HIT;
  for (size_t i = 0; i < out->n; i++) {
    double x = between(rng, -1, 1);
    double y = a1 * y1 + a2 * y2 + (1 - r) * (x - x2);
    x2 = x1, x1 = x, y2 = y1, y1 = y;
    phase += two_pi * h->tone * (1 + bend) / rate;
    out->samples[i] =
        (float)(envelope * (h->tone_share * sin(phase) + (1 - h->tone_share) * 3 * y));
    envelope *= fade;
    bend *= fall;
  }
}

static void add_shot(signal *out, const shot *s, double at, float level) {
  size_t start = (size_t)(at * rate);
  for (size_t i = 0; i < s->n && start + i < out->n; i++)
    out->samples[start + i] += level * s->samples[i];
}

/* One period; harmonics that fall with brightness, none above a quarter of the sampling rate. */
static void render_period(const instrument *sound, double highest, float period_out[TABLE]) {
  double sum = 0, level = 1;
  double cycle[TABLE] = {0};
  for (int h = 1; h <= 24 && h * highest < rate / 4; h++, level *= sound->brightness) {
    sum += level;
    for (int i = 0; i < TABLE; i++) cycle[i] += level * sin(two_pi * h * i / TABLE);
  }
  for (int i = 0; i < TABLE; i++) period_out[i] = (float)(cycle[i] / sum);
}

static void add_note(signal *out, const instrument *sound, const float period[TABLE],
                     double frequency, double at, double length) {
  size_t start = (size_t)(at * rate), n = (size_t)(length * rate);
  size_t attack = (size_t)(0.006 * rate);
  float envelope = (float)sound->level, fade = (float)exp(-1 / (sound->decay * rate));
  double turn = frequency * TABLE / rate, phase = 0;
  double wobble = 0, wobble_turn = two_pi * 5.5 / rate; /* a triangle-like sweep at 5.5 Hz */
  for (size_t i = 0; i < n && start + i < out->n; i++) {
    float edge = i < attack ? (float)i / (float)attack : 1;
    if (n - i < attack) edge *= (float)(n - i) / (float)attack;
    out->samples[start + i] += edge * envelope * period[(size_t)phase & (TABLE - 1)];
    if (sound->vibrato > 0) {
      wobble += wobble_turn;
      phase += turn * (1 + sound->vibrato * sin(wobble));
    } else {
      phase += turn;
    }
    envelope *= fade;
  }
}

/* What a song plays: its style after the artist's and the song's own variations. */
typedef struct {
  style style;
  double step; /* s, a sixteenth */
  double key;  /* factor on all frequencies of notes */
} score;

static void vary_hit(hit *h, hn_rng *artist, hn_rng *song) {
  double pitch = between(artist, 0.95, 1.05) * between(song, 0.97, 1.03);
  h->tone *= pitch;
  h->noise *= pitch;
  h->decay *= between(song, 0.9, 1.1);
  h->level *= between(artist, 0.9, 1.1) * between(song, 0.9, 1.1);
}

static void vary_instrument(instrument *sound, hn_rng *artist, hn_rng *song) {
  sound->brightness *= between(artist, 0.9, 1.1);
  sound->decay *= between(song, 0.85, 1.15);
  sound->level *= between(song, 0.85, 1.15);
}

static void compose(score *out, const hn_simulated_design *design, size_t track, hn_rng *song) {
  const hn_simulated_track *t = &design->tracks[track];
  hn_rng artist;
  hn_rng_init(&artist, design->seed, "simulate.taste", t->artist);
  style *s = &out->style;
  *s = styles[t->audio_cue ? design->artists[t->artist].region : HN_SIMULATED_NOWHERE];
  double tempo = s->tempo_low + (s->tempo_high - s->tempo_low) *
                                    (0.3 * hn_rng_uniform(&artist) + 0.7 * hn_rng_uniform(song));
  out->step = 15 / tempo;
  /* Two keys out of seven semitones are an artist's own. */
  size_t home = (size_t)hn_rng_below(&artist, 6) + (size_t)hn_rng_below(song, 2);
  out->key = pow(2, (double)home / 12);
  vary_hit(&s->kick, &artist, song);
  vary_hit(&s->snare_hit, &artist, song);
  vary_hit(&s->hat, &artist, song);
  vary_instrument(&s->bass_sound, &artist, song);
  vary_instrument(&s->keys_sound, &artist, song);
}

/* When a step sounds: off-sixteenths come late by the swing. */
static double step_time(const score *song, size_t step) {
  double pair = 2 * song->step;
  return (double)(step / 2) * pair + (step % 2 ? song->style.swing * pair : 0);
}

static void play_drum(signal *out, const score *song, const char *const patterns[2],
                      const hit *sound, hn_rng *rng, shot *scratch) {
  render_hit(sound, rng, scratch);
  double at = 0;
  for (size_t step = 0; (at = step_time(song, step)) * rate < (double)out->n; step++) {
    char mark = patterns[step / STEPS % 2][step % STEPS];
    if (mark == 'x') add_shot(out, scratch, at, 1);
    if (mark == 'o') add_shot(out, scratch, at, 0.6f);
    for (int i = 0; mark == 'r' && i < 3; i++)
      add_shot(out, scratch, at + i * song->step / 3, 0.8f);
  }
}

static void play_notes(signal *out, const score *song, const char *const patterns[2],
                       const instrument *sound) {
  float period[TABLE];
  render_period(sound, 4 * sound->octave * song->key, period);
  double at = 0;
  for (size_t step = 0; (at = step_time(song, step)) * rate < (double)out->n; step++) {
    char mark = patterns[step / STEPS % 2][step % STEPS];
    if (mark < '0' || mark > '9') continue;
    size_t rest = 1;
    while (step % STEPS + rest < STEPS && patterns[step / STEPS % 2][step % STEPS + rest] == '.')
      rest++;
    double frequency = sound->octave * song->key * pow(2, scale[mark - '0'] / 12);
    add_note(out, sound, period, frequency, at, 0.95 * (double)rest * song->step);
  }
}

/* The decade's recording: drive (x / (1 + |x|)), a low-pass of one pole, hiss. */
static void record(signal *out, int year, hn_rng *rng) {
  double cutoff = decades[year / 10 - 198].cutoff, hiss = decades[year / 10 - 198].hiss;
  float drive = (float)decades[year / 10 - 198].drive;
  float keep = (float)exp(-two_pi * cutoff / rate), y = 0;
  for (size_t i = 0; i < out->n; i++) {
    float x = drive * out->samples[i];
    y = keep * y + (1 - keep) * x / (1 + fabsf(x));
    out->samples[i] = y + (float)(hiss * between(rng, -1, 1));
  }
}

/* Bring the root mean square to `level` and round; no style comes near the clipping. */
static void quantize(const signal *in, double level, int16_t *samples_out) {
  double energy = 0;
  for (size_t i = 0; i < in->n; i++) energy += (double)in->samples[i] * (double)in->samples[i];
  float gain = (float)(32767 * level / sqrt(energy / (double)in->n));
  for (size_t i = 0; i < in->n; i++) {
    float x = gain * in->samples[i];
    x = x > 32767 ? 32767 : x < -32767 ? -32767 : x;
    samples_out[i] = (int16_t)lrintf(x);
  }
}

hn_status hn_simulated_audio(const hn_simulated_design *design, size_t track, int16_t *samples_out,
                             hn_error *err) {
  hn_status status = HN_OK;
  signal out = {.n = hn_simulated_n_samples(design)};
  shot *scratch = NULL;
  HN_NEW(out.samples, out.n, err);
  HN_NEW(scratch, 1, err);
  hn_rng rng;
  hn_rng_init(&rng, design->seed, "simulate.audio", track);
  score song;
  compose(&song, design, track, &rng);
  const style *s = &song.style;
  const char *const snares[2] = {s->snare, s->snare};
  play_drum(&out, &song, s->kicks, &s->kick, &rng, scratch);
  play_drum(&out, &song, snares, &s->snare_hit, &rng, scratch);
  play_drum(&out, &song, s->hats, &s->hat, &rng, scratch);
  play_notes(&out, &song, s->bass, &s->bass_sound);
  play_notes(&out, &song, s->keys, &s->keys_sound);
  record(&out, design->tracks[track].year, &rng);
  quantize(&out, pow(10, between(&rng, -24, -19) / 20), samples_out);
done:
  hn_free(out.samples);
  hn_free(scratch);
  return status;
}
