/* Sound files as a stream of mono blocks, whichever library reads them. hn_audio_read is what the
 * rest of headnod calls; a new library is a third file like decoder_mpeg.c. */
#ifndef HN_VISION_DECODER_H
#define HN_VISION_DECODER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "vision/sniff.h"

typedef struct hn_decoder hn_decoder;
struct hn_decoder {
  int rate, channels; /* Hz; channels of the file, before they are mixed */
  uint64_t expected;  /* samples announced by the file's head; 0: none, or not to be believed */
  /* What is not as it should be, known at the latest when read has returned 0; "": nothing. */
  char warning[160];
  /* The mean of the channels of the next samples: at most n, 0 at the end. Those behind stay. */
  size_t (*read)(hn_decoder *decoder, float *samples, size_t n);
  /* Before anything is read: make sample n the next one, without decoding what lies before it. 1
   * when done; 0 when this file does not allow it: the decoder may then only be closed. NULL where
   * what follows would not be what it is else; see hn_audio_stream_seek. */
  int (*seek)(hn_decoder *decoder, uint64_t n);
  /* Frees the decoder; the file stays open. */
  void (*close)(hn_decoder *decoder);
};

/* Open the sound that `sound` says lies in fd (size bytes). Errors name no path: HN_FORMAT with the
 * reason, HN_NO_MEMORY. Decoders of different files may run in different threads. */
hn_status hn_decoder_open_mpeg(int fd, uint64_t size, const hn_sound *sound,
                               hn_decoder **decoder_out, hn_error *err);
hn_status hn_decoder_open_sndfile(int fd, uint64_t size, const hn_sound *sound,
                                  hn_decoder **decoder_out, hn_error *err);

#ifdef HN_FFMPEG
/* Of anything that FFmpeg's libraries read. Errors: HN_UNSUPPORTED, HN_NO_MEMORY. */
hn_status hn_decoder_open_ffmpeg(int fd, uint64_t size, hn_decoder **decoder_out, hn_error *err);
const char *hn_decoder_ffmpeg_version(void);
#endif

/* Write the warning about a file that ends after n samples. */
void hn_decoder_warn_early(hn_decoder *decoder, uint64_t n);

#endif
