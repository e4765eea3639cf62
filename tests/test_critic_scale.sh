#!/bin/bash
# experiments/critic_scale: rows, the correction, exact distances, the claim, files.
. "$(dirname "$0")/cli.sh" critic_scale

run() { "$program" --threads 1 --quiet --widths 8 --depths 2 --clips 0.05,0.1 --lengths 30 --seeds 2 --batch 16 --points 512 "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/critic_scale.tsv | wc -l)" = 12 ] && ! leftovers a
check 'four critics on three pairs'
rows a/critic_scale.tsv | awk -F'\t' '$1 == "moved by 1" { if ($8 - $9 > 1e-6 || $9 - $8 > 1e-6 || $9 < 0.9 || $9 > 1.1) exit 1; scale[$4 " " $6] = $7 / $9 }
    $1 != "moved by 1" { d = $8 * scale[$4 " " $6] / $7 - 1; if (d > 1e-6 || d < -1e-6) exit 1 }'
check 'corrected by the scale of the first pair, whose W is 1'
rows a/critic_scale.tsv | awk -F'\t' '$1 == "1.5 times as large" && ($9 < 0.6 || $9 > 0.85) { exit 1 }'
check 'the ring against one 1.5 times as large: W is half of its radius √2'
[ "$(rows a/critic_scale.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C28 critic_scale ' ]
check 'the claim'
run --out b && cmp -s a/critic_scale.tsv b/critic_scale.tsv
check 'the same seed, the same bytes'

summary
