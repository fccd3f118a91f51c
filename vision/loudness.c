#include "vision/loudness.h"

#include "base/memory.h"

#include <ebur128.h>

hn_status hn_loudness_integrated(const float *samples, size_t n, int rate, double *lufs_out,
                                 hn_error *err) {
  ebur128_state *state = ebur128_init(1, (unsigned long)rate, EBUR128_MODE_I);
  if (!state) return hn_fail_memory(err);
  ebur128_set_channel(state, 0, EBUR128_DUAL_MONO);
  hn_status status = HN_OK;
  if (ebur128_add_frames_float(state, samples, n) != EBUR128_SUCCESS)
    status = hn_fail_memory(err);
  else
    ebur128_loudness_global(state, lufs_out);
  ebur128_destroy(&state);
  return status;
}
