/* The contract that every fusion method keeps. */
#include "tests/fusion/tables.h"

#include "base/threads.h"
#include "fusion/registry.h"

static hn_error err;

static hn_probability golden[M];
static const hn_probability *golden_tables[M];

static int set_up(void **state) {
  (void)state;
  make_golden(golden, golden_tables);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  free_tables(golden, M);
  return 0;
}

static hn_fusion *fit(const hn_fusion_kind *kind, const hn_options *options) {
  hn_fusion *fusion;
  assert_ok(hn_fusion_fit(kind, options, models, golden_tables, M, &fusion, &err));
  return fusion;
}

static hn_probability apply(const hn_fusion *fusion) {
  hn_probability fused;
  assert_ok(hn_fusion_apply(fusion, models, golden_tables, M, &fused, &err));
  return fused;
}

static void test_find(void **state) {
  (void)state;
  const hn_fusion_kind *kind;
  for (size_t i = 0; i < hn_fusion_count(); i++) {
    assert_ok(hn_fusion_find(hn_fusion_at(i)->name, &kind, &err));
    assert_ptr_equal(kind, hn_fusion_at(i));
    assert_true(strlen(kind->summary) > 10);
  }
  assert_fails(hn_fusion_find("median", &kind, &err), HN_INVALID,
               "\"median\" is not a fusion method (known: mean, weighted, product, stacking)");
}

static void test_probabilities_sum_to_one(void **state) {
  (void)state;
  for (size_t i = 0; i < hn_fusion_count(); i++) {
    hn_fusion *fusion = fit(hn_fusion_at(i), NULL);
    hn_probability fused = apply(fusion);
    for (size_t row = 0; row < N; row++) {
      double sum = 0;
      for (size_t k = 0; k < K; k++) sum += (double)fused.p[row * K + k];
      if (row == 4)
        assert_true(isnan(sum));
      else
        assert_near(sum, 1, 1e-6);
    }
    hn_probability_free(&fused);
    hn_fusion_destroy(fusion);
  }
}

/* A track of one model alone keeps what that model says. */
static void test_single_models(void **state) {
  (void)state;
  for (size_t i = 0; i < hn_fusion_count(); i++) {
    hn_fusion *fusion = fit(hn_fusion_at(i), NULL);
    for (size_t m = 0; m < M; m++) {
      hn_probability fused;
      assert_ok(hn_fusion_apply(fusion, models + m, golden_tables + m, 1, &fused, &err));
      assert_int_equal(fused.n_rows, N);
      for (size_t j = 0; j < N * K; j++)
        if (isnan(golden[m].p[j]))
          assert_true(isnan(fused.p[j]));
        else
          assert_near(fused.p[j], golden[m].p[j], 1e-6);
      hn_probability_free(&fused);
    }
    hn_fusion_destroy(fusion);
  }
}

static void check_same(const hn_fusion *a, const hn_fusion *b) {
  hn_probability fused_a = apply(a), fused_b = apply(b);
  assert_memory_equal(fused_a.p, fused_b.p, N * K * sizeof(float));
  hn_probability_free(&fused_a);
  hn_probability_free(&fused_b);
}

static void check_save_and_load(const hn_fusion *fusion) {
  char *folder = make_scratch();
  char *path = hn_path_join(folder, "f.safetensors"), *again = hn_path_join(folder, "again");
  hn_tensors *tensors = NULL, *read = NULL;
  hn_fusion *loaded = NULL;
  char first[33], second[33];
  assert_ok(hn_tensors_create(&tensors, &err));
  assert_ok(hn_fusion_save(fusion, "fold0.", tensors, &err));
  assert_ok(hn_fusion_save(fusion, "fold1.", tensors, &err));
  assert_ok(hn_tensors_write(tensors, path, &err));
  hn_tensors_destroy(tensors);
  assert_ok(hn_tensors_read(path, &read, &err));
  assert_survives_no_memory(hn_fusion_load(read, "fold1.", &loaded, &err));
  check_same(fusion, loaded);
  assert_int_equal(hn_fusion_n_models(loaded), M);
  assert_string_equal(hn_fusion_models(loaded)[2], "table");
  assert_ptr_equal(hn_fusion_get_kind(loaded), hn_fusion_get_kind(fusion));

  assert_ok(hn_tensors_create(&tensors, &err));
  assert_ok(hn_fusion_save(loaded, "fold0.", tensors, &err));
  assert_ok(hn_fusion_save(loaded, "fold1.", tensors, &err));
  assert_ok(hn_tensors_write(tensors, again, &err));
  hn_tensors_destroy(tensors);
  assert_ok(hn_hash_file(path, first, &err));
  assert_ok(hn_hash_file(again, second, &err));
  assert_string_equal(first, second);

  hn_fusion *none = NULL;
  assert_fails(hn_fusion_load(read, "fold2.", &none, &err), HN_FORMAT, "fold2.method");
  hn_fusion_destroy(loaded);
  hn_tensors_destroy(read);
  hn_free(path);
  hn_free(again);
  drop_scratch(folder);
}

/* Every method with its defaults, and with each option changed: what is loaded fuses to the same
 * bytes, and the option changes something. */
