#!/bin/bash
# experiments/weight_clipping: where weights begin, what the first clip does, claims, files.
. "$(dirname "$0")/cli.sh" weight_clipping

SMALL='--threads 1 --quiet --seeds 1 --width 32 --depths 3 --batch 16 --updates 20 --looks 2'
run() { "$program" $SMALL "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }
at() { rows a/weight_clipping.tsv | awk -F'\t' -v k="$1" -v u="$2" -v c="$3" '$1 == k && $4 == u && $5 == 2 { print $c }'; }
between() { awk -v x="$1" -v low="$2" -v high="$3" 'BEGIN { exit !(x >= low && x <= high) }'; }

run --out a && [ "$(rows a/weight_clipping.tsv | wc -l)" = 36 ] && [ "$(rows a/weight_clipping_bound.tsv | wc -l)" = 5 ] && ! leftovers a
check '3 layers, 3 looks, 4 kinds'
[ "$(rows a/weight_clipping.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C31 weight_clipping C32 weight_clipping ' ]
check 'two claims'
between "$(at 'clipped from U(-c/2,c/2)' 0 6)" 0 0 && between "$(at 'clipped from U(-c/2,c/2)' 0 7)" 1.6 2
check 'from inside: none at ±c, a uniform kurtosis'
between "$(at 'clipped from He' 10 6)" 0.8 1 && between "$(at 'clipped from He' 10 7)" 1 1.2
check "He's weights: thrown onto ±c"
between "$(at 'penalised from normal' 20 7)" 2.5 3.5 && between "$(at 'penalised from uniform' 20 7)" 1.6 2.1 && [ "$(at 'penalised from normal' 20 6)" = nan ]
check 'penalised: a bell stays a bell, a box a box'
rows a/weight_clipping_bound.tsv | awk -F'\t' '{ if (!($5 > 0 && $5 <= $6)) exit 1; if ($6 < 0.01 * sqrt(64) * 0.01 * 32 * 0.01 * sqrt(32) * 0.999 || $6 > 0.01 * sqrt(64) * 0.01 * 32 * 0.01 * sqrt(32) * 1.001) exit 1 }'
check 'the bound is the product of c√(nm), and no gradient is above it'
rows a/weight_clipping_bound.tsv | awk -F'\t' '$1 == "all c" { r = $5 / $6; n++ } END { exit !(n == 1 && r > 0.9999 && r < 1.0001) }'
check 'the critic whose weights are all c reaches it'
rows a/weight_clipping.tsv | awk -F'\t' '$4 == 20 && !($8 > 0) || $4 == 0 && $8 != 0 { exit 1 }'
check 'weights move, and have not before the first update'
# twelve layers of a small bound: dead; the weights have not moved since the first clip
run --depths 12 --clip 0.001 --out c && rows c/weight_clipping.claims.tsv | grep -q '^C32	12 layers: clipped critics dead .*	FAILS	' && rows c/weight_clipping.claims.tsv | grep -q '^C31	largest gradient over bound: no clipped critic trains; .*	HOLDS	'
check 'dead critics are neither driven to ±c nor a bell'
run --width 1 --out c && rows c/weight_clipping.claims.tsv | grep -q '^C31	.*1.000000 to 1.000000 in the critic whose weights are all c	.*	HOLDS	'
check 'one unit a layer: the bound is reached too'
rows a/weight_clipping_histogram.tsv | awk -F'\t' '{ sum[$1] += $4 } END { for (k in sum) if (sum[k] < 0.9999 || sum[k] > 1.0001) exit 1 }'
check 'histograms add up to 1'
run --out b && cmp -s a/weight_clipping.tsv b/weight_clipping.tsv
check 'the same seed, the same bytes'
refuses 2 "--clip: '0' is not accepted" --clip 0

summary
