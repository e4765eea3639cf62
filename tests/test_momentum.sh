#!/bin/bash
# experiments/momentum: rows, the algebra, sums of updates by run, the verdict worked out again from the rows, files.
. "$(dirname "$0")/cli.sh" momentum

run() { "$program" --threads 1 --quiet --width 8 --batch 8 --steps 6 --rates 1e-2 --look-points 16 "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/momentum.tsv | wc -l)" = 300 ] && [ "$(rows a/momentum_runs.tsv | wc -l)" = 10 ] && ! leftovers a
check 'five optimisers, two seeds, 30 updates each'
rows a/momentum.tsv | awk -F'\t' '$1 == "sgd" { n++; if ($5 < 0.9999) bad = 1 } $1 == "adam 0" || $1 == "rmsprop" { if ($5 <= 0) bad = 1 } END { exit bad || n != 60 }'
check 'sgd goes down the gradient, adam 0 and rmsprop at less than a right angle'
rows a/momentum.tsv | awk -F'\t' '$4 == 1 && ($5 <= 0 || $5 > 1.0001) { exit 1 }'
check 'a first update never turns'
run --out b && cmp -s a/momentum.tsv b/momentum.tsv
check 'the same seed, the same bytes'
run --rates 1e-3,1e-2,1e-1 --seeds 1 --out c && [ "$(rows c/momentum.tsv | cut -f2 | sort -u)" = 0.01 ] && [ "$(rows c/momentum_runs.tsv | wc -l)" = 15 ]
check 'updates are shown at the rate in the middle'
run --seeds 1 --steps 450 --rates 1e-3 --batch 2 --width 2 --out d && [ "$(rows d/momentum.tsv | cut -f1,4 | sort -u | wc -l)" = 3750 ] &&
    rows d/momentum.tsv | awk -F'\t' '$4 % 3 { exit 1 }'
check 'of 2250 updates every third is shown, turned or not'

# HOLDS, MIXED and FAILS, here
seed1='--width 4 --batch 4 --steps 20 --rates 3e-2 --look-points 32 --seeds 1 --seed 1'
seed3='--steps 12 --look-points 32 --seeds 1 --seed 3'
seed4='--steps 12 --look-points 32 --seeds 1 --seed 4'
several='--steps 12 --rates 1e-3,1e-2 --look-points 32 --seeds 2 --seed 2'
# What the claim must say of the rows: the verdict, and each optimiser's and rate's shares and W.
expected() {
    rows "$1/momentum_runs.tsv" | awk -F'\t' '
        { key = $1 SUBSEP $2; momentum = $1 == "adam 0.9" || $1 == "adam 0.5"
          if (!(key in low)) { low[key] = most[key] = $4; w[key] = top[key] = $8; if (momentum) { order[++n] = key; name[n] = $1; rate[n] = $2 } }
          if ($4 < low[key]) low[key] = $4
          if ($4 > most[key]) most[key] = $4
          if ($8 < w[key]) w[key] = $8
          if ($8 > top[key]) top[key] = $8
          if (!momentum && $4 > without) without = $4 }
        END {
            for (k = 1; k <= n; k++) {
                turned += low[order[k]] >= 0.01
                worse = w[order[k]] > top["adam 0" SUBSEP rate[k]]; worst += worse
                list = list sprintf("%s at %g %.2f to %.2f %%, W %.3f to %.3f (%s); ", name[k], rate[k], 100 * low[order[k]], 100 * most[order[k]],
                    w[order[k]], top[order[k]], worse ? "worse" : "not worse")
            }
            print (!turned || without > 0 ? "FAILS" : turned == n && worst == n ? "HOLDS" : "MIXED") " negative cosines by run, " list \
                sprintf("without momentum at most %.2f %%", 100 * without)
        }'
}
for name in seed1 seed3 seed4 several; do
    run ${!name} --out $name && [ "$(rows $name/momentum.claims.tsv | awk -F'\t' '{ print $6, $2 }')" = "$(expected $name)" ]
    check "$name: the claim as the rows say"
done
# all updates of these runs are in the table
rows seed3/momentum.tsv | awk -F'\t' '{ n[$1]++; down[$1] += $5 < 0; clipped[$1] += $6 < 0
      if (!($1 in least) || $5 < least[$1]) least[$1] = $5
      loss = $7 < 0 ? -$7 : $7; if (loss > largest[$1]) largest[$1] = loss }
    END { while ((getline line < "seed3/momentum_runs.tsv") > 0) {
        if (split(line, c, "\t") < 8 || c[1] == "optimiser") continue
        runs++; all += down[c[1]]
        if (n[c[1]] != 60 || c[4] - down[c[1]] / 60 > 1e-6 || down[c[1]] / 60 - c[4] > 1e-6 || c[5] - clipped[c[1]] / 60 > 1e-6 ||
            clipped[c[1]] / 60 - c[5] > 1e-6 || c[6] != least[c[1]] || c[7] != largest[c[1]]) bad = 1
    } exit bad || runs != 5 || !all }'
check 'shares, the least cosine and the largest loss of a run are those of its updates'

summary
