#!/bin/bash
# experiments/gradient_norms: norms fall and rise as c√(n/2) says, claims, files, refusals.
. "$(dirname "$0")/cli.sh" gradient_norms

SMALL='--threads 1 --quiet --seeds 1 --scan-seeds 1 --width 32 --depth 6 --batch 16 --updates 5 --scan-steps 4 --scan-width 8 --scan-bounds 0.1,1 --scan-depths 3 --look-points 16'
run() { "$program" $SMALL "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/gradient_norms.tsv | wc -l)" = 96 ] && [ "$(rows a/gradient_norms_scan.tsv | wc -l)" = 3 ] && ! leftovers a
check 'norms of 6 layers, twice in each of 8 runs; 3 runs of the scan'
[ "$(rows a/gradient_norms.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C33 gradient_norms C48 gradient_norms ' ]
check 'two claims'
# c√(n/2) right after the clip: with n = 32, 0.01 gives −1.398 decades a layer; c = 1 explodes
rows a/gradient_norms_slopes.tsv | awk -F'\t' '$1 == "0.01" && $2 == "he" && $4 == 1 { exit !($5 > -1.7 && $5 < -1.1 && $6 > -1.41 && $6 < -1.397) }'
check 'decades per layer beside the prediction'
run --bounds 3 --out b && rows b/gradient_norms_slopes.tsv | awk -F'\t' '$1 == "3" && $2 == "box" && $4 == 1 { exit !($5 > 0.3 && $5 < 0.8 && $6 > 0.538 && $6 < 0.54) }'
check 'a large bound explodes'
rows a/gradient_norms_slopes.tsv | awk -F'\t' '$1 == "penalty" && $4 == 1 { n++; if ($5 < -0.3 || $5 > 0.3) bad = 1 } END { exit bad || n != 2 }'
check 'the penalised critic is level'
run --out c && cmp -s a/gradient_norms.tsv c/gradient_norms.tsv && cmp -s a/gradient_norms_scan.tsv c/gradient_norms_scan.tsv
check 'the same seed, the same bytes'
# networks of the scan that are wider than the others, and inputs that are wider than any layer
TINY='--threads 1 --quiet --seeds 1 --scan-seeds 1 --depth 3 --batch 8 --updates 1 --scan-steps 1 --scan-depths 2,3 --look-points 8 --bounds 0.1 --scan-bounds 0.1'
for widths in '4 16' '1 48' '16 1' '1 1'; do
    read -r width scan <<<"$widths"
    "$program" $TINY --width "$width" --scan-width "$scan" --out d >out 2>err && [ "$(rows d/gradient_norms_scan.tsv | wc -l)" = 4 ]
    check "width $width, scan $scan"
done
# a bound so small that nothing moves: no range, which is not a narrow one
run --scan-bounds 1e-8,1e-7 --scan-steps 30 --scan-rate 1e-2 --out d && rows d/gradient_norms.claims.tsv | grep -q '^C48	.*3 layers: none	.*	FAILS	'
check 'bounds that train nothing are no narrow range'
refuses 2 "--depth: '2' is not accepted" --depth 2
refuses 2 "--bounds: '0' is not accepted" --bounds 0

summary
