#!/usr/bin/env python3
"""Golden values of tests/vision: what librosa, SciPy and soundfile make of the sounds in golden/.

    make_golden.py                  the values, from the sounds that are there
    make_golden.py --sounds SONGS   first the sounds, from the folder of the CC0 songs

Made with librosa 0.11.0, SciPy 1.17.1, NumPy 2.4.6, soundfile 0.14.0 (libsndfile 1.2.2 with its
own libmpg123 and LAME), soxr 1.1.0, torch 2.15.0 and torchaudio 2.11.0.
"""
import argparse
import json
import pathlib
import warnings

import librosa
import numpy as np
import scipy.signal
import soundfile
import torch

GOLDEN = pathlib.Path(__file__).parent / "golden"

# name, container, encoding, rate, channels
SOUNDS = [
    ("mono.wav", "WAV", "PCM_16", 22050, 1),
    ("stereo-24.wav", "WAV", "PCM_24", 8000, 2),
    ("alaw.wav", "WAV", "ALAW", 8000, 1),
    ("stereo.flac", "FLAC", "PCM_16", 16000, 2),
    ("stereo.ogg", "OGG", "VORBIS", 22050, 2),
    ("stereo.opus", "OGG", "OPUS", 24000, 2),
    ("stereo.mp3", "MP3", "MPEG_LAYER_III", 44100, 2),
    ("mono.mp3", "MP3", "MPEG_LAYER_III", 22050, 1),
    ("mono.aiff", "AIFF", "PCM_16", 8000, 1),
    ("mono.au", "AU", "PCM_16", 8000, 1),
]

# librosa's names; sr and ref are those of hn_mel_options
MELS = {
    "defaults": {},
    "small": dict(n_fft=1024, hop_length=256, n_mels=64),
    "reflect": dict(pad_mode="reflect", window="hamming", win_length=1200, ref="max", top_db=None),
    "uncentred": dict(center=False, power=1.0, fmin=30.0, fmax=8000.0, top_db=40.0),
    "odd": dict(n_fft=2025, hop_length=700, window="blackman", pad_mode="edge", n_mels=40),
    "long": dict(n_fft=3000, hop_length=2000, window="bartlett", pad_mode="symmetric", power=1.5,
                 amin=1e-6, ref=0.5),
}

STFTS = {
    "defaults": {},
    "short window": dict(n_fft=512, hop_length=100, win_length=301, window="hamming",
                         pad_mode="reflect"),
    "odd": dict(n_fft=375, hop_length=400, pad_mode="edge", window="boxcar"),
    "uncentred": dict(n_fft=1000, hop_length=333, center=False, window="blackman"),
    "longer than the sound": dict(n_fft=65536, hop_length=9000, pad_mode="symmetric"),
}

ONSETS = [{}, dict(lag=3, max_size=3), dict(max_size=4, detrend=True), dict(center=False, lag=2),
          dict(median=True, hop_length=100)]
TEMPOGRAMS = [{}, dict(win_length=7), dict(win_length=16, center=False, window="hamming", norm=1),
              dict(win_length=1, norm=None), dict(win_length=33, norm=2, window="boxcar")]
CHROMAS = [{}, dict(tuning=0.0), dict(tuning=-0.3, n_chroma=24, octwidth=None, norm=None),
           dict(n_fft=1000, n_chroma=7, ctroct=4.0, octwidth=1.5, norm=2)]
