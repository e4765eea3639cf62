#!/bin/bash
# experiments/common_mistakes: rows, that mistakes are made and the correct one is not, claim, files.
. "$(dirname "$0")/cli.sh" common_mistakes

SMALL='--threads 1 --quiet --seeds 1 --width 8 --batch 16 --steps 30 --early 10 --look-points 32'
run() { "$program" $SMALL "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/common_mistakes.tsv | wc -l)" = 8 ] && ! leftovers a
check 'eight rows'
rows a/common_mistakes.tsv | awk -F'\t' '$1 == "none" { w = $4 } $1 == "root at zero" { same = $4 == w } $1 != "none" && $1 != "root at zero" { if ($4 == w) bad = 1 } END { exit !(same && !bad) }'
check 'every mistake changes the run, but for the one that is only watched'
run --steps 400 --rate 3e-3 --out d && rows d/common_mistakes.tsv | awk -F'\t' '$1 == "none" { w = $4 } $1 == "sign flipped" { exit !($4 > 5 * w) }'
check 'a flipped sign drives the generator away'
[ "$(rows a/common_mistakes.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C41 common_mistakes ' ]
check 'the claim'
run --out b && cmp -s a/common_mistakes.tsv b/common_mistakes.tsv
check 'the same seed, the same bytes'
refuses 2 "--early 30 must be fewer than --steps 30" $SMALL --early 30

summary
