#include "vision/resample.h"

#include "base/memory.h"

#include <math.h>
#include <samplerate.h>
#include <soxr.h>
#include <string.h>

typedef struct {
  const char *name;
  int is_soxr;
  int quality; /* soxr's recipe or libsamplerate's converter */
} resampler_spec;

static const resampler_spec resamplers[] = {
    {"soxr_vhq", 1, SOXR_VHQ},
    {"soxr_hq", 1, SOXR_HQ},
    {"soxr_mq", 1, SOXR_MQ},
    {"soxr_lq", 1, SOXR_LQ},
    {"soxr_qq", 1, SOXR_QQ},
    {"sinc_best", 0, SRC_SINC_BEST_QUALITY},
    {"sinc_medium", 0, SRC_SINC_MEDIUM_QUALITY},
    {"sinc_fastest", 0, SRC_SINC_FASTEST},
};

static const resampler_spec *find(const char *name) {
  for (size_t i = 0; i < sizeof resamplers / sizeof *resamplers; i++)
    if (strcmp(name, resamplers[i].name) == 0) return &resamplers[i];
  return NULL;
}

size_t hn_resample_length(size_t n, int rate_in, int rate_out) {
  return (size_t)ceil((double)n * ((double)rate_out / rate_in));
}

/* In blocks, since soxr copies all that it is given at once. y is zero-filled (n_y): what the
 * filter does not reach stays 0, what goes beyond is left in it. */
static hn_status run_soxr(const float *x, size_t n, double rate_in, double rate_out, int recipe,
                          float *y, size_t n_y, hn_error *err) {
  enum { BLOCK = 16384 };
  soxr_error_t failure = NULL;
  soxr_quality_spec_t quality = soxr_quality_spec((unsigned long)recipe, 0);
  soxr_t soxr = soxr_create(rate_in, rate_out, 1, &failure, NULL, &quality, NULL);
  size_t at = 0, made = 0;
  while (soxr && !failure && made < n_y) {
    size_t n_block = n - at < BLOCK ? n - at : BLOCK, n_used = 0, n_made = 0;
    failure = soxr_process(soxr, n_block ? x + at : NULL, n_block, &n_used, y + made, n_y - made,
                           &n_made);
    at += n_used;
    made += n_made;
    if (n_block == 0 && n_made == 0) break;
  }
  soxr_delete(soxr);
  return failure ? hn_fail(err, HN_NO_MEMORY, "soxr, %g to %g Hz: %s", rate_in, rate_out, failure)
                 : HN_OK;
}

static hn_status run_samplerate(const float *x, size_t n, double rate_in, double rate_out,
                                int converter, float *y, size_t n_y, hn_error *err) {
  SRC_DATA data = {.data_in = x,
                   .data_out = y,
                   .input_frames = (long)n,
                   .output_frames = (long)n_y,
                   .src_ratio = rate_out / rate_in};
  int failure = src_simple(&data, converter, 1);
  return failure ? hn_fail(err, HN_UNSUPPORTED, "libsamplerate, %g to %g Hz: %s", rate_in, rate_out,
                           src_strerror(failure))
                 : HN_OK;
}

hn_status hn_resample(const float *x, size_t n, int rate_in, int rate_out, const char *resampler,
                      float **y_out, size_t *n_out, hn_error *err) {
  const resampler_spec *spec = find(resampler);
  if (!spec)
    return hn_fail(err, HN_INVALID, "\"%.80s\" is not a resampler; expected one of %s", resampler,
                   HN_RESAMPLE_CHOICES);
  if (rate_in < 1 || rate_out < 1)
    return hn_fail(err, HN_INVALID, "sample rates are at least 1 Hz, found %d and %d", rate_in,
                   rate_out);
  hn_status status = HN_OK;
  float *y = NULL;
  size_t n_y = hn_resample_length(n, rate_in, rate_out);
  HN_NEW(y, n_y, err);
  if (rate_in == rate_out)
    memcpy(y, x, n * sizeof *y);
  else if (spec->is_soxr)
    HN_TRY(run_soxr(x, n, rate_in, rate_out, spec->quality, y, n_y, err));
  else
    HN_TRY(run_samplerate(x, n, rate_in, rate_out, spec->quality, y, n_y, err));
  *y_out = y;
  *n_out = n_y;
  return HN_OK;
done:
  hn_free(y);
  return status;
}
