#!/bin/sh
# Run the studies rapcast-regions-classifiers and rapcast-eras-classifiers with both splits and print
# their table in Markdown. From the root of the project, two minutes:
#   experiments/benchmarks/rapcast_table.sh > experiments/studies/rapcast.md
# HEADNOD names the program; build/release/headnod by default.
set -eu
headnod=${HEADNOD:-build/release/headnod}
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT

# The table of models that `headnod run` prints, as Markdown. $1: what scikit-learn reached, as
# "model=accuracy …".
to_markdown() {
  awk -F '  +' -v reference="$1" '
    BEGIN {
      n = split(reference, pairs, " ")
      for (i = 1; i <= n; i++) {
        split(pairs[i], pair, "=")
        known[pair[1]] = pair[2]
      }
      print "| model | accuracy | 95 % interval | in training | macro-F1 | log loss | scikit-learn |"
      print "|---|--:|--:|--:|--:|--:|--:|"
    }
    /^model / { in_table = 1; next }
    in_table && /^$/ { exit }
    in_table {
      printf "| %s | %s | %s | %s | %s | %s | %s |\n", $1, $3, $4, $5, $6, $7,
             $1 in known ? known[$1] " %" : "–"
    }'
}

# $1: regions or eras, $2: the split, $3: what scikit-learn reached.
run() {
  printf '\n## %s, %s split\n\n' "$1" "$2"
  # Not in a pipe, which would hide a failure.
  "$headnod" run "experiments/studies/rapcast-$1-classifiers.yaml" \
    --set "split.method=$2" -o "$runs/$1-$2" > "$runs/out"
  to_markdown "$3" < "$runs/out"
}

version=$("$headnod" --version)
cat <<END
# Rappers' regions and decades by the words of their songs

Written by \`experiments/benchmarks/rapcast_table.sh\` with $version: 4,000 real rap songs as
bags of words, TF-IDF and classifiers with their defaults (the forest with 200 trees), 5 folds,
seed 0. The interval is a bootstrap over artists. An artist-disjoint split keeps every artist in
one fold, and leaves out training songs that credit an artist of the test songs; a random one tests
on artists whose other songs were learned from, and so flatters. The last column is what
scikit-learn's RandomForestClassifier and LinearSVC reached on the same features and folds of the
same kind (mean over the folds; its artist-disjoint folds look at the lead artist only).
END
run regions artist-disjoint 'forest=43.2 linear_svm=42.1 dummy-majority=25.0'
run regions random 'forest=52.1 linear_svm=53.7 dummy-majority=25.0'
run eras artist-disjoint 'forest=56.7 linear_svm=57.4 dummy-majority=38.2'
run eras random 'forest=60.2 linear_svm=64.9 dummy-majority=38.2'
