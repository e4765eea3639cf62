#!/bin/bash
# experiments/noise_annealing on a small setting: columns, values known otherwise, claims, refusals.
. "$(dirname "$0")/cli.sh" noise_annealing

run() {
    "$program" --samples 2000 --points 9 --sigmas 0.25,1 --levels 1,0.4 --fit-updates 300 --cloud 64 --pairs 40 \
        --steps 40 --updates 10 --warmup 200 --rate 0.5 --batch 64 --seeds 1 --quiet "$@" >out 2>err
}
rows() { grep -v '^#' "$1" | tail -n +2; }
head_of() { grep -v '^#' "$1" | head -n 1 | tr '\t' ' '; }
d=plots/quick

run && [ -s $d/noise_annealing.provenance ] && [ ! -s err ] && ! leftovers $d
check 'plots/quick by default, nothing left over'
[ "$(head_of $d/noise_annealing.tsv)" = 'sigma theta JS dJS dJS_diff JS_emp' ] &&
    [ "$(head_of $d/noise_annealing_reach.tsv)" = 'shift gap slope slope_batch flat' ] &&
    [ "$(head_of $d/noise_annealing_value.tsv)" = 'sigma JS loss_best loss_D loss_D_low loss_D_high W floor' ] &&
    [ "$(head_of $d/noise_annealing_bound.tsv)" = 'family dim half W root_V C JS TV bound' ] &&
    [ "$(head_of $d/noise_annealing_path.tsv)" = 'method seed step sigma theta slope JS JS_D' ] &&
    [ "$(head_of $d/noise_annealing_optimal.tsv)" = 'step annealed steady constant hurried' ] &&
    [ "$(head_of $d/noise_annealing_methods.tsv)" = 'method end_low end_median end_high closest late_low late_high JS_rise_low JS_rise_high W_rise_low W_rise_high' ]
check 'columns in order'

# JS(N(0, 1), N(s, 1)) at s = 1, 2, 4, by another program's quadrature
rows $d/noise_annealing.tsv | awk -F'\t' '
    function near(x, y, by) { return x - y < by && y - x < by }
    { if (!near($6, $3, 0.07)) bad = 1
      if ($1 > 0 && ($3 > 0.6931471806 || !near($4, $5, 1e-6))) bad = 1
      if ($1 > 0 && $2 > 0 && $4 <= 0) bad = 1
      if ($1 == 0 && $2 > 0 && ($3 != 0.693147181 || $4 != 0 || $6 != 0.693147181)) bad = 1
      if ($1 == 1 && $2 == 1) one = near($3, 0.111421482, 2e-9)
      if ($1 == 1 && $2 == 2) two = near($3, 0.336830820, 2e-9)
      if ($1 == 0.25 && $2 == 1) four = near($3, 0.632720194, 2e-9)
      n++ }
    END { exit bad || !(one && two && four && n == 27) }'
check 'JS and its slope: known values, sign, difference quotient, samples; flat at σ = 0'
rows $d/noise_annealing_reach.tsv | awk -F'\t' '
    { if (NR > 1 && $1 < 70 && $2 > before || $5 != ($1 >= 17)) bad = 1
      if ($1 <= 3 && ($4 < 0.7 * $3 || $4 > 1.4 * $3)) bad = 1
      if ($1 == 10 && $4 > $3 / 100) bad = 1
      before = $2 }
    END { exit bad || !(NR == 160 && $3 == 0) }'
check 'the reach: gap falls, JS is log 2 in double from 17, a batch sees the slope to 3 and not at 10'
rows $d/noise_annealing_value.tsv | awk -F'\t' '
    { least = 1.386294361 - 2 * $2
      if ($3 - least > 1e-8 || least - $3 > 1e-8) bad = 1
      if ($5 < $3 - 1e-8 || $6 > $3 + 0.1 || $4 < $5 || $4 > $6) bad = 1
      # two samples of n points, normal with σ in two directions: the means alone are σ √(2π/n)/√2 apart
      least = $1 * sqrt(3.14159265 / 64); if ($8 < least || $8 > 6 * least) bad = 1
      off = ($7 > 1 ? $7 - 1 : 1 - $7) / $8; if (off > worst) worst = off
      if (off > 1) bad = 1 }
    END { printf "%.2g", worst >"off"; exit bad || worst < 0.05 || NR != 2 }' && [ "$(sed -n 's/^C23 .*off θ by \(.*\) floors.*/\1/p' out)" = "$(cat off)" ]
