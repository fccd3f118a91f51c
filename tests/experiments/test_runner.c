/* A whole study on a few simulated songs: its folder, its figures, and that an interrupted run ends
 * with the same bytes. */
#include "experiments/runner.h"

#include "base/json.h"
#include "base/threads.h"
#include "experiments/predict.h"
#include "experiments/run_folder.h"

#include "tests/support.h"

static hn_error err;
static char *scratch;

static const char study_text[] =
    "name: small\n"
    "seed: 3\n"
    "corpus: {simulated: {seed: 1, n_artists: 6, n_songs: 8, duration: 1}}\n"
    "target: region\n"
    "split: {folds: 2}\n"
    "models:\n"
    "  lyrics: {features: tfidf, classifier: forest, n_estimators: 20, oob_score: true}\n"
    "  audio: {features: mel, clip: none, n_mels: 16, hop_length: 1024, classifier: cnn,\n"
    "          channels: [4, 8], epochs: 2, cnn: {window: 16}}\n"
    "fusion: {of: [lyrics, audio], validation_fraction: 0.3}\n"
    "slices: {era: {column: year, edges: [2000]}, region: {column: region}}\n"
    "clusters: {of: [lyrics, audio, fused], k: 2, n_init: 2, compare: [region, artist]}\n";

static hn_study *read_study(void) {
  hn_study *study = NULL;
  assert_ok(hn_study_parse("small.yaml", study_text, strlen(study_text), NULL, 0, &study, &err));
  return study;
}

static char *path_in(const char *run, const char *name) {
  char *path = hn_run_path(scratch, "%s/%s", run, name);
  assert_non_null(path);
  return path;
}

static void run_into(const char *name, json_t **metrics) {
  hn_study *study = read_study();
  char *folder = path_in(name, "");
  assert_ok(hn_run_study(study, folder, NULL, NULL, metrics, NULL, &err));
  hn_free(folder);
  hn_study_destroy(study);
}

static void check_same_file(const char *run_a, const char *run_b, const char *name) {
  char *a = path_in(run_a, name), *b = path_in(run_b, name), hash_a[33], hash_b[33];
  assert_int_equal(hn_hash_file(a, hash_a, NULL), HN_OK);
  assert_int_equal(hn_hash_file(b, hash_b, NULL), HN_OK);
  if (strcmp(hash_a, hash_b) != 0) fail_msg("%s and %s differ", a, b);
  hn_free(a);
  hn_free(b);
}

static const char *const prediction_files[] = {
    "predictions/lyrics.csv",         "predictions/audio.csv",
    "predictions/fused-mean.csv",     "predictions/fused-weighted.csv",
    "predictions/fused-product.csv",  "predictions/fused-stacking.csv",
    "predictions/dummy-majority.csv", "predictions/dummy-stratified.csv",
    "unlabelled/fused-stacking.csv",  "clusters.csv",
    "confusion/lyrics.csv",           "metrics.json"};
enum { N_PREDICTION_FILES = sizeof prediction_files / sizeof *prediction_files };

/* How often the log of a run names a field. */
static size_t count_in_log(const char *run, const char *field) {
  char *path = path_in(run, "log.jsonl"), *text = NULL;
  size_t n = 0, length;
  assert_ok(hn_file_read(path, &text, &length, &err));
  for (size_t i = 0; i + strlen(field) <= length; i++)
    n += memcmp(text + i, field, strlen(field)) == 0;
  hn_free(text);
  hn_free(path);
  return n;
}

static void test_run_folder(void **state) {
  (void)state;
  json_t *metrics = NULL;
  static const char *const files[] = {"study.yaml",
                                      "environment.json",
                                      "log.jsonl",
                                      "metrics.json",
                                      "report.html",
                                      "models/lyrics.fold0.safetensors",
                                      "models/audio.fold1.safetensors",
                                      "models/fused-stacking.fold1.safetensors",
                                      "confusion/fused-mean.region=South.csv",
                                      "confusion/audio.era=before 2000.csv"};
  run_into("whole", &metrics);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    char *path = path_in("whole", files[i]);
    if (!hn_file_exists(path)) fail_msg("%s is missing", path);
    hn_free(path);
  }
  assert_int_equal(count_in_log("whole", "\"oob_score\":"), 2); /* two folds of the forest */
  const json_t *models = json_object_get(metrics, "models");
  assert_int_equal(json_array_size(models), 8);
  for (size_t i = 0; i < 8; i++) {
    double accuracy = json_number_value(json_object_get(json_array_get(models, i), "accuracy"));
    assert_true(accuracy >= 0 && accuracy <= 1);
  }
  assert_true(json_is_true(json_object_get(metrics, "simulated")));
  assert_true(json_is_number(json_object_get(json_array_get(models, 0), "ceiling")));
  json_decref(metrics);
}

