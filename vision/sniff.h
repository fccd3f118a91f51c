/* What kind of sound file is this? Told from its content, never from its name. */
#ifndef HN_VISION_SNIFF_H
#define HN_VISION_SNIFF_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum {
  HN_SOUND_MPEG,    /* MP1, MP2, MP3: for libmpg123 */
  HN_SOUND_SNDFILE, /* a container that libsndfile knows, or at least nothing known to be else */
  HN_SOUND_FOREIGN, /* something that neither reads; `name` says what, if it is known */
  HN_SOUND_NONE     /* no sound, or one that is refused on purpose; `name` says what */
} hn_sound_kind;

typedef struct {
  hn_sound_kind kind;
  const char *name;    /* "MP3", "WAV", "M4A/AAC", "text" … static; NULL: not recognised */
  int has_info_header; /* MPEG: a Xing or Info header tells the true length */
  int is_cut;          /* the container says that more bytes should follow than there are */
} hn_sound;

/* Look at the open file fd of `size` bytes; its position does not matter and stays as it is.
 * Errors: HN_IO. Thread-safe. Reads at most some 200 KB. */
hn_status hn_sound_sniff(int fd, uint64_t size, hn_sound *sound_out, hn_error *err);

/* One frame of MPEG audio, from its four header bytes. */
typedef struct {
  int version;    /* 1, 2, or 25 for 2.5 */
  int layer;      /* 1 … 3 */
  int rate;       /* Hz */
  int channels;   /* 1 or 2 */
  size_t n_bytes; /* with its header; 0: free format, where the header does not tell */
  int has_crc;    /* two bytes behind the header */
  size_t n_side;  /* bytes of side information behind those; layer 3 has it, the others 0 */
} hn_mpeg_frame;

/* 1 and *frame_out when the bytes are a valid header, else 0. Source: ISO 11172-3, 13818-3. */
int hn_mpeg_frame_parse(const uint8_t bytes[4], hn_mpeg_frame *frame_out);

#endif
