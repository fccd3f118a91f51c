#include "tests/support.h"

#include <omp.h>
#include <pty.h>

#include "base/progress.h"
#include "base/threads.h"

/* Elsewhere than on a terminal: one line, at the end. */
static void test_line_in_a_file(void **state) {
  (void)state;
  char text[256] = "";
  FILE *file = tmpfile();
  hn_progress *p = hn_progress_create(file, "decode", "files", 1);
  hn_progress_advance(p, 7);
  hn_progress_restart(p, "songs", 3); /* what came before does not count */
  hn_progress_advance(p, 1);
  hn_progress_advance(p, 2);
  hn_progress_note(p, "loss %.2f", 0.5);
  fflush(file);
  assert_int_equal(ftell(file), 0);
  hn_progress_destroy(p);
  rewind(file);
  assert_non_null(fgets(text, sizeof text, file));
  assert_memory_equal(text, "decode: 3 songs in ", 19);
  assert_non_null(strstr(text, " s, loss 0.50\n"));
  assert_null(fgets(text, sizeof text, file));
  fclose(file);
}

static void test_bar_on_a_terminal(void **state) {
  (void)state;
  int outer, inner;
  char text[2048];
  size_t n = 0;
  ssize_t got;
  if (openpty(&outer, &inner, NULL, NULL, NULL) != 0) skip();
  FILE *terminal = fdopen(inner, "w");
  hn_progress *p = hn_progress_create(terminal, "train", "epochs", 4);
  hn_progress_note(p, "loss 0.5");
  hn_progress_advance(p, 2);
  usleep(120000); /* redrawn at most ten times a second */
  hn_progress_advance(p, 1);
  hn_progress_destroy(p);
  while (n < sizeof text - 1 && (got = read(outer, text + n, sizeof text - 1 - n)) > 0) {
    n += (size_t)got;
    if (memchr(text, '\n', n)) break;
  }
  text[n] = 0;
  assert_non_null(strstr(text, "train [##########..........] 2/4 epochs"));
  assert_non_null(strstr(text, "train [###############.....] 3/4 epochs"));
  assert_non_null(strstr(text, "loss 0.5"));
  assert_non_null(strstr(text, "\r\033[Ktrain: 3 epochs in "));
  fclose(terminal);
  close(outer);
}

/* What was done in another unit before takes no part in the rate. */
static void test_rate_since_restart(void **state) {
  (void)state;
  int outer, inner;
  char text[2048];
  double rate = 0;
  if (openpty(&outer, &inner, NULL, NULL, NULL) != 0) skip();
  FILE *terminal = fdopen(inner, "w");
  hn_progress *p = hn_progress_create(terminal, "train", "learning rates", 4);
  usleep(300000);
  hn_progress_restart(p, "songs", 2000);
  hn_progress_advance(p, 1000);
  hn_progress_destroy(p);
  const ssize_t n = read(outer, text, sizeof text - 1);
  text[n > 0 ? n : 0] = 0;
  const char *songs = strstr(text, "1000/2000 songs, ");
  assert_non_null(songs);
  assert_int_equal(sscanf(songs, "1000/2000 songs, %lf/s", &rate), 1);
  assert_true(rate > 4000); /* since the beginning there were 3333 a second at most */
  fclose(terminal);
  close(outer);
}

static void test_silence(void **state) {
  (void)state;
  assert_null(hn_progress_create(NULL, "x", "y", 1));
  hn_progress_restart(NULL, "z", 2);
  hn_progress_advance(NULL, 1);
  hn_progress_note(NULL, "x");
  hn_progress_destroy(NULL);
  hn_memory_fail_after(0);
  assert_null(hn_progress_create(stderr, "x", "y", 1));
  hn_memory_fail_after(-1);
}

static void test_many_threads(void **state) {
  (void)state;
  char text[256] = "";
  FILE *file = tmpfile();
  hn_progress *p = hn_progress_create(file, "grow", "trees", 0);
#pragma omp parallel for num_threads(4)
  for (int i = 0; i < 1000; i++) {
    hn_progress_note(p, "tree %d", i);
    hn_progress_advance(p, 1);
  }
  hn_progress_destroy(p);
  rewind(file);
  assert_non_null(fgets(text, sizeof text, file));
  assert_memory_equal(text, "grow: 1000 trees in ", 20);
  fclose(file);
}

static void test_threads(void **state) {
  (void)state;
  hn_threads_set(3);
  assert_int_equal(hn_threads(), 3);
  assert_int_equal(hn_thread_id(), 0);
  int seen[3] = {0};
#pragma omp parallel num_threads(3)
  seen[hn_thread_id()] = 1;
  assert_true(seen[0] && seen[1] && seen[2]);
  hn_threads_set(0);
  assert_int_equal(hn_threads(), omp_get_num_procs());
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_line_in_a_file),     cmocka_unit_test(test_bar_on_a_terminal),
      cmocka_unit_test(test_rate_since_restart), cmocka_unit_test(test_silence),
      cmocka_unit_test(test_many_threads),       cmocka_unit_test(test_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
