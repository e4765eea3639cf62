#!/bin/bash
# experiments/overfitting on a small set: rows, the averages behind the verdict, that few images are
# learned by heart, refusals.
. "$(dirname "$0")/labelled.sh"
. "$(dirname "$0")/cli.sh" overfitting
export XDG_CACHE_HOME=$PWD/cache

labelled set 96 1
SMALL=(--quiet --threads 1 --data set --batch 8 --images 4 --validation 32 --rate 1e-2
       --critic 'input 8x8x1; linear 32 leaky 0.2; linear 1' --generator 'input 4; linear 16 relu; linear 8x8x1 tanh')
run() { "$program" "${SMALL[@]}" "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --seeds 2 --steps 18 --log-every 2 --out a && [ "$(rows a/overfitting.tsv | wc -l)" = 32 ] && [ "$(rows a/overfitting_runs.tsv | cut -f1,2 | tr '\t\n' ', ')" = '4,0 64,0 4,1 64,1 ' ] && ! leftovers a
check 'two kinds, two seeds, eight looks: whole quarters'
[ "$(grep -v '^#' a/overfitting.tsv | head -n 1)" = "$(echo images seed step training validation | tr ' ' '\t')" ]
check 'columns in order'
{ rows a/overfitting.tsv; rows a/overfitting_runs.tsv; } | awk -F'\t' '
    NF == 5 { q = int(($3 / 2 - 1) / 2); t[$1, $2, q] += $4 / 2; v[$1, $2, q] += $5 / 2 }
    function off(a, b) { return (a - b) ^ 2 > 1e-10 }
    NF == 6 { runs++; if (off($3, t[$1, $2, 3]) || off($4, v[$1, $2, 3]) || off($5, 1 - v[$1, $2, 3] / t[$1, $2, 3]) || off($6, 1 - v[$1, $2, 1] / t[$1, $2, 1])) bad = 1 }
    END { exit bad || runs != 4 }'
check 'a run ends with the means of its last quarter'
verdict() { # verdict FOLDER: is it what the rows say?
    { rows $1/overfitting.tsv; rows $1/overfitting_runs.tsv; rows $1/overfitting.claims.tsv; } | awk -F'\t' '
        NR == 1 { least = $1 } # the run on few images comes first
        NF == 5 { k = $1 SUBSEP $2; n[k]++; t[k, n[k]] = $4; v[k, n[k]] = $5 }
        NF == 6 {
            k = $1 SUBSEP $2; q = int(n[k] / 4); t2 = v2 = t4 = v4 = 0
            for (i = 1; i <= q; i++) { t2 += t[k, q + i]; v2 += v[k, q + i]; t4 += t[k, 3 * q + i]; v4 += v[k, 3 * q + i] }
            if (t2 <= 0 || t4 <= 0) { nothing++; if (t4 <= 0 && $5 != "nan" || t2 <= 0 && $6 != "nan") bad = 1 }
            share = t4 > 0 ? 1 - v4 / t4 : 0
            if ($1 == least) { few++; parts += share >= 0.1 && t4 - v4 > t2 - v2 }
            else { many++; stays += share < 0.1 && share > -0.1 }
        }
        NF == 8 { id = $1; said = index($2, "no gap") > 0; verdict = $6 }
        END {
            part = parts == few; stay = stays == many
            exit !(!bad && id == "C44" && few > 0 && many > 0 && said == (nothing > 0) && verdict == (nothing ? "MIXED" : part && stay ? "HOLDS" : part || stay ? "MIXED" : "FAILS"))
        }'
}
run --seeds 2 --steps 18 --log-every 2 --out b && cmp -s a/overfitting.tsv b/overfitting.tsv && cmp -s a/overfitting_runs.tsv b/overfitting_runs.tsv
check 'the same seed, the same bytes'
run --steps 240 --log-every 20 --out c && rows c/overfitting_runs.tsv | awk -F'\t' '{ gap[NR] = $5 } END { exit !(gap[1] > 0.1 && gap[1] > 2 * gap[2]) }'
check 'four images are learned by heart, 64 are not'
labelled big 500 1
run --data big --validation 200 --rate 5e-3 --critic 'input 8x8x1; linear 16 leaky 0.2; linear 1' --seeds 2 --steps 400 --log-every 8 --out d &&
    run --steps 100 --log-every 8 --images 50 --out f && run --steps 40 --log-every 4 --rate 10 --out n && verdict a && verdict c && verdict d && verdict f && verdict n
check 'the verdict follows from the rows, where something was learned and where nothing was'

refuses 2 "--steps 7: fewer than four looks" "${SMALL[@]}" --steps 7 --log-every 2
refuses 2 "set has 96 images: --images and --validation leave none for the control" "${SMALL[@]}" --images 64
refuses 2 "the critic takes 28x28x1 where the images are 8x8x1" --quiet --data set --images 4 --validation 4

summary
