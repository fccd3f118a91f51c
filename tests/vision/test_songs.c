#include "vision/mel.h"

#include <omp.h>

#include "base/file.h"
#include "support.h"

#define SONGS HN_SOURCE_DIR "/../shared/data/songs/audio"

/* Real MP3s of several encoders, where they are at hand (they may not ship): each decodes without
 * a word, in both threads, and fills its clip. */
static void test_all_songs(void **state) {
  (void)state;
  hn_error err;
  hn_options *options;
  hn_mel *mel;
  char **names;
  size_t n;
  if (!hn_file_is_folder(SONGS)) {
    print_message("%s is not there: not tested\n", SONGS);
    skip();
  }
  ok(hn_folder_list(SONGS, &names, &n, &err));
  ok(hn_options_create(hn_mel_options, &options, &err));
  ok(hn_options_set(options, "clip", "30,75", &err));
  ok(hn_mel_create(options, &mel, &err));
  double started = omp_get_wtime();
  hn_error *errors = calloc(n, sizeof *errors);
  hn_audio_info *infos = calloc(n, sizeof *infos);
#pragma omp parallel for schedule(dynamic) num_threads(2)
  for (size_t i = 0; i < n; i++) {
    hn_matrix db;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", SONGS, names[i]);
    if (hn_mel_file(mel, path, &db, &infos[i], &errors[i]) == HN_OK) hn_matrix_free(&db);
  }
  print_message("%zu songs in %.2f s\n", n, omp_get_wtime() - started);
  for (size_t i = 0; i < n; i++) {
    assert_string_equal(errors[i].message, "");
    assert_string_equal(infos[i].warning, "");
    if (!(infos[i].seconds > 44.9 && infos[i].seconds < 45.001))
      fail_msg("%s: %g s", names[i], infos[i].seconds);
  }
  free(errors);
  free(infos);
  hn_names_free(names, n);
  hn_mel_destroy(mel);
  hn_options_destroy(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_songs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
