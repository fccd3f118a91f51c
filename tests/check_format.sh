#!/usr/bin/env bash
# check_format.sh STYLE FOLDER…: fail when a C file below is not laid out as clang-format would.
# Golden values in headers (golden*.h) are generated and left out.
# Skipped (77) without the version of clang-format that the style was written for: others differ.
set -euo pipefail
wanted=14
style=$1
shift

tool=$(command -v "clang-format-$wanted" || command -v clang-format || true)
if [ -z "$tool" ] || ! "$tool" --version | grep -q "version $wanted\."; then
  echo "skipped: needs clang-format $wanted"
  exit 77
fi
find "$@" \( -name '*.c' -o -name '*.h' \) ! -name 'golden*.h' -print0 |
  xargs -0 --no-run-if-empty "$tool" --style="file:$style" --dry-run -Werror
