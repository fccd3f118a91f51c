/* Songs block by block, so that memory does not grow with their length: what hn_audio_read and
 * hn_quality_measure stand on. */
#ifndef HN_VISION_AUDIO_STREAM_H
#define HN_VISION_AUDIO_STREAM_H

#include <stdint.h>

#include "vision/audio.h"

typedef struct hn_audio_stream hn_audio_stream;

/* Open a song at its beginning. Errors: those of hn_audio_read, without the path; what is wrong
 * with samples shows only as they come. */
hn_status hn_audio_stream_open(const char *path, hn_audio_stream **stream_out, hn_error *err);
void hn_audio_stream_close(hn_audio_stream *stream);

/* How many samples the file's head announces; 0 where it does not. */
uint64_t hn_audio_stream_expected(const hn_audio_stream *stream);

/* Can samples of this format be passed over without decoding them? */
int hn_audio_stream_can_seek(const hn_audio_stream *stream);

/* Where that can be and nothing was read: make sample n the next one; what follows is, bit for bit,
 * what it would be else (behind damage in an MP3 that only decoding finds, within rounding). 1 when
 * done; 0 when this file (a cut one) does not allow it: the stream may then only be closed. */
int hn_audio_stream_seek(hn_audio_stream *stream, uint64_t n);

/* The next n samples, the mean of the channels; fewer, and then 0, only at the end. What lies
 * behind those in `samples` is left as it is. */
size_t hn_audio_stream_read(hn_audio_stream *stream, float *samples, size_t n);

/* Rate, channels and format; `seconds` is where reading has come to, `warning` complete at the end.
 */
const hn_audio_info *hn_audio_stream_info(hn_audio_stream *stream);

/* Are n samples, the first of which lies at `from` seconds, finite? Errors: HN_FORMAT. */
hn_status hn_samples_check(const float *samples, size_t n, double from, int rate, hn_error *err);

#endif
