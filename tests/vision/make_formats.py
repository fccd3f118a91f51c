#!/usr/bin/env python3
"""The MP3 fixtures of test_formats.c, and what librosa hears in them.

    make_formats.py SONGS    SONGS: the folder of the CC0 songs

vbr.mp3 has a variable bit rate and a Xing header; low.mp3 is MPEG 2.5. The last row is vbr.mp3
without the frame that holds its header: libsndfile, and so librosa, then takes the bit rate of the
first frame for that of all, and cuts the song off at the length that follows from it.

Made with librosa 0.11.0, NumPy 2.4.6, soundfile 0.14.0 (libsndfile 1.2.2 with its own libmpg123
and LAME).
"""
import json
import pathlib
import sys
import tempfile

import librosa
import numpy as np
import soundfile

from make_golden import GOLDEN, some_of


def encode(name, samples, rate, **options):
    soundfile.write(GOLDEN / name, np.clip(samples, -1, 1), rate, format="MP3",
                    subtype="MPEG_LAYER_III", **options)


def make_sounds(songs):
    song, rate = soundfile.read(songs / "caesium.ogg", dtype="float32")
    second = song[20 * rate : 21 * rate]
    left = librosa.resample(second, orig_sr=rate, target_sr=44100)
    stereo = np.stack([left, 0.7 * np.roll(left, 882)], axis=1)
    encode("vbr.mp3", stereo, 44100, bitrate_mode="VARIABLE", compression_level=0.6)
    encode("low.mp3", librosa.resample(second, orig_sr=rate, target_sr=8000), 8000)


def row(name, path):
    samples, rate = librosa.load(path, sr=None)
    return {"file": name, "rate": int(rate), **some_of(samples)}


def rows():
    first_frame = 417  # 128 kbit/s at 44.1 kHz, not padded
    with tempfile.NamedTemporaryFile(suffix=".mp3") as bare:
        bare.write((GOLDEN / "vbr.mp3").read_bytes()[first_frame:])
        bare.flush()
        return [row(name, GOLDEN / name) for name in ["vbr.mp3", "low.mp3"]] + [
            row("vbr.mp3 without its header", bare.name)]


make_sounds(pathlib.Path(sys.argv[1]))
(GOLDEN / "formats.json").write_text(json.dumps(rows(), indent=1) + "\n")
