#!/usr/bin/env python3
"""Time log-mel spectrograms beside librosa and torchaudio: the audio rows of the speed table.

    audio.py [FILE] [--headnod build/release/headnod] [--clips 40] [--repeat 3]

Copies of one clip (30 s of FILE, or of a seeded chord in noise; 44.1 kHz, stereo) are turned into
spectrograms from MP3, from WAV of 16 bits (decoded PCM, to be mixed and resampled) and from WAV of
floats at 22.05 kHz, mono (nothing but the spectrogram). Each repetition runs every contender once, one
after the other so that all see the same machine:
  - headnod mel with one and two threads, resampled by soxr_hq and direct, writing its .npy files;
  - librosa (load, melspectrogram, power_to_db) in one and in two processes;
  - torchaudio (soundfile, resample, MelSpectrogram, AmplitudeToDB) in one process, where installed.
Wall and processor milliseconds a clip, medians; start-up is taken off by a run with fewer clips.
Peak memory of headnod is measured with --clips and with a quarter of them.

Needs Python 3.9, NumPy, librosa (measured with 0.11) and soundfile; no part of the tests.
"""
import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import librosa
import numpy as np
import soundfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
RATE, SECONDS = 44100, 30

PEER = """
import sys, warnings
from concurrent.futures import ProcessPoolExecutor
import numpy as np, soundfile
warnings.simplefilter("ignore")

def with_librosa(path):
    import librosa
    y, sr = librosa.load(path, sr=22050)
    return librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=sr)).shape

def with_torchaudio(path):
    import torch
    torch.version.cuda = None
    import torchaudio
    torch.set_num_threads(1)
    y, sr = soundfile.read(path, dtype="float32", always_2d=True)
    y = torchaudio.functional.resample(torch.from_numpy(y.mean(axis=1)), sr, 22050)
    mel = torchaudio.transforms.MelSpectrogram(22050, n_fft=2048, hop_length=512)
    return torchaudio.transforms.AmplitudeToDB()(mel(y)).shape

if __name__ == "__main__":
    name, n, paths = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    work = {"librosa": with_librosa, "torchaudio": with_torchaudio}[name]
    if n == 1:
        for path in paths: work(path)
    else:
        with ProcessPoolExecutor(n) as pool: list(pool.map(work, paths))
"""


def make_clip(source):
    if source:
        with soundfile.SoundFile(source) as file:
            if file.samplerate != RATE or file.channels != 2:
                sys.exit(f"{source}: {file.samplerate} Hz, {file.channels} channels; "
                         f"expected {RATE} Hz stereo")
            return file.read(RATE * SECONDS, dtype="float32")
    rng = np.random.default_rng(1)
    t = np.arange(RATE * SECONDS) / RATE
    chord = sum(np.sin(2 * np.pi * hz * t + k) for k, hz in enumerate((110, 277, 330, 1320)))
    chord *= 0.15 * np.exp(-4 * (t % 0.5))
    noise = 0.02 * rng.standard_normal((len(t), 2))
    return (chord[:, None] * [1.0, 0.7] + noise).astype(np.float32)


def run(command):
    """Wall and processor seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    status = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            env={**os.environ, "OMP_NUM_THREADS": "1"}).returncode
    wall = time.perf_counter() - start
    if status:
        sys.exit(f"failed: {' '.join(map(str, command[:6]))} …")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def peak(command):
    """Peak memory in MB. A process counts its parent's until it has begun: that is a small one."""
    starter = ("import os, sys; pid = os.spawnvp(os.P_NOWAIT, sys.argv[1], sys.argv[1:]); "
               "print(os.wait4(pid, 0)[2].ru_maxrss)")
    done = subprocess.run([sys.executable, "-S", "-c", starter, *map(str, command)], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return int(done.stdout.split()[-1]) / 1024


def contenders(headnod, folder, suffix):
    def ours(threads, resampler):
        return lambda paths: [headnod, "mel", *paths, "-o", folder / "out", "--threads",
                              str(threads), "--resample", resampler]

    def peer(name, processes):
        return lambda paths: [sys.executable, folder / "peer.py", name, str(processes), *paths]

    rows = {f"headnod, {r}, {n} thread{'s' * (n > 1)}": ours(n, r)
            for r in ("soxr_hq", "direct") for n in (1, 2)}
    rows["librosa, 1 process"] = peer("librosa", 1)
    rows["librosa, 2 processes"] = peer("librosa", 2)
    try:
        run(peer("torchaudio", 1)([folder / f"clip0{suffix}"]))
        rows["torchaudio, 1 process"] = peer("torchaudio", 1)
    except SystemExit:
        print("torchaudio is not installed, or does not run: left out")
    return rows


def measure(command, paths):
    """Milliseconds a clip, start-up taken off."""
    few = max(2, len(paths) // 5)
    wall, cpu = run(command(paths))
    wall_few, cpu_few = run(command(paths[:few]))
    n = len(paths) - few
    return 1e3 * (wall - wall_few) / n, 1e3 * (cpu - cpu_few) / n


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=pathlib.Path)
    parser.add_argument("--headnod", type=pathlib.Path, default=ROOT / "build/release/headnod")
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()
    clip = make_clip(args.file)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "peer.py").write_text(PEER)
        low = librosa.resample(clip.mean(axis=1), orig_sr=RATE, target_sr=RATE // 2)
        for title, suffix, samples, rate, options in (
                ("44.1 kHz stereo MP3", ".mp3", clip, RATE, {"format": "MP3"}),
                ("44.1 kHz stereo WAV, 16 bits", ".wav", clip, RATE, {"subtype": "PCM_16"}),
                ("22.05 kHz mono WAV, floats", ".wav", low, RATE // 2, {"subtype": "FLOAT"})):
            paths = [folder / f"clip{i}{suffix}" for i in range(args.clips)]
            soundfile.write(paths[0], samples, rate, **options)
            for path in paths[1:]:
                path.write_bytes(paths[0].read_bytes())
            rows = contenders(args.headnod, folder, suffix)
            seen = {row: [] for row in rows}
            for _ in range(args.repeat):
                for row, command in rows.items():
                    seen[row].append(measure(command, paths))
            print(f"\n| {SECONDS} s, {title} | wall, ms a clip | processor, ms a clip |\n"
                  "|---|---|---|")
            for row, times in seen.items():
                wall, cpu = (statistics.median(t) for t in zip(*times))
                print(f"| {row} | {wall:.1f} | {cpu:.1f} |")
            command = rows["headnod, soxr_hq, 2 threads"]
            peaks = [peak(command(paths[:n])) for n in (max(2, args.clips // 4), args.clips)]
            print(f"\npeak memory of headnod, two threads: {peaks[0]:.0f} MB for a quarter of the "
                  f"clips, {peaks[1]:.0f} MB for all")


if __name__ == "__main__":
    main()
