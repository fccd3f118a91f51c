#!/usr/bin/env python3
"""What simple models make of the soundtracks study: mel statistics and an SVM, and mastering alone.

usage: soundtracks.py HEADNOD [--manifest build/soundtracks/manifest.csv] [--seeds 5]

Mel statistics: mean and deviation of each of 64 bands (the spectrograms of `headnod mel`, 30-75 s),
scaled, to scikit-learn's SVC with its defaults; also matched in level and bandwidth (ref max, fmax
8000). Mastering: level (dB), crest (loudest frame above the level, dB) and bandwidth (highest
frequency whose mean power is within 70 dB of the strongest band's, Hz), at 44.1 kHz, to a logistic
regression. Split by track: 5 stratified folds, mean over seeds and the least and greatest; by
package: each left out once, accuracy over all tracks and for each package.
Needs numpy and scikit-learn, none of which headnod itself needs.
"""
import argparse
import csv
import pathlib
import subprocess
import tempfile

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

CLIP = ["--clip", "30,75"]
RATE, N_BANDS = 44100, 128


def spectrograms(program, paths, *options):
    """A log-mel spectrogram (bands × frames) for each path."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "mel", *map(str, paths), "-o", folder, *CLIP, *options],
                       check=True, capture_output=True)
        return [np.load(pathlib.Path(folder) / f"{path.stem}.npy") for path in paths]


def mel_statistics(pictures):
    return np.array([np.concatenate([p.mean(axis=1), p.std(axis=1)]) for p in pictures])


def band_centres():
    """Hz, of Slaney's scale: linear to 1 kHz, then 27 bands for a factor 6.4."""
    top = 15 + np.log(RATE / 2 / 1000) / (np.log(6.4) / 27)
    mel = np.linspace(0, top, N_BANDS + 2)[1:-1]
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def mastering(pictures):
    """(level, crest, bandwidth) of each."""
    centres, rows = band_centres(), []
    for picture in pictures:
        power = 10 ** (picture / 10)
        frames, bands = power.sum(axis=0), 10 * np.log10(power.mean(axis=1))
        level = 10 * np.log10(frames.mean())
        rows.append([level, 10 * np.log10(frames.max()) - level,
                     centres[np.flatnonzero(bands > bands.max() - 70)[-1]]])
    return np.array(rows)


def evaluate(name, model, x, y, packages, n_seeds):
    accuracies = [np.mean(cross_val_predict(model, x, y, cv=StratifiedKFold(
        5, shuffle=True, random_state=seed)) == y) for seed in range(1, n_seeds + 1)]
    right = cross_val_predict(model, x, y, groups=packages, cv=LeaveOneGroupOut()) == y
    each = ", ".join(f"{p.split('-')[0]} {right[packages == p].mean():.3f}"
                     for p in np.unique(packages))
    print(f"{name:26} by track {np.mean(accuracies):.3f} ({min(accuracies):.3f} - "
          f"{max(accuracies):.3f})   by package {right.mean():.3f} ({each})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("headnod")
    parser.add_argument("--manifest", type=pathlib.Path, default="build/soundtracks/manifest.csv")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    with open(options.manifest, newline="") as file:
        rows = list(csv.DictReader(file))
    paths = [options.manifest.parent / row["audio"] for row in rows]
    y = np.array([row["class"] for row in rows])
    packages = np.array([row["package"] for row in rows])
    small = ["--n_mels", "64", "--hop_length", "1024"]

    wide = spectrograms(options.headnod, paths, "--sr", str(RATE), "--n_fft", "4096",
                        "--hop_length", "2048", "--n_mels", str(N_BANDS), "--top_db", "none")
    x = mastering(wide)
    print("package                tracks   level, dB   crest, dB   bandwidth, Hz (medians)")
    for package in np.unique(packages):
        level, crest, bandwidth = np.median(x[packages == package], axis=0)
        print(f"{package:22} {np.sum(packages == package):6} {level:11.1f} {crest:11.1f} "
              f"{bandwidth:15.0f}")
    logistic = make_pipeline(StandardScaler(), LogisticRegression())
    svm = make_pipeline(StandardScaler(), SVC())
    data = (y, packages, options.seeds)
    evaluate("level", logistic, x[:, :1], *data)
    evaluate("bandwidth", logistic, x[:, 2:], *data)
    evaluate("level, crest, bandwidth", logistic, x, *data)
    plain = mel_statistics(spectrograms(options.headnod, paths, *small))
    evaluate("mel statistics", svm, plain, *data)
    matched = mel_statistics(
        spectrograms(options.headnod, paths, *small, "--ref", "max", "--fmax", "8000"))
    evaluate("mel statistics, matched", svm, matched, *data)


if __name__ == "__main__":
    main()