# kind, librosa's options, how close: in units of the feature
FEATURES = [
    ("mel", {}, 1e-3),
    ("mfcc", {}, 1e-3),
    ("mfcc", dict(n_mfcc=13, lifter=22, htk=True, n_mels=40, hop_length=256), 5e-3),
    ("mfcc", dict(dct_type=3, norm=None, n_mels=32, mel_norm=None, fmax=6000.0), 5e-3),
    ("mfcc", dict(dct_type=1, n_mels=32, n_fft=1024, center=False), 1e-3),
    ("mfcc", dict(dct_type=3, n_mfcc=5), 1e-3),
    ("chroma_stft", {}, 1e-5),
    ("chroma_stft", dict(tuning=0.2, norm=2, n_chroma=24, octwidth=None, sr=16000), 1e-5),
    ("spectral_centroid", {}, 1e-3),
    ("spectral_centroid", dict(n_fft=1024, window="hamming", win_length=800, sr=8000), 1e-3),
    ("spectral_bandwidth", {}, 1e-3),
    ("spectral_bandwidth", dict(p=3, norm=False), 1e-2),
    ("spectral_rolloff", {}, 1e-3),
    ("spectral_rolloff", dict(roll_percent=0.1, pad_mode="reflect"), 1e-3),
    ("spectral_contrast", {}, 5e-3),
    ("spectral_contrast", dict(linear=True, fmin=100.0, n_bands=4, quantile=0.1), 1e-5),
    ("spectral_contrast", dict(n_fft=1000), 5e-3),
    ("spectral_flatness", {}, 1e-5),
    ("spectral_flatness", dict(power=1.0, amin=1e-4), 1e-5),
    ("zero_crossing_rate", {}, 1e-7),
    ("zero_crossing_rate", dict(frame_length=501, hop_length=100, center=False), 1e-7),
    ("rms", {}, 1e-7),
    ("rms", dict(frame_length=1000, hop_length=333, pad_mode="reflect"), 1e-7),
    ("onset_strength", {}, 1e-3),
    ("onset_strength", dict(lag=2, max_size=3, n_mels=64, hop_length=256, center=False), 1e-3),
    ("onset_strength", dict(fmin=27.5, fmax=8000.0, htk=True, detrend=True), 1e-3),
    ("tempogram", {}, 1e-4),
    ("tempogram", dict(hop_length=128, win_length=50, norm=1, window="hamming"), 1e-4),
]


