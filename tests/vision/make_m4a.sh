#!/bin/sh
# golden/mono.m4a: mono.wav as AAC. Made with FFmpeg 5.1.
set -eu
cd "$(dirname "$0")/golden"
ffmpeg -loglevel error -y -i mono.wav -c:a aac -b:a 64k -map_metadata -1 -fflags +bitexact \
  -flags:a +bitexact mono.m4a
