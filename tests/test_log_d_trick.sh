#!/bin/bash
# experiments/log_d_trick as a user runs it: columns, closed forms, claims, files, refusals.
. "$(dirname "$0")/cli.sh" log_d_trick

run() {
    "$program" --quiet --threads 1 --points 9 --separations 4,12 --starts 1 --runs 2 --trained-steps 60 --draws 2000 \
        --series 8 --width 8 --unit 1 --d-steps 100 --batches 2 "$@" >out 2>err
}
brief() { # for what the sweep alone shows
    run --separations 12 --trained-steps 1 --draws 100 --d-steps 10 "$@"
}
rows() { grep -v '^#' "$1" | tail -n +2; }
head_is() { [ "$(grep -v '^#' "plots/quick/log_d_trick$1.tsv" | head -n 1)" = "$(echo "$2" | tr ' ' '\t')" ]; }

run && [ -s plots/quick/log_d_trick.provenance ] && ! leftovers plots/quick
check 'plots/quick by default, nothing left over'
head_is '' 'data theta KL JS loss real_part dKL d_minus_2JS d_sum d_fixed d_following' &&
    head_is _cost 'separation missed invented missed_term invented_term' &&
    head_is _fits 'objective separation start_shift start_scale shift scale value poorer_side steps' &&
    head_is _best "separation$(printf ' %s_shift %s_scale %s_side' cover cover cover pick pick pick JS JS JS logD logD logD)" &&
    head_is _noise 'noise_on batch KS KS_fitted KS_normal index_low index_high few_spread many_spread growth' &&
    head_is _histogram 'magnitude D_1 D_64 logit_1 logit_64' &&
    head_is _gradient 'run units step norm norm_sd variance accuracy' &&
    head_is _bands 'units step norm norm_sd noise' && head_is _tail 'medians units_1 units_10 units_25 cauchy' && head_is _index 'run units tail_index'
check 'columns of the ten tables in order'
rows plots/quick/log_d_trick.tsv | awk -F'\t' '
    function off(a, b) { return a - b > 1e-6 || b - a > 1e-6 }
    { n[$1]++
      if (off($5, $3 - 2 * $4 + 2 * log(2) + $6) || off($9, $7 + $8) || off($10, $9)) bad = 1
      if ($1 == "one" && (off($3, $2 * $2 / 2) || off($7, $2) || $7 * $8 > 1e-12)) bad = 1
      if ($2 == 1.25 && $1 == "one" && !off($11, $10)) bad = 1 }
    END { exit bad || n["one"] != 9 || n["two"] != 9 }'
check 'N(0, 1): KL = θ²/2 and its slope θ; value and gradient of −log D; terms opposite; following differs'
brief --theta-max 1 --points 3 --out t && rows t/log_d_trick.tsv | awk -F'\t' '
    $1 == "one" && $2 == 1 { seen = $10 > 0.6015 && $10 < 0.6025 && $11 > 0.8005 && $11 < 0.8015 } END { exit !seen }'
check 'at θ = 1: 0.602 with D fixed, 0.801 with D following'
rows plots/quick/log_d_trick_cost.tsv | awk -F'\t' '
    { d = $2 - log(2); e = $3 - ($1 * $1 / 4 - log(2)) }
    $1 == 12 { seen = d * d < 1e-12 && e * e < 1e-12 && $4 > -1e-9 && $5 > 10 } END { exit !seen }'
check 'a missed mode costs log 2, an invented one d²/4 − log 2'
rows plots/quick/log_d_trick_best.tsv | awk -F'\t' '
    { s = $3 * $3 - 1 - $1 * $1 / 4; if (s * s > 1e-8 || $4 < 0.499) bad = 1
      for (c = 7; c <= 13; c += 3) if ($1 == 4 ? $c < 0.499 : $c > 1e-6) bad = 1 }
    END { exit bad || NR != 2 }'
check 'KL(P_r‖P_g) matches the variance at 4 and 12 σ; the others cover at 4 and pick at 12'
rows plots/quick/log_d_trick_noise.tsv | awk -F'\t' '
    $1 == "D" && ($3 > 1.95 || $5 < 2 || $6 < 0.4 || $7 > 2.5) { bad = 1 }
    $1 == "logit" && ($3 < 5 || $5 > 1.95 || $6 < 3 || $9 > $8 / 4) { bad = 1 }
    END { exit bad || NR != 4 }'
check 'noise on D: a Cauchy, batch or not; on the logit: a normal'
[ "$(rows plots/quick/log_d_trick_gradient.tsv | wc -l)" = 48 ] &&
    [ "$(rows plots/quick/log_d_trick_bands.tsv | cut -f1,2 | tr '\t\n' ': ' | cut -d' ' -f1-8)" = '1:0 1:1 1:2 1:5 1:10 1:20 1:50 1:100' ] &&
    rows plots/quick/log_d_trick_gradient.tsv | awk -F'\t' '!($4 > 0 && $5 >= 0 && $6 > 0 && $7 >= 0 && $7 <= 1) { exit 1 }'