static void test_options_and_files(void **state) {
  (void)state;
  static const char *const changed[][3] = {{"product", "floor", "0.01"},
                                           {"stacking", "coefficients", "free"},
                                           {"stacking", "C", "0.1"},
                                           {"stacking", "floor", "0.05"}};
  size_t n_options = 0;
  for (size_t i = 0; i < hn_fusion_count(); i++) {
    const hn_fusion_kind *kind = hn_fusion_at(i);
    hn_fusion *plain = fit(kind, NULL);
    hn_probability before = apply(plain);
    check_save_and_load(plain);
    for (const hn_option_spec *spec = kind->options; spec->name; spec++) n_options++;
    for (size_t c = 0; c < sizeof changed / sizeof *changed; c++) {
      if (strcmp(changed[c][0], kind->name) != 0) continue;
      hn_options *options;
      assert_ok(hn_options_create(kind->options, &options, &err));
      assert_ok(hn_options_set(options, changed[c][1], changed[c][2], &err));
      hn_fusion *other = fit(kind, options);
      hn_probability after = apply(other);
      assert_true(memcmp(before.p, after.p, N * K * sizeof(float)) != 0);
      check_save_and_load(other);
      hn_probability_free(&after);
      hn_fusion_destroy(other);
      hn_options_destroy(options);
    }
    hn_probability_free(&before);
    hn_fusion_destroy(plain);
  }
  assert_int_equal(n_options, sizeof changed / sizeof *changed); /* none is forgotten above */
}

static void test_same_for_every_thread_count(void **state) {
  (void)state;
  int before = hn_threads();
  for (size_t i = 0; i < hn_fusion_count(); i++) {
    hn_threads_set(1);
    hn_fusion *one = fit(hn_fusion_at(i), NULL);
    hn_threads_set(4);
    hn_fusion *four = fit(hn_fusion_at(i), NULL);
    check_same(one, four);
    hn_fusion_destroy(one);
    hn_fusion_destroy(four);
  }
  hn_threads_set(before);
}

static void test_no_memory(void **state) {
  (void)state;
  for (size_t i = 0; i < hn_fusion_count(); i++) {
    hn_fusion *fusion = NULL;
    hn_probability fused = {0};
    hn_options *options;
    assert_ok(hn_options_create(hn_fusion_at(i)->options, &options, &err));
    assert_survives_no_memory(
        hn_fusion_fit(hn_fusion_at(i), options, models, golden_tables, M, &fusion, &err));
    assert_survives_no_memory(hn_fusion_apply(fusion, models, golden_tables, M, &fused, &err));
    hn_probability_free(&fused);
    hn_fusion_destroy(fusion);
    hn_options_destroy(options);
  }
}

/* A file whose parts do not fit each other is refused. */
static void test_broken_files(void **state) {
  (void)state;
  static const char *const methods[] = {"weighted", "stacking"};
  static const size_t shape[] = {2, 2};
  static const double values[] = {0.5, 0.5, 0.5, 0.5};
  static const uint8_t flags[] = {1, 1};
  for (size_t i = 0; i < 2; i++) {
    hn_tensors *t;
    hn_fusion *fusion = NULL;
    assert_ok(hn_tensors_create(&t, &err));
    assert_ok(hn_tensors_set_text(t, "method", methods[i], &err));
    assert_ok(hn_tensors_set_text(t, "models", "[\"a\"]", &err));
    assert_fails(hn_fusion_load(t, "", &fusion, &err), HN_FORMAT, "list of 2 names or more");
    assert_ok(hn_tensors_set_text(t, "models", "[\"a\",\"b\",7]", &err));
    assert_fails(hn_fusion_load(t, "", &fusion, &err), HN_FORMAT, "list of 2 names or more");
    assert_ok(hn_tensors_set_text(t, "models", "[\"a\",\"b\",\"c\"]", &err));
    assert_ok(hn_tensors_set_text(t, "classes", "[\"x\",\"y\"]", &err));
    assert_ok(hn_tensors_set_text(t, "option.coefficients", "shared", &err));
    assert_ok(hn_tensors_set_text(t, "option.C", "1", &err));
    assert_ok(hn_tensors_set_text(t, "option.floor", "0.01", &err));
    assert_ok(hn_tensors_add(t, "weights", HN_TENSOR_F64, 1, shape, values, &err));
    assert_ok(hn_tensors_add(t, "fitted", HN_TENSOR_U8, 1, shape, flags, &err));
    assert_ok(hn_tensors_add(t, "coef", HN_TENSOR_F64, 2, shape, values, &err));
    assert_fails(hn_fusion_load(t, "", &fusion, &err), HN_FORMAT, "3 models");
    assert_null(fusion);
    hn_tensors_destroy(t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_find),
      cmocka_unit_test(test_probabilities_sum_to_one),
      cmocka_unit_test(test_single_models),
      cmocka_unit_test(test_options_and_files),
      cmocka_unit_test(test_same_for_every_thread_count),
      cmocka_unit_test(test_no_memory),
      cmocka_unit_test(test_broken_files),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
