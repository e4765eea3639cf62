#!/bin/bash
# experiments/mode_collapse: rows, claims, files; the counting itself is tested in test_modes.
. "$(dirname "$0")/cli.sh" mode_collapse

SMALL='--threads 1 --quiet --width 8 --batch 16 --steps 6 --log-every 3 --look-points 64'
run() { "$program" $SMALL "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --seeds 2 --out a && [ "$(rows a/mode_collapse.tsv | wc -l)" = 60 ] && [ "$(rows a/mode_collapse_final.tsv | wc -l)" = 20 ] && [ "$(rows a/mode_collapse_samples.tsv | wc -l)" = 640 ] && ! leftovers a
check '2 sets, 5 losses, 2 seeds, 3 looks'
[ "$(rows a/mode_collapse.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C20 mode_collapse C42 mode_collapse ' ]
check 'two claims'
rows a/mode_collapse_final.tsv | awk -F'\t' '{ if ($6 < 0 || $6 > ($1 == "ring8" ? 8 : 25) || $7 < 0 || $7 > 1 || $8 <= 0 || $4 != 6) exit 1 }'
check 'modes, shares and distances in range'
# in passes of a batch: critic 2·3 and a generator's pass, generator 2 + 3; five times 3 + 3 + 1 + 3
rows a/mode_collapse_final.tsv | awk -F'\t' '$2 == "gan" { gan = $5 / 6 } $2 == "wgan-gp" { gp = $5 / 6 } END { exit !(gan > 11 && gan < 13 && gp > 58 && gp < 64) }'
check 'work counts products'
run --seeds 2 --out b && cmp -s a/mode_collapse.tsv b/mode_collapse.tsv
check 'the same seed, the same bytes'
refuses 2 "--seeds: '0' is not accepted" --seeds 0

summary
