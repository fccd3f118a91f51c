/* Songs and their lyrics: what a study leaves out, cuts and accounts for. */
#include "base/threads.h"
#include "experiments/languages.h"
#include "experiments/lyrics.h"

#include "tests/experiments/corpus.h"

static hn_error err;
static char *scratch;

static json_int_t count_of(const json_t *object, const char *key) {
  return json_integer_value(json_object_get(object, key));
}

static void test_account(void **state) {
  (void)state;
  hn_study *study = read_corpus_study("");
  hn_songs songs = {0};
  assert_ok(hn_songs_load(study, scratch, NULL, &songs, &err));
  assert_int_equal(songs.n, 12);
  assert_int_equal(count_of(songs.account, "tracks"), 12);
  assert_int_equal(count_of(songs.account, "labelled"), 11);
  assert_true(has_note(songs.account, "1 of 12 tracks: region missing"));
  const json_t *guests = json_object_get(songs.account, "guests_from_titles");
  assert_int_equal(json_array_size(guests), 1);
  assert_string_equal(json_string_value(json_object_get(json_array_get(guests, 0), "track_id")),
                      "t11");
  assert_false(songs.is_simulated);
  assert_null(json_object_get(songs.account, "ceilings"));
  hn_songs_free(&songs);
  hn_study_destroy(study);
}

static void test_filters(void **state) {
  (void)state;
  hn_study *study = read_corpus_study("filters: {where: {source: x}, require: [lyrics],\n"
                                      "          featured: drop-other-region}\n");
  hn_songs songs = {0};
  assert_ok(hn_songs_load(study, scratch, NULL, &songs, &err));
  static const char *const kept[] = {"t0", "t1", "t6", "t7", "t8"};
  assert_int_equal(songs.n, 5);
  for (size_t i = 0; i < 5; i++) assert_string_equal(songs.ids[i], kept[i]);
  /* Every track that is gone is listed with its reason: t2's guest comes from elsewhere, t11 has no
   * lyrics, the others have another source. */
  assert_int_equal(json_array_size(json_object_get(songs.account, "dropped")), 7);
  assert_true(has_note(songs.account, "5 tracks left out by filters.where: source"));
  assert_true(has_note(songs.account, "2 of 12 tracks dropped by filters"));
  hn_songs_free(&songs);
  hn_study_destroy(study);
}

static const char german[] =
    "Wenn das Licht am Morgen durch das Fenster kommt, denke ich an alles, was du gesagt hast\n";

/* The song in German goes, with the languages that it may be in; those of too few words stay. */
static void test_languages(void **state) {
  (void)state;
  static const char english[] =
      "When the morning light is coming through the window I will think of you and all the words\n";
  assert_ok(hn_file_write("t0.txt", english, strlen(english), &err));
  assert_ok(hn_file_write("t1.txt", german, strlen(german), &err));
  assert_ok(hn_file_write("t2.txt", "\xff", 1, &err));
  hn_study *study = read_corpus_study("filters: {language: en}\non_error: skip\n");
  hn_songs songs = {0};
  assert_ok(hn_songs_load(study, scratch, NULL, &songs, &err));
  assert_int_equal(songs.n, 11);
  assert_string_equal(songs.ids[1], "t2");
  const json_t *dropped = json_object_get(songs.account, "dropped");
  assert_int_equal(json_array_size(dropped), 1);
  assert_string_equal(json_string_value(json_object_get(json_array_get(dropped, 0), "track_id")),
                      "t1");
  assert_string_equal(json_string_value(json_object_get(json_array_get(dropped, 0), "reason")),
                      "language: german");
  assert_true(has_note(songs.account, "1 tracks left out by filters.language"));
  assert_true(has_note(songs.account, "the language of 10 tracks cannot be told"));
  hn_songs_free(&songs);
  hn_study_destroy(study);
  study = read_corpus_study("filters: {language: [english, german]}\n");
  assert_fails(hn_songs_load(study, scratch, NULL, &songs, &err), HN_FORMAT, "track t2: t2.txt");
  hn_study_destroy(study);
  write_corpus(scratch);
}

static void test_errors(void **state) {
  (void)state;
  hn_study *study = read_corpus_study("filters: {where: {source: z}}\n");
  hn_songs songs = {0};
  assert_fails(hn_songs_load(study, scratch, NULL, &songs, &err), HN_INVALID, "leave none");
  assert_null(songs.manifest);
  hn_study_destroy(study);
  study = read_corpus_study("filters: {where: {region: East}}\n");
  assert_fails(hn_songs_load(study, scratch, NULL, &songs, &err), HN_INVALID, "two classes");
  hn_study_destroy(study);
  study = read_corpus_study("slices: {city: {column: city}}\n");
  assert_fails(hn_songs_load(study, scratch, NULL, &songs, &err), HN_INVALID, "city");
  hn_study_destroy(study);
}

