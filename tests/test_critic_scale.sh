#!/bin/bash
# experiments/critic_scale: rows, signs, the correction, exact distances, the verdict worked out again from the rows, files.
. "$(dirname "$0")/cli.sh" critic_scale

run() { "$program" --threads 1 --quiet --widths 8 --depths 2 --clips 0.05,0.1 --lengths 30 --seeds 2 --batch 16 --points 512 "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/critic_scale.tsv | wc -l)" = 12 ] && ! leftovers a
check 'four critics on three pairs'
rows a/critic_scale.tsv | awk -F'\t' '$1 != "the grid" { n++; if ($7 <= 0) bad = 1 } END { exit bad || n != 8 }'
check 'a critic holds the first side higher: values are above 0'
rows a/critic_scale.tsv | awk -F'\t' '$1 == "moved by 1" { if ($8 - $9 > 1e-6 || $9 - $8 > 1e-6 || $9 < 0.9 || $9 > 1.1) exit 1; scale[$4 " " $6] = $7 / $9 }
    $1 != "moved by 1" { d = $8 * scale[$4 " " $6] / $7 - 1; if (d > 1e-6 || d < -1e-6) exit 1 }'
check 'corrected by the scale of the first pair, whose W is 1'
rows a/critic_scale.tsv | awk -F'\t' '$1 == "1.5 times as large" && ($9 < 0.6 || $9 > 0.85) { exit 1 }'
check 'the ring against one 1.5 times as large: W is half of its radius √2'
run --out b && cmp -s a/critic_scale.tsv b/critic_scale.tsv
check 'the same seed, the same bytes'
refuses 5 'no scale' --threads 1 --quiet --widths 2 --depths 30 --clips 1e-3 --lengths 1 --seeds 1 --batch 4 --points 16 --out none
[ ! -e none/critic_scale.tsv ]
check 'a critic without a scale leaves no table'

# What the claim must say of the rows: the verdict, how far critics differ, before and after, and from W.
expected() {
    rows "$1/critic_scale.tsv" | awk -F'\t' '
        { n[$1]++; v[$1] += $7; vv[$1] += $7 * $7; c[$1] += $8; cc[$1] += $8 * $8; W[$1] = $9
          if (n[$1] == 1 || $8 < low[$1]) low[$1] = $8
          if (n[$1] == 1 || $8 > high[$1]) high[$1] = $8 }
        function variation(k, sum, squares, mean) { mean = sum / k; d = squares - k * mean * mean; d = d > 0 ? sqrt(d / (k - 1)) / mean : 0; return d < 0 ? -d : d }
        END {
            before = 1e30; split("moved by 1;1.5 times as large;the grid", pair, ";")
            for (p = 1; p <= 3; p++) {
                k = pair[p]; b = variation(n[k], v[k], vv[k]); a = variation(n[k], c[k], cc[k])
                if (b < before) before = b
                if (p == 1) continue
                if (a > after) after = a
                off = c[k] / n[k] / W[k] - 1; if (off < 0) off = -off
                if (off > astray) astray = off
                list = list sprintf("; %s: %.3f to %.3f where W is %.3f", k, low[k], high[k], W[k])
            }
            good = (before > 0.5) + (after <= 0.1) + (astray <= 0.1)
            printf "%s variation over %d critics at least %.2f before, up to %.2f after%s\n", good == 3 ? "HOLDS" : good ? "MIXED" : "FAILS", n[k], before, after, list
        }'
}
# wide before and not together after, MIXED; alike before, FAILS, here
wide='--clips 0.03,0.1 --depths 2,3 --points 128'
alike='--clips 0.05 --points 64 --seed 1'
shallow='--clips 0.05,0.1 --points 64 --seed 3 --seeds 1'
for name in wide alike shallow; do
    run ${!name} --out $name && [ "$(rows $name/critic_scale.claims.tsv | awk -F'\t' '{ print $6, $2 }')" = "$(expected $name)" ]
    check "$name: the claim as the rows say"
done

summary
