#include "experiments/study.h"

#include "tests/support.h"

static hn_error err;

#define HEAD "name: s\ntarget: region\ncorpus: {manifest: m.csv}\n"
#define LYRICS "models:\n  lyrics: {features: tfidf, classifier: forest}\n"

static hn_study *parse(const char *text, const char *const *sets, size_t n_sets) {
  hn_study *study = NULL;
  assert_ok(hn_study_parse("s.yaml", text, strlen(text), sets, n_sets, &study, &err));
  return study;
}

static void check_error(const char *text, const char *message) {
  hn_study *study = NULL;
  assert_int_equal(hn_study_parse("s.yaml", text, strlen(text), NULL, 0, &study, &err), HN_INVALID);
  assert_string_equal(err.message, message);
  assert_null(study);
}

static void test_defaults(void **state) {
  (void)state;
  hn_study *study = parse(HEAD LYRICS, NULL, 0);
  assert_string_equal(study->name, "s");
  assert_int_equal(study->seed, 0);
  assert_string_equal(hn_options_text(study->split, "method"), "artist-disjoint");
  assert_int_equal(study->n_models, 1);
  assert_int_equal(study->models[0].modality, HN_MODALITY_LYRICS);
  assert_string_equal(study->models[0].classifier->name, "forest");
  assert_false(study->skip_errors);
  assert_false(hn_study_fuses(study));
  assert_string_equal(study->featured, "keep");
  assert_null(study->importances);
  hn_study_destroy(study);
}

/* The values of a preset are the model's own, to be written into the run's study. */
static void test_preset(void **state) {
  (void)state;
  hn_study *study =
      parse(HEAD "models: {a: {features: mel, preset: musicnn, n_mels: 48}}\n", NULL, 0);
  const hn_options *features = study->models[0].features;
  assert_int_equal(hn_options_int(features, "sr"), 16000);
  assert_int_equal(hn_options_int(features, "n_mels"), 48);
  assert_int_equal(hn_options_int(features, "hop_length"), 256);
  hn_study_destroy(study);
}

static void test_every_key(void **state) {
  (void)state;
  const char *text =
      "name: all\nseed: 7\ntarget: region\non_error: skip\n"
      "corpus: {manifest: m.csv, missing: [none, '?']}\n"
      "filters: {drop_kinds: [skit], featured: remove-verses, require: [lyrics],\n"
      "          compare_featured: [keep, drop-other-region],\n"
      "          where: {source: [a, b]}, language: [en, german]}\n"
      "clean: false\n"
      "split: {method: random, folds: 3}\n"
      "models:\n"
      "  lyrics: {features: tfidf, ngram: [1, 2], min_df: 2, classifier: forest,\n"
      "           n_estimators: 9, tfidf: {max_features: 100}, forest: {max_features: log2}}\n"
      "  audio: {features: mel, clip: [30, 75], classifier: cnn, epochs: 3, cnn: {window: 20}}\n"
      "  table: {features: columns, columns: [tempo, energy], classifier: logistic, C: 2}\n"
      "  style: {features: style}\n"
      "fusion: {of: [lyrics, audio], methods: [mean, stacking], headline: mean,\n"
      "         validation_fraction: 0.3}\n"
      "slices: {era: {column: year, edges: [1990, 2000]}, region: {column: region}}\n"
      "clusters: {of: [lyrics, fused], k: 3, compare: [region]}\n"
      "importances: {n_repeats: 9, groups: {sound: [energy, tempo], words: [mattr]}}\n";
  hn_study *study = parse(text, NULL, 0);
  const hn_study_model *lyrics = hn_study_find_model(study, "lyrics");
  assert_string_equal(hn_options_text(lyrics->features, "ngram"), "1,2");
  assert_int_equal(hn_options_int(lyrics->features, "max_features"), 100);
  assert_string_equal(hn_options_text(lyrics->options, "max_features"), "log2");
  assert_int_equal(hn_options_int(lyrics->options, "n_estimators"), 9);
  assert_int_equal(hn_study_find_model(study, "table")->columns.n, 2);
  assert_string_equal(hn_study_find_model(study, "style")->classifier->name, "forest");
  assert_string_equal(hn_study_find_model(study, "style")->columns.items[4], "mattr");
  assert_true(hn_study_has_modality(study, HN_MODALITY_STYLE));
  assert_string_equal(study->fusion_headline, "mean");
  assert_true(study->validation_fraction == 0.3);
  assert_int_equal(study->slices[0].n_edges, 2);
  assert_int_equal(hn_options_int(study->clusters, "k"), 3);
  assert_string_equal(study->where[0].values.items[1], "b");
  assert_string_equal(study->languages.items[0], "english");
  assert_int_equal(study->missing.n, 2);
  assert_int_equal(hn_options_int(study->importances, "n_repeats"), 9);
  assert_int_equal(study->n_groups, 2);
  assert_true(hn_study_group_fits(&study->groups[0], hn_study_find_model(study, "table")));
  assert_false(hn_study_group_fits(&study->groups[0], hn_study_find_model(study, "style")));
  assert_string_equal(study->compare_featured.items[1], "drop-other-region");

  /* What is written reads back as the same study. */
  hn_buffer once = {0}, twice = {0};
  assert_int_equal(hn_study_write(study, &once, &err), HN_OK);
  hn_study *again = parse(once.data, NULL, 0);
  assert_int_equal(hn_study_write(again, &twice, &err), HN_OK);
  assert_string_equal(once.data, twice.data);
  hn_study_destroy(again);
  hn_study_destroy(study);
  hn_buffer_free(&once);
  hn_buffer_free(&twice);
}

