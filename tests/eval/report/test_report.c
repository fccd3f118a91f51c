/* The page of a run, from metrics as experiments/scores.h describes them. */
#include "eval/report/report.h"

#include "tests/support.h"

static hn_error err;

#define EVIL "<b>&\\\"'</b>"

/* One model, one slice over the target; every text that a user chooses is hostile. */
static const char metrics_text[] =
    "{\"study\": \"" EVIL "\", \"target\": \"" EVIL "\", \"seed\": 9007199254740993,"
    " \"simulated\": true, \"classes\": [\"" EVIL "\", \"b\"], \"notes\": [\"" EVIL "\"],"
    " \"corpus\": {\"tracks\": 10, \"left_out\": 2, \"labelled\": 8, \"notes\": [],"
    "  \"dropped\": [{\"track_id\": \"" EVIL "\", \"title\": null, \"reason\": \"" EVIL "\"}]},"
    " \"split\": {\"method\": \"random\", \"folds\": 2, \"notes\": [\"it leaks\"]},"
    " \"audio\": {\"" EVIL "\": {\"notes\": [\"damaged\"], \"failed\": [], \"warnings\": []}},"
    " \"models\": [{\"name\": \"" EVIL "\", \"role\": \"model\", \"headline\": false, \"n\": 8,"
    "  \"accuracy\": 0.75, \"low\": 0.5, \"high\": 1, \"tracks_resampled\": true,"
    "  \"note\": \"" EVIL "\", \"training_accuracy\": null, \"balanced_accuracy\": 0.75,"
    "  \"macro_f1\": 0.7, \"log_loss\": 1, \"confusion\": [[3, 1], [1, 3]],"
    "  \"per_class\": [{\"class\": \"" EVIL "\", \"support\": 4, \"precision\": 0.75,"
    "   \"recall\": 0.75, \"f1\": 0.75}]}],"
    " \"comparisons\": [{\"a\": \"" EVIL "\", \"b\": \"" EVIL "\", \"n\": 8, \"difference\": 0.1}],"
    " \"slices\": [{\"slice\": \"" EVIL "\", \"column\": \"c\", \"one_against_rest\": true,"
    "  \"notes\": [], \"values\": [{\"value\": \"" EVIL "\", \"n\": 4, \"classes\": [\"" EVIL
    "\", \"all others\"], \"models\": [{\"name\": \"" EVIL "\", \"role\": \"model\", \"n\": 4,"
    "   \"low\": 0.3, \"high\": 1, \"recall\": 0.625, \"precision\": 0.75, \"specificity\": 0.5,"
    "   \"confusion\": [[3, 1], [1, 3]]}]}]}],"
    " \"clusters\": [{\"of\": \"" EVIL "\", \"sizes\": [4, 4], \"agreement\": [{\"column\": \"" EVIL
    "\", \"n\": 8, \"ari\": null, \"nmi\": 0, \"v_measure\": 0}]}]}";

static json_t *parse(const char *text) {
  json_error_t where;
  json_t *value = json_loads(text, 0, &where);
  if (!value) fail_msg("%d: %s", where.line, where.text);
  return value;
}

static void check_page(const char *page, const char *part, int is_there) {
  if ((strstr(page, part) != NULL) != is_there)
    fail_msg("the page %s \"%s\"", is_there ? "lacks" : "has", part);
}

static void test_page(void **state) {
  (void)state;
  json_t *metrics = parse(metrics_text),
         *stages = parse("[{\"stage\": \"" EVIL "\", \"seconds\": 1.5}]"),
         *epochs = parse("[{\"model\": \"" EVIL "\", \"fold\": 0, \"epoch\": 1, \"train_loss\": 2,"
                         " \"train_accuracy\": 0.5, \"validation_loss\": null,"
                         " \"validation_accuracy\": null},"
                         " {\"model\": \"" EVIL "\", \"fold\": 0, \"epoch\": 3, \"train_loss\": 1,"
                         " \"train_accuracy\": 1, \"validation_loss\": 1.5,"
                         " \"validation_accuracy\": 0}]"),
         *rates = parse("[{\"model\": \"" EVIL "\", \"fold\": 1, \"learning_rate\": 0.01,"
                        " \"rates\": [1e-6, 0.01, 0.1, 10], \"losses\": [2, 1, 3, 4]},"
                        " {\"model\": \"other\", \"fold\": 0, \"learning_rate\": 0.5,"
                        " \"rates\": [1e-9, 0.5], \"losses\": [9, 8]}]"),
         *environment = parse("{\"cpu\": \"" EVIL "\", \"threads\": 2}");
  hn_buffer page = {0};
  const hn_report_parts parts = {metrics, stages, epochs, rates, environment};
  assert_ok(hn_report_html(&parts, &page, &err));
  check_page(page.data, "<b>&\"", 0);
  check_page(page.data, "&lt;b&gt;&amp;&quot;'&lt;/b&gt;", 1);
  check_page(page.data, "2 of 10 tracks (20 %) take no part", 1);
  check_page(page.data, "seed 9007199254740993", 1);
  check_page(page.data, "50.0 – 100.0 %*", 1); /* tracks were resampled */
  check_page(page.data, "62.5 %", 1);          /* recall of the slice over the target */
  check_page(page.data, "the class's recall", 1);
  check_page(page.data, "it leaks", 1);
  check_page(page.data, "points=\"48.0,12.0 428.0,107.0\"", 1); /* training loss, 2 and 1 of 2 */
  check_page(page.data, "points=\"428.0,202.0\"", 1); /* validation accuracy: the last epoch only */
  /* The search up to where it leaves the chart, which ends at 1.25 times the loss before the rate
   * found; the other model has no epochs. */
  check_page(page.data, "Loss by learning rate; found: 0.01<", 1);
  check_page(page.data, "points=\"48.0,50.0 265.1,126.0 319.4,12.0\"", 1);
  check_page(page.data, "cx=\"265.1\" cy=\"126.0\"", 1);
  check_page(page.data, "<title>fold 2: 0.01</title>", 1);
  check_page(page.data, ">1e-6</text>", 1);
  check_page(page.data, "fold 1: 0.5", 0);
  check_page(page.data, "damaged", 1);
  check_page(page.data, "nan", 0);
  check_page(page.data, "(null)", 0);
  hn_buffer_free(&page);
  json_decref(metrics);
  json_decref(stages);
  json_decref(epochs);
  json_decref(rates);
  json_decref(environment);
}

/* The least that is accepted, without stages and environment. */
static void test_empty(void **state) {
  (void)state;
  json_t *metrics = parse("{\"models\": []}"), *other = parse("{\"model\": 1}");
  const hn_report_parts least = {.metrics = metrics}, wrong = {.metrics = other};
  hn_buffer page = {0};
  assert_ok(hn_report_html(&least, &page, &err));
  check_page(page.data, "</html>", 1);
  hn_buffer_free(&page);
  assert_fails(hn_report_html(&wrong, &page, &err), HN_FORMAT, "\"models\"");
  assert_null(page.data);
  json_decref(metrics);
  json_decref(other);
}

static hn_status write_and_free(const json_t *metrics) {
  hn_buffer page = {0};
  const hn_report_parts parts = {.metrics = metrics};
  hn_status status = hn_report_html(&parts, &page, NULL);
  hn_buffer_free(&page);
  return status;
}

static void test_no_memory(void **state) {
  (void)state;
  json_t *metrics = parse(metrics_text);
  assert_survives_no_memory(write_and_free(metrics));
  json_decref(metrics);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_page), cmocka_unit_test(test_empty),
                                     cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
