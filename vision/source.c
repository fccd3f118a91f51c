#include "vision/source.h"

#include "base/memory.h"

hn_status hn_source_init(hn_source *source, const hn_options *o, hn_error *err) {
  hn_status status = HN_OK;
  *source = (hn_source){.rate = (int)hn_options_int(o, "sr")};
  HN_TRY(hn_clip_of_options(o, &source->clip, &source->has_clip, err));
  HN_DUP(source->resampler, hn_options_text(o, "resample"), err);
done:
  return status;
}

void hn_source_free(hn_source *source) {
  hn_free(source->resampler);
  *source = (hn_source){0};
}

const hn_clip *hn_source_clip(const hn_source *source) {
  return source->has_clip ? &source->clip : NULL;
}

hn_status hn_source_read(const hn_source *source, const char *path, hn_audio *audio_out,
                         hn_error *err) {
  hn_audio audio;
  hn_status status = hn_audio_read(path, hn_source_clip(source), &audio, err);
  if (status != HN_OK) return status;
  if (audio.info.rate != source->rate) {
    float *resampled = NULL;
    size_t n = 0;
    HN_TRY(hn_resample(audio.samples, audio.n, audio.info.rate, source->rate, source->resampler,
                       &resampled, &n, err));
    hn_free(audio.samples);
    audio.samples = resampled;
    audio.n = n;
  }
  *audio_out = audio;
  return HN_OK;
done:
  hn_audio_free(&audio);
  return hn_fail_prefix(err, status, "%s", path);
}