static void test_set(void **state) {
  (void)state;
  const char *sets[] = {"split.method=random", "seed=5", "models.lyrics.n_estimators=3",
                        "filters.drop_kinds=[intro, skit]"};
  hn_study *study = parse(HEAD LYRICS, sets, 4);
  assert_string_equal(hn_options_text(study->split, "method"), "random");
  assert_int_equal(study->seed, 5);
  assert_int_equal(hn_options_int(study->models[0].options, "n_estimators"), 3);
  assert_int_equal(study->drop_kinds.n, 2);
  hn_study_destroy(study);

  const char *bad = "seed";
  assert_int_equal(
      hn_study_parse("s.yaml", HEAD LYRICS, strlen(HEAD LYRICS), &bad, 1, &study, &err),
      HN_INVALID);
  assert_string_equal(err.message, "--set seed: expected KEY=VALUE, such as --set seed=2");
  const char *huge = "seed=9223372036854775808";
  assert_fails(
      hn_study_parse("s.yaml", HEAD LYRICS, strlen(HEAD LYRICS), &huge, 1, &study, &err),
      HN_INVALID,
      "s.yaml as changed by --set: seed must be a whole number from 0 to 9223372036854775807");
}

#define BAGS "name: s\ntarget: t\ncorpus: {manifest: m.csv, bow: b.txt}\n"
#define COLUMNS "models: {table: {features: columns, columns: [x], classifier: forest}}\n"

/* Policies for guests that could change nothing. */
static void test_guests(void **state) {
  (void)state;
  check_error(BAGS "filters: {featured: lead-only}\n" LYRICS,
              "s.yaml:4:21: filters.featured: lead-only cuts sections out of lyrics, and the bags "
              "of words of corpus.bow have none; drop and drop-other-region work with them");
  check_error(BAGS "filters: {compare_featured: [drop, remove-verses]}\n" LYRICS,
              "s.yaml:4:29: filters.compare_featured: remove-verses cuts sections out of lyrics, "
              "and the bags of words of corpus.bow have none; drop and drop-other-region work with "
              "them");
  check_error(HEAD "filters: {featured: remove-verses}\n" COLUMNS,
              "s.yaml:4:21: filters.featured: remove-verses cuts sections out of lyrics, and no "
              "model of this study sees lyrics; add one with features: tfidf, or write featured: "
              "keep");
  check_error(HEAD "filters: {compare_featured: drop}\n" COLUMNS,
              "s.yaml:4:29: filters.compare_featured trains the models that see lyrics once more, "
              "and this study has none; add one with features: tfidf");
  check_error(HEAD "filters: {featured: drop, compare_featured: [keep]}\n" LYRICS,
              "s.yaml:4:45: filters.compare_featured compares on the songs of filters.featured, "
              "where drop leaves guests out; write featured: keep and drop here");
  check_error(HEAD "filters: {compare_featured: [drop, keep]}\n" LYRICS,
              "s.yaml:4:29: filters.compare_featured: keep stands there twice, or is "
              "filters.featured itself, with which the others are compared");
  check_error(HEAD "filters: {compare_featured: [gone]}\n" LYRICS,
              "s.yaml:4:29: filters.compare_featured: featured: \"gone\" is not allowed; expected "
              "keep, drop, lead-only, drop-other-region, remove-verses or "
              "remove-verses-other-region");
  hn_study_destroy(parse(BAGS "filters: {compare_featured: [drop]}\n" LYRICS, NULL, 0));
}

