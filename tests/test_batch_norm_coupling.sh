#!/bin/bash
# experiments/batch_norm_coupling: which blocks are zero, the claim, files.
. "$(dirname "$0")/cli.sh" batch_norm_coupling

run() { "$program" --threads 1 --quiet --batch 4 --width 8 "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/batch_norm_coupling.tsv | wc -l)" = 48 ] && ! leftovers a
check 'three matrices of 4 × 4'
rows a/batch_norm_coupling.tsv | awk -F'\t' '{ if ($2 == $3 ? $4 <= 0 : $1 == "batch" ? $4 <= 0 : $4 != 0) exit 1 }'
check 'the own block is above 0 everywhere, others only with batch norm'
rows a/batch_norm_coupling.tsv | awk -F'\t' '{ b[$1, $2, $3] = $4 } END { for (k in b) { split(k, p, SUBSEP); d = b[k] - b[p[1], p[3], p[2]]; if (d * d > (0.02 * b[k] + 0.01) ^ 2) exit 1 } }'
check 'second derivatives of one sum: i by j is j by i'
grep -q '^C40 HOLDS (quick) ' out
check 'the claim'
run --out b && cmp -s a/batch_norm_coupling.tsv b/batch_norm_coupling.tsv
check 'the same seed, the same bytes'
run --step 0.005 --out c && paste <(rows a/batch_norm_coupling.tsv) <(rows c/batch_norm_coupling.tsv) | awk -F'\t' '{ d = $4 - $8; if (d > 0.05 * $4 + 0.02 || -d > 0.05 * $4 + 0.02) exit 1 }'
check 'half the step, the same derivative'
refuses 2 "--batch: '1' is not accepted" --batch 1

summary
