#!/bin/bash
# experiments/momentum: rows, the algebra, the claim, files.
. "$(dirname "$0")/cli.sh" momentum

run() { "$program" --threads 1 --quiet --width 8 --batch 8 --steps 6 --rates 1e-2 --look-points 16 "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/momentum.tsv | wc -l)" = 150 ] && [ "$(rows a/momentum_runs.tsv | wc -l)" = 5 ] && ! leftovers a
check 'five optimisers, 30 updates each'
rows a/momentum.tsv | awk -F'\t' '$1 == "sgd" { n++; if ($4 < 0.9999) bad = 1 } $1 == "adam 0" || $1 == "rmsprop" { if ($4 <= 0) bad = 1 } END { exit bad || n != 30 }'
check 'sgd goes down the gradient, adam 0 and rmsprop at less than a right angle'
rows a/momentum.tsv | awk -F'\t' '$3 == 1 && ($4 <= 0 || $4 > 1.0001) { exit 1 }'
check 'a first update never turns'
[ "$(rows a/momentum.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C29 momentum ' ]
check 'the claim'
run --out b && cmp -s a/momentum.tsv b/momentum.tsv
check 'the same seed, the same bytes'

summary
