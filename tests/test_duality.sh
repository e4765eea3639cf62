#!/bin/bash
# experiments/duality as a user runs it, with small clouds and hasty critics.
. "$(dirname "$0")/cli.sh" duality

run() { "$program" --points 48 --seeds 1 --probes 60 --updates 40 --width 8 --batch 16 --threads 1 "$@" >out 2>err; }
claim_of() { rows "${3:-plots/quick}/duality.claims.tsv" | awk -F'\t' -v id="$1" -v column="$2" '$1 == id { print $column }'; }
rows() { grep -v '^#' "$1" | tail -n +2; }
head_is() { [ "$(grep -v '^#' "$1" | head -n 1)" = "$(echo "$2" | tr ' ' '\t')" ]; }

run && ! leftovers plots/quick && d=plots/quick/duality &&
    head_is $d.tsv 'pair dim n m seed primal dual upper lower infeasible slope' &&
    head_is ${d}_plan.tsv 'example x0 x1 y0 y1 units length f_x f_y' &&
    head_is ${d}_heaps.tsv 'example side z0 z1 units f' &&
    head_is ${d}_line.tsv 'z upper lower' && head_is ${d}_plane.tsv 'z0 z1 upper lower' &&
    head_is ${d}_segments.tsv 'pair function segments seed slope_mean slope_low slope_high low_less_1 high_less_1 norm_mean below' &&
    head_is ${d}_norms.tsv 'pair quantity at middle_coupled middle_independent critic_coupled critic_independent' &&
    head_is ${d}_critics.tsv 'pair method scale seed value lipschitz grid ratio W fresh_ratio fresh_error fresh_W' &&
    head_is ${d}_scale.tsv 'pair method scale value low high times ratio W wrong' &&
    head_is ${d}_log.tsv 'first steepest'
check 'columns in order, nothing left over'
[ "$(rows $d.tsv | wc -l)" = 8 ] && rows $d.tsv | awk -F'\t' '
    function off(a, b) { return a - b > 1e-8 || b - a > 1e-8 }
    off($6, $7) || off($6, $8) || off($6, $9) || $10 > 1e-9 || $11 > 1 + 1e-9 || $11 < 0.2 { exit 1 }
    $1 == "parallel" && ($6 < 1 || $6 > 1.1) { exit 1 }
    $4 != ($1 ~ /weighted/ ? 36 : 48) { exit 1 }'
check 'primal and dual agree on every pair'
rows ${d}_plan.tsv | awk -F'\t' '
    { units[$1] += $6; cost[$1] += $6 / 8 * $7; drop = $8 - $9 - $7; if (drop > 1e-8 || drop < -1e-8) bad = 1 }
    END { exit bad || !(units["line"] == 8 && units["plane"] == 8 && cost["line"] == 1.8125 && cost["plane"] > 1.347 && cost["plane"] < 1.3471) }'
check 'arrows carry 8 units down a slope of 1; their cost'
rows ${d}_line.tsv | awk -F'\t' '$2 < $3 - 1e-9 { bad = 1 } $1 > 0 && $1 < 8 && $2 > $3 + 1e-8 { bad = 1 } END { exit bad || NR != 101 }' &&
    rows ${d}_plane.tsv | awk -F'\t' '$3 < $4 - 1e-9 { bad = 1 } END { exit bad || NR != 101 * 91 }'
check 'upper above lower; one and the same between the ends of the line'
rows ${d}_segments.tsv | awk -F'\t' '
    $2 != "critic" && $3 == "coupled" && ($6 < 1 - 1e-6 || $7 > 1 + 1e-6) { bad = 1 }
    $2 != "critic" && ($6 < -1 - 1e-6 || $7 > 1 + 1e-6) { bad = 1 }
    $2 == "middle" && $3 == "independent" && $5 < 0.99 { less++ }
    function off(a, b) { return a - b > 1e-8 || b - a > 1e-8 }
    off($8, $6 - 1) || off($9, $7 - 1) { bad = 1 }
    END { exit bad || !(NR == 32 && less == 4) }'
check 'slope 1 between coupled points, at most 1 elsewhere'
says_of_segments() { # what C36 should say of DIR
    rows "$1/duality_segments.tsv" | awk -F'\t' '
    function size(x) { return x < 0 ? -x : x }
    $2 == "critic" { next }
    $3 == "coupled" { if (size($8) > c) c = size($8); if (size($9) > c) c = size($9) }
    { if (-$8 - 2 > most || !n) most = -$8 - 2; if ($9 > most) most = $9; n++ }
    $2 == "middle" && $3 == "independent" { if (!m++ || $11 < least) least = $11; if ($11 > largest) largest = $11 }
    END { printf "coupled: slope 1 to within %.1e; anywhere: at most 1 %+.1e; independent: %.1f to %.1f %% of an optimal critic%ss gradients below 0.9",
          c, most, 100 * least, 100 * largest, "\047" }'
}
[ "$(says_of_segments plots/quick)" = "$(claim_of C36 2)" ] && [ "$(claim_of C36 6)" = HOLDS ]
check 'C36 is what the table of segments says'
rows ${d}_norms.tsv | awk -F'\t' '{ for (k = 4; k <= 7; k++) sum[$1 $2 k] += $k }
    END { for (s in sum) if (sum[s] < 0.999 || sum[s] > 1.001) exit 1; exit length(sum) != 32 }'
