#!/bin/sh
# A run that is stopped in the middle of training and resumed ends with the bytes of one that was
# never stopped: interrupt.sh PROGRAM KILL|INT
set -eu
headnod=$(realpath "$1")
signal=$2
# The blank in the path: the printed command must work when it is pasted into a shell.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/headnod cli-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
ln -s "$headnod" "$scratch/bin/headnod"
export PATH="$scratch/bin:$PATH" XDG_CACHE_HOME="$scratch/cache"
cd "$scratch"
cut="it's cut"

fail() {
  echo "$1"
  [ ! -f stderr ] || sed 's/^/  stderr: /' stderr
  exit 1
}

cat >study.yaml <<'END'
name: small
seed: 3
corpus: {simulated: {seed: 1, n_artists: 6, n_songs: 8, duration: 1}}
target: region
split: {folds: 3}
models:
  lyrics: {features: tfidf, classifier: forest, n_estimators: 20}
  audio: {features: mel, clip: none, n_mels: 32, hop_length: 512, classifier: cnn,
          channels: [8, 16], cnn: {window: 32}}
fusion: {of: [lyrics, audio], validation_fraction: 0.3}
clusters: {of: [lyrics, audio, fused], k: 2, n_init: 2, compare: [region, artist]}
END

# Stop inside the second fold of audio: the first lies there, epochs of the second are logged.
# Fails when the machine was too fast for the look at it.
stop_in_second_fold() {
  headnod run study.yaml --set "models.audio.epochs=$1" -o "$cut" >/dev/null 2>stderr &
  process=$!
  until [ -f "$cut/folds/audio.fold0.safetensors" ] &&
    grep -q '"fold":1,"epoch":2' "$cut/log.jsonl"; do
    if ! kill -0 $process 2>/dev/null; then
      wait $process || fail 'the run failed before it could be stopped'
      return 1
    fi
    sleep 0.02
  done
  kill -$signal $process || true
  status=0
  wait $process || status=$?
  [ ! -f "$cut/folds/audio.fold1.safetensors" ]
}

for epochs in 12 48 192 768 3072; do
  if stop_in_second_fold $epochs; then break; fi
  rm -r "$cut"
done
[ -d "$cut" ] || fail 'no run was long enough to be stopped'
[ -f "$cut/folds/audio.fold1.checkpoint.safetensors" ] || fail 'no checkpoint of the second fold'

if [ $signal = INT ]; then
  [ $status -eq 130 ] || fail "exit status $status, not 130"
  command=$(grep '^  headnod run --resume ' stderr) || fail 'no command to resume with was printed'
else
  [ $status -eq 137 ] || fail "exit status $status, not 137"
  command="headnod run --resume \"$cut\""
fi
sh -c "$command" >/dev/null 2>stderr || fail "failed: $command"
headnod run study.yaml --set "models.audio.epochs=$epochs" -o whole >/dev/null 2>stderr ||
  fail 'the uninterrupted run failed'

n=0
for file in whole/predictions/*.csv whole/unlabelled/*.csv whole/clusters.csv whole/models/*; do
  cmp "$file" "$cut/${file#whole/}" || fail "$file differs after stopping and resuming"
  n=$((n + 1))
done
[ $n -ge 10 ] || fail "only $n files to compare"
# Training went on where it was, not from its beginning.
[ "$(grep -c '"fold":1,"epoch":1,' "$cut/log.jsonl")" -eq 1 ] || fail 'the fold began anew'
leftovers=$(find "$cut" -name '*.tmp-*' -o -name '*.checkpoint.*')
[ -z "$leftovers" ] || fail "left behind: $leftovers"
