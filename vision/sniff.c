#include "vision/sniff.h"

#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* How far a first MPEG frame may lie behind the ID3 tags: encoders and editors leave junk there. A
 * run that begins at the end of that is followed further. */
enum {
  SEARCH_BYTES = 65536,
  RUN_FRAMES = 3,
  MAX_FRAME_BYTES = 2881, /* layer 2, 160 kbit/s at 8 kHz, padded */
  HEAD_BYTES = SEARCH_BYTES + RUN_FRAMES * MAX_FRAME_BYTES,
  OGG_PAGE_BYTES = 27 + 255 + 255 * 255
};

static uint32_t big_endian(const uint8_t *b) {
  return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint32_t little_endian(const uint8_t *b) {
  return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

/* Up to n bytes from `at`; fewer at the file's end. */
static hn_status read_at(int fd, uint64_t at, uint8_t *bytes, size_t n, size_t *n_out,
                         hn_error *err) {
  size_t got = 0;
  while (got < n) {
    ssize_t r = pread(fd, bytes + got, n - got, (off_t)(at + got));
    if (r < 0 && errno == EINTR) continue;
    if (r < 0) return hn_fail(err, HN_IO, "cannot read: %s", strerror(errno));
    if (r == 0) break;
    got += (size_t)r;
  }
  *n_out = got;
  return HN_OK;
}

/* Frame length of layer 3 is 144 * bit rate / sample rate bytes (72 in versions 2 and 2.5, which
 * hold half the samples), plus the padding slot. */
int hn_mpeg_frame_parse(const uint8_t b[4], hn_mpeg_frame *frame_out) {
  static const uint16_t kbps[5][16] = {
      {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448}, /* 1, layer 1 */
      {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},    /* 1, layer 2 */
      {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},     /* 1, layer 3 */
      {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},    /* 2, layer 1 */
      {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},         /* 2, the others */
  };
  static const int rates[3] = {44100, 48000, 32000};
  if (b[0] != 0xff || (b[1] & 0xe0) != 0xe0) return 0;
  int version_bits = b[1] >> 3 & 3, layer_bits = b[1] >> 1 & 3;
  int bit_rate_index = b[2] >> 4, rate_index = b[2] >> 2 & 3, padding = b[2] >> 1 & 1;
  if (version_bits == 1 || layer_bits == 0 || bit_rate_index == 15 || rate_index == 3) return 0;

  hn_mpeg_frame f = {.layer = 4 - layer_bits, .channels = b[3] >> 6 == 3 ? 1 : 2};
  f.version = version_bits == 3 ? 1 : version_bits == 2 ? 2 : 25;
  f.rate = rates[rate_index] / (f.version == 1 ? 1 : f.version == 2 ? 2 : 4);
  int row = f.version == 1 ? f.layer - 1 : f.layer == 1 ? 3 : 4;
  int bit_rate = 1000 * kbps[row][bit_rate_index];
  if (bit_rate > 0) {
    int factor = f.layer == 1 ? 12 : f.layer == 3 && f.version != 1 ? 72 : 144;
    int n_slots = factor * bit_rate / f.rate + padding;
    f.n_bytes = (size_t)(f.layer == 1 ? 4 * n_slots : n_slots);
  }
  f.has_crc = (b[1] & 1) == 0;
  if (f.layer == 3)
    f.n_side = f.version == 1 ? (f.channels == 1 ? 17 : 32) : f.channels == 1 ? 9 : 17;
  *frame_out = f;
  return 1;
}

static int same_stream(const hn_mpeg_frame *a, const hn_mpeg_frame *b) {
  return a->version == b->version && a->layer == b->layer && a->rate == b->rate;
}

/* How many frames of one stream, at most a run, lie here whole and one behind the other; *end_out:
 * where the last of them ends. */
static int count_frames(const uint8_t *bytes, size_t n, size_t *end_out) {
  hn_mpeg_frame first = {0}, frame;
  size_t at = 0;
  int count = 0;
  while (count < RUN_FRAMES && at + 4 <= n && hn_mpeg_frame_parse(bytes + at, &frame)) {
    if (count == 0) first = frame;
    if (!same_stream(&first, &frame) || frame.n_bytes == 0 || at + frame.n_bytes > n) break;
    at += frame.n_bytes;
    count++;
  }
  *end_out = at;
  return count;
}

/* A run of frames, or, where the file ends before a run can be, at least one? */
static int begins_with_frames(const uint8_t *bytes, size_t n) {
  size_t end;
  int count = count_frames(bytes, n, &end);
  return count == RUN_FRAMES || (count > 0 && n - end < MAX_FRAME_BYTES);
}

/* Offset of the first run of frames in bytes (n), or n. The run must be whole: single headers turn
 * up in any data. */
static size_t find_frames(const uint8_t *bytes, size_t n) {
  size_t end;
  for (size_t i = 0; i < SEARCH_BYTES && i + 4 <= n; i++)
    if (bytes[i] == 0xff && count_frames(bytes + i, n - i, &end) == RUN_FRAMES) return i;
  return n;
}

/* Encoders hide the track's length in a first frame of silence, behind the side information. */
static int has_info_header(const uint8_t *bytes, size_t n) {
  hn_mpeg_frame f;
  if (n < 4 || !hn_mpeg_frame_parse(bytes, &f) || f.layer != 3) return 0;
  size_t at = 4 + f.n_side;
  if (n < at + 8) return 0;
  int has_length = bytes[at + 7] & 1;
  return has_length && (memcmp(bytes + at, "Xing", 4) == 0 || memcmp(bytes + at, "Info", 4) == 0);
}

/* Where the sound begins behind any ID3v2 tags, whose length is written in seven bits a byte. */
static hn_status skip_id3(int fd, uint64_t *at_out, hn_error *err) {
  uint64_t at = 0;
  for (;;) {
    uint8_t tag[10];
    size_t n = 0;
    hn_status status = read_at(fd, at, tag, sizeof tag, &n, err);
    if (status != HN_OK) return status;
    if (n < sizeof tag || memcmp(tag, "ID3", 3) != 0) break;
    uint64_t length = (uint64_t)(tag[6] & 127) << 21 | (uint64_t)(tag[7] & 127) << 14 |
                      (uint64_t)(tag[8] & 127) << 7 | (uint64_t)(tag[9] & 127);
    at += sizeof tag + length + (tag[5] & 0x10 ? sizeof tag : 0);
  }
  *at_out = at;
  return HN_OK;
}

/* Names by the first bytes; '?' matches anything. */
static const struct {
  const char *magic, *name;
  hn_sound_kind kind;
} magics[] = {
    {"RIFF????WAVE", "WAV", HN_SOUND_SNDFILE},
    {"RIFX????WAVE", "WAV", HN_SOUND_SNDFILE},
    {"RF64????WAVE", "RF64", HN_SOUND_SNDFILE},
    {"fLaC", "FLAC", HN_SOUND_SNDFILE},
    {"OggS????????????????????????OpusHead", "Opus", HN_SOUND_SNDFILE},
    {"OggS?????????????????????????vorbis", "Ogg Vorbis", HN_SOUND_SNDFILE},
    {"OggS", "Ogg", HN_SOUND_SNDFILE},
    {"FORM????AIF?", "AIFF", HN_SOUND_SNDFILE},
    {".snd", "AU", HN_SOUND_SNDFILE},
    {"caff", "CAF", HN_SOUND_SNDFILE},
    {"riff\x2e\x91\xcf\x11", "W64", HN_SOUND_SNDFILE},
    {"????ftyp", "M4A/AAC or MP4", HN_SOUND_FOREIGN},
    {"\x30\x26\xb2\x75", "WMA", HN_SOUND_FOREIGN},
    {"\x1a\x45\xdf\xa3", "Matroska/WebM", HN_SOUND_FOREIGN},
    {"MAC ", "Monkey's Audio", HN_SOUND_FOREIGN},
    {"wvpk", "WavPack", HN_SOUND_FOREIGN},
    {"RIFF????AVI ", "AVI video", HN_SOUND_FOREIGN},
    {"PK\x03\x04", "ZIP archive", HN_SOUND_NONE},
    {"%PDF", "PDF", HN_SOUND_NONE},
    {"\x89PNG", "PNG picture", HN_SOUND_NONE},
    {"\xff\xd8\xff", "JPEG picture", HN_SOUND_NONE},
    {"\x93NUMPY", "NumPy array", HN_SOUND_NONE},
};

static int find_magic(const uint8_t *bytes, size_t n, hn_sound *sound) {
  for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
    const char *m = magics[i].magic;
    size_t length = strlen(m), k = 0;
    if (length > n) continue;
    while (k < length && (m[k] == '?' || (uint8_t)m[k] == bytes[k])) k++;
    if (k < length) continue;
    sound->kind = magics[i].kind;
    sound->name = magics[i].name;
    return 1;
  }
  return 0;
}

/* Text, as far as it can be seen: no control characters but white space. */
static int is_text(const uint8_t *bytes, size_t n) {
  if (n >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff)))
    return 1;
  for (size_t i = 0; i < n; i++)
    if (bytes[i] < 32 && !isspace(bytes[i])) return 0;
  return 1;
}

