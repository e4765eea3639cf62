#!/bin/bash
# experiments/critic_surfaces: rows, ranges, claims, files, refusals.
. "$(dirname "$0")/cli.sh" critic_surfaces

SMALL='--threads 1 --quiet --seeds 1 --width 8 --batch 16 --updates 10 --long-updates 60 --rate 5e-3 --points 64 --side 5'
run() { "$program" $SMALL "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/critic_surfaces.tsv | wc -l)" = 150 ] && [ "$(rows a/critic_surfaces_points.tsv | wc -l)" = 192 ] && [ "$(rows a/critic_surfaces_shares.tsv | wc -l)" = 12 ] && ! leftovers a
check '3 sets, 2 critics, 5 × 5 values'
rows a/critic_surfaces_shares.tsv | awk -F'\t' '{ s = $5 / $6 - $8; f = $8 / $7 - $9; if (s > 1e-6 || s < -1e-6 || f > 1e-5 || f < -1e-5 || $10 < -1 || $10 > 1 || $9 > 1.05) exit 1 }'
check 'shares: gap/W and per slope, at most 1; cosines in range'
rows a/critic_surfaces_shares.tsv | awk -F'\t' '$2 == "penalised" && $4 == 60 { n++; if ($5 <= 0 || $10 <= 0) bad = 1 } END { exit bad || n != 3 }'
check 'a trained critic finds a gap, and points along the transport'
rows a/critic_surfaces_shares.tsv | awk -F'\t' '{ if ($11 < 0.5 || $11 > 1) exit 1; r[$1] = $11 } END { exit !(r["ring8"] != r["grid25"]) }'
check 'an optimal critic of other points mostly knows the way'
[ "$(rows a/critic_surfaces.claims.tsv | cut -f1 | tr '\n' ' ')" = 'C34 C47 ' ]
check 'two claims'
run --out b && cmp -s a/critic_surfaces.tsv b/critic_surfaces.tsv && cmp -s a/critic_surfaces_shares.tsv b/critic_surfaces_shares.tsv
check 'the same seed, the same bytes'
refuses 2 "--updates 60 must be fewer than --long-updates 60" $SMALL --updates 60

summary