check 'the least loss is 2 log 2 − 2 JS; no trained D falls below; W of noisy samples is θ within its floor'
rows $d/noise_annealing_bound.tsv | awk -F'\t' '
    { bound = 2 * $5 + 2 * $6 * sqrt($7)
      if ($4 > $9 + 1e-6 || bound - $9 > 1e-4 * bound || $9 - bound > 1e-4 * bound || $8 > sqrt(2 * $7) + 1e-6) bad = 1
      v = $5 * $5 - $2 * $3 * $3 / 3; if (v * v > 1e-12 * $5 * $5) bad = 1 # E‖ε‖², uniform in [−half, half]^dim
      if ($1 == "swapped") n++ }
    END { exit bad || !(n == 20 && NR == 104) }'
check 'the bound is its terms, V what uniform noise has, and it holds'
rows $d/noise_annealing_path.tsv | awk -F'\t' '
    $3 == 0 && $5 != 1 { bad = 1 }
    $1 == "plain" && $5 < 0.97 { bad = 1 }
    $1 == "annealed" && $3 == 40 { arrived = $5 < 0.05 && $5 > -0.05 }
    $1 == "annealed" && $3 == 40 { cooled = $4 == 0.02 }
    $1 == "annealed" { off += $8 > $7 ? $8 - $7 : $7 - $8 }
    { seen[$1]++ }
    END { exit bad || !(arrived && cooled && length(seen) == 7 && seen["plain"] == 21 && off / 21 < 0.1) }'
check 'θ stays without noise and arrives with it; D knows JS'
rows $d/noise_annealing_optimal.tsv | awk -F'\t' 'NR == 41 { exit !($2 * $2 < 1e-4 && $5 > 0.1) }'
check 'with D* itself: annealed arrives, hurried is left behind'
rows $d/noise_annealing_methods.tsv | awk -F'\t' '
    { if ($8 > $9 || $10 > $11) bad = 1 
      w = $11 - ($4 - 1); if (w * w > 0.01) bad = 1 }
    $1 == "hurried" { printf "JS by D changes by %+.2g to %+.2g, W by %+.2g to %+.2g", $8, $9, $10, $11 >"changes"
        wrong = $8 <= 0.1 || $11 >= -0.1 }
    END { exit bad || wrong || NR != 7 }' && grep -qF "$(cat changes)" out
check 'W of samples falls as θ does; where the noise hurries JS rises, as C23 says'
[ "$(rows $d/noise_annealing.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C21 noise_annealing C22 noise_annealing C23 noise_annealing C24 noise_annealing ' ] &&
    [ "$(grep -c '^C2[1-4] [A-Z]* (quick) ' out)" = 4 ] && grep -q '^C21 HOLDS' out
check 'four claims'

run --out a && for f in $d/*.tsv; do cmp -s "$f" "a/${f##*/}" || break; done && cmp -s "$f" "a/${f##*/}"
check 'the same seed, the same bytes'
run --rate 1e-6 --out b && grep -q '^C24 FAILS' out
check 'a step too small to arrive: C24 fails'
run --levels 1,0.05 --out b && grep -q '^C23 HOLDS' out && run --noise-end 0.5 --levels 1,0.05 --out b && grep -q '^C23 FAILS' out
check 'C23: where the noise does not fall, JS does not rise'

refuses 2 '--noise-end 0.6 is above --noise-start 0.5' --noise-end 0.6
refuses 2 '--theta-max 0.01 is below half the least of --sigmas' --theta-max 0.01
refuses 2 "--sigmas: '0' is not accepted" --sigmas 0
refuses 2 "--seeds: '0' is not accepted" --seeds 0
refuses 2 'a critic has one' --discriminator 'input 2; linear 2'
refuses 2 'takes 3 numbers where a point has 2' --discriminator 'input 3; linear 1'

summary
