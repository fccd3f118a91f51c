/* How a kind of feature is described and computed: the inside of vision/descriptors.h. */
#ifndef HN_VISION_DESCRIPTOR_KINDS_H
#define HN_VISION_DESCRIPTOR_KINDS_H

#include "vision/descriptors.h"
#include "vision/mel.h"
#include "vision/source.h"
#include "vision/stft.h"

/* What a kind is computed from. */
typedef enum {
  HN_FROM_SPECTRA, /* options HN_STFT_OPTIONS */
  HN_FROM_FRAMES,  /* of samples; options frame_length, hop_length, center, pad_mode ("edge") */
  HN_FROM_MEL      /* a spectrogram in dB; those of hn_mel_options that the kind has */
} hn_descriptor_origin;

typedef hn_status hn_descriptor_compute(const hn_descriptor *d, const float *samples, size_t n,
                                        hn_matrix *values_out, hn_error *err);

struct hn_descriptor_kind {
  const char *name, *summary;
  const hn_option_spec *options;
  hn_descriptor_origin origin;
  const char *rows;   /* the option that tells the rows; NULL: n_more_rows alone */
  size_t n_more_rows; /* than that */
  const char *own[5]; /* HN_FROM_MEL: options that are not mel's though mel has the name */
  hn_descriptor_compute *compute;
};

struct hn_descriptor {
  const hn_descriptor_kind *kind;
  hn_options *options;
  hn_source source;
  char *signature;
  hn_stft *stft; /* or NULL */
  hn_mel *mel;   /* or NULL */
};

#endif
