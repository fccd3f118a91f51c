#include "vision/decoder.h"

#include "base/memory.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
#include <stdio.h>
#include <unistd.h>

/* FFmpeg's libraries, for what the others cannot read (M4A/AAC, WMA …). Built in by HN_FFMPEG only:
 * Debian's are under the GPL. */

enum { IO_BYTES = 32768, MAX_CHANNELS = 64 };

typedef struct {
  hn_decoder base;
  int fd;
  int64_t at, size; /* where FFmpeg reads next; bytes of the file */
  AVIOContext *io;
  AVFormatContext *format;
  AVCodecContext *codec;
  AVPacket *packet;
  AVFrame *frame;
  SwrContext *converter; /* any sample format to interleaved floats; NULL before the first frame */
  int stream, is_at_end, is_damaged, is_out_of_memory;
  float *block; /* (block_frames, channels), of which n_taken are given out */
  int n_block, n_taken, block_frames;
  uint64_t n_read;
} ffmpeg_decoder;

/* The next frame of sound into d->frame: 1, or 0 at the end. Packets that are broken are passed
 * over, and told. */
static int next_frame(ffmpeg_decoder *d) {
  for (;;) {
    int result = avcodec_receive_frame(d->codec, d->frame);
    if (result >= 0) return 1;
    if (result == AVERROR_EOF) return 0;
    if (result != AVERROR(EAGAIN)) d->is_damaged = 1;
    if (d->is_at_end) return 0;
    result = av_read_frame(d->format, d->packet);
    if (result < 0) {
      d->is_at_end = 1;
      if (result != AVERROR_EOF) d->is_damaged = 1;
      avcodec_send_packet(d->codec, NULL);
      continue;
    }
    if (d->packet->stream_index == d->stream && avcodec_send_packet(d->codec, d->packet) < 0)
      d->is_damaged = 1;
    av_packet_unref(d->packet);
  }
}

/* Set the converter up by the first frame; a later change of rate or channels ends the song. */
static int fits(ffmpeg_decoder *d) {
  AVFrame *f = d->frame;
  if (d->converter)
    return f->sample_rate == d->base.rate && f->ch_layout.nb_channels == d->base.channels;
  d->base.rate = f->sample_rate;
  d->base.channels = f->ch_layout.nb_channels;
  return swr_alloc_set_opts2(&d->converter, &f->ch_layout, AV_SAMPLE_FMT_FLT, f->sample_rate,
                             &f->ch_layout, f->format, f->sample_rate, 0, NULL) >= 0 &&
         swr_init(d->converter) >= 0;
}

/* Decode the next frame into d->block: 1, or 0 at the end. */
static int fill_block(ffmpeg_decoder *d) {
  d->n_block = d->n_taken = 0;
  while (d->n_block == 0) {
    if (!next_frame(d)) return 0;
    if (!fits(d)) {
      d->is_damaged = 1;
      return 0;
    }
    if (d->frame->nb_samples > d->block_frames) {
      size_t n = (size_t)d->frame->nb_samples * (size_t)d->base.channels;
      float *block = hn_realloc(d->block, n, sizeof *block);
      if (!block) {
        d->is_out_of_memory = 1;
        return 0;
      }
      d->block = block;
      d->block_frames = d->frame->nb_samples;
    }
    uint8_t *out = (uint8_t *)d->block;
    int n = swr_convert(d->converter, &out, d->block_frames,
                        (const uint8_t **)d->frame->extended_data, d->frame->nb_samples);
    d->n_block = n > 0 ? n : 0;
  }
  return 1;
}

static void check_end(ffmpeg_decoder *d) {
  uint64_t grace = (uint64_t)d->base.rate / 10; /* durations are rounded */
  if (d->is_damaged || d->is_out_of_memory || d->base.expected > d->n_read + grace)
    hn_decoder_warn_early(&d->base, d->n_read);
}

static size_t read_ffmpeg(hn_decoder *base, float *samples, size_t n) {
  ffmpeg_decoder *d = (ffmpeg_decoder *)base;
  size_t n_got = 0;
  /* What lies behind the announced end is the padding of the last frame. */
  if (base->expected && n > base->expected - d->n_read) n = (size_t)(base->expected - d->n_read);
  while (n_got < n) {
    if (d->n_taken == d->n_block && !fill_block(d)) break;
    for (; n_got < n && d->n_taken < d->n_block; d->n_taken++) {
      const float *frame = d->block + (size_t)d->n_taken * (size_t)base->channels;
      float sum = 0;
      for (int c = 0; c < base->channels; c++) sum += frame[c];
      samples[n_got++] = sum / (float)base->channels;
    }
  }
  d->n_read += n_got;
  if (n_got == 0) check_end(d);
  return n_got;
}