/* How the lyrics are written, and without the sections of guests. */
static void test_style(void **state) {
  (void)state;
  static const char text[] =
      "name: style\nseed: 3\n"
      "corpus: {simulated: {seed: 1, n_artists: 6, n_songs: 8, duration: 1}}\n"
      "target: region\n"
      "filters: {featured: lead-only}\n"
      "split: {folds: 2}\n"
      "models: {style: {features: style, n_estimators: 5}}\n";
  hn_study *study = NULL;
  json_t *metrics = NULL;
  char *folder = path_in("style", "");
  assert_ok(hn_study_parse("style.yaml", text, strlen(text), NULL, 0, &study, &err));
  assert_ok(hn_run_study(study, folder, NULL, NULL, &metrics, NULL, &err));
  const json_t *importances = json_array_get(json_object_get(metrics, "importances"), 0);
  assert_true(json_array_size(json_object_get(importances, "features")) > 0);
  json_decref(metrics);
  hn_free(folder);
  hn_study_destroy(study);
}

/* The search for a learning rate: an event a fold in the log, a dot a fold in the report. */
static void test_learning_rate(void **state) {
  (void)state;
  static const char text[] =
      "name: rate\nseed: 3\n"
      "corpus: {simulated: {seed: 1, n_artists: 6, n_songs: 8, duration: 1}}\n"
      "target: region\n"
      "split: {folds: 2}\n"
      "models:\n"
      "  audio: {features: mel, clip: none, n_mels: 16, hop_length: 1024, classifier: cnn,\n"
      "          channels: [8], epochs: 2, find_learning_rate: true, cnn: {window: 16}}\n";
  hn_study *study = NULL;
  json_t *events = NULL, *event;
  char *folder = path_in("rate", ""), *path = path_in("rate", "report.html"), *page;
  size_t f, n;
  assert_ok(hn_study_parse("rate.yaml", text, strlen(text), NULL, 0, &study, &err));
  assert_ok(hn_run_study(study, folder, NULL, NULL, NULL, NULL, &err));
  assert_ok(hn_run_events(folder, "learning_rate", &events, &err));
  assert_int_equal(json_array_size(events), 2);
  json_array_foreach(events, f, event) {
    const json_t *rates = json_object_get(event, "rates");
    const double rate = json_number_value(json_object_get(event, "learning_rate"));
    assert_string_equal(json_string_value(json_object_get(event, "model")), "audio");
    assert_int_equal(json_integer_value(json_object_get(event, "fold")), f);
    assert_true(rate > 2e-5 && rate < 5);
    assert_true(json_array_size(rates) > 30);
    assert_int_equal(json_array_size(json_object_get(event, "losses")), json_array_size(rates));
  }
  assert_ok(hn_file_read(path, &page, &n, &err));
  assert_non_null(strstr(page, "Loss by learning rate; found: "));
  assert_non_null(strstr(page, "<title>fold 2: "));
  hn_free(page);
  json_decref(events);
  hn_free(folder);
  hn_free(path);
  hn_study_destroy(study);
}

/* A new song: its guests' sections are left out when it is known whose song it is. */
static void test_predict_without_guests(void **state) {
  (void)state;
  char *note = NULL, *folder = path_in("style", ""), *lyrics = path_in("style", "song.txt");
  const char *text = "[Verse 1: Ann]\nher own words\n[Verse 2: Bob]\nhis and more of his\n";
  const char *own = "[Verse 1: Ann]\nher own words\n";
  hn_probability said = {0}, expected = {0};
  assert_int_equal(hn_file_write(lyrics, text, strlen(text), &err), HN_OK);
  hn_new_song song = {.lyrics = lyrics};
  assert_ok(hn_predict_song(folder, &song, &said, &note, &err));
  assert_string_equal(note, "the run's filters.featured: lead-only is not applied to these lyrics: "
                            "the artist is not known, whose sections stay; give --artist NAME");
  hn_free(note);
  hn_probability_free(&said);
  song.artist = "ann";
  assert_ok(hn_predict_song(folder, &song, &said, &note, &err));
  assert_string_equal(note, "1 sections of the lyrics, in which ann does not perform, are left "
                            "out, as the run's filters.featured: lead-only wants it");
  hn_free(note);
  assert_int_equal(hn_file_write(lyrics, own, strlen(own), &err), HN_OK);
  assert_ok(hn_predict_song(folder, &song, &expected, &note, &err));
  assert_null(note);
  assert_memory_equal(said.p, expected.p, said.n_classes * sizeof *said.p);
  hn_probability_free(&said);
  hn_probability_free(&expected);
  song.artist = "Eve";
  assert_fails(hn_predict_song(folder, &song, &said, &note, &err), HN_INVALID,
               "no word is left after cleaning; 1 sections");
  hn_free(folder);
  hn_free(lyrics);
}

static void remove_in(const char *run, const char *name) {
  char *path = path_in(run, name);
  assert_int_equal(unlink(path), 0);
  hn_free(path);
}

