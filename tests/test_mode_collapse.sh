#!/bin/bash
# experiments/mode_collapse: rows, claims, files; the judges are tested in test_mode_collapse.c, the
# counting in test_modes.
. "$(dirname "$0")/cli.sh" mode_collapse

SMALL='--threads 1 --quiet --width 8 --batch 16 --steps 6 --log-every 3 --look-points 64'
run() { "$program" $SMALL "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/mode_collapse.tsv | wc -l)" = 60 ] && [ "$(rows a/mode_collapse_final.tsv | wc -l)" = 20 ] && [ "$(rows a/mode_collapse_samples.tsv | wc -l)" = 640 ] && ! leftovers a
check '2 sets, 5 losses, 2 seeds, 3 looks'
[ "$(rows a/mode_collapse.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C20 mode_collapse C42 mode_collapse ' ]
check 'two claims'
rows a/mode_collapse_final.tsv | awk -F'\t' '{ if ($6 < 0 || $6 > ($1 == "ring8" ? 8 : 25) || $7 < 0 || $7 > 1 || $8 <= 0 || $4 != 6) exit 1 }'
check 'modes, shares and distances in range'
rows a/mode_collapse_modes.tsv | awk -F'\t' 'NR == FNR { n[$1 $2] += $6; next } $3 == 0 { exit n[$1 $2] != $6 }' - <(rows a/mode_collapse_final.tsv) && [ "$(rows a/mode_collapse_modes.tsv | wc -l)" = 165 ]
check 'the modes that are covered are as many as are counted'
# in passes of a batch: critic 2·3 and a generator's pass, generator 2 + 3; five times 3 + 3 + 1 + 3
rows a/mode_collapse_final.tsv | awk -F'\t' '$2 == "gan" { gan = $5 / 6 } $2 == "wgan-gp" { gp = $5 / 6 } END { exit !(gan > 11 && gan < 13 && gp > 58 && gp < 64) }'
check 'work counts products'
# of 60 and 40 passes a step; the looks are 0, 3 and 6
rows a/mode_collapse_work.tsv | awk -F'\t' '{ n++; if ($4 != ($2 == "wgan" ? 3 : 0)) exit 1 } END { exit n != 8 }'
check 'equal work is the last look within it'
run --out b && cmp -s a/mode_collapse.tsv b/mode_collapse.tsv
check 'the same seed, the same bytes'
run --steps 1 --batch 1 --width 1 --out c; [ "$(rows c/mode_collapse.claims.tsv | cut -f6 | tr '\n' ' ')" = 'FAILS FAILS ' ]
check 'runs that have learnt nothing show nothing'

# The verdict once more, from the tables.
verdict() {
    awk -F'\t' -v other=wgan -v last=200 '
    function see(place, side, w, start) {
        if (!((place, side) in low) || w < low[place, side]) low[place, side] = w
        if (w > high[place, side]) high[place, side] = w
        if (w > start / 2) idle[place] = 1
        places[place]
    }
    /^#/ || $1 == "set" { next }
    FILENAME ~ /work/ { if ($2 == other) see($1 "at work", "wgan-gp", $8, start[$1, "wgan-gp", $3]); next }
    $4 == 0 { start[$1, $2, $3] = $8 }
    $4 == last && $2 == "wgan-gp" { see($1, $2, $8, start[$1, $2, $3]) }
    $4 == last && $2 == other { see($1, $2, $8, start[$1, $2, $3]); see($1 "at work", $2, $8, start[$1, $2, $3]) }
    END {
        for (p in places) if (!idle[p]) { trained++; better += high[p, "wgan-gp"] < low[p, other] }
        print trained == 4 && !better ? "HOLDS" : better == trained ? "FAILS" : "MIXED"
    }
    ' d/mode_collapse.tsv d/mode_collapse_work.tsv
}
run --width 32 --batch 32 --steps 200 --log-every 20 --rate 3e-3 --wgan-rate 3e-3 --out d
[ "$(verdict)" = "$(awk -F'\t' '$1 == "C42" { print $6 }' d/mode_collapse.claims.tsv)" ]
check 'C42 follows from the tables'

refuses 2 "--seeds: '0' is not accepted" --seeds 0

summary