static void close_ffmpeg(hn_decoder *base) {
  ffmpeg_decoder *d = (ffmpeg_decoder *)base;
  swr_free(&d->converter);
  av_frame_free(&d->frame);
  av_packet_free(&d->packet);
  avcodec_free_context(&d->codec);
  avformat_close_input(&d->format);
  if (d->io) av_freep(&d->io->buffer);
  avio_context_free(&d->io);
  hn_free(d->block);
  hn_free(d);
}

static hn_status refuse(hn_error *err) {
  return hn_fail(err, HN_UNSUPPORTED, "FFmpeg finds no sound that it reads");
}

static int read_bytes(void *opaque, uint8_t *bytes, int n) {
  ffmpeg_decoder *d = opaque;
  ssize_t got = pread(d->fd, bytes, (size_t)n, d->at);
  if (got <= 0) return got == 0 ? AVERROR_EOF : AVERROR(EIO);
  d->at += got;
  return (int)got;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence) {
  ffmpeg_decoder *d = opaque;
  if (whence & AVSEEK_SIZE) return d->size;
  int64_t base = whence == SEEK_CUR ? d->at : whence == SEEK_END ? d->size : 0;
  if (base + offset < 0) return AVERROR(EINVAL);
  return d->at = base + offset;
}

/* The file through functions of ours, and no other file: some formats name files to be read. */
static hn_status open_format(ffmpeg_decoder *d, hn_error *err) {
  unsigned char *buffer = av_malloc(IO_BYTES);
  AVDictionary *options = NULL;
  if (buffer) d->io = avio_alloc_context(buffer, IO_BYTES, 0, d, read_bytes, NULL, seek_bytes);
  if (!d->io) av_free(buffer);
  d->format = d->io ? avformat_alloc_context() : NULL;
  if (!d->format || av_dict_set(&options, "protocol_whitelist", "none", 0) < 0)
    return hn_fail_memory(err);
  d->format->pb = d->io;
  int result = avformat_open_input(&d->format, NULL, NULL, &options); /* frees format if it fails */
  av_dict_free(&options);
  return result < 0 ? refuse(err) : HN_OK;
}

static hn_status open_codec(ffmpeg_decoder *d, hn_error *err) {
  const AVCodec *codec = NULL;
  if (avformat_find_stream_info(d->format, NULL) < 0) return refuse(err);
  d->stream = av_find_best_stream(d->format, AVMEDIA_TYPE_AUDIO, -1, -1, &codec, 0);
  if (d->stream < 0) return refuse(err);
  const AVStream *stream = d->format->streams[d->stream];
  d->codec = avcodec_alloc_context3(codec);
  if (!d->codec) return hn_fail_memory(err);
  d->codec->pkt_timebase = stream->time_base;
  if (avcodec_parameters_to_context(d->codec, stream->codecpar) < 0 ||
      avcodec_open2(d->codec, codec, NULL) < 0)
    return refuse(err);
  return HN_OK;
}

hn_status hn_decoder_open_ffmpeg(int fd, uint64_t size, hn_decoder **decoder_out, hn_error *err) {
  hn_status status = HN_OK;
  ffmpeg_decoder *d = NULL;
  av_log_set_level(AV_LOG_QUIET);
  HN_NEW(d, 1, err);
  d->base = (hn_decoder){.read = read_ffmpeg, .close = close_ffmpeg};
  d->fd = fd;
  d->size = (int64_t)size;
  d->packet = av_packet_alloc();
  d->frame = av_frame_alloc();
  if (!d->packet || !d->frame) HN_TRY(hn_fail_memory(err));
  HN_TRY(open_format(d, err));
  HN_TRY(open_codec(d, err));
  int has_sound = fill_block(d);
  if (d->is_out_of_memory) HN_TRY(hn_fail_memory(err));
  if (!has_sound || d->base.channels > MAX_CHANNELS) HN_TRY(refuse(err));
  const AVStream *stream = d->format->streams[d->stream];
  const AVRational sample = {1, d->base.rate};
  if (stream->duration > 0 && d->format->duration_estimation_method == AVFMT_DURATION_FROM_STREAM)
    d->base.expected = (uint64_t)av_rescale_q(stream->duration, stream->time_base, sample);
  *decoder_out = &d->base;
  return HN_OK;
done:
  if (d) close_ffmpeg(&d->base);
  return status;
}

const char *hn_decoder_ffmpeg_version(void) {
  return av_version_info();
}
