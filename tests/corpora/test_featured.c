#include "corpora/featured.h"

#include "check.h"

#include <string.h>

/* Ascending, as folded names of leads come. */
static char *leads[] = {"bob", "earth, wind & fire", "eric b. & rakim"};

/* Guests of a title, joined by '|'. */
static void guests(const char *title, const char *expected) {
  hn_error err;
  hn_guests found = {0};
  char joined[256] = "";
  assert_ok(hn_guests_from_title(title, leads, 3, &found, &err));
  for (size_t i = 0; i < found.n; i++) {
    if (i) strcat(joined, "|");
    strcat(joined, found.names[i]);
  }
  assert_string_equal(joined, expected);
  hn_guests_free(&found);
}

static void guests_are_taken_from_titles(void **state) {
  (void)state;
  guests("Song", "");
  guests("", "");
  guests("Song (feat. Ann)", "Ann");
  guests("Song feat. Ann", "Ann");
  guests("Song Feat Ann", "Ann");
  guests("Song FT. Ann [Remix]", "Ann");
  guests("Song [ft.Ann]", "Ann");
  guests("Song featuring Ann - Live", "Ann");
  guests("Song (feat. Ann, Cat & Dee and Eve)", "Ann|Cat|Dee|Eve");
  guests("Song (feat. Ann) [with Cat]", "Ann|Cat");
  guests("Song (with Ann)", "Ann");
  guests("Song - with Ann", "Ann");
  guests("Song (feat.)", "");
  guests("Песня (feat. Баста)", "Баста");
}

static void known_leads_stay_whole(void **state) {
  (void)state;
  guests("Song (feat. Eric B. & Rakim)", "Eric B. & Rakim");
  guests("Song (feat. Ann, Earth, Wind & Fire & Cat)", "Ann|Earth, Wind & Fire|Cat");
  guests("Song (feat. Salt & Pepa)", "Salt|Pepa");
}

static void other_uses_are_no_guests(void **state) {
  (void)state;
  guests("Ride with Me", "");
  guests("With You", "");
  guests("6 ft. 7 ft.", "");
  guests("10 Ft Tall", "");
  guests("Defeat", "");
  guests("Feat of Strength", "");
  guests("Lift", "");
  guests("Ride with Bob", "Bob");
  guests("Ride with Bob & Ann", "");
  guests("Ride with Bob & Eric B. & Rakim", "Bob|Eric B. & Rakim");
}

static void slugs_are_read_as_words(void **state) {
  (void)state;
  guests("flipside-feat-peedi-crakk", "peedi crakk");
  guests("ride-with-me", "");
  guests("say_you_will_ft_caroline_shaw", "caroline shaw");
  guests("t-feat-dmx-and-project-pat", "dmx|project pat");
  guests("t-feat-bob-ann-dee", "bob|ann dee");
  guests("t-feat-bob-bob-and-ann", "bob|bob|ann");
}

static void columns_are_split(void **state) {
  (void)state;
  hn_error err;
  hn_guests found = {0};
  assert_ok(hn_guests_from_column(" Ann ;; Eric B. & Rakim;", &found, &err));
  assert_int_equal(found.n, 2);
  assert_string_equal(found.names[0], "Ann");
  assert_string_equal(found.names[1], "Eric B. & Rakim");
  hn_guests_free(&found);
  assert_ok(hn_guests_from_column("", &found, &err));
  assert_int_equal(found.n, 0);
  hn_guests_free(&found);
}

static void running_out_of_memory(void **state) {
  (void)state;
  hn_error err;
  hn_guests found = {0};
  assert_survives_no_memory(
      hn_guests_from_title("Song (feat. Ann, Bob & Cat)", leads, 3, &found, &err));
  assert_int_equal(found.n, 3);
  hn_guests_free(&found);
  assert_survives_no_memory(hn_guests_from_column("Ann;Bob", &found, &err));
  assert_int_equal(found.n, 2);
  hn_guests_free(&found);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(guests_are_taken_from_titles),
      cmocka_unit_test(known_leads_stay_whole),
      cmocka_unit_test(other_uses_are_no_guests),
      cmocka_unit_test(slugs_are_read_as_words),
      cmocka_unit_test(columns_are_split),
      cmocka_unit_test(running_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
