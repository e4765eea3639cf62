#!/bin/bash
# experiments/double_backprop: small errors with the curvature, large ones without, the claim, files.
. "$(dirname "$0")/cli.sh" double_backprop

run() { "$program" --threads 1 --quiet --width 6 --batch 3 --weights 10 --seeds 2 "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/double_backprop.tsv | wc -l)" = 12 ] && ! leftovers a
check 'six activations, two seeds'
rows a/double_backprop.tsv | awk -F'\t' '{ if (!($4 < 1e-4) || ($1 ~ /ReLU/ ? $5 != $4 : $5 < 1e-3)) exit 1 }'
check 'errors with and without the curvature'
grep -q '^C37 HOLDS (quick) ' out
check 'the claim'
rows a/double_backprop_by_hand.tsv | awk -F'\t' 'function far(a, b) { d = a - b; return d * d > 1e-10 * (1 + b * b) }
    far($4, $3) || ($1 == "gradient") != ($5 != "nan") || $5 != "nan" && far($5, $3) { bad = 1 } END { exit bad || NR != 24 }'
check 'two layers: by hand, by sweeps and by differences alike'
run --lambda 0.1 --out b && grep -q '^C37 HOLDS (quick) ' out
check 'another lambda'
run --out c && cmp -s a/double_backprop.tsv c/double_backprop.tsv
check 'the same seed, the same bytes'
refuses 2 "--lambda: '0' is not accepted" --lambda 0

summary
