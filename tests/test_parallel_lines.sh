#!/bin/bash
# experiments/parallel_lines as a user runs it: columns, closed forms, claims, files, refusals.
. "$(dirname "$0")/cli.sh" parallel_lines

run() { "$program" --samples 128 --steps 40 --cell 0.2 "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run && [ -s plots/quick/parallel_lines.tsv ] && [ -s plots/quick/parallel_lines.provenance ] && ! leftovers plots/quick
check 'plots/quick by default, nothing left over'
t=plots/quick/parallel_lines.tsv
[ "$(grep -v '^#' $t | head -n 1)" = "$(echo theta W JS KL KL_rev TV W_emp JS_emp TV_emp dW dJS dTV | tr ' ' '\t')" ]
check 'columns in order'
[ "$(rows $t | wc -l)" = 41 ] && rows $t | awk -F'\t' '
    { a = $1 < 0 ? -$1 : $1; z = $1 == 0
      if ($2 != a || $4 != (z ? "0" : "inf") || $5 != $4 || $6 != !z) bad = 1
      if ($3 != (z ? "0" : "0.693147181")) bad = 1
      if (z ? $10 $11 $12 != "nannannan" : $10 != $1 / a || $11 != 0 || $12 != 0) bad = 1
      if (!z && a >= 0.2 && ($8 != 0.693147181 || $9 != 1)) bad = 1
      if ($7 < a - 1e-9 || $7 > a + 0.3) bad = 1
      zeros += z }
    END { exit bad || zeros != 1 }'
check 'closed forms at 41 θ, 0 among them exactly once; samples agree'
[ "$(rows plots/quick/parallel_lines_descent.tsv | wc -l)" = 41 ] &&
    rows plots/quick/parallel_lines_descent.tsv | tail -n 1 | awk -F'\t' '{ exit !($2 < 0.1 && $2 > -0.1 && $3 == 0.9 && $4 == 0.9) }'
check 'descents: W arrives, JS and TV stay'
[ "$(rows plots/quick/parallel_lines.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C01 parallel_lines C02 parallel_lines C03 parallel_lines C04 parallel_lines ' ]
check 'four claims in the file'
[ "$(grep -c '^C0[1-4] HOLDS (quick) ' out)" = 4 ] && grep -q '^Floor' out
check 'four verdicts and the floor on stdout'
"$program" --preset paper --samples 64 --points 3 --steps 40 --learned-steps 5 --out p >out 2>err
grep -q '^C01 HOLDS  ' out && [ -s p/parallel_lines.tsv ]
check '--preset paper: verdicts without (quick)'
if "$program" --learned --learned-steps 1 --samples 2 --steps 1 --theta 1 --out l >out 2>err; then
    run --learned --learned-steps 400 --theta 1,-0.5 --out l && rows l/parallel_lines.tsv | awk -F'\t' '
        function near(a, b, e) { return (a - b) * (a - b) < e * e }
        NF != 14 || !near($14, 0.693147, 0.005) { exit 1 }
        !near($13, $2 + $2 * $2 / 20, 0.02) { exit 1 }' && grep -q '^theta.*W_critic.JS_disc$' l/parallel_lines.tsv
    check '--learned: the critic says θ + θ²/20, the discriminator log 2'
    run --learned --learned-steps 400 --lambda 1 --theta 1 --out l && rows l/parallel_lines.tsv | awk -F'\t' '{ exit !($13 > 1.4 && $13 < 1.6) }'
    check '--lambda 1: the critic says θ + θ²/2'
    grep -q '^theta.*W_critic' p/parallel_lines.tsv && grep -q '^# learned: yes' p/parallel_lines.tsv && [ ! -s err ]
    check '--preset paper: with networks'
    run --learned --learned-steps 20 --theta 1,0.5 --out m && cp m/parallel_lines.tsv before &&
        run --learned --learned-steps 20 --theta 1,0.5 --out m && cmp -s before m/parallel_lines.tsv
    check '--learned: the same seed, the same bytes'
else
    grep -q '^parallel_lines: --learned: built without networks' err
    check '--learned without networks: said'
    "$program" --preset paper --samples 64 --points 3 --steps 40 --out p >out 2>err
    grep -q '^parallel_lines: built without networks' err && ! grep -q W_critic p/parallel_lines.tsv && ! grep -q '# learned:' p/parallel_lines.tsv
    check '--preset paper without networks: said, no columns'
fi

run --out a && run --out b && cmp -s a/parallel_lines.tsv b/parallel_lines.tsv && cmp -s a/parallel_lines_descent.tsv b/parallel_lines_descent.tsv &&
    cmp -s a/parallel_lines.claims.tsv b/parallel_lines.claims.tsv
check 'the same seed, the same bytes'
run --seed 1 --out b && ! cmp -s <(rows a/parallel_lines.tsv) <(rows b/parallel_lines.tsv)
check 'another seed, other samples'
run --theta -0.5,0,0.25 --out c && [ "$(rows c/parallel_lines.tsv | cut -f1 | tr '\n' ' ')" = '-0.5 0 0.25 ' ]
check '--theta with negative numbers'
run --theta=-2 --out c && [ "$(rows c/parallel_lines.tsv | cut -f1,2,10 | tr '\t' ' ')" = '-2 2 -1' ]
check '--theta=one value'
run --theta-min 0 --theta-max 3 --points 4 --out d && [ "$(rows d/parallel_lines.tsv | cut -f2 | tr '\n' ' ')" = '0 1 2 3 ' ]
check '--theta-min --theta-max --points'
run --theta 0.01 --out e && grep -q 'the histogram has no say' out
check 'θ below the cell: said'
"$program" --samples 64 --steps 40 --cell 0.001 --out e >out 2>err && grep -q 'too few samples in a cell' out && ! grep -q '^C0[23] ' out
check 'a floor that judges nothing: said, and no verdict'
run --theta 0.5,-1 --out e && grep -q '^C02 HOLDS' out
check 'θ = 0 is measured for the claims where it was not asked for'
touch taken.tsv.tmp e/parallel_lines.tsv.tmp && run --out e && [ -e taken.tsv.tmp ] && [ -e e/parallel_lines.tsv.tmp ]
check "a user's own .tmp files stay"
cp a/parallel_lines.tsv before && ! "$program" --out a --theta x >out 2>err && cmp -s a/parallel_lines.tsv before
check 'a refused run leaves the old files'

refuses 2 "--points: 'many' is not accepted; give a whole number from 1 to 1000000" --points many
refuses 2 "--theta: '1,,2' is not accepted" --theta 1,,2
refuses 2 "--theta: '1;2' is not accepted" --theta '1;2'
refuses 2 "--theta: 'nan' is not accepted" --theta nan
refuses 2 "--theta-min: '1,2' is not accepted" --theta-min 1,2
refuses 2 '--theta-min 2 is above --theta-max 1' --theta-min 2
refuses 2 '--theta names every θ itself' --theta 1 --points 3
refuses 2 "--preset: 'slow' is not accepted; give one of quick|paper" --preset slow
refuses 2 "--device: 'tpu' is not accepted; give one of auto|cpu|cuda" --device tpu
refuses 2 "--seed: '-1' is not accepted" --seed -1
refuses 2 '--sample: no such option' --sample 3
refuses 2 '-s: options are long here' -s 3
refuses 2 "'extra': takes no arguments" extra
refuses 2 '--seed needs a value' --seed
refuses 2 '--start 0 is within a cell of 0' --start 0
touch file && refuses 4 'cannot write into file: Not a directory' --out file
refuses 4 'cannot make the folder /dev/null/x' --out /dev/null/x
"$program" --help >out 2>err && grep -q -- '--theta-min=X' out && grep -q -- '--seed=N' out && [ ! -s err ]
check '--help'
"$program" --version >out 2>err && grep -q '^parallel_lines (earthmover), commit ' out
check '--version'
"$program" --samples 200 --points 100000 --out f >out 2>err &
for _ in $(seq 300); do ls f/*.tmp >/dev/null 2>&1 && break; sleep 0.1; done
ls f/*.tmp >/dev/null 2>&1 && kill -INT $! && wait $!
[ $? = 130 ] && [ -z "$(ls f)" ]
check 'SIGINT in the middle: exit 130, nothing half written'
"$program" --samples 64 --out g 2>err | true
[ "${PIPESTATUS[0]}" = 141 ] && [ -d g ] && [ -z "$(ls g)" ]
check 'a reader that went away: nothing half written'
"$program" --samples 64 --out h >&- 2>err
[ $? = 4 ] && grep -q 'stdout or stderr is closed' err && [ ! -e h/parallel_lines.tsv ]
check 'stdout closed: exit 4'

summary
