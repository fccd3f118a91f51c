#!/usr/bin/env python3
"""Time `headnod vectorize` beside scikit-learn: the text rows of the speed table.

    text.py [FILE.jsonl] [--headnod build/release/headnod] [--repeat 5] [--curve] [--no-peer]

Without a file it makes 20,000 simulated lyrics (about 45 MB of text; seeded, Zipf words, lines with
punctuation, some of them not ASCII). Each repetition runs, one after the other so that both see the
same machine:
  - scikit-learn's TfidfVectorizer.fit_transform in a process of its own, its texts in memory: only
    that call is timed (it uses one thread); the peak is the process's, texts included;
  - the whole command, JSON Lines in, .npz and vocabulary out: wall time, CPU time, peak memory.
Medians are reported, and that vocabulary, pattern and values (within 1e-6) agree.
--curve times the command on 5, 10, 20 and 40 thousand simulated lyrics instead.

Needs Python 3.9, NumPy, SciPy and scikit-learn (measured with 1.9.1); no part of the tests.
"""
import argparse
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
TASKS = {
    "unigrams": ({}, []),
    "(1,2)-grams, min_df 2": (
        {"ngram_range": (1, 2), "min_df": 2}, ["--ngram", "1,2", "--min_df", "2"]),
}


def make_words(rng, n):
    """n distinct words, frequent ones short; one in forty is not ASCII."""
    syllables = ["ba", "co", "di", "fu", "ga", "ho", "in", "ja", "ko", "la", "me", "no", "or", "pe",
                 "qui", "ra", "so", "the", "un", "vo", "wa", "ex", "yo", "za", "ing", "er", "st"]
    other = ["é", "ñ", "ü", "жи", "мо", "ла", "λο", "中", "ça"]
    words, seen = ["I", "a"], set()
    while len(words) < n:
        rank = len(words)
        n_syllables = 1 + int(rng.random() < 0.3) if rank < 400 else rng.integers(2, 5)
        parts = [syllables[i] for i in rng.integers(0, len(syllables), n_syllables)]
        if rng.random() < 1 / 40:
            parts[rng.integers(0, len(parts))] = other[rng.integers(0, len(other))]
        word = "".join(parts)
        if word in seen:
            word += chr(97 + rng.integers(0, 26))
            if word in seen:
                continue
        seen.add(word)
        words.append(word)
    return np.array(words, dtype=object)


def make_corpus(path, n_lyrics, seed=1):
    rng = np.random.default_rng(seed)
    words = make_words(rng, 120_000)
    weights = 1 / (np.arange(len(words)) + 2.7) ** 1.02
    cumulative = np.cumsum(weights / weights.sum())
    marks = ["", "", "", "", "", ",", ",", "!", "?", " (yeah)"]
    with open(path, "w", encoding="utf-8") as file:
        for i in range(n_lyrics):
            n_words = int(rng.gamma(5, 42)) + 20
            ids = np.searchsorted(cumulative, rng.random(n_words))
            drawn, lines, at = words[np.minimum(ids, len(words) - 1)], [], 0
            while at < n_words:
                length = rng.integers(4, 11)
                line = " ".join(drawn[at:at + length])
                at += length
                lines.append(line[0].upper() + line[1:] + marks[rng.integers(0, len(marks))])
                if len(lines) % 12 == 11:
                    lines += [""] + lines[2:6] + [""]  # the chorus
            row = {"id": f"track{i:06d}", "text": "\n".join(lines)}
            file.write(json.dumps(row, ensure_ascii=bool(i % 2)) + "\n")


