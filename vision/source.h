/* From a sound file to samples at the rate of the analysis, as librosa.load has it: what every
 * feature of files begins with. */
#ifndef HN_VISION_SOURCE_H
#define HN_VISION_SOURCE_H

#include "base/error.h"
#include "base/options.h"
#include "vision/audio.h"
#include "vision/resample.h"

/* clang-format off */
/* Rows of an option table that hn_source_init needs. */
#define HN_OPTION_SR                                                                               \
  {"sr", HN_OPTION_INT, "22050", 1000, 768000, 0, NULL, "sample rate of the analysis, Hz"}
#define HN_OPTION_CLIP                                                                             \
  {"clip", HN_OPTION_REALS, "none", 0, 1e9, 1, NULL, "part of each file, s: from,to; none: all"}
#define HN_OPTION_RESAMPLE                                                                         \
  {"resample", HN_OPTION_CHOICE, "soxr_hq", 0, 0, 0, HN_RESAMPLE_CHOICES,                          \
   "resampler, librosa's res_type"}
/* clang-format on */

/* Owns its text. Const use is thread-safe. */
typedef struct {
  int rate; /* Hz */
  int has_clip;
  hn_clip clip;
  char *resampler;
} hn_source;

/* options have the three rows above and are not kept. Errors: HN_INVALID (clip is not two ascending
 * numbers), HN_NO_MEMORY. */
hn_status hn_source_init(hn_source *source, const hn_options *options, hn_error *err);
void hn_source_free(hn_source *source);

/* The part of each file that is taken, or NULL. */
const hn_clip *hn_source_clip(const hn_source *source);
/* Decode path (its clip), mix to mono, resample to source->rate; audio_out->info tells of the file
 * as it was. Errors name the path: those of hn_audio_read and hn_resample. Thread-safe. */
hn_status hn_source_read(const hn_source *source, const char *path, hn_audio *audio_out,
                         hn_error *err);

#endif
