#include "corpora/simulate.h"

#include "tests/support.h"

#include "base/json.h"
#include "base/buffer.h"
#include "base/labels.h"
#include "base/table.h"
#include "base/threads.h"
#include "corpora/manifest.h"

#include <ftw.h>
#include <sndfile.h>
#include <sys/stat.h>

static hn_error err;

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *at) {
  (void)info, (void)kind, (void)at;
  return remove(path);
}

static void remove_tree(const char *path) {
  nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* A scratch folder's sub-folder (that does not exist) in *state, as each test gets it. */
static int set_up(void **state) {
  char *scratch = make_scratch();
  *state = hn_path_join(scratch, "corpus");
  hn_free(scratch);
  return 0;
}

static int tear_down(void **state) {
  char *scratch = hn_path_folder(*state);
  remove_tree(scratch);
  hn_free(scratch);
  hn_free(*state);
  return 0;
}

static hn_options *make_options(const char *n_artists, const char *n_songs, const char *seed) {
  hn_options *options;
  assert_ok(hn_options_create(hn_simulate_options, &options, &err));
  assert_ok(hn_options_set(options, "n_artists", n_artists, &err));
  assert_ok(hn_options_set(options, "n_songs", n_songs, &err));
  assert_ok(hn_options_set(options, "seed", seed, &err));
  assert_ok(hn_options_set(options, "duration", "1", &err));
  return options;
}

/* One hash over the names and contents of all files of a corpus. */
static void hash_corpus(const char *folder, char hex_out[33]) {
  static const char *const parts[] = {"", "lyrics", "audio"};
  hn_buffer all = {0};
  for (int p = 0; p < 3; p++) {
    char *part = hn_path_join(folder, parts[p]), **names, hex[33];
    size_t n;
    assert_ok(hn_folder_list(part, &names, &n, &err));
    for (size_t i = 0; i < n; i++) {
      char *path = hn_path_join(part, names[i]);
      if (!hn_file_is_folder(path)) {
        assert_ok(hn_hash_file(path, hex, &err));
        hn_buffer_format(&all, "%s %s\n", names[i], hex);
      }
      hn_free(path);
    }
    hn_names_free(names, n);
    hn_free(part);
  }
  hn_hash_bytes(all.data, all.length, hex_out);
  hn_buffer_free(&all);
}

static void check_audio(const char *path) {
  SF_INFO info = {0};
  SNDFILE *file = sf_open(path, SFM_READ, &info);
  assert_non_null(file);
  assert_int_equal(info.samplerate, 22050);
  assert_int_equal(info.channels, 1);
  assert_int_equal(info.format, SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  assert_int_equal(info.frames, 22050);
  sf_close(file);
}

static void a_corpus_is_a_whole_manifest(void **state) {
  const char *folder = *state;
  hn_options *options = make_options("5", "8", "3");
  hn_simulation s;
  hn_manifest *m;
  hn_labels regions;
  assert_int_equal(hn_simulate_n_units(options), 160);
  assert_ok(hn_simulate(folder, options, NULL, &s, &err));
  char *path = hn_path_join(folder, "manifest.csv");
  assert_ok(hn_manifest_read(path, NULL, &m, &err)); /* checks that each path leads to a file */
  assert_int_equal(hn_manifest_n_tracks(m), 160);
  assert_int_equal(s.n_tracks, 160);
  size_t no_lyrics = 0, no_audio = 0, guests = 0, skits = 0;
  for (size_t i = 0; i < 160; i++) {
    const hn_track *t = hn_manifest_track(m, i);
    assert_non_null(t->artist);
    assert_true(t->lat > 20 && t->lat < 50 && t->lon < -60 && t->lon > -130);
    assert_string_equal(hn_manifest_cell(m, i, hn_manifest_find_column(m, "era")),
                        t->year < 1990   ? "1980s"
                        : t->year < 2000 ? "1990s"
                        : t->year < 2010 ? "2000s"
                                         : "2010s");
    no_lyrics += !t->lyrics;
    no_audio += !t->audio;
    guests += t->n_featured;
    int is_skit = strcmp(t->kind, "skit") == 0;
    assert_int_equal(is_skit, strstr(t->title, "(Skit)") != NULL);
    skits += (size_t)is_skit;
    if (t->audio) check_audio(t->audio);
  }
  assert_int_equal(no_lyrics, s.n_without_lyrics);
  assert_int_equal(no_audio, s.n_without_audio);
  assert_int_equal(guests, s.n_guests);
  assert_int_equal(skits, s.n_skits);
  assert_true(no_lyrics && no_audio && guests && skits);
  assert_ok(hn_manifest_labels(m, "region", &regions, &err));
  assert_int_equal(regions.n_classes, 4);
  size_t unlabelled = 0;
  for (size_t i = 0; i < 160; i++) unlabelled += regions.values[i] == HN_LABEL_MISSING;
  assert_int_equal(unlabelled, 3);
  hn_labels_free(&regions);
  hn_manifest_destroy(m);
  hn_free(path);
  hn_options_destroy(options);
}

/* The ceilings, counted once more from the answer sheet and the manifest. */
static void ceilings_agree_with_the_answer_sheet(void **state) {
  const char *folder = *state;
  hn_options *options = make_options("5", "8", "1");
  hn_simulation s;
  hn_table *cues, *tracks;
  json_t *ceilings;
  assert_ok(hn_simulate(folder, options, NULL, &s, &err));
  char *cues_path = hn_path_join(folder, "cues.csv");
  char *tracks_path = hn_path_join(folder, "manifest.csv");
  char *json_path = hn_path_join(folder, "ceilings.json");
  assert_ok(hn_table_read(cues_path, 1, &cues, &err));
  assert_ok(hn_table_read(tracks_path, 1, &tracks, &err));
  assert_ok(hn_json_read(json_path, &ceilings, &err));
  size_t region = hn_table_find(tracks, "region");
  size_t lyrics = hn_table_find(tracks, "lyrics"), audio = hn_table_find(tracks, "audio");
  double n[3] = {0}, right[3] = {0};
  for (size_t i = 0; i < hn_table_n_rows(tracks); i++) {
    assert_string_equal(hn_table_cell(tracks, i, 0), hn_table_cell(cues, i, 0));
    if (!*hn_table_cell(tracks, i, region)) continue;
    int tells[3] = {*hn_table_cell(cues, i, 1) == '1', *hn_table_cell(cues, i, 2) == '1', 0};
    int has[3] = {*hn_table_cell(tracks, i, lyrics) != 0, *hn_table_cell(tracks, i, audio) != 0, 1};
    tells[2] = tells[0] || tells[1];
    for (int k = 0; k < 3; k++) {
      assert_true(has[k] || !tells[k]);
      n[k] += has[k];
      if (has[k]) right[k] += tells[k] ? 1 : 0.25;
    }
  }
  static const char *const names[] = {"lyrics", "audio", "fused"};
  for (int k = 0; k < 3; k++) {
    double value = json_number_value(json_object_get(ceilings, names[k]));
    assert_true(value > right[k] / n[k] - 1e-12 && value < right[k] / n[k] + 1e-12);
  }
  assert_true(json_is_true(json_object_get(ceilings, "simulated")));
  assert_int_equal(json_integer_value(json_object_get(ceilings, "n_tracks")), 160);
  assert_true(json_number_value(json_object_get(ceilings, "u")) == 0.36);
  json_t *rest = json_object_get(ceilings, "without_skits");
  assert_true(json_number_value(json_object_get(rest, "fused")) == s.without_skits.fused.accuracy);
  json_decref(ceilings);
  hn_table_destroy(cues);
  hn_table_destroy(tracks);
  hn_free(cues_path);
  hn_free(tracks_path);
  hn_free(json_path);
  hn_options_destroy(options);
}

static void same_seed_same_bytes(void **state) {
  const char *folder = *state;
  hn_options *options = make_options("2", "4", "1"), *other = make_options("2", "4", "2");
  char hex[3][33];
  hn_threads_set(1);
  assert_ok(hn_simulate(folder, options, NULL, NULL, &err));
  hash_corpus(folder, hex[0]);
  remove_tree(folder);
  hn_threads_set(4);
  assert_ok(hn_simulate(folder, options, NULL, NULL, &err));
  hash_corpus(folder, hex[1]);
  remove_tree(folder);
  assert_ok(hn_simulate(folder, other, NULL, NULL, &err));
  hash_corpus(folder, hex[2]);
  hn_threads_set(0);
  assert_string_equal(hex[0], hex[1]);
  assert_string_not_equal(hex[0], hex[2]);
  hn_options_destroy(options);
  hn_options_destroy(other);
}

static void an_empty_folder_is_fine_another_is_not(void **state) {
  const char *folder = *state;
  hn_options *options = make_options("1", "1", "1");
  hn_simulation s = {.n_tracks = 7};
  char *file = hn_path_join(folder, "notes.txt"), *below = hn_path_join(file, "corpus");
  assert_ok(hn_folder_make(folder, &err));
  assert_ok(hn_file_write(file, "x", 1, &err));
  assert_fails(hn_simulate(folder, options, NULL, &s, &err), HN_INVALID,
               "is not empty (it holds notes.txt)");
  assert_fails(hn_simulate(file, options, NULL, &s, &err), HN_IO, "notes.txt");
  assert_fails(hn_simulate(below, options, NULL, &s, &err), HN_IO, "notes.txt");
  assert_int_equal(s.n_tracks, 7);
  assert_int_equal(remove(file), 0);
  assert_ok(hn_simulate(folder, options, NULL, &s, &err));
  assert_int_equal(s.n_tracks, 4);
  hn_free(file);
  hn_free(below);
  hn_options_destroy(options);
}

static void defaults_need_no_options(void **state) {
  (void)state;
  assert_int_equal(hn_simulate_n_units(NULL), 384);
}

static hn_status simulate_anew(const char *folder, const hn_options *options) {
  remove_tree(folder);
  return hn_simulate(folder, options, NULL, NULL, &err);
}

static void survives_no_memory(void **state) {
  hn_options *options = make_options("1", "1", "1");
  hn_threads_set(1);
  assert_survives_no_memory(simulate_anew(*state, options));
  hn_threads_set(0);
  hn_options_destroy(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_corpus_is_a_whole_manifest, set_up, tear_down),
      cmocka_unit_test_setup_teardown(ceilings_agree_with_the_answer_sheet, set_up, tear_down),
      cmocka_unit_test_setup_teardown(same_seed_same_bytes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_empty_folder_is_fine_another_is_not, set_up, tear_down),
      cmocka_unit_test(defaults_need_no_options),
      cmocka_unit_test_setup_teardown(survives_no_memory, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
