"""Labelled data on which forest.py and forest_accuracy.py compare forests.

A set is (x, y): x a float32 matrix, CSR or dense; y the classes 0 … K - 1.
"""
import csv
import gzip
import pathlib

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import TfidfTransformer

# --- simulated ---


def sparse_set(rows, columns, per_row, classes, seed):
    """Rows of Zipf-distributed words; each class prefers some of them."""
    rng = np.random.default_rng(seed)
    weights = 1.0 / np.arange(1, columns + 1) ** 1.05
    labels = rng.integers(0, classes, rows)
    preferred = [rng.permutation(columns)[: columns // 20] for _ in range(classes)]
    indices, indptr = [], [0]
    tables = []
    for words in preferred:
        own = weights.copy()
        own[words] *= 3
        tables.append(np.cumsum(own / own.sum()))
    for label in labels:
        drawn = np.unique(np.searchsorted(tables[label], rng.random(int(per_row * 1.6))))
        indices.append(drawn[drawn < columns])
        indptr.append(indptr[-1] + len(indices[-1]))
    indices = np.concatenate(indices).astype(np.int32)
    values = rng.gamma(2.0, 0.05, len(indices)).astype(np.float32)
    return scipy.sparse.csr_matrix((values, indices, indptr), (rows, columns)), labels


def dense_set(rows, columns, classes, seed):
    """Gaussian blobs."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, rows)
    centers = rng.normal(0, 0.6, (classes, columns))
    return (centers[labels] + rng.normal(0, 1, (rows, columns))).astype(np.float32), labels


def counts_set(rows, columns, classes, seed):
    """Small counts, so that most values are equal; every third column is constant."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, rows)
    means = np.exp(rng.normal(0, 0.4, (classes, columns)))
    x = rng.poisson(means[labels]).astype(np.float32)
    x[:, ::3] = 2
    return x, labels


def signed_set(rows, columns, shares, seed):
    """Sparse values of either sign, those of each class around its own mean; `shares` of the rows
    in each class."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(len(shares), rows, p=shares)
    x = scipy.sparse.random(rows, columns, 0.08, "csr", np.float32, rng,
                            data_rvs=lambda n: rng.normal(0, 1, n))
    means = rng.normal(0, 0.7, (len(shares), columns)).astype(np.float32)
    x.data += means[np.repeat(labels, np.diff(x.indptr)), x.indices]
    return x, labels


# --- real ---


def numbered(names):
    return np.unique(names, return_inverse=True)[1]


def read_table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rapcast(data, target):
    """Word counts of rap songs, CSR, and a column of their manifest."""
    folder = pathlib.Path(data) / "rapcast-bow"
    classes = {song["track_id"]: song[target] for song in read_table(folder / "manifest.csv")}
    indices, values, indptr, labels = [], [], [0], []
    with gzip.open(folder / "bow.txt.gz", "rt", encoding="utf-8") as file:
        for line in file:
            if line[0] in "#%":
                n_words = line.count(",") + 1
                continue
            track, *pairs = line.rstrip().split(",")
            if not classes.get(track):
                continue
            words, counts = zip(*(map(int, pair.split(":")) for pair in pairs))
            indices += [word - 1 for word in words]
            values += counts
            indptr.append(len(indices))
            labels.append(classes[track])
    values = np.array(values, np.float32)
    shape = len(labels), n_words
    return scipy.sparse.csr_matrix((values, indices, indptr), shape), numbered(labels)


def rapcast_tfidf(data, target):
    counts, labels = rapcast(data, target)
    return TfidfTransformer().fit_transform(counts).astype(np.float32), labels


AUDIO_FEATURES = ("danceability energy key loudness mode speechiness acousticness instrumentalness "
                  "liveness valence tempo duration_ms").split()


def spotify_genres(data):
    """Audio features of songs, dense, and their genres; a song in several lists counts once."""
    rows = read_table(pathlib.Path(data) / "spotify" / "spotify_songs.csv")
    songs = list({row["track_id"]: row for row in rows}.values())
    x = np.array([[float(song[name]) for name in AUDIO_FEATURES] for song in songs], np.float32)
    return x, numbered([song["playlist_genre"] for song in songs])
