#!/bin/bash
# experiments/overlap as a user runs it: exponents, controls, W and JS of a moved curve, files, refusals.
. "$(dirname "$0")/cli.sh" overlap

run() { "$program" --groups 2 --pairs 2 --plane-level 8 --space-level 5 --octaves 2 --nudge 0.03 --samples 32 "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run && [ -s plots/quick/overlap.tsv ] && [ -s plots/quick/overlap.provenance ] && ! leftovers plots/quick
check 'plots/quick by default, nothing left over'
[ "$(grep -v '^#' plots/quick/overlap.tsv | head -n 1)" = "$(echo kind h share deviation | tr ' ' '\t')" ] &&
    [ "$(rows plots/quick/overlap.tsv | wc -l)" = $((3 * 7 + 2 * 4)) ]
check 'columns in order, a row for each side'
rows plots/quick/overlap.tsv | awk -F'\t' '{ if ($1 == kind && $3 > before + 1e-9) exit 1; if ($3 < 0 || $3 > 1) exit 1; kind = $1; before = $3 }'
check 'the shared part never grows as cells shrink'
rows plots/quick/overlap_exponents.tsv | awk -F'\t' '
    { e[$1] = $3; share[$1] = $10; n++ }
    END { exit !(n == 5 && e["curves_plane"] > 0.7 && e["curves_plane"] < 1.3 && e["surfaces_space"] > 0.5 && e["surfaces_space"] < 1.2 &&
                 e["curves_space"] > 1.4 && e["curves_space"] < 2.6 && e["aligned"] < 0.2 && e["nudged"] > 0.6 &&
                 share["aligned"] > 0.45 && share["aligned"] < 0.65 && share["nudged"] < 0.2) }'
check 'exponents near 1, 1, 2; aligned curves share half'
rows plots/quick/overlap_shifts.tsv | awk -F'\t' '
    { if ($4 < $1 - 1e-9 || $4 > $1 + 0.15 || $3 < 0 || $3 > 0.693147182) bad = 1
      if ($1 == 0.03 && $2 < 0.002 && $3 < 0.65) bad = 1
      if ($1 == 0 && $2 > 0.03 && $3 > 0.05) bad = 1
      n++ } END { exit bad || n != 15 }'
check 'a moved curve: W is how far, JS is log 2 where cells are fine'
[ "$(rows plots/quick/overlap.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C14 overlap ' ] && grep -q '^C14 ' out
check 'the claim'
[ "$(rows plots/quick/overlap_curve_a.tsv | wc -l)" = 801 ] && rows plots/quick/overlap_cells.tsv | awk -F'\t' '{ n[$1 "," $4]++ } END { exit !(n["0.0625,1"] && n["0.0625,2"] && n["0.015625,1"] > 2 * n["0.0625,1"]) }'
check 'one pair to be drawn'
run --out w --space-level 6 --octaves 3 --pairs 1 --groups 2 --seed 5
[ $? = 0 ]
check 'small runs end well whatever they find'

run --out a && run --out b && (for f in overlap overlap_exponents overlap_shifts overlap_cells overlap.claims; do cmp -s a/$f.tsv b/$f.tsv || exit 1; done)
check 'the same seed, the same bytes'
run --seed 1 --out b && ! cmp -s <(rows a/overlap.tsv) <(rows b/overlap.tsv)
check 'another seed, other pairs'

refuses 2 '--octaves 4: the finest cells are only 3 halvings from the coarsest' --space-level 5 --octaves 4
refuses 2 "--shifts: '0.5' is not accepted" --shifts 0.5
refuses 2 "--plane-level: '20' is not accepted" --plane-level 20

summary
