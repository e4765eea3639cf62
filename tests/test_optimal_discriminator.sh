#!/bin/bash
# experiments/optimal_discriminator as a user runs it: columns, closed forms, claims, files, refusals.
. "$(dirname "$0")/cli.sh" optimal_discriminator

tiny=(--net 'input 1; linear 16 leaky 0.2; linear 16 leaky 0.2; linear 1' --batch 64 --steps 250 --rate 0.01
    --shifts 3 --sample 8 --sample-steps 60 --length 120 --critic-rate 0.01 --clip-rate 0.001 --clip 0.2 --quiet)
run() { "$program" "${tiny[@]}" --seeds 1 "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }
head_of() { grep -v '^#' "$1" | head -n 1 | tr '\t' ' '; }

"$program" "${tiny[@]}" --seeds 2 >out 2>err && [ -s plots/quick/optimal_discriminator.provenance ] && ! leftovers plots/quick
check 'plots/quick by default, nothing left over'
t=plots/quick/optimal_discriminator
[ "$(head_of $t.tsv)" = 'seed x P_r P_g D_opt D f_penalised f_clipped slope_D_opt slope_D slope_logit slope_opt slope_penalised slope_clipped' ] &&
    [ "$(head_of ${t}_training.tsv)" = 'player seed step at_real at_fake low mean high' ] &&
    [ "$(head_of ${t}_curves.tsv)" = 'pair x P_r P_g D_opt D_low D_mean D_high' ] &&
    [ "$(head_of ${t}_pairs.tsv)" = 'pair seed error V bound' ] &&
    [ "$(head_of ${t}_value.tsv)" = 'shift JS bound V_opt V_low V_mean V_high V_untrained' ] &&
    [ "$(head_of ${t}_sample.tsv)" = 'seed step V_sample V bound' ] &&
    [ "$(head_of ${t}_split.tsv)" = 'x P_1 P_2 case JS_term' ] &&
    [ "$(head_of ${t}_cases.tsv)" = 'shift neither only_1 both only_2 JS' ]
check 'columns in order'
[ "$(rows $t.claims.tsv | cut -f1,5,8 | tr '\t\n' '  ')" = 'C10 2 optimal_discriminator C11 2 optimal_discriminator C12 1 optimal_discriminator C26 2 optimal_discriminator ' ]
check 'four claims in the file'
[ "$(grep -c '^C\(10\|11\|12\|26\) [A-Z]* *(quick) ' out)" = 4 ] && grep -q '^C12 HOLDS' out && grep -q '^C11 HOLDS' out
check 'four verdicts; V and JS hold after the shortest training'
rows ${t}_curves.tsv | awk -F'\t' '$1 == "uniforms" {
      if ($5 != ($3 > 0 ? ($4 > 0 ? "0.5" : "1") : ($4 > 0 ? "0" : "nan")) && $5 != "-nan") exit 1
      n++
      if ($2 > -1.2 && $2 < -0.8 && $7 < 0.8 || $2 > 0.8 && $2 < 1.2 && $7 > 0.2) exit 1
      if ($2 > -0.1 && $2 < 0.1 && ($7 < 0.3 || $7 > 0.7)) exit 1 }
    $1 != "uniforms" && ($5 - $3 / ($3 + $4)) ^ 2 > 1e-12 { exit 1 }
    $6 > $7 + 1e-9 || $7 > $8 + 1e-9 { exit 1 }
    END { exit n != 241 }'
check 'D* = P_r / (P_r + P_g); 1, ½, 0 on the uniforms, and the trained D near them'
rows ${t}_value.tsv | awk -F'\t' -v log2=0.69314718056 '
    # JS of N(0,1) and N(s,1), by a plain sum
    { s = $1; js = 0
      for (x = -12; x <= s + 12; x += 0.01) {
          p = exp(-x * x / 2) / sqrt(6.28318530718); q = exp(-(x - s) ^ 2 / 2) / sqrt(6.28318530718)
          if (p > 0) js += 0.005 * p * log(2 * p / (p + q))
          if (q > 0) js += 0.005 * q * log(2 * q / (p + q)) }
      if (($2 - js) ^ 2 > 1e-14 || ($3 - 2 * js + 2 * log2) ^ 2 > 1e-14 || ($4 - $3) ^ 2 > 1e-16) exit 1
      if ($7 > $3 + 2e-5 || $5 > $7 || $8 > $3 || $5 < $3 - 0.1) exit 1 }
    END { exit NR != 3 || s != 6 }'
