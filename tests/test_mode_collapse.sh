#!/bin/bash
# experiments/mode_collapse: rows, claims, files; the judges are tested in test_mode_collapse.c, the
# counting in test_modes.
. "$(dirname "$0")/cli.sh" mode_collapse

SMALL='--threads 1 --quiet --width 8 --batch 16 --steps 6 --log-every 3 --look-points 64'
run() { "$program" $SMALL "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/mode_collapse.tsv | wc -l)" = 60 ] && [ "$(rows a/mode_collapse_final.tsv | wc -l)" = 20 ] && [ "$(rows a/mode_collapse_samples.tsv | wc -l)" = 640 ] && ! leftovers a
check '2 sets, 5 losses, 2 seeds, 3 looks'
[ "$(rows a/mode_collapse.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C20 mode_collapse C42 mode_collapse ' ]
check 'two claims'
rows a/mode_collapse_final.tsv | awk -F'\t' '{ if ($6 < 0 || $6 > ($1 == "ring8" ? 8 : 25) || $7 < 0 || $7 > 1 || $8 <= 0 || $4 != 6) exit 1 }'
check 'modes, shares and distances in range'
rows a/mode_collapse_modes.tsv | awk -F'\t' 'NR == FNR { n[$1 $2] += $6; next } $3 == 0 { exit n[$1 $2] != $6 }' - <(rows a/mode_collapse_final.tsv) && [ "$(rows a/mode_collapse_modes.tsv | wc -l)" = 165 ]
check 'the modes that are covered are as many as are counted'
# in passes of a batch: critic 2·3 and a generator's pass, generator 2 + 3; five times 3 + 3 + 1 + 3
rows a/mode_collapse_final.tsv | awk -F'\t' '$2 == "gan" { gan = $5 / 6 } $2 == "wgan-gp" { gp = $5 / 6 } END { exit !(gan > 11 && gan < 13 && gp > 58 && gp < 64) }'
check 'work counts products'
# of 60 and 40 passes a step; the looks are 0, 3 and 6
rows a/mode_collapse_work.tsv | awk -F'\t' '{ n++; if ($4 != ($2 == "wgan" ? 3 : 0)) exit 1 } END { exit n != 8 }'
check 'equal work is the last look within it'
run --out b && cmp -s a/mode_collapse.tsv b/mode_collapse.tsv
check 'the same seed, the same bytes'
run --steps 1 --batch 1 --width 1 --out c; [ "$(rows c/mode_collapse.claims.tsv | cut -f6 | tr '\n' ' ')" = 'FAILS FAILS ' ]
check 'runs that have learnt nothing show nothing'
refuses 2 "--seeds: '0' is not accepted" --seeds 0

summary
