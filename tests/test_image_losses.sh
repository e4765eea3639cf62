#!/bin/bash
# experiments/image_losses on a small set: rows, equal steps and equal work, verdicts recomputed
# from the rows, that training helps, refusals.
. "$(dirname "$0")/labelled.sh"
. "$(dirname "$0")/cli.sh" image_losses
export XDG_CACHE_HOME=$PWD/cache

labelled set 200 100
SMALL=(--quiet --threads 1 --data set --size 8 --judged 64 --width 4 --mlp-width 16 --batch 8 --critic-iters 2 --classifier-images 100)
run() { "$program" "${SMALL[@]}" "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --seeds 2 --steps 6 --log-every 2 --out a && [ "$(rows a/image_losses_final.tsv | wc -l)" = 24 ] && ! leftovers a
check 'three nets, four losses, two seeds'
[ "$(grep -v '^#' a/image_losses.tsv | head -n 1)" = "$(echo net loss seed step work frechet | tr ' ' '\t')" ]
check 'columns in order'
rows a/image_losses.tsv >over && rows a/image_losses_final.tsv | awk -F'\t' '
    NR == FNR { d[$1, $2, $3, $4] = $6; per[$1, $2] = $4 ? $5 / $4 : 0; next }
    FNR == NR { next }
    {
        budget = 6 * per[$1, "wgan"]
        at = int(budget / per[$1, $2] + 1e-9)
        if ($4 != d[$1, $2, $3, 0] || $5 != d[$1, $2, $3, 6] || $6 != d[$1, $2, $3, at]) bad = 1
        more += at > 6
        less += at < 6
    }
    END { exit bad || more != 12 || less != 6 }' over -
check 'a run ends at equal steps, and the GANs go on to equal work, which the penalty passes before'
rows a/image_losses.tsv | awk -F'\t' '
    $4 == 6 { w[$1, $2] = $5 / 6 }
    END { exit !(w["dcgan", "wgan-gp"] > 1.2 * w["dcgan", "wgan"] && w["dcgan", "wgan"] > 1.2 * w["dcgan", "gan"] && w["dcgan", "gan"] == w["dcgan", "nsgan"]) }'
check 'work: a penalty costs more than clipping, two critic updates more than one'
judged() { # judged FOLDER: whether the claims of the run follow from its rows
    rows $1/image_losses_final.tsv >final && rows $1/image_losses.claims.tsv | awk -F'\t' '
        function lower(net, k) { return high[net, "wgan-gp", k] < low[net, "wgan", k] }
        function trained(net, loss) { return worst[net, loss] <= 0.25 }
        NR == FNR {
            if ($5 / $4 > worst[$1, $2]) worst[$1, $2] = $5 / $4
            for (k = 5; k <= 6; k++) {
                if (!(($1, $2, k) in low) || $k < low[$1, $2, k]) low[$1, $2, k] = $k
                if ($k > high[$1, $2, k]) high[$1, $2, k] = $k
            }
            next
        }
        { verdict[$1] = $6; measured[$1] = $2 }
        END {
            plain = trained("no-bn", "wgan") + trained("no-bn", "wgan-gp") + trained("mlp", "wgan") + trained("mlp", "wgan-gp")
            all = split("dcgan no-bn mlp", nets, " ")
            for (n in nets) {
                better += lower(nets[n], 5) + lower(nets[n], 6)
                all -= trained(nets[n], "wgan") || trained(nets[n], "wgan-gp")
            }
            print "C30 " verdict["C30"] ", C42 " verdict["C42"]
            exit !(verdict["C30"] == (plain == 4 ? "HOLDS" : plain ? "MIXED" : "FAILS") && (measured["C42"] ~ /not all have trained/) == (all > 0) &&
                   verdict["C42"] == (all > 0 ? "MIXED" : better == 0 ? "HOLDS" : better == 6 ? "FAILS" : "MIXED"))
        }' final - >verdicts
}
judged a && grep -q 'C42 MIXED' verdicts
check 'the verdicts follow from the rows: nothing has trained, so nothing is said of the penalty'
rows a/image_losses_lines.tsv | awk -F'\t' '{ d[$1] = $2 } END { exit !(d["real"] >= 0 && d["noise"] > 10 * d["real"]) }'
check 'real images lie near real ones, noise does not'
[ "$(rows a/image_losses_samples.tsv | wc -l)" = $((12 * 19)) ]
check 'pictures of every kind'
run --seeds 2 --steps 6 --log-every 2 --out b && [ "$(for f in '' _final _lines _samples; do cmp -s a/image_losses$f.tsv b/image_losses$f.tsv && echo same; done | wc -l)" = 4 ]
check 'the same seed, the same bytes'
run --steps 120 --log-every 120 --rate 5e-3 --wgan-rate 5e-3 --out c && rows c/image_losses_final.tsv | awk -F'\t' '$2 ~ /^wgan/ { n++; better += $5 < 0.5 * $4 } END { exit !(n == 6 && better == 6) }'
check 'training brings images nearer'
judged c
check 'the verdicts follow from the rows of a longer run'

refuses 2 "--judged 500: there are 100 images" "${SMALL[@]}" --judged 500
refuses 2 "the classifier's batch is 100: fewer images" "${SMALL[@]}" --classifier-images 50

summary
