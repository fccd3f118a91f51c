/* Songs as samples: any sound file, mixed to mono, the part asked for. */
#ifndef HN_VISION_AUDIO_H
#define HN_VISION_AUDIO_H

#include <stddef.h>

#include "base/error.h"
#include "base/options.h"

/* A part of a song in seconds, 0 <= from < to. A song that ends inside or before it: the part
 * slides back to the song's end; a shorter song is taken whole. */
typedef struct {
  double from, to;
} hn_clip;

/* The option `clip` (a list of reals): *has_clip_out 0 where it is none, else 1 and the clip.
 * Errors: HN_INVALID unless it is two ascending numbers. */
hn_status hn_clip_of_options(const hn_options *options, hn_clip *clip_out, int *has_clip_out,
                             hn_error *err);

/* What was found in a file. */
typedef struct {
  int rate, channels;   /* Hz, of the file */
  const char *format;   /* "MP3", "WAV", "FLAC", "Ogg Vorbis" …; static */
  double from, seconds; /* where the samples kept begin in the song, and how long they last */
  char warning[160];    /* "cut or damaged: ends after 3.20 s of 5.00 s"; "": all is well */
} hn_audio_info;

/* Mono, full scale is ±1 (floats in a file may exceed it). Owns samples. */
typedef struct {
  float *samples; /* (n) at info.rate */
  size_t n;
  hn_audio_info info;
} hn_audio;

/* Decode a file, mix its channels to mono (their mean), keep `clip` (NULL: all).
 * The format is told by the content: MP3 (by libmpg123) and all that libsndfile reads: WAV, FLAC,
 * Ogg Vorbis, Opus, AIFF, AU, CAF …; built with HN_FFMPEG also what FFmpeg reads (M4A/AAC, WMA …),
 * which is tried last. A file that is cut or damaged in the middle keeps what comes
 * before and says so in info.warning; nothing is said of what lies behind the clip.
 * Errors name the path: HN_IO (missing, a folder, no permission), HN_FORMAT (empty, not a sound
 * file, broken, without samples, a sample that is NaN or infinite), HN_UNSUPPORTED (M4A, WMA …, a
 * rate outside 1000 … 768000 Hz, more than 64 channels), HN_INVALID (the clip), HN_NO_MEMORY.
 * Thread-safe. Memory: 4 bytes a sample kept. What lies before a clip is not decoded, but in Ogg
 * Vorbis, Opus, ADPCM, MPEG audio of layers 1 and 2, and damaged MP3. Matches librosa.load(sr=None,
 * offset=from, duration=to - from) where the song reaches that far: samples floor(from * rate)
 * onwards. Of MP3 the encoder's delay and padding are left out where a Xing or Info header tells
 * them, as librosa and ffmpeg do; without one every sample of every frame is kept, where librosa
 * ends a variable bit rate at the length that its first frame suggests. */
hn_status hn_audio_read(const char *path, const hn_clip *clip, hn_audio *audio_out, hn_error *err);
void hn_audio_free(hn_audio *audio);

/* The decoding libraries and their versions: "libsndfile-1.2.0, libmpg123 API 47", and ", FFmpeg
 * 5.1.6" where it is built in. */
void hn_audio_decoders(char text_out[96]);

#endif
