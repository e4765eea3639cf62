#!/bin/bash
# experiments/instance_noise on a small set: rows, the averages behind the verdict, what is sharp
# and what is not, refusals.
. "$(dirname "$0")/labelled.sh"
. "$(dirname "$0")/cli.sh" instance_noise
export XDG_CACHE_HOME=$PWD/cache

labelled set 96 1
SMALL=(--quiet --threads 1 --data set --size 8 --judged 32 --width 4 --batch 8)
run() { "$program" "${SMALL[@]}" "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --seeds 2 --steps 16 --log-every 2 --out a && [ "$(rows a/instance_noise.tsv | wc -l)" = 64 ] && [ "$(rows a/instance_noise_final.tsv | cut -f1,2 | tr '\t\n' ', ')" = 'none,0 none,1 weak,0 weak,1 strong,0 strong,1 annealed,0 annealed,1 ' ] && ! leftovers a
check 'four kinds, two seeds, eight looks'
[ "$(grep -v '^#' a/instance_noise.tsv | head -n 1)" = "$(echo noise seed step detail edges swd | tr ' ' '\t')" ]
check 'columns in order'
{ rows a/instance_noise.tsv; rows a/instance_noise_final.tsv; } | awk -F'\t' '
    function off(a, b) { return (a - b) ^ 2 > 1e-12 }
    NF == 6 && $3 > 12 { d[$1, $2] += $4 / 2; e[$1, $2] += $5 / 2; w[$1, $2] += $6 / 2 }
    NF == 5 { runs++; if (off($3, d[$1, $2]) || off($4, e[$1, $2]) || off($5, w[$1, $2])) bad = 1 }
    END { exit bad || runs != 8 }'
check 'a run ends with the means of its last quarter'
rows a/instance_noise.tsv | awk -F'\t' '$2 == 0 { v[$1, $3] = $4 } END { exit !(v["none", 2] != v["weak", 2] && v["weak", 2] != v["strong", 2] && v["strong", 2] != v["none", 2] && v["strong", 16] != v["annealed", 16]) }'
check 'the noises differ'
verdict() { # verdict FOLDER: is it what the rows say?
    rows $1/instance_noise_final.tsv >final && rows $1/instance_noise.claims.tsv | awk -F'\t' '
        NR == FNR {
            for (k = 3; k <= 4; k++) {
                if (!(($1, k) in low) || $k < low[$1, k]) low[$1, k] = $k
                if ($k > high[$1, k]) high[$1, k] = $k
            }
            next
        }
        { id = $1; verdict = $6 }
        END {
            for (k = 3; k <= 4; k++) blurred += (high["weak", k] < low["none", k]) + (high["strong", k] < low["none", k])
            exit !(id == "C49" && verdict == (blurred == 4 ? "HOLDS" : blurred ? "MIXED" : "FAILS"))
        }' final -
}
verdict a && run --steps 40 --log-every 4 --out c && verdict c
check 'the verdict follows from the rows'

# On images with a grain: noise adds detail, a median takes its detail and their own, blur takes all.
rows a/instance_noise_lines.tsv | awk -F'\t' '{ d[$1] = $2; e[$1] = $3; w[$1] = $4 } END {
    exit !(d["real"] > 0.8 && d["real"] < 1.25 && d["blurred"] < 0.5 && d["noisy"] > 1.3 && e["blurred"] < 0.8 && e["noisy"] > 0.5 && e["noisy"] < 0.95 && w["real"] < w["blurred"]) }'
check 'real, blurred and noisy images in order'
[ "$(rows a/instance_noise_samples.tsv | wc -l)" = $((7 * 37)) ]
check 'pictures of every kind'
at() { rows $1/instance_noise.tsv | awk -F'\t' -v kind=$2 '$1 == kind && $2 == 0 && $3 == 16'; }
run --steps 32 --log-every 2 --out d && [ "$(at a strong)" = "$(at d strong)" ] && [ "$(at a weak)" = "$(at d weak)" ] && [ "$(at a annealed)" != "$(at d annealed)" ]
check 'only the noise that falls depends on the steps to come'
run --seeds 2 --steps 16 --log-every 2 --out b && for f in '' _final _lines _samples; do cmp -s a/instance_noise$f.tsv b/instance_noise$f.tsv || break; done
check 'the same seed, the same bytes'

refuses 2 "--judged 500: there are 96 images" "${SMALL[@]}" --judged 500
refuses 2 "--judged 8: 16 are shown" "${SMALL[@]}" --judged 8

summary