check 'histograms are shares'
rows ${d}_critics.tsv | awk -F'\t' '
    $8 > $9 || $10 - 2 * $11 > $12 || $7 <= 0 { bad = 1 }
    { r = $5 / $6 - $8; if (r > 1e-6 || r < -1e-6) bad = 1 }
    { if (NR == 1 || $8 - $9 > over) over = $8 - $9; if (NR == 1 || $10 - 2 * $11 - $12 > fresh) fresh = $10 - 2 * $11 - $12 }
    END { printf "%+.3f, on fresh samples %+.3f", over, fresh >"over"; exit bad || NR != 20 }' &&
    [ "$(claim_of C07 2 | sed 's/.*Lip − W //')" = "$(cat over)" ]
check 'no critic exceeds W, and C07 says by how much'
rows ${d}_scale.tsv | awk -F'\t' '$2 == "penalty" && $3 == 1 && $7 != 1 { bad = 1 } 
    { if ($5 > $4 || $6 < $4 || $10 != ($4 < 0)) bad = 1 } END { exit bad || NR != 20 }'
check 'means by scale'
rows ${d}_log.tsv | awk -F'\t' '{ r = $2 * $1 / log(2); if (r < 1 - 1e-8 || r > 1 + 1e-8) bad = 1 } END { exit bad || NR != 6 }'
check 'the slope of log x is log 2 over the spacing'
[ "$(rows $d.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C07 duality C08 duality C09 duality C36 duality ' ] &&
    [ "$(grep -c '^C\(07\|09\) HOLDS (quick) ' out)" = 2 ]
check 'four claims in the file'

run --out a && run --out b && for f in a/*.tsv; do cmp -s "$f" "b/${f#a/}" || break; done && cmp -s "$f" "b/${f#a/}"
check 'the same seed, the same bytes'
run --seed 1 --out b && [ "$(says_of_segments b)" = "$(claim_of C36 2 b)" ] && ! cmp -s <(rows a/duality.tsv) <(rows b/duality.tsv) && ! cmp -s <(rows a/duality_critics.tsv | cut -f5) <(rows b/duality_critics.tsv | cut -f5)
check 'another seed, other clouds and critics'
run --out c --clips 0.01,0.02,0.04 --scales 1,2 && [ "$(rows c/duality_scale.tsv | awk -F'\t' '$1 == "ring" { printf "%s %s;", $2, $3 }')" = 'penalty 1;penalty 2;same_lambda 2;clip 0.01;clip 0.02;clip 0.04;' ]
check '--scales and --clips'

# Between parallel lines at distance θ the best slope is K + θ/(2λ′), and the value θ times that.
run --updates 300 --width 16 --rate 5e-3 --lambda 1 --scales 1,4 --clips 0.01,0.02 --out v && rows v/duality_scale.tsv | awk -F'\t' '
    $1 == "parallel" && $2 != "clip" { least = $2 == "penalty" ? $3 * ($9 + $9 * $9 / 2) : $3 * $9 + $9 * $9 / 2
        if ($4 / least < 0.9 || $4 / least > 1.1) bad = 1; n++ }
    function off(x) { return x < -0.1 || x > 0.1 }
    $3 == 1 { first = $8 } $2 == "clip" && $3 == 0.01 { first = $8 }
    { if ($4 <= 0 || $2 != "clip" && off($7 / $3 - 1) || off($8 / first - 1)) out[$2 " " $1] = 1; kinds[$2]; pairs[$1] }
    END { for (k in kinds) { held[k] = 4; for (p in pairs) held[k] -= out[k " " p] }
          printf "within 10 %%: penalty with λ/K on %d of 4 pairs, with one λ on %d clipping on %d", held["penalty"], held["same_lambda"], held["clip"] >"held"
          exit bad || n != 3 }' && [ "$(claim_of C08 2 v | sed 's/ (.*), clipping/ clipping/; s/ (value.*//')" = "$(cat held)" ]
check 'the value on parallel lines by K and λ; C08 counts what the table says'

run --quiet --rate 1 --out none
[ $? = 5 ] && grep -q 'value/Lip of a critic is not a number' err && [ "$(wc -l <err)" = 1 ] && [ -z "$(ls none)" ]
check 'a critic that died: exit 5, one line, no file'
refuses 2 '--scales begins with 1, to which the others are compared' --scales 2,4
refuses 2 '--scales begins with 1, to which the others are compared' --scales 1
refuses 2 '--scales: 2 comes after 4; give them in ascending order' --scales 1,4,2
refuses 2 '--clips: 0.05 comes after 0.2; give them in ascending order' --clips 0.2,0.05
refuses 2 '--clips: 1000 comes after 1000; give them in ascending order' --clips 1000,1000
refuses 2 '--clips needs two bounds or more' --clips 0.1
refuses 2 "--lambda: '0' is not accepted" --lambda 0
summary