static void test_errors(void **state) {
  (void)state;
  check_error("name: s\n", "s.yaml:1:1: target is missing");
  check_error("name: s\ntarget: t\ncorpus: {manifest: m, bogus: 1}\n" LYRICS,
              "s.yaml:3:30: \"bogus\" is not a key of corpus (known: "
              "manifest|bow|simulated|missing)");
  check_error("name: s\ntarget: t\ncorpus: {}\n" LYRICS,
              "s.yaml:3:9: corpus needs a manifest or simulated, one of the two");
  check_error(HEAD "split: {folds: one}\n" LYRICS,
              "s.yaml:4:16: folds: \"one\" is not allowed; expected a whole number from 2 to 1000");
  check_error(HEAD "models: {lyrics: {features: tfidf, classifier: forest, max_features: 3}}\n",
              "s.yaml:4:70: max_features is an option of both tfidf and forest: write tfidf: "
              "{max_features: …} or forest: {max_features: …}");
  check_error(HEAD "models: {a: {features: mel, classifier: forest}}\n",
              "s.yaml:4:13: model \"a\": forest does not take the features of mel");
  check_error(HEAD "models: {a: {features: bert}}\n",
              "s.yaml:4:24: features: \"bert\" is not allowed; expected one of "
              "tfidf|columns|style|mel|mfcc|chroma_stft|spectral_centroid|spectral_bandwidth|"
              "spectral_rolloff|spectral_contrast|spectral_flatness|zero_crossing_rate|rms|"
              "onset_strength|tempogram, those from mel on with or without _statistics behind");
  check_error(HEAD "models: {a: {features: mfcc_statistics, classifier: cnn}}\n",
              "s.yaml:4:13: model \"a\": cnn does not take the features of mfcc_statistics");
  check_error(HEAD LYRICS "filters: {language: German}\n",
              "s.yaml:6:21: filters.language: \"German\" is not known; expected English names in "
              "lower case or codes, such as english or en (headnod language tells which ones songs "
              "are in)");
  check_error("name: s\ntarget: region\ncorpus: {manifest: m.csv, bow: b.txt}\n" LYRICS
              "filters: {language: german}\n",
              "s.yaml:6:21: filters.language needs lyrics as texts, and this corpus has bags of "
              "words");
  check_error(HEAD LYRICS "fusion: {of: [lyrics, audio]}\n",
              "s.yaml:6:14: fusion.of names \"audio\", which is no model of this study");
  check_error(HEAD LYRICS "slices: {era: {column: year, edges: [2000, 1990]}}\n",
              "s.yaml:6:44: edges must be ascending numbers; found \"1990\"");
  check_error(HEAD LYRICS "seed: -1\n",
              "s.yaml:6:7: seed must be a whole number from 0 to 9223372036854775807, not \"-1\"");
  check_error("name: ../x\ntarget: t\ncorpus: {manifest: m}\n" LYRICS,
              "s.yaml:1:7: name \"../x\" becomes part of a folder's name: no / and no leading "
              "point");
}

#define TABLE "models:\n  t: {features: columns, columns: [tempo, energy]}\n"

static void test_groups(void **state) {
  (void)state;
  hn_study *study = parse(HEAD TABLE "importances: {}\n", NULL, 0);
  assert_int_equal(hn_options_int(study->importances, "n_repeats"), 5);
  hn_study_destroy(study);
  check_error(HEAD TABLE "importances: {n_repeats: 0}\n",
              "s.yaml:6:26: n_repeats: \"0\" is not allowed; expected a whole number from 1 to "
              "1000000");
  check_error(HEAD TABLE "importances: {groups: [tempo]}\n",
              "s.yaml:6:23: importances.groups must be a map such as {rhythm: [tempo, swing]}");
  check_error(HEAD TABLE "importances: {groups: {a: []}}\n",
              "s.yaml:6:27: importances.groups: \"a\" names no column");
  check_error(HEAD TABLE "importances: {groups: {a: [tempo, tempo]}}\n",
              "s.yaml:6:27: importances.groups: \"a\" names column \"tempo\" twice");
  check_error(HEAD TABLE "importances: {groups: {a: [tempo, swing]}}\n",
              "s.yaml:6:27: importances.groups: no model of this study has all columns of \"a\"; "
              "groups are of the columns of one model with features: columns or style");
}

static void test_no_memory(void **state) {
  (void)state;
  hn_status status = HN_NO_MEMORY;
  const char *set = "split.folds=3";
  static const char text[] = HEAD TABLE "importances: {groups: {a: [energy]}}\n";
  for (long n = 0; status != HN_OK; n += 1 + n / 50) {
    hn_study *study = NULL;
    hn_memory_fail_after(n);
    status = hn_study_parse("s.yaml", text, strlen(text), &set, 1, &study, NULL);
    hn_memory_fail_after(-1);
    if (status != HN_OK) assert_int_equal(status, HN_NO_MEMORY);
    hn_study_destroy(study);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),  cmocka_unit_test(test_preset),
      cmocka_unit_test(test_every_key), cmocka_unit_test(test_set),
      cmocka_unit_test(test_errors),    cmocka_unit_test(test_groups),
      cmocka_unit_test(test_guests),    cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