/* CAF is a row of chunks (type, length), of which "data" is the last that matters. Source: Apple
 * Core Audio Format Specification 1.0. 0 where the length is not told. */
static uint64_t caf_length(const uint8_t *b, size_t n) {
  const uint64_t unknown = UINT64_MAX;
  for (uint64_t at = 8; at + 12 <= n;) {
    uint64_t length = (uint64_t)big_endian(b + at + 4) << 32 | big_endian(b + at + 8);
    int is_data = memcmp(b + at, "data", 4) == 0;
    if (length == unknown || length > INT64_MAX - at) break;
    at += 12 + length;
    if (is_data) return at;
  }
  return 0;
}

/* The length of the file by its head: RIFF and its kin, AIFF, AU, CAF. 0 where it is not told, as
 * by streams, which leave it 0 or all ones. */
static uint64_t declared_length(const uint8_t *b, size_t n) {
  uint64_t declared = 0, head = 8, unknown = 0xfffffff0u; /* and above */
  if (n < 32) return 0;
  if (memcmp(b, "caff", 4) == 0) return caf_length(b, n);
  if (memcmp(b, "riff", 4) == 0 || memcmp(b, "RF64", 4) == 0) {
    const uint8_t *length = b + (b[0] == 'r' ? 16 : 20);
    declared = (uint64_t)little_endian(length + 4) << 32 | little_endian(length);
    head = b[0] == 'r' ? 0 : 8;
    unknown = INT64_MAX;
  }
  if (memcmp(b, "RIFF", 4) == 0) declared = little_endian(b + 4);
  if (memcmp(b, "RIFX", 4) == 0 || memcmp(b, "FORM", 4) == 0) declared = big_endian(b + 4);
  if (memcmp(b, ".snd", 4) == 0) {
    head = big_endian(b + 4);
    declared = big_endian(b + 8);
  }
  return declared == 0 || declared >= unknown ? 0 : head + declared;
}

