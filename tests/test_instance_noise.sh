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
same() { # same FOLDER FOLDER: (a broken-off loop would be a success)
    for f in '' _final _lines _samples; do cmp -s $1/instance_noise$f.tsv $2/instance_noise$f.tsv || return 1; done
}
verdict() { # verdict FOLDER: is it what the rows say, and are the kinds named that tell nothing?
    { rows $1/instance_noise.tsv; rows $1/instance_noise_final.tsv; rows $1/instance_noise.claims.tsv; } | awk -F'\t' '
        NF == 6 && !(($1, $2) in first) { first[$1, $2] = $6 }
        NF == 5 {
            if (!($1 in idle)) names[++kinds] = $1
            idle[$1] += $5 > 0.5 * first[$1, $2]
            for (k = 3; k <= 4; k++) {
                if (!(($1, k) in low) || $k < low[$1, k]) low[$1, k] = $k
                if ($k > high[$1, k]) high[$1, k] = $k
            }
        }
        NF == 8 { id = $1; measured = $2; verdict = $6 }
        END {
            for (k = 3; k <= 4; k++) blurred += (high["weak", k] < low["none", k]) + (high["strong", k] < low["none", k])
            for (i = 1; i <= kinds; i++) if (idle[names[i]]) list = list (list ? ", " : "which tells nothing: ") names[i]
            said = index(measured, "which tells") ? substr(measured, index(measured, "which tells")) : ""
            nothing = idle["none"] + idle["weak"] + idle["strong"] > 0
            exit !(id == "C49" && kinds == 4 && said == list && verdict == (nothing ? "MIXED" : blurred == 4 ? "HOLDS" : blurred ? "MIXED" : "FAILS"))
        }'
}
claim() { rows $1/instance_noise.claims.tsv | cut -f$2; } # claim FOLDER COLUMN
verdict a && [ "$(claim a 6)" = MIXED ] && claim a 2 | grep -q 'nothing: none, weak, strong, annealed$'
check 'a generator that learned nothing: no verdict either way'
{ idx_header 48 8 8 && for k in $(seq 0 2 94); do tail -c +$((17 + 64 * k)) set/train-images-idx3-ubyte | head -c 64; done; } >single # one class: soon learned
run --data single --width 8 --batch 16 --rate 5e-3 --seeds 2 --steps 40 --log-every 4 --out c && verdict c && ! claim c 2 | grep -q nothing
check 'the verdict follows from the rows, where something was learned'
run --data single --width 8 --batch 16 --rate 5e-3 --steps 40 --log-every 4 --noise 50 --strong-noise 100 --out n && verdict n && [ "$(claim n 6)" = MIXED ] && claim n 2 | grep -q 'nothing: weak, strong'
check 'noise that drowns everything: no verdict'

# On images with a grain: noise adds detail, a median takes its detail and their own, blur takes all.
rows a/instance_noise_lines.tsv | awk -F'\t' '{ d[$1] = $2; e[$1] = $3; w[$1] = $4 } END {
    exit !(d["real"] > 0.8 && d["real"] < 1.25 && d["blurred"] < 0.5 && d["noisy"] > 1.3 && e["blurred"] < 0.8 && e["noisy"] > 0.5 && e["noisy"] < 0.95 && w["real"] < w["blurred"]) }'
check 'real, blurred and noisy images in order'
[ "$(rows a/instance_noise_samples.tsv | wc -l)" = $((7 * 37)) ]
check 'pictures of every kind'
at() { rows $1/instance_noise.tsv | awk -F'\t' -v kind=$2 '$1 == kind && $2 == 0 && $3 == 16'; }
run --steps 32 --log-every 2 --out d && [ "$(at a strong)" = "$(at d strong)" ] && [ "$(at a weak)" = "$(at d weak)" ] && [ "$(at a annealed)" != "$(at d annealed)" ]
check 'only the noise that falls depends on the steps to come'
run --seeds 2 --steps 16 --log-every 2 --out b && same a b
check 'the same seed, the same bytes'

refuses 2 "--judged 500: there are 96 images" "${SMALL[@]}" --judged 500
refuses 2 "--judged 8: 16 are shown" "${SMALL[@]}" --judged 8

summary