/* As after a kill in the second fold of audio: what comes later is not there yet. */
static void test_resume(void **state) {
  (void)state;
  char *folder = path_in("cut", "");
  run_into("cut", NULL);
  remove_in("cut", "folds/audio.fold1.safetensors");
  remove_in("cut", "models/audio.fold1.safetensors");
  remove_in("cut", "predictions/audio.csv");
  remove_in("cut", "metrics.json");
  assert_ok(hn_run_resume(folder, NULL, NULL, NULL, &err));
  for (size_t i = 0; i < N_PREDICTION_FILES; i++)
    check_same_file("whole", "cut", prediction_files[i]);
  hn_free(folder);
}

static void test_threads(void **state) {
  (void)state;
  hn_threads_set(1);
  run_into("one-thread", NULL);
  hn_threads_set(4);
  run_into("four-threads", NULL);
  hn_threads_set(0);
  for (size_t i = 0; i < N_PREDICTION_FILES; i++)
    check_same_file("one-thread", "four-threads", prediction_files[i]);
}

static void test_resume_refuses_other_inputs(void **state) {
  (void)state;
  json_t *environment;
  char *folder = path_in("cut", ""), *path = path_in("cut", "environment.json");
  assert_int_equal(hn_json_read(path, &environment, &err), HN_OK);
  json_object_set_new(json_object_get(environment, "inputs"), "lyrics", json_string("other"));
  assert_int_equal(hn_json_write(path, environment, &err), HN_OK);
  assert_fails(hn_run_resume(folder, NULL, NULL, NULL, &err), HN_INVALID,
               "begun with another \"lyrics\"");
  json_decref(environment);
  hn_free(folder);
  hn_free(path);
}

static void test_full_folder_is_refused(void **state) {
  (void)state;
  hn_study *study = read_study();
  char *folder = path_in("whole", "");
  assert_fails(hn_run_study(study, folder, NULL, NULL, NULL, NULL, &err), HN_INVALID,
               "is not empty");
  hn_free(folder);
  hn_study_destroy(study);
}

static void test_predict(void **state) {
  (void)state;
  hn_probability table = {0};
  char *note = NULL;
  char *folder = path_in("whole", ""), *lyrics = path_in("whole", "song.txt");
  const char *text = "[Verse 1]\nsome words of a song\n";
  assert_int_equal(hn_file_write(lyrics, text, strlen(text), &err), HN_OK);
  hn_new_song song = {.lyrics = lyrics};
  assert_ok(hn_predict_song(folder, &song, &table, &note, &err));
  assert_null(note);
  assert_int_equal(table.n_rows, 5); /* lyrics and four fusions by what there is */
  assert_string_equal(table.ids[0], "lyrics");
  for (size_t i = 0; i < table.n_rows; i++) {
    double sum = 0;
    for (size_t k = 0; k < table.n_classes; k++) sum += (double)table.p[i * table.n_classes + k];
    assert_true(fabs(sum - 1) < 1e-5);
  }
  hn_probability_free(&table);
  assert_fails(hn_predict_song(folder, &(hn_new_song){.row = "x.csv"}, &table, &note, &err),
               HN_INVALID, "no model of this run can see the song");
  assert_int_equal(hn_file_write(lyrics, "[Verse 1]\n", 10, &err), HN_OK);
  assert_fails(hn_predict_song(folder, &song, &table, &note, &err), HN_INVALID, "no word is left");
  hn_free(folder);
  hn_free(lyrics);
}

/* Cut every picture in the cache short: the entries count as none and are made again. */
static void test_damaged_cache(void **state) {
  (void)state;
  char **names, *folder = path_in("headnod", "mel");
  size_t n;
  assert_int_equal(hn_folder_list(folder, &names, &n, &err), HN_OK);
  assert_true(n > 100);
  for (size_t i = 0; i < n; i++) {
    char *path = hn_path_join(folder, names[i]);
    assert_int_equal(truncate(path, 100), 0);
    hn_free(path);
  }
  hn_names_free(names, n);
  hn_free(folder);
  run_into("damaged", NULL);
  for (size_t i = 0; i < N_PREDICTION_FILES; i++)
    check_same_file("whole", "damaged", prediction_files[i]);
}

static int begin(void **state) {
  (void)state;
  scratch = make_scratch();
  return setenv("XDG_CACHE_HOME", scratch, 1);
}

static int end(void **state) {
  (void)state;
  drop_scratch(scratch);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_run_folder),
                                     cmocka_unit_test(test_style),
                                     cmocka_unit_test(test_learning_rate),
                                     cmocka_unit_test(test_predict_without_guests),
                                     cmocka_unit_test(test_resume),
                                     cmocka_unit_test(test_threads),
                                     cmocka_unit_test(test_damaged_cache),
                                     cmocka_unit_test(test_resume_refuses_other_inputs),
                                     cmocka_unit_test(test_full_folder_is_refused),
                                     cmocka_unit_test(test_predict)};
  return cmocka_run_group_tests(tests, begin, end);
}
