#!/bin/bash
# experiments/loss_tracks_distance: rows, ranges, claims, files; ranks are tested in test_statistics.
. "$(dirname "$0")/cli.sh" loss_tracks_distance

SMALL='--threads 1 --quiet --width 8 --batch 16 --steps 9 --log-every 3 --warm-up 2 --look-points 32 --clips 0.1'
run() { "$program" $SMALL "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/loss_tracks_distance.tsv | wc -l)" = 18 ] && [ "$(rows a/loss_tracks_distance_runs.tsv | wc -l)" = 6 ] && ! leftovers a
check '2 sets, 3 kinds, 3 looks'
rows a/loss_tracks_distance_runs.tsv | awk -F'\t' '{ if ($4 < -1 || $4 > 1 || $6 <= 0 || $7 <= 0) exit 1 }'
check 'correlations in range'
rows a/loss_tracks_distance.tsv | awk -F'\t' '$2 == "gan" && $5 > 0.693148 { exit 1 }'
check "the GAN's estimate is never above log 2"
[ "$(rows a/loss_tracks_distance.claims.tsv | cut -f1 | tr '\n' ' ')" = 'C27 C35 ' ]
check 'two claims'
run --target 1000 --out b && rows b/loss_tracks_distance_runs.tsv | awk -F'\t' '$5 != 3 { exit 1 }'
check 'an easy target is reached at once'
run --out c && cmp -s a/loss_tracks_distance.tsv c/loss_tracks_distance.tsv
check 'the same seed, the same bytes'
refuses 2 "--steps 5 leaves fewer than two comparisons" $SMALL --steps 5

summary
