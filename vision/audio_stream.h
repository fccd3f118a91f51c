/* Songs block by block, so that memory does not grow with their length: what hn_audio_read and
 * hn_quality_measure stand on. */
#ifndef HN_VISION_AUDIO_STREAM_H
#define HN_VISION_AUDIO_STREAM_H

#include "vision/audio.h"

typedef struct hn_audio_stream hn_audio_stream;

/* Open a song at its beginning. Errors: those of hn_audio_read, without the path; what is wrong
 * with samples shows only as they come. */
hn_status hn_audio_stream_open(const char *path, hn_audio_stream **stream_out, hn_error *err);
void hn_audio_stream_close(hn_audio_stream *stream);

/* The next n samples, the mean of the channels; fewer, and then 0, only at the end. */
size_t hn_audio_stream_read(hn_audio_stream *stream, float *samples, size_t n);

/* Rate, channels and format; `seconds` is what was read so far, `warning` complete at the end. */
const hn_audio_info *hn_audio_stream_info(hn_audio_stream *stream);

/* Are n samples, the first of which lies at `from` seconds, finite? Errors: HN_FORMAT. */
hn_status hn_samples_check(const float *samples, size_t n, double from, int rate, hn_error *err);

#endif
