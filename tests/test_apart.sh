#!/bin/bash
# experiments/apart as a user runs it: accuracies and their ceilings, claims, files, refusals.
. "$(dirname "$0")/cli.sh" apart

run() { "$program" --threads 1 --seeds 1 --side 16 --iterations 2 --spaces 2,24 --points 512 --steps 128 --hidden 16 "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --steps 384 --hidden 32 && [ -s plots/quick/apart.tsv ] && [ -s plots/quick/apart.provenance ] && ! leftovers plots/quick
check 'plots/quick by default, nothing left over'
t=plots/quick/apart.tsv
[ "$(grep -v '^#' $t | head -n 1)" = "$(echo pair space noise seeds train held held_dev held_low ceiling | tr ' ' '\t')" ] &&
    [ "$(rows $t | cut -f1-3 | tr '\t\n' '  ')" = 'mlp 256 0 dcgan 256 0 surfaces 2 0 surfaces 2 0.5 surfaces 24 0 surfaces 24 0.5 ' ]
check 'columns in order, a row for each pair'
rows $t | awk -F'\t' '$1 != "surfaces" || ($2 == 24 && $3 == 0) { n++; if ($5 < 0.98 || $6 < 0.98) bad = 1 } END { exit bad || n != 3 }'
check 'supports apart: nearly always right, also on points held out'
rows $t | awk -F'\t' '$1 == "surfaces" && ($2 == 2 || $3 > 0) { n++; if ($6 > 0.9 || $6 < 0.5) bad = 1; if ($9 != "nan" && ($6 > $9 + 0.03 || $9 > 0.95 || $9 < 0.55)) bad = 1 } END { exit bad || n != 3 }'
check 'all dimensions: not right always, and below the ceiling'
rows plots/quick/apart_steps.tsv | awk -F'\t' '$1 == "surfaces" && $2 == 24 && $4 == 0 && $3 == 0 { n++; last = $7; if ($5 == 1) first = $7 } END { exit !(n == 10 && first < 0.8 && last > 0.98) }'
check 'steps 1, 2, 4, … 256 and the last; it learns'
[ "$(rows plots/quick/apart.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C15 apart ' ] && grep -q '^C15 ' out
check 'the claim'

run --spaces 8 --out a && run --spaces 8 --out b && (for f in apart apart_steps apart.claims; do cmp -s a/$f.tsv b/$f.tsv || exit 1; done)
check 'the same seed, the same bytes'
run --spaces 8 --seed 1 --out b && ! cmp -s <(rows a/apart.tsv) <(rows b/apart.tsv)
check 'another seed, other numbers'

refuses 2 '--side 20 is not a multiple of 16' --side 20
refuses 2 '--spaces: 2.5 is no number of dimensions' --spaces 2.5
refuses 2 "--blur: '0' is not accepted" --blur 0

summary
