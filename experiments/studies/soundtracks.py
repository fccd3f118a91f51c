#!/usr/bin/env python3
"""Fetch openly licensed game music from Debian and write the manifest of soundtracks.yaml.

usage: soundtracks.py [FOLDER]          default: build/soundtracks, where the study looks for it

Needs Debian 12, whose apt-get downloads the five packages (760 MB; no root) once into
FOLDER/packages; nothing is installed. The music goes to FOLDER/audio, FOLDER/manifest.csv has a row
for each track of 30 s or more. Class: the kind of music of the package. What is
left out is listed with its reason. Music and manifest are not for committing.
"""
import csv
import hashlib
import io
import json
import pathlib
import struct
import subprocess
import sys
import tarfile
import zipfile

MIN_SECONDS = 30
# Package: its class, where its music lies, and its licence as debian/copyright has it.
PACKAGES = {
    "wesnoth-1.16-music": ("orchestral", "data/core/music/", "GPL-2+"),
    "widelands-data": ("orchestral", "data/music/", "GPL-2+"),
    "nexuiz-music": ("electronic", "data/music.pk3", "GPL-2+"),
    "singularity-music": ("electronic", "singularity/music/", "CC-BY-SA-3.0"),
    "warzone2100-music": ("electronic", "warzone2100/music/", "GPL-2+"),
}
# Licences of single tracks, by the beginning of their id (license.txt of the albums, copyright).
LICENCES = {
    "warzone2100-aftermath_soundtrack": "CC-BY-SA-3.0+ or GPL-2+",
    "warzone2100-legacy_soundtrack": "CC-BY-SA-3.0+ or GPL-2+",
    "widelands-ingame_24": "CC-BY-SA-3.0",
    "widelands-ingame_25": "CC-BY-SA-3.0",
    "widelands-ingame_26": "CC-BY-SA-3.0",
}
# A test track must not be another version of a training track.
LEFT_OUT = {
    "nexuiz-thunder": "weather, not music",
    "nexuiz-sixtyfour_revisited": "another version of sixtyfour_",
    "warzone2100-aftermath_soundtrack-menu_enhanced": "another version of menu",
    "warzone2100-aftermath_soundtrack-track3_enhanced": "another version of track3",
}
# One composer under several names.
ALIASES = {
    "Gerd (elysis) Raudenbusch": "elysis",
    "www.elysis.de": "elysis",
    "Klaus Halfmann aka Hasi50": "Klaus Halfmann",
}


def fetch(package, folder):
    """The package's .deb in folder, downloaded where it is not there yet."""
    if not list(folder.glob(f"{package}_*.deb")):
        subprocess.run(["apt-get", "download", package], cwd=folder, check=True)
    return sorted(folder.glob(f"{package}_*.deb"))[-1]


def members(deb, where):
    """(path below `where`, bytes) of a package's files there; a .pk3 is opened."""
    unpack = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
    with tarfile.open(fileobj=unpack.stdout, mode="r|") as archive:
        for member in archive:
            if not member.isfile() or where not in member.name:
                continue
            content = archive.extractfile(member).read()
            if where.endswith(".pk3"):
                with zipfile.ZipFile(io.BytesIO(content)) as inner:
                    for name in inner.namelist():
                        yield pathlib.PurePath(name).name, inner.read(name)
            else:
                yield member.name.split(where)[1], content
    if unpack.wait():
        sys.exit(f"{deb}: dpkg-deb failed")


def ogg_packets(content, n):
    """The first n packets of an Ogg stream (RFC 3533)."""
    packets, packet, at = [], b"", 0
    while len(packets) < n and content[at : at + 4] == b"OggS":
        n_segments = content[at + 26]
        body = at + 27 + n_segments
        for size in content[at + 27 : body]:
            packet += content[body : body + size]
            body += size
            if size < 255:
                packets.append(packet)
                packet = b""
        at = body
    return packets


def ogg_read(content):
    """Seconds and tags of an Ogg Vorbis or Opus file."""
    head, comments = ogg_packets(content, 2)[:2]
    is_opus = head.startswith(b"OpusHead")
    rate = 48000 if is_opus else struct.unpack_from("<I", head, 12)[0]
    last = content.rfind(b"OggS")
    seconds = struct.unpack_from("<q", content, last + 6)[0] / rate
    at = 8 if is_opus else 7  # behind "OpusTags" or "\3vorbis"
    at += 4 + struct.unpack_from("<I", comments, at)[0]
    n_tags = struct.unpack_from("<I", comments, at)[0]
    tags, at = {}, at + 4
    for _ in range(n_tags):
        size = struct.unpack_from("<I", comments, at)[0]
        key, _, value = comments[at + 4 : at + 4 + size].decode(errors="replace").partition("=")
        tags.setdefault(key.lower(), " ".join(value.split()))
        at += 4 + size
    return seconds, tags


def album_tags(content, folder):
    """{path: tags} of an album.json of Warzone 2100."""
    return {
        f"{folder}/{track['filename']}": {"title": track["title"], "artist": track["author"]}
        for track in json.loads(content)["tracks"]
    }


def read_package(package, deb, audio):
    """Write the package's music below audio; rows for the manifest and (id, reason) of the rest."""
    kind, where, licence = PACKAGES[package]
    stem = package.split("-")[0]
    files, albums = [], {}
    for path, content in members(deb, where):
        if path.endswith("album.json"):
            albums.update(album_tags(content, pathlib.PurePath(path).parent))
        elif content[:4] == b"OggS":
            files.append((path, content))
    rows, rest, seen = [], [], {}
    for path, content in sorted(files):
        flat = path.removeprefix("albums/").replace("/", "-").replace(" ", "_")
        track, suffix = f"{stem}-{flat}".rsplit(".", 1)
        seconds, tags = ogg_read(content)
        tags.update(albums.get(path, {}))
        same = seen.setdefault(hashlib.sha256(content).digest(), track)
        if same != track:
            rest.append((track, f"the same file as {same}"))
        elif track in LEFT_OUT:
            rest.append((track, LEFT_OUT[track]))
        elif seconds < MIN_SECONDS:
            rest.append((track, f"{seconds:.1f} s"))
        else:
            (audio / f"{track}.{suffix}").write_bytes(content)
            artist = tags.get("artist") or package
            rows.append({
                "track_id": track,
                "title": tags.get("title") or track,
                "artist": ALIASES.get(artist, artist),
                "package": package,
                "class": kind,
                "licence": next((of for start, of in LICENCES.items() if track.startswith(start)),
                                licence),
                "seconds": f"{seconds:.1f}",
                "audio": f"audio/{track}.{suffix}",
            })
    return rows, rest


def main():
    if len(sys.argv) > 2 or sys.argv[1:] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/soundtracks")
    for part in ("packages", "audio"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    rows = []
    for package in PACKAGES:
        found, rest = read_package(package, fetch(package, folder / "packages"), folder / "audio")
        print(f"{package:20} {PACKAGES[package][0]:11} {len(found):3} tracks")
        for track, reason in rest:
            print(f"    left out: {track}: {reason}")
        rows += found
    with open(folder / "manifest.csv", "w", newline="") as out:
        table = csv.DictWriter(out, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    hours = sum(float(row["seconds"]) for row in rows) / 3600
    print(f"{folder}/manifest.csv: {len(rows)} tracks, {hours:.1f} h")


if __name__ == "__main__":
    main()