/* The verse of D is cut from the song of B that credits D, and from no other. */
static void test_guests_verses(void **state) {
  (void)state;
  hn_study *study = read_corpus_study("filters: {featured: remove-verses}\n");
  hn_songs songs = {0};
  hn_lyrics lyrics = {0};
  assert_ok(hn_songs_load(study, scratch, NULL, &songs, &err));
  assert_ok(hn_lyrics_load(study, &songs, NULL, &lyrics, &err));
  for (size_t i = 0; i < songs.n - 1; i++) {
    assert_int_equal(lyrics.has[i], 1);
    assert_non_null(strstr(lyrics.texts[i].bytes, "own words stay"));
    assert_int_equal(strstr(lyrics.texts[i].bytes, "guest words go") == NULL, i == 2);
  }
  assert_int_equal(lyrics.has[songs.n - 1], 0);
  const json_t *guests = json_object_get(lyrics.account, "guests");
  assert_int_equal(json_array_size(guests), 1);
  assert_int_equal(count_of(json_array_get(guests, 0), "sections"), 1);
  hn_lyrics_free(&lyrics);
  hn_songs_free(&songs);
  hn_study_destroy(study);
}

static void test_broken_lyrics(void **state) {
  (void)state;
  hn_study *stop = read_corpus_study(""), *skip = read_corpus_study("on_error: skip\n");
  hn_songs songs = {0};
  hn_lyrics lyrics = {0};
  assert_int_equal(hn_file_write("t3.txt", "\xff\xfe", 2, NULL), HN_OK);
  assert_int_equal(hn_file_write("t5.txt", "[Verse 1]\n", 10, NULL), HN_OK);
  assert_ok(hn_songs_load(stop, scratch, NULL, &songs, &err));
  assert_fails(hn_lyrics_load(stop, &songs, NULL, &lyrics, &err), HN_FORMAT, "track t3: ");
  assert_null(lyrics.has);
  assert_ok(hn_lyrics_load(skip, &songs, NULL, &lyrics, &err));
  assert_int_equal(lyrics.has[3], 0);
  assert_int_equal(lyrics.has[5], 0);
  assert_int_equal(json_array_size(json_object_get(lyrics.account, "failed")), 1);
  assert_true(has_note(lyrics.account, "1 lyrics could not be read"));
  assert_true(has_note(lyrics.account, "1 lyrics have no word left"));
  hn_lyrics_free(&lyrics);
  hn_songs_free(&songs);
  hn_study_destroy(stop);
  hn_study_destroy(skip);
  write_corpus(scratch);
}

static hn_status load_and_free(const hn_study *study) {
  hn_songs songs = {0};
  hn_lyrics lyrics = {0};
  hn_status status = hn_songs_load(study, scratch, NULL, &songs, NULL);
  if (status == HN_OK) status = hn_lyrics_load(study, &songs, NULL, &lyrics, NULL);
  hn_lyrics_free(&lyrics);
  hn_songs_free(&songs);
  return status;
}

static void test_no_memory(void **state) {
  (void)state;
  hn_study *study =
      read_corpus_study("filters: {featured: remove-verses, where: {source: [x, y]}}\n");
  assert_survives_no_memory(load_and_free(study));
  hn_study_destroy(study);
}

/* One song only is looked at, since every attempt reads all models of languages. */
static hn_status drop_and_free(const hn_study *study, const hn_manifest *manifest) {
  uint8_t keep[N_CORPUS_SONGS] = {0, 1};
  json_t *account = json_pack("{s:[], s:[]}", "notes", "dropped");
  hn_status status =
      account ? hn_drop_by_language(study, manifest, NULL, keep, account, NULL) : HN_NO_MEMORY;
  if (status == HN_OK) assert_int_equal(json_array_size(json_object_get(account, "dropped")), 1);
  json_decref(account);
  return status;
}

static void test_no_memory_for_languages(void **state) {
  (void)state;
  hn_study *study = read_corpus_study("filters: {language: english}\n");
  hn_manifest *manifest = NULL;
  assert_ok(hn_file_write("t1.txt", german, strlen(german), &err));
  assert_ok(hn_manifest_read("m.csv", NULL, &manifest, &err));
  hn_threads_set(1);
  assert_survives_no_memory(drop_and_free(study, manifest));
  hn_threads_set(0);
  hn_manifest_destroy(manifest);
  hn_study_destroy(study);
  write_corpus(scratch);
}

static int begin(void **state) {
  (void)state;
  scratch = make_scratch();
  write_corpus(scratch);
  return 0;
}

static int end(void **state) {
  (void)state;
  drop_scratch(scratch);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_account),       cmocka_unit_test(test_filters),
      cmocka_unit_test(test_languages),     cmocka_unit_test(test_errors),
      cmocka_unit_test(test_guests_verses), cmocka_unit_test(test_broken_lyrics),
      cmocka_unit_test(test_no_memory),     cmocka_unit_test(test_no_memory_for_languages)};
  return cmocka_run_group_tests(tests, begin, end);
}
