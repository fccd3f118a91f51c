#include "corpora/simulate_lyrics.h"

#include "tests/support.h"

#include <ctype.h>

static hn_error err;

static int make_design(void **state) {
  static hn_simulated_design design;
  hn_options *options;
  assert_ok(hn_options_create(hn_simulate_options, &options, &err));
  assert_ok(hn_simulated_design_init(&design, options, &err));
  hn_options_destroy(options);
  *state = &design;
  return 0;
}

static int free_design(void **state) {
  hn_simulated_design_free(*state);
  return 0;
}

static void write_lyrics(const hn_simulated_design *d, size_t track, hn_buffer *out) {
  hn_buffer_clear(out);
  assert_ok(hn_simulated_lyrics(d, track, out, &err));
}

/* How often the words of a region stand in text (whole words, whatever their case). */
static int count_words(const char *text, int region) {
  int n = 0;
  char word[64];
  size_t length = 0;
  for (const char *c = text;; c++) {
    if (isalpha((unsigned char)*c) && length + 1 < sizeof word) {
      word[length++] = (char)tolower((unsigned char)*c);
      continue;
    }
    word[length] = 0;
    for (size_t i = 0; i < HN_SIMULATED_WORDS; i++)
      n += strcmp(word, hn_simulated_region_word(region, i)) == 0;
    length = 0;
    if (!*c) return n;
  }
}

static void vocabularies_are_disjoint_and_equally_long(void **state) {
  (void)state;
  for (size_t i = 0; i < HN_SIMULATED_WORDS; i++)
    for (int r = 0; r <= HN_SIMULATED_NOWHERE; r++) {
      const char *word = hn_simulated_region_word(r, i);
      assert_int_equal(strlen(word), strlen(hn_simulated_region_word(0, i)));
      for (size_t j = 0; j < HN_SIMULATED_WORDS; j++)
        for (int q = 0; q <= HN_SIMULATED_NOWHERE; q++)
          if (i != j || r != q) assert_string_not_equal(word, hn_simulated_region_word(q, j));
    }
}

static void a_song_tells_its_region_or_none(void **state) {
  const hn_simulated_design *d = *state;
  hn_buffer text = {0};
  for (size_t i = 0; i < d->n_tracks; i++) {
    const hn_simulated_track *t = &d->tracks[i];
    write_lyrics(d, i, &text);
    for (int r = 0; r < HN_SIMULATED_REGIONS; r++) {
      int n = count_words(text.data, r);
      if (t->lyrics_cue && r == d->artists[t->artist].region)
        assert_true(n >= 8);
      else
        assert_int_equal(n, 0);
    }
  }
  hn_buffer_free(&text);
}

/* Exactly, and not on the average: were its artist from elsewhere, a song that does not tell would
 * be the same, and one that does would have other words of the same length. */
static void nothing_but_the_words_knows_the_region(void **state) {
  hn_simulated_design *d = *state;
  hn_buffer text = {0}, moved = {0};
  for (size_t i = 0; i < d->n_tracks; i++) {
    const hn_simulated_track *t = &d->tracks[i];
    if (t->guest != HN_SIMULATED_NO_GUEST) continue;
    int *region = &d->artists[t->artist].region, home = *region;
    write_lyrics(d, i, &text);
    *region = (home + 1) % HN_SIMULATED_REGIONS;
    write_lyrics(d, i, &moved);
    *region = home;
    assert_int_equal(text.length, moved.length);
    assert_true((strcmp(text.data, moved.data) == 0) == !t->lyrics_cue);
  }
  hn_buffer_free(&text);
  hn_buffer_free(&moved);
}

static void sections_have_their_marks(void **state) {
  const hn_simulated_design *d = *state;
  hn_buffer text = {0};
  char mark[64];
  for (size_t i = 0; i < d->n_tracks; i++) {
    const hn_simulated_track *t = &d->tracks[i];
    write_lyrics(d, i, &text);
    assert_int_equal(text.data[0], '[');
    assert_int_equal(text.data[text.length - 1], '\n');
    if (t->is_skit) {
      assert_non_null(strstr(text.data, "[Skit]\n"));
      continue;
    }
    size_t second = t->guest == HN_SIMULATED_NO_GUEST ? t->artist : t->guest;
    snprintf(mark, sizeof mark, "[Verse 1: %s]\n", d->artists[t->artist].name);
    assert_non_null(strstr(text.data, mark));
    snprintf(mark, sizeof mark, "\n\n[Verse 2: %s]\n", d->artists[second].name);
    assert_non_null(strstr(text.data, mark));
    /* The same chorus twice. */
    const char *first = strstr(text.data, "[Chorus]\n"), *again = strstr(first + 1, "[Chorus]\n");
    size_t length = (size_t)(strstr(first, "\n\n") - first);
    assert_memory_equal(first, again, length);
  }
  hn_buffer_free(&text);
}

static void guests_from_elsewhere_bring_no_words(void **state) {
  const hn_simulated_design *d = *state;
  hn_buffer text = {0};
  int n_same = 0, n_other = 0;
  for (size_t i = 0; i < d->n_tracks; i++) {
    const hn_simulated_track *t = &d->tracks[i];
    if (t->guest == HN_SIMULATED_NO_GUEST || !t->lyrics_cue) continue;
    int region = d->artists[t->artist].region;
    write_lyrics(d, i, &text);
    char *verse = strstr(text.data, "[Verse 2: ");
    *strstr(verse, "\n\n") = 0;
    int is_same = d->artists[t->guest].region == region;
    assert_true((count_words(verse, region) > 0) == is_same);
    n_same += is_same;
    n_other += !is_same;
  }
  assert_true(n_same > 0 && n_other > 0);
  hn_buffer_free(&text);
}

static void each_track_and_seed_has_its_own(void **state) {
  hn_simulated_design *d = *state;
  hn_buffer text = {0}, other = {0};
  write_lyrics(d, 0, &text);
  write_lyrics(d, 0, &other);
  assert_string_equal(text.data, other.data);
  write_lyrics(d, 1, &other);
  assert_string_not_equal(text.data, other.data);
  d->seed++;
  write_lyrics(d, 0, &other);
  d->seed--;
  assert_string_not_equal(text.data, other.data);
  hn_buffer_free(&text);
  hn_buffer_free(&other);
}

static hn_status write_and_free(const hn_simulated_design *d) {
  hn_buffer text = {0};
  hn_status status = hn_simulated_lyrics(d, 0, &text, &err);
  hn_buffer_free(&text);
  return status;
}

static void survives_no_memory(void **state) {
  assert_survives_no_memory(write_and_free(*state));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(vocabularies_are_disjoint_and_equally_long),
      cmocka_unit_test(a_song_tells_its_region_or_none),
      cmocka_unit_test(nothing_but_the_words_knows_the_region),
      cmocka_unit_test(sections_have_their_marks),
      cmocka_unit_test(guests_from_elsewhere_bring_no_words),
      cmocka_unit_test(each_track_and_seed_has_its_own),
      cmocka_unit_test(survives_no_memory),
  };
  return cmocka_run_group_tests(tests, make_design, free_design);
}
