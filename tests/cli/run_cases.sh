#!/bin/sh
# Cases of the real program: run_cases.sh PROGRAM CASES.txt. A case file has lines such as
#
#   # a comment
#   $ headnod clean song.txt     a shell command; lines indented by two blanks belong to it
#   = 1                          its exit status, 0 when not given
#   > some words                 its stdout, line by line; a lone >... leaves it unchecked
#   ! song.txt                   a part of its stderr; without any, stderr must be empty;
#   !...                         a lone !... leaves it unchecked
#
# The commands of a file share one scratch folder, which holds the cache too and is removed at the
# end. `headnod` is the program, `npy` (see there) writes an array.
set -u
program=$(realpath "$1")
cases=$(realpath "$2")
here=$(dirname "$(realpath "$0")")
scratch=$(mktemp -d "${TMPDIR:-/tmp}/headnod-cli-XXXXXX")
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
mkdir "$scratch/bin" "$scratch/work"
ln -s "$program" "$scratch/bin/headnod"
ln -s "$here/npy.sh" "$scratch/bin/npy"
export PATH="$scratch/bin:$PATH" XDG_CACHE_HOME="$scratch/cache" LC_ALL=C.UTF-8
export ASAN_OPTIONS="exitcode=99:${ASAN_OPTIONS:-}"
cd "$scratch/work" || exit 1
wanted=$scratch/wanted stdout=$scratch/stdout stderr=$scratch/stderr parts=$scratch/parts
n_cases=0 n_failed=0 number=0 command='' began=0 status=0
: >"$wanted" >"$parts"

complain() {
  [ "$complaint" ] || printf '%s:%s: %s\n' "$cases" "$began" "$command"
  complaint=yes
  printf '  %s\n' "$1"
}

# Run the command gathered so far and compare.
finish() {
  [ "$command" ] || return 0
  n_cases=$((n_cases + 1)) complaint=''
  sh -c "$command" >"$stdout" 2>"$stderr" </dev/null
  got=$?
  [ $got -eq "$status" ] || complain "exit status $got, not $status"
  if [ "$(cat "$wanted")" != ... ] && ! cmp -s "$wanted" "$stdout"; then
    complain 'stdout differs (- expected, + found):'
    diff -u "$wanted" "$stdout" | tail -n +3
  fi
  if [ "$(cat "$parts")" != ... ]; then
    [ -s "$parts" ] || [ ! -s "$stderr" ] || complain 'stderr is not empty'
    while IFS= read -r part; do
      grep -qF -e "$part" "$stderr" || complain "stderr lacks: $part"
    done <"$parts"
  fi
  if grep -qE 'Sanitizer|runtime error:' "$stderr"; then complain 'a sanitizer speaks'; fi
  if [ "$complaint" ]; then
    sed 's/^/  stderr: /' "$stderr"
    n_failed=$((n_failed + 1))
  fi
  command='' status=0
  : >"$wanted" >"$parts"
}

while IFS= read -r line || [ "$line" ]; do
  number=$((number + 1))
  case $line in
  '$ '*) finish; command=${line#??} began=$number ;;
  '  '*) command="$command
${line#??}" ;;
  '= '*) status=${line#??} ;;
  '> '*) printf '%s\n' "${line#??}" >>"$wanted" ;;
  '>'*) printf '%s\n' "${line#?}" >>"$wanted" ;;
  '! '*) printf '%s\n' "${line#??}" >>"$parts" ;;
  '!...') echo ... >>"$parts" ;;
  '' | '#'*) ;;
  *) printf '%s:%s: not a line of a case: %s\n' "$cases" "$number" "$line"; exit 1 ;;
  esac
done <"$cases"
finish
[ $n_cases -gt 0 ] || { echo "$cases: no case"; exit 1; }
[ $n_failed -eq 0 ] || { echo "$n_failed of $n_cases cases failed"; exit 1; }
