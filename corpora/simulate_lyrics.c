/* Lines are templates whose slots are filled from word lists. Which template, how many lines, how
 * many sections is drawn without a look at the region; only the list behind %s differs. */
#include "corpora/simulate_lyrics.h"

#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* East, West, South, Midwest, nowhere. */
static const char *const slang[HN_SIMULATED_WORDS][HN_SIMULATED_REGIONS + 1] = {
    {"taxi", "surf", "slab", "silo", "glow"},
    {"pier", "palm", "okra", "thaw", "ring"},
    {"stoop", "hella", "trill", "bogus", "vivid"},
    {"ferry", "dunes", "bayou", "motor", "pulse"},
    {"brick", "lemon", "grits", "steel", "cloud"},
    {"token", "adobe", "gumbo", "plows", "spark"},
    {"timbs", "vista", "porch", "flint", "crowd"},
    {"bagel", "tacos", "pecan", "brats", "bells"},
    {"bodega", "sunset", "shawty", "icebox", "legend"},
    {"subway", "canyon", "gators", "mitten", "shadow"},
    {"uptown", "cactus", "hominy", "gravel", "rocket"},
    {"harbor", "desert", "levees", "quarry", "ladder"},
    {"tunnel", "sierra", "possum", "badger", "puzzle"},
    {"borough", "freeway", "cypress", "factory", "compass"},
    {"hydrant", "redwood", "brisket", "furnace", "lantern"},
    {"skyline", "orchard", "catfish", "foundry", "thunder"},
    {"rooftop", "seawall", "biscuit", "prairie", "whisper"},
    {"marquee", "avocado", "cricket", "viaduct", "emerald"},
    {"turnpike", "lowrider", "magnolia", "blizzard", "champion"},
    {"scaffold", "seashell", "molasses", "snowbank", "treasure"},
    {"handball", "sandbars", "crawfish", "assembly", "midnight"},
    {"newsstand", "boulevard", "cornbread", "lakefront", "adventure"},
    {"turnstile", "palisades", "riverboat", "ironworks", "telescope"},
    {"brownstone", "hydraulics", "sweetgrass", "snowplough", "generation"},
};

enum { N_DECADES = 4, N_ERA_WORDS = 10 };
static const char *const era_words[N_DECADES][N_ERA_WORDS] = {
    {"cassette", "boombox", "breakdance", "walkman", "arcade", "vinyl", "cardboard", "payphone",
     "flattop", "turntable"},
    {"pager", "beeper", "camcorder", "jeep", "starter", "discman", "videotape", "cartridge",
     "overalls", "demotape"},
    {"ringtone", "flipphone", "bluetooth", "mixtape", "camphone", "myspace", "throwback",
     "spinners", "burner", "dvds"},
    {"streaming", "selfie", "followers", "emoji", "hashtag", "uploads", "crypto", "wifi",
     "playlist", "drone"},
};

static const char *const nouns[] = {
    "night",  "street",  "morning", "window",  "city",    "money",  "mirror", "engine",  "table",
    "season", "letter",  "garden",  "winner",  "story",   "number", "river",  "signal",  "paper",
    "circle", "summer",  "mother",  "brother", "corner",  "dollar", "dream",  "hunger",  "crown",
    "bottle", "ceiling", "camera",  "coat",    "promise", "secret", "battle", "teacher", "train"};
static const char *const verbs[] = {
    "running",  "waiting",  "rolling", "counting", "writing",  "building", "talking", "walking",
    "fighting", "moving",   "calling", "dreaming", "climbing", "shining",  "working", "praying",
    "driving",  "hustling", "singing", "watching", "learning", "burning",  "holding", "looking"};
static const char *const adjectives[] = {
    "golden", "heavy", "silent", "broken", "famous",  "lonely", "bitter",  "electric",
    "hungry", "young", "faded",  "steady", "crooked", "honest", "frozen",  "loud",
    "narrow", "early", "late",   "clever", "plain",   "wild",   "patient", "restless"};
