/* Clusters of a run's songs, found without any label, and how they agree with what is known. */
#ifndef HN_EXPERIMENTS_CLUSTERS_H
#define HN_EXPERIMENTS_CLUSTERS_H

#include <jansson.h>

#include "experiments/results.h"

/* Cluster what clusters.of names: a lyrics model's TF-IDF over all songs with lyrics, an audio
 * model's mean and standard deviation of each mel band, a table model's columns (the last two
 * standardised), or the probabilities of the headline fusion. Writes clusters.csv (track_id and a
 * column for each) into folder and adds "clusters" to metrics. data: one a model of the study. */
hn_status hn_clusters_add(const hn_study *study, const hn_songs *songs, const hn_model_data *data,
                          const hn_results *results, const char *folder, json_t *metrics,
                          hn_error *err);

#endif