def peer(path, task, result):
    """In a process of its own: fit_transform, timed; its result beside, for the comparison."""
    import scipy.sparse
    from sklearn.feature_extraction.text import TfidfVectorizer
    with open(path, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    vectorizer = TfidfVectorizer(**TASKS[task][0])
    start, cpu = time.perf_counter(), time.process_time()
    x = vectorizer.fit_transform(texts)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if result:
        scipy.sparse.save_npz(result + ".npz", x, compressed=False)
        pathlib.Path(result + ".txt").write_text(
            "".join(t + "\n" for t in vectorizer.get_feature_names_out()), encoding="utf-8")
    print(json.dumps([seconds, cpu, peak]))


def run_peer(path, task, result):
    command = [sys.executable, __file__, "--peer", task, path]
    return json.loads(subprocess.run(command + (["--result", result] if result else []),
                                     check=True, stdout=subprocess.PIPE).stdout)


# The peak of a process is at least that of the one that started it: start from a small one.
MEASURE = """
import json, os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(json.dumps([time.perf_counter() - start, usage.ru_utime + usage.ru_stime,
                  usage.ru_maxrss / 1024]))
sys.exit(status != 0)
"""


def run_headnod(program, path, output, options, threads=2):
    command = [program, "vectorize", path, "-o", output + ".npz", "--vocabulary", output + ".txt",
               "--threads", str(threads)] + options
    return json.loads(subprocess.run([sys.executable, "-c", MEASURE] + command, check=True,
                                     stdout=subprocess.PIPE).stdout)


def compare(a, b):
    """Vocabulary, pattern and values alike? The largest difference of values."""
    import scipy.sparse
    if pathlib.Path(a + ".txt").read_bytes() != pathlib.Path(b + ".txt").read_bytes():
        sys.exit("the vocabularies differ")
    x, y = (scipy.sparse.load_npz(p + ".npz").tocsr() for p in (a, b))
    x.sort_indices()
    y.sort_indices()
    if x.shape != y.shape or (x.indptr != y.indptr).any() or (x.indices != y.indices).any():
        sys.exit("the patterns differ")
    difference = abs(x.data - y.data).max()
    if difference > 1e-6:
        sys.exit(f"the values differ by {difference}")
    return x.shape, x.nnz, difference


def text_megabytes(path):
    with open(path, encoding="utf-8") as file:
        return sum(len(json.loads(line)["text"].encode()) for line in file) / 1e6


def medians(runs):
    return [statistics.median(column) for column in zip(*runs)]


def table(program, path, folder, repeat, with_peer):
    size = text_megabytes(path)
    print(f"{path}: {size:.1f} MB of text; medians of {repeat}")
    for task, (_, options) in TASKS.items():
        ours, theirs = [], []
        for i in range(repeat):
            result = f"{folder}/peer" if i == 0 else None
            if with_peer:
                theirs.append(run_peer(path, task, result))
            ours.append(run_headnod(program, path, f"{folder}/headnod", options))
        wall, cpu, peak = medians(ours)
        print(f"{task}\n  headnod       {wall:7.3f} s  {size / wall:6.1f} MB/s  CPU {cpu:.3f} s"
              f"  peak {peak:.0f} MB  (best {min(ours)[0]:.3f} s)")
        if not with_peer:
            continue
        shape, n, difference = compare(f"{folder}/peer", f"{folder}/headnod")
        their_wall, their_cpu, their_peak = medians(theirs)
        print(f"  scikit-learn  {their_wall:7.3f} s  {size / their_wall:6.2f} MB/s"
              f"  CPU {their_cpu:.3f} s  peak {their_peak:.0f} MB")
        print(f"  {their_wall / wall:.1f} times as fast in wall time, {their_cpu / cpu:.1f} times in"
              f" CPU time, {peak / their_peak:.2f} of the memory;"
              f" {shape[0]} × {shape[1]}, {n} entries alike, values within {difference:.1e}")


def curve(program, folder, repeat):
    """Medians by the size of the corpus; a constant CPU time a megabyte means linear."""
    print("lyrics   MB of text  " + "".join(f"| {task:40}" for task in TASKS))
    print(" " * 21 + "|    s    MB/s   CPU ms/MB   peak MB       " * len(TASKS))
    for n in (5_000, 10_000, 20_000, 40_000):
        path = f"{folder}/{n}.jsonl"
        make_corpus(path, n)
        size = text_megabytes(path)
        cells = ""
        for _, options in TASKS.values():
            wall, cpu, peak = medians([run_headnod(program, path, f"{folder}/headnod", options)
                                       for _ in range(repeat)])
            cells += f"| {wall:6.3f}  {size / wall:5.1f}  {1000 * cpu / size:8.1f}  {peak:8.0f}       "
        print(f"{n:6d}  {size:9.1f}    {cells}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?")
    parser.add_argument("--headnod", default=str(ROOT / "build/release/headnod"))
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--result", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        return peer(args.file, args.peer, args.result)
    import scipy
    import sklearn
    print(f"scikit-learn {sklearn.__version__}, SciPy {scipy.__version__}, NumPy {np.__version__}, "
          f"Python {platform.python_version()}; {os.cpu_count()} CPUs, load {os.getloadavg()[0]}")
    with tempfile.TemporaryDirectory() as folder:
        if args.curve:
            return curve(args.headnod, folder, args.repeat)
        path = args.file or f"{folder}/lyrics.jsonl"
        if not args.file:
            make_corpus(path, 20_000)
        table(args.headnod, path, folder, args.repeat, not args.no_peer)


main()
