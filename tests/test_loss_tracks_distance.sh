#!/bin/bash
# experiments/loss_tracks_distance: rows, ranges, signs, claims, files; estimates and judges are
# tested in test_loss_tracks_distance.c, ranks in test_statistics.
. "$(dirname "$0")/cli.sh" loss_tracks_distance

SMALL='--threads 1 --quiet --width 8 --batch 16 --steps 9 --log-every 3 --early-iters 2 --look-points 32 --clips 0.1'
run() { "$program" $SMALL "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/loss_tracks_distance.tsv | wc -l)" = 48 ] && [ "$(rows a/loss_tracks_distance_runs.tsv | wc -l)" = 16 ] && ! leftovers a
check '2 sets, 4 kinds, 2 seeds, 3 looks'
rows a/loss_tracks_distance_runs.tsv | awk -F'\t' '{ if ($4 < -1 || $4 > 1 || $6 <= 0 || $7 <= 0) exit 1 }'
check 'correlations in range'
[ "$(rows a/loss_tracks_distance.claims.tsv | cut -f1 | tr '\n' ' ')" = 'C27 C35 ' ]
check 'two claims'
run --target 1000 --out b && rows b/loss_tracks_distance_runs.tsv | awk -F'\t' '$5 != 3 { exit 1 }'
check 'an easy target is reached at once'
run --out c && cmp -s a/loss_tracks_distance.tsv c/loss_tracks_distance.tsv
check 'the same seed, the same bytes'
refuses 2 "--steps 5 leaves fewer than two comparisons" $SMALL --steps 5

# Trained for a moment: a discriminator with many updates estimates a JS; the penalised critic W, up
# to the factor 1 + W/2λ by which it overshoots and to what it has not found yet.
run --seeds 1 --width 32 --batch 32 --steps 40 --log-every 20 --early-iters 20 --look-points 128 --rate 2e-3 --lambda 1 --out d
rows d/loss_tracks_distance.tsv | awk -F'\t' '$2 == "nsgan long" && !($5 > 0 && $5 < log(2)) { exit 1 }'
check "the GAN's estimate is between 0 and log 2"
rows d/loss_tracks_distance.tsv | awk -F'\t' '$1 == "ring8" && $2 == "wgan-gp" && !($5 > 0.4 * $6 && $5 < 2 * $6) { exit 1 }'
check "the penalised critic's is near W"
rows d/loss_tracks_distance.tsv | awk -F'\t' '$1 == "ring8" && $2 == "wgan c=0.1" && !($5 > 0 && $5 < $6) { exit 1 }'
check "a clipped critic's is positive"

summary