/* The last page of a whole Ogg stream carries the end mark and ends the file. */
static hn_status ogg_is_cut(int fd, uint64_t size, int *is_cut_out, hn_error *err) {
  hn_status status = HN_OK;
  uint64_t from = size > OGG_PAGE_BYTES ? size - OGG_PAGE_BYTES : 0;
  uint8_t *tail = NULL;
  size_t n = 0;
  HN_NEW(tail, OGG_PAGE_BYTES, err);
  HN_TRY(read_at(fd, from, tail, OGG_PAGE_BYTES, &n, err));
  int is_cut = 1;
  for (size_t i = n; i >= 27 && is_cut; i--) {
    const uint8_t *page = tail + i - 27;
    size_t left = n - (i - 27);
    if (memcmp(page, "OggS", 4) != 0) continue;
    size_t length = 27u + page[26];
    for (size_t k = 0; k < page[26] && 27 + k < left; k++) length += page[27 + k];
    if (length > left || !(page[5] & 4)) break;
    is_cut = 0;
  }
  *is_cut_out = is_cut;
done:
  hn_free(tail);
  return status;
}

/* What begins at `bytes`, behind any tags. */
static void classify(const uint8_t *bytes, size_t n, int has_id3, hn_sound *sound) {
  hn_mpeg_frame frame;
  *sound = (hn_sound){.kind = HN_SOUND_SNDFILE};
  if (n == 0) {
    *sound = (hn_sound){.kind = HN_SOUND_NONE, .name = "ID3 tags without sound"};
  } else if (begins_with_frames(bytes, n)) {
    *sound = (hn_sound){.kind = HN_SOUND_MPEG, .name = "MP3"};
  } else if (find_magic(bytes, n, sound)) {
    return;
  } else if (is_text(bytes, n)) {
    *sound = (hn_sound){.kind = HN_SOUND_NONE, .name = "text"};
  } else if (find_frames(bytes, n) < n) {
    *sound = (hn_sound){.kind = HN_SOUND_MPEG, .name = "MP3"};
  } else if (n >= 4 && hn_mpeg_frame_parse(bytes, &frame) && frame.n_bytes == 0) {
    *sound = (hn_sound){.kind = HN_SOUND_NONE, .name = "free-format MP3"};
  } else if (n >= 2 && bytes[0] == 0xff && (bytes[1] & 0xf6) == 0xf0) {
    *sound = (hn_sound){.kind = HN_SOUND_FOREIGN, .name = "AAC"};
  } else if (has_id3 || (n >= 2 && bytes[0] == 0xff && (bytes[1] & 0xe0) == 0xe0)) {
    /* libsndfile would take it for MP3, and print. */
    *sound = (hn_sound){.kind = HN_SOUND_FOREIGN, .name = NULL};
  }
}

hn_status hn_sound_sniff(int fd, uint64_t size, hn_sound *sound_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_sound sound = {0};
  uint8_t *bytes = NULL;
  uint64_t at = 0;
  size_t n = 0;
  HN_NEW(bytes, HEAD_BYTES, err);
  HN_TRY(skip_id3(fd, &at, err));
  HN_TRY(read_at(fd, at, bytes, HEAD_BYTES, &n, err));
  classify(bytes, n, at > 0, &sound);
  if (sound.kind == HN_SOUND_MPEG) {
    size_t first = begins_with_frames(bytes, n) ? 0 : find_frames(bytes, n);
    sound.has_info_header = has_info_header(bytes + first, n - first);
  } else if (n >= 4 && memcmp(bytes, "OggS", 4) == 0) {
    HN_TRY(ogg_is_cut(fd, size, &sound.is_cut, err));
  } else {
    /* A last pad byte is often counted and not written. */
    sound.is_cut = declared_length(bytes, n) > size - at + 1;
  }
  *sound_out = sound;
done:
  hn_free(bytes);
  return status;
}