def make_sounds(songs):
    """Second 20 to 21 of a song; the second channel is the first, later and softer."""
    song, rate = soundfile.read(songs / "caesium.ogg", dtype="float32")
    for name, container, encoding, out_rate, channels in SOUNDS:
        seconds = 1.0 if out_rate > 8000 else 0.5
        left = song[20 * rate : 20 * rate + int(seconds * rate)]
        left = librosa.resample(left, orig_sr=rate, target_sr=out_rate)
        right = 0.7 * np.roll(left, out_rate // 50)
        samples = left if channels == 1 else np.stack([left, right], axis=1)
        soundfile.write(GOLDEN / name, np.clip(samples, -1, 1), out_rate, format=container,
                        subtype=encoding)


def some_of(values, n=101):
    """Every so many values, as many digits as single precision has."""
    stride = max(1, len(values) // n)
    shown = [float(f"{v:.9g}") for v in values[::stride]]
    return {"n": len(values), "stride": stride, "values": shown}


def decoded():
    rows = []
    for name, *_ in SOUNDS:
        samples, rate = soundfile.read(GOLDEN / name, dtype="float32")
        channels = 1 if samples.ndim == 1 else samples.shape[1]
        rows.append({"file": name, "rate": rate, "channels": channels,
                     **some_of(librosa.to_mono(samples.T))})
    return rows


def resampled():
    samples, rate = soundfile.read(GOLDEN / "mono.wav", dtype="float32")
    rows = []
    for quality in ["soxr_vhq", "soxr_hq", "soxr_mq", "soxr_lq", "soxr_qq"]:
        for target in [16000, 8000, 44100, 32001]:
            y = librosa.resample(samples, orig_sr=rate, target_sr=target, res_type=quality)
            rows.append({"resample": quality, "rate": target, **some_of(y, 61)})
    return rows


def windows():
    names = "hann hamming blackman blackmanharris nuttall flattop bartlett boxcar".split()
    return [{"window": name, "values": scipy.signal.get_window(name, n).tolist()}
            for name in names for n in (1, 2, 7, 12)]


def filters():
    sets = [dict(sr=8000, n_fft=64, n_mels=6),
            dict(sr=22050, n_fft=128, n_mels=8, htk=True, fmin=100.0),
            dict(sr=16000, n_fft=96, n_mels=5, norm=None, fmin=20.0, fmax=3000.0),
            dict(sr=8000, n_fft=32, n_mels=24)]
    return [{"options": {"fmin": 0.0, "fmax": o["sr"] / 2, "htk": False, "norm": "slaney", **o},
             "weights": librosa.filters.mel(**o).astype(float).tolist()} for o in sets]


def load_mono():
    return soundfile.read(GOLDEN / "mono.wav", dtype="float32")


def onsets():
    y, sr = load_mono()
    rows = []
    for options in ONSETS:
        o = dict(options)
        aggregate = np.median if o.pop("median", False) else np.mean
        made = librosa.onset.onset_strength(y=y, sr=sr, aggregate=aggregate, **o)
        rows.append({"options": options, **some_of(made)})
    return rows


def tempograms():
    envelope = np.array([0, 3, 1, 0.5, 0, 2, 0, 0, 4, 1, 0, 0.25, 3, 0, 1, 2, 0, 0, 3], "f4")
    return [{"onsets": envelope.tolist(), "options": o,
             **some_of(librosa.feature.tempogram(onset_envelope=envelope, **o).ravel())}
            for o in TEMPOGRAMS]


def chromas():
    y, sr = load_mono()
    rows = []
    for o in CHROMAS:
        made = librosa.feature.chroma_stft(y=y, sr=sr, **o)
        power = np.abs(librosa.stft(y, n_fft=o.get("n_fft", 2048), hop_length=512)) ** 2
        tuning = librosa.estimate_tuning(S=power, sr=sr, bins_per_octave=o.get("n_chroma", 12))
        rows.append({"options": o, "tuning": float(o.get("tuning", tuning)),
                     "largest": float(made.max()), **some_of(made.ravel())})
    return rows


def texts_of(options):
    return {k: "none" if v is None else str(v).lower() for k, v in options.items()}


def stfts():
    y, _ = load_mono()
    rows = []
    for name, o in STFTS.items():
        spectra = librosa.stft(y, **o).T
        flat = np.ascontiguousarray(spectra).view(np.float32).ravel()
        rows.append({"name": name, "options": o, "n_bins": spectra.shape[1],
                     "largest": float(np.abs(spectra).max()), **some_of(flat)})
    return rows


def mels():
    rows = []
    for name, options in MELS.items():
        o = dict(options)
        sr, ref = o.pop("sr", 22050), o.pop("ref", 1.0)
        top_db, amin = o.pop("top_db", 80.0), o.pop("amin", 1e-10)
        y, _ = librosa.load(GOLDEN / "mono.wav", sr=sr)
        power = librosa.feature.melspectrogram(y=y, sr=sr, **o)
        db = librosa.power_to_db(power, ref=np.max if ref == "max" else ref, amin=amin,
                                 top_db=top_db)
        np.save(GOLDEN / f"mel-{name}.npy", db.astype("<f4"))
        rows.append({"name": name, "options": texts_of(options)})
    return rows


def preset_mels():
    """What the presets stand for: torchaudio's own transforms (in double precision; its filters and
    window are rounded to floats, which is 5e-4 dB), and librosa as musicnn calls it."""
    torch.version.cuda = None  # else torchaudio insists on the same CUDA, which is not used
    import torchaudio

    y, sr = librosa.load(GOLDEN / "mono.wav", sr=16000)
    mel = torchaudio.transforms.MelSpectrogram().double()
    decibels = torchaudio.transforms.AmplitudeToDB()
    of_torchaudio = decibels(mel(torch.from_numpy(y).double())).numpy()
    of_musicnn = librosa.power_to_db(
        librosa.feature.melspectrogram(y=y, sr=sr, hop_length=256, n_fft=512, n_mels=96))
    rows = []
    for name, db in [("torchaudio", of_torchaudio), ("musicnn", of_musicnn)]:
        np.save(GOLDEN / f"mel-{name}.npy", db.astype("<f4"))
        rows.append({"name": name, "options": {"preset": name},
                     "tolerance": 1e-3 if name == "torchaudio" else 1e-4})
    return rows


def librosa_feature(kind, options):
    o = dict(options)
    sr = o.pop("sr", 22050)
    y, _ = librosa.load(GOLDEN / "mono.wav", sr=sr)
    if kind == "mel":
        return librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=sr, **o))
    if kind == "onset_strength":
        return librosa.onset.onset_strength(y=y, sr=sr, **o)[np.newaxis]
    if kind not in ("zero_crossing_rate", "rms", "spectral_flatness"):
        o["sr"] = sr
    return getattr(librosa.feature, kind)(y=y, **o)


def features():
    rows = []
    for kind, options, tolerance in FEATURES:
        made = librosa_feature(kind, options)
        rows.append({"kind": kind, "options": texts_of(options), "tolerance": tolerance,
                     "shape": made.shape, **some_of(made.astype("f4").ravel())})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sounds", type=pathlib.Path, metavar="SONGS")
    songs = parser.parse_args().sounds
    warnings.simplefilter("ignore")
    if songs:
        make_sounds(songs)
    golden = {"decoded": decoded(), "resampled": resampled(), "windows": windows(),
              "filters": filters(), "stfts": stfts(), "mels": mels() + preset_mels(), "onsets": onsets(),
              "tempograms": tempograms(), "chromas": chromas(), "features": features()}
    text = json.dumps(golden, separators=(",", ":")).replace('},{"', '},\n{"')
    (GOLDEN / "golden.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