check 'gradients at 8 checkpoints of 3 stages and 2 runs'
[ "$(rows plots/quick/log_d_trick.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C16 log_d_trick C17 log_d_trick C18 log_d_trick C19a log_d_trick C19b log_d_trick C19c log_d_trick ' ] &&
    [ "$(grep -c '^C1[6-9][abc]\? [A-Z]* (quick) ' out)" = 6 ] && [ "$(rows plots/quick/log_d_trick.claims.tsv | cut -f1,6 | grep -c '^\(C18\|C19a\).HOLDS')" = 2 ]
check 'six claims in the file and on stdout'

# What the claims about training say, from the tables: last look over first, by run and stage.
rows plots/quick/log_d_trick_gradient.tsv | awk -F'\t' '
    function widen(name, x) { if (!(name in low) || x < low[name]) low[name] = x; if (!(name in high) || x > high[name]) high[name] = x }
    { noise = sqrt($6 / 256) / $4 }
    $3 == 0 { norm = $4; variance = $6; first = noise }
    $3 == 100 { widen("norm", $4 / norm); widen("variance", $6 / variance); widen("noise", noise / first) }
    END { printf "norm × %.3g to %.3g, variance × %.3g to %.3g; noise/norm × %.2g to %.2g", low["norm"], high["norm"],
              low["variance"], high["variance"], low["noise"], high["noise"]
          print (low["norm"] > 1 && low["variance"] > 1 ? " HOLDS" : " FAILS") }' >growth
[ "$(rows plots/quick/log_d_trick.claims.tsv | awk -F'\t' '$1 == "C19b" { print $2, $6 }')" = "$(cat growth)" ]
check 'C19b is what the table of gradients says'
[ "$(rows plots/quick/log_d_trick_bands.tsv | tail -n 1 | cut -f5)" = "$(rows plots/quick/log_d_trick_gradient.tsv | awk -F'\t' '$2 == 25 && $3 == 100 { sum += sqrt($6 / 256) / $4 } END { printf "%.9g", sum / 2 }')" ]
check 'the noise of a batch of 256 over its norm'
rows plots/quick/log_d_trick_index.tsv | sort -g -k3 | cut -f3 | awk 'NR == 1 { low = $1 } END { 
    printf "tail index %.2g to %.2g %s\n", low, $1, (low > 0.8 && $1 < 1.25 ? "HOLDS" : "FAILS"); exit NR != 6 }' >index &&
    [ "$(rows plots/quick/log_d_trick.claims.tsv | awk -F'\t' '$1 == "C19c" { print $2, $6 }')" = "$(cat index)" ]
check 'C19c is what the table of indices says'
grep -q '^C17 HOLDS' out && brief --points 41 --out m && grep -q '^C17 MIXED' out && grep -q '36 of 40 of two' m/log_d_trick.claims.tsv
check 'C17: 9 θ miss where the terms agree, 41 do not'

run --out a && for f in a/*.tsv; do cmp -s "$f" "plots/quick/${f#a/}" || echo "$f" >>err; done && [ ! -s err ]
check 'the same seed, the same bytes'
brief --theta-max 1 --points 3 --seed 1 --out b && ! cmp -s <(rows t/log_d_trick_gradient.tsv) <(rows b/log_d_trick_gradient.tsv) &&
    ! cmp -s <(rows t/log_d_trick_noise.tsv) <(rows b/log_d_trick_noise.tsv)
check 'another seed, other samples'

brief --width 16 --rate 3e-3 --unit 2 --d-steps 200 --points 3 --out g && grep -q '^C19b HOLDS' out && grep -q '^C19c FAILS' out
check 'a discriminator that gets far: norm and variance grow, without a heavy tail'
brief --rate 1 --d-steps 30 --out none
[ $? = 5 ] && grep -q "the generator's gradient is 0" err && [ "$(wc -l <err)" = 1 ] && [ -z "$(ls none)" ]
check 'a gradient that is 0: exit 5, one line, no file'
refuses 2 "--separations: 4 comes after 6; give them in ascending order" --separations 6,4
refuses 2 "--separations: 6 comes after 6" --separations 6,6
refuses 2 "--separations: '0' is not accepted" --separations 0
refuses 2 "--runs: '1' is not accepted" --runs 1
refuses 2 "--noise-d: '0' is not accepted" --noise-d 0
refuses 2 "'extra': takes no arguments" extra
"$program" --help >out 2>err && grep -q -- '--separations=A,B' out && [ ! -s err ]
check '--help'

summary