check 'V(D*) = 2 JS − 2 log 2 with JS summed here; trained and untrained D below'
rows ${t}_sample.tsv | awk -F'\t' '$4 > $5 + 2e-5 { exit 1 } $2 == 60 { n++; over += $3 > $5 } END { exit n != 2 || over != 2 }'
check 'learnt by heart: over the bound on the sample, never on the population'
rows ${t}_cases.tsv | awk -F'\t' -v log2=0.69314718056 '
    function near(a, b) { return (a - b) ^ 2 < 1e-17 }
    { if ($2 != 0 || !near($3 + $4 + $5, $6) || !near($3, $5)) exit 1 }
    $1 == 0 && !near($6, 0) { exit 1 }
    $1 == 1 { half++; if (!near($3, log2 / 4) || !near($4, log2 / 2 - 0.25)) exit 1 }
    $1 >= 2 { far++; if (!near($6, log2) || !near($3, log2 / 2) || $4 > 1e-15) exit 1 }
    END { exit NR != 66 || half != 1 || far != 36 }'
check 'JS by cases: the closed forms half apart and apart'
rows ${t}_split.tsv | awk -F'\t' -v log2=0.69314718056 '
    { c = $2 > 0 ? ($3 > 0 ? 3 : 1) : ($3 > 0 ? 2 : 0); cases[c]++
      if ($4 != c || c == 0 && $5 != 0 || (c == 1 || c == 2) && ($5 - log2 / 2 * ($2 + $3)) ^ 2 > 1e-16) exit 1
      if (c == 3 && $5 > log2 / 2 * ($2 + $3)) exit 1 }
    END { exit !(cases[0] && cases[1] && cases[2] && cases[3]) }'
check 'the four cases point by point'
rows ${t}_training.tsv | awk -F'\t' '
    $3 == 120 && $1 == "D" { n++; if ($5 > 0.02 * $8 || $5 < 0) exit 1 }
    $3 == 120 && $1 == "penalised" { n++; if ($6 < 0.4 || $8 > 4) exit 1 }
    $3 == 120 && $1 == "clipped" { n++; if ($7 <= 0) exit 1 }
    END { exit n != 6 }'
check 'after the shortest training D is flat amid P_g, the penalised critic is not'
rows $t.tsv | awk -F'\t' '
    { m = ($3 + $4) / 2; mass += m; error += m * ($6 > $5 ? $6 - $5 : $5 - $6) }
    $6 > 0.001 && $6 < 0.999 { n++; d = $11 * $6 * (1 - $6); if (($10 - d) ^ 2 > 1e-8 * d * d) exit 1 }
    $2 == 0 && ($11 < 1 || $11 > 30) { exit 1 }
    END { exit !(n > 10 && error < 0.02 * mass) }'
check 'D near D* there too, its slope that of its logit times D (1 − D)'
# P_r is on the left of 0, D* = 1/(1 + e^6x), and the penalised slope has its closed form at 0, where
# F_r − F_g = 1 − 2 Φ(−3) and the density of x̂ is summed here
rows $t.tsv | awk -F'\t' '
    { d = 1 / (1 + exp(6 * $2)); if (($5 - d) ^ 2 > 1e-12 || ($9 - 6 * d * (1 - d)) ^ 2 > 1e-12) exit 1 }
    $2 == 0 { n++; r = 0
      for (k = 0; k < 1000; k++) { u = (k + 0.5) / 1000; v = u * u + (1 - u) ^ 2
          r += exp(-(6 * u - 3) ^ 2 / (2 * v)) / sqrt(6.28318530718 * v) / 1000 }
      if (($12 - 1 - 0.9973002039 / (20 * r)) ^ 2 > 1e-10) exit 1 }
    END { exit n != 2 }'
check 'optimal D and optimal penalised slope by plain sums'

run --out a && run --out b && for f in a/*.tsv; do cmp -s "$f" "b/${f#a/}" || exit 9; done
check 'the same seed, the same bytes'
run --seed 1 --out b && ! cmp -s <(rows a/optimal_discriminator_pairs.tsv) <(rows b/optimal_discriminator_pairs.tsv)
check 'another seed, other trainings'

refuses 2 "--seeds: '0' is not accepted; give a whole number from 1 to 99" --seeds 0
refuses 2 "--lambda: '0' is not accepted" --lambda 0
refuses 2 '--net takes 2 numbers where a point on the line is one' --net 'input 2; linear 1'
refuses 2 'the critic must give one number per row, not 2' --net 'input 1; linear 2'
refuses 2 'item 0 has batch norm' --net 'input 1; linear 4 bn relu; linear 1'
refuses 2 'architecture, column 1' --net 'nothing'

summary