static const char *const times[] = {"tonight",         "every day",      "after dark",
                                    "all my life",     "since day one",  "before the sunrise",
                                    "when it rains",   "in the evening", "like I promised",
                                    "till the end",    "once again",     "for the family",
                                    "with my people",  "on the way",     "no matter what",
                                    "while you sleep", "in my sleep",    "without a doubt"};
/* %n noun, %v verb, %a adjective, %t when or how, %s slang, %e word of the era, %p the artist's
 * own word. */
static const char *const plain_lines[] = {
    "I been %v through the %n %t",      "they keep on %v but the %n is %a",
    "you know the %n never told me %t", "my %n got %a and I started %v",
    "got a %a %n and a %a %n too",      "%v for the %n, I was %a %t",
    "what is a %n if the %n is %a",     "put the %e on and we %v %t",
    "still got the %e from the %a %n",  "%p %p, I am %v %t",
    "call me %p when the %n is %a",     "never %v, never %a, never let the %n go",
};
static const char *const slang_lines[] = {
    "back to the %s where the %n was %a",
    "%s in the %n and I keep on %v",
    "we was %v by the %s %t",
    "got that %s on me, got that %a %n",
    "all my %n know the %s %t",
    "show me the %s and I show you the %n",
    "%a like a %s, I am %v %t",
    "from the %s to the %s we %v",
    "tell them %s when they ask about the %n",
    "another %s, another %a %n %t",
    "nothing but %s and a %a %n",
    "they was %v, I was all about the %s",
};
static const char *const prefixes[] = {"Kid", "MC", "Lady", "Big", "Young", "Queen", "Doc", "Sir"};

/* Who is heard, and which list stands behind %s. */
typedef struct {
  const char *name;
  size_t artist;
  int vocabulary;
} voice;

typedef struct {
  hn_buffer *out;
  hn_rng rng;
  uint64_t seed;
  int decade;
} writer;

const char *hn_simulated_region_word(int region, size_t i) {
  return slang[i][region];
}

static const char *pick(hn_rng *rng, const char *const *list, size_t n) {
  return list[hn_rng_below(rng, n)];
}

static int chance(hn_rng *rng, double p) {
  return hn_rng_uniform(rng) < p;
}

/* The j-th invented word of an artist, "lorifa": three syllables out of 65. The step shares no
 * factor with 65^3, so no two artists have a word in common. */
enum { ARTIST_WORDS = 4, WORD_SIZE = 7 };
static void invent(uint64_t seed, size_t artist, size_t j, char word_out[WORD_SIZE]) {
  static const char consonants[] = "kzvmfrtnjlpsx", vowels[] = "aeiou";
  enum { N_SYLLABLES = 65, N_INVENTED = N_SYLLABLES * N_SYLLABLES * N_SYLLABLES, STEP = 104729 };
  uint64_t start = hn_seed_derive(seed, "simulate.words", 0) % N_INVENTED;
  uint64_t k = (start + (uint64_t)(artist * (ARTIST_WORDS + 1) + j) * STEP) % N_INVENTED;
  for (int i = 0; i < 3; i++, k /= N_SYLLABLES) {
    word_out[2 * i] = consonants[k % N_SYLLABLES / 5];
    word_out[2 * i + 1] = vowels[k % 5];
  }
  word_out[WORD_SIZE - 1] = 0;
}

