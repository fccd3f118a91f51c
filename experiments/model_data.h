/* What one model of a study sees of the songs, and how it becomes features in a fold: whatever is
 * learned from data (vocabulary, IDF) is learned from the training songs only. */
#ifndef HN_EXPERIMENTS_MODEL_DATA_H
#define HN_EXPERIMENTS_MODEL_DATA_H

#include "experiments/lyrics.h"
#include "experiments/spectrograms.h"

typedef struct {
  const hn_study_model *model;
  const hn_lyrics *lyrics; /* of a lyrics model; borrowed */
  hn_images images;        /* of a model that sees pictures */
  hn_matrix table;         /* of a model with columns, (N, columns) */
  uint8_t *has;            /* (N) 1 where the song has what the model needs */
  size_t n, n_has;
} hn_model_data;

/* lyrics is needed by models of lyrics and of style only. account (an object) gets what was left
 * out. */
hn_status hn_model_data_init(const hn_study *study, const hn_study_model *model,
                             const hn_songs *songs, const hn_lyrics *lyrics, const char *cache,
                             FILE *messages, json_t *account, hn_model_data *data_out,
                             hn_error *err);
void hn_model_data_free(hn_model_data *data);

/* Features of a choice of songs; pictures are borrowed from the data. */
typedef struct {
  hn_features x;
  int borrows_pictures;
} hn_song_features;
void hn_song_features_free(hn_song_features *features);

/* Learn from these songs (all of which have the modality) and give their features. tfidf_out is
 * NULL for features that learn nothing. */
hn_status hn_model_data_fit(const hn_model_data *data, const size_t *songs, size_t n,
                            hn_tfidf **tfidf_out, hn_song_features *features_out, hn_error *err);
/* Features of other songs by what was learned. */
hn_status hn_model_data_transform(const hn_model_data *data, const hn_tfidf *tfidf,
                                  const size_t *songs, size_t n, hn_song_features *features_out,
                                  hn_error *err);

#endif
