#!/bin/bash
# experiments/penalty_variants: slopes beside their closed form, wrong signs, claims, files.
. "$(dirname "$0")/cli.sh" penalty_variants

SMALL='--threads 1 --quiet --seeds 1 --width 8 --updates 400 --line-seeds 4 --lambdas 1,10 --steps 2 --batch 8 --gan-width 8 --look-points 16'
run() { "$program" $SMALL "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/penalty_variants_lines.tsv | wc -l)" = 144 ] && [ "$(rows a/penalty_variants.tsv | wc -l)" = 4 ] && ! leftovers a
check '3 places, 3 critics, 2 sides, 2 lambdas, 4 seeds'
[ "$(rows a/penalty_variants.claims.tsv | cut -f1 | tr '\n' ' ')" = 'C38 C39 C50 C51 ' ]
check 'four claims'
# a line between two points: 1 + 1/(2 lambda), or −1 + 1/(2 lambda) from the wrong side
rows a/penalty_variants_lines.tsv | awk -F'\t' '$1 == "points" && $2 == "linear" && $3 == "two" {
    want = $6 > 0 ? 1 + 0.5 / $4 : -1 + 0.5 / $4; d = $6 - want; if (d > 0.02 || d < -0.02) bad = 1; wrong += $6 < 0; n++ } END { exit bad || n != 8 || wrong == 0 || wrong == n }'
check 'a linear critic ends at one of the two slopes of the closed form'
rows a/penalty_variants_lines.tsv | awk -F'\t' '$2 == "linear" && $1 == "points" && $3 == "one" { if ($6 < 0) bad = 1; n++ } END { exit bad || n != 8 }'
check 'penalised from one side, none stays wrong'
run --out c --line-seeds 1 --updates 1 --lambdas 0.1 --steps 40 --gan-width 16 --batch 32 && rows c/penalty_variants.tsv |
    awk -F'\t' '{ if (!($6 > 0 && $7 < 0.5)) bad = 1; n++ } END { exit bad || n != 2 }'
check 'a lightly penalised critic is the right way up'
run --out b && cmp -s a/penalty_variants_lines.tsv b/penalty_variants_lines.tsv
check 'the same seed, the same bytes'
refuses 2 "--lambdas: '0' is not accepted" --lambdas 0

summary