static char upper(char c) {
  return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

void hn_simulated_artist_name(uint64_t seed, size_t artist, char *text_out, size_t size) {
  char word[WORD_SIZE];
  hn_rng rng;
  hn_rng_init(&rng, seed, "simulate.name", artist);
  invent(seed, artist, ARTIST_WORDS, word);
  word[0] = upper(word[0]);
  snprintf(text_out, size, "%s %s", pick(&rng, prefixes, COUNT(prefixes)), word);
}

void hn_simulated_title(hn_rng *rng, int is_skit, char *text_out, size_t size) {
  const char *adjective = pick(rng, adjectives, COUNT(adjectives));
  const char *noun = pick(rng, nouns, COUNT(nouns));
  snprintf(text_out, size, "%c%s %c%s%s", upper(adjective[0]), adjective + 1, upper(noun[0]),
           noun + 1, is_skit ? " (Skit)" : "");
}

static const char *fill(writer *w, voice v, char slot, char own[WORD_SIZE]) {
  switch (slot) {
  case 'n':
    return pick(&w->rng, nouns, COUNT(nouns));
  case 'v':
    return pick(&w->rng, verbs, COUNT(verbs));
  case 'a':
    return pick(&w->rng, adjectives, COUNT(adjectives));
  case 't':
    return pick(&w->rng, times, COUNT(times));
  case 'e':
    return pick(&w->rng, era_words[w->decade], N_ERA_WORDS);
  case 's':
    return slang[hn_rng_below(&w->rng, HN_SIMULATED_WORDS)][v.vocabulary];
  default:
    invent(w->seed, v.artist, (size_t)hn_rng_below(&w->rng, ARTIST_WORDS), own);
    return own;
  }
}

static void write_line(writer *w, voice v, int with_slang) {
  const char *template = with_slang ? pick(&w->rng, slang_lines, COUNT(slang_lines))
                                    : pick(&w->rng, plain_lines, COUNT(plain_lines));
  char own[WORD_SIZE];
  size_t start = w->out->length;
  for (const char *c = template; *c; c++) {
    if (*c == '%')
      hn_buffer_text(w->out, fill(w, v, *++c, own));
    else
      hn_buffer_byte(w->out, *c);
  }
  if (!w->out->failed) w->out->data[start] = upper(w->out->data[start]);
  hn_buffer_byte(w->out, '\n');
}

/* Slang stands in every second line, so that no section that should tell can fail to. */
static void write_lines(writer *w, voice v, size_t n) {
  for (size_t i = 0; i < n; i++) write_line(w, v, i % 2 == 0);
}

static void open_section(writer *w, const char *mark, const char *singer) {
  if (w->out->length) hn_buffer_byte(w->out, '\n');
  hn_buffer_format(w->out, singer ? "[%s: %s]\n" : "[%s]\n", mark, singer);
}

/* A stream of its own makes the chorus the same each time. */
static void write_chorus(const writer *w, voice lead, size_t track) {
  writer chorus = *w;
  hn_rng_init(&chorus.rng, w->seed, "simulate.chorus", track);
  open_section(&chorus, "Chorus", NULL);
  write_lines(&chorus, lead, 4);
}

static void write_song(writer *w, size_t track, voice lead, voice second) {
  if (chance(&w->rng, 0.4)) {
    open_section(w, "Intro", NULL);
    write_lines(w, lead, 2);
  }
  open_section(w, "Verse 1", lead.name);
  write_lines(w, lead, 8 + hn_rng_below(&w->rng, 5));
  write_chorus(w, lead, track);
  open_section(w, "Verse 2", second.name);
  write_lines(w, second, 8 + hn_rng_below(&w->rng, 5));
  write_chorus(w, lead, track);
  if (chance(&w->rng, 0.5)) {
    open_section(w, "Bridge", NULL);
    write_lines(w, lead, 4);
  }
  if (chance(&w->rng, 0.4)) {
    open_section(w, "Outro", NULL);
    write_lines(w, lead, 2);
  }
}

hn_status hn_simulated_lyrics(const hn_simulated_design *design, size_t track, hn_buffer *out,
                              hn_error *err) {
  const hn_simulated_track *t = &design->tracks[track];
  const hn_simulated_artist *artist = &design->artists[t->artist];
  writer w = {.out = out, .seed = design->seed, .decade = t->year / 10 - 198};
  hn_rng_init(&w.rng, design->seed, "simulate.lyrics", track);
  voice lead = {artist->name, t->artist, t->lyrics_cue ? artist->region : HN_SIMULATED_NOWHERE};
  voice second = lead;
  if (t->guest != HN_SIMULATED_NO_GUEST) {
    const hn_simulated_artist *guest = &design->artists[t->guest];
    second.name = guest->name;
    second.artist = t->guest;
    if (guest->region != artist->region) second.vocabulary = HN_SIMULATED_NOWHERE;
  }
  if (t->is_skit) {
    open_section(&w, "Skit", NULL);
    write_lines(&w, lead, 4 + hn_rng_below(&w.rng, 5));
  } else {
    write_song(&w, track, lead, second);
  }
  return hn_buffer_status(out, err);
}
