/* What the tests of vision share: a folder of their own, sounds made by code, golden values. */
#ifndef HN_TESTS_VISION_SUPPORT_H
#define HN_TESTS_VISION_SUPPORT_H

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

#define GOLDEN HN_TEST_DIR "/golden/"

/* cmocka group fixtures: an empty folder before, nothing of it after. */
int make_folder(void **state);
int remove_folder(void **state);
/* A path in that folder; valid until the eighth call after. */
const char *in_folder(const char *name);

void write_bytes(const char *path, const void *bytes, size_t n);
/* The first n bytes of a file; *n_out: how many there are in all. Free with free. */
uint8_t *read_bytes(const char *path, size_t *n_out);
/* A file with the first `share` of another's bytes. */
void write_cut(const char *path, const char *from, double share);
/* n frames of `channels` interleaved samples by libsndfile; format as SF_FORMAT_WAV | … */
void write_sound(const char *path, int format, int rate, int channels, const float *samples,
                 size_t n);
/* 0.5 sin(2 pi hz t), n samples; free with free. */
float *make_sine(double hz, int rate, size_t n);

/* golden.json as a whole; the tests that read it keep it until they end. */
json_t *golden(const char *key);
/* An option of a row of golden.json: a number or a word, `otherwise` where it is absent, `none`
 * where it is null. */
double golden_number(const json_t *options, const char *name, double otherwise, double none);
const char *golden_word(const json_t *options, const char *name, const char *otherwise);
/* The values at every `stride`-th place agree within tolerance. */
void check_strided(const json_t *row, const float *values, size_t n, double tolerance);

/* Fails for a status other than HN_OK, with the message. */
#define ok(call)                                                                                   \
  do {                                                                                             \
    if ((call) != HN_OK) fail_msg("%s", err.message);                                              \
  } while (0)

#endif
