#!/bin/bash
# experiments/perfect_discriminator as a user runs it, on images made here: columns, what must hold, files, refusals.
. "$(dirname "$0")/cli.sh" perfect_discriminator

# 24 images of 28×28: a bright square that wanders.
{
    printf '\0\0\10\3\0\0\0\30\0\0\0\34\0\0\0\34'
    for k in $(seq 24); do
        for y in $(seq 28); do
            for x in $(seq 28); do
                ((x > k / 2 && x < k / 2 + 12 && y > 8 && y < 20)) && printf '\377' || printf '\0'
            done
        done
    done
} >images
small=(--quiet --images images --units 0.1,0.3 --iterations 40 --image-unit 3 --image-iterations 3 --evaluations 1 --sigma 0.3,0.1)
run() { "$program" "${small[@]}" "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }
t=plots/quick/perfect_discriminator.tsv w=plots/quick/perfect_discriminator_window.tsv

run && [ -s $t ] && [ -s $w ] && [ -s plots/quick/perfect_discriminator.provenance ] && ! leftovers plots/quick
check 'plots/quick by default, nothing left over'
[ "$(grep -v '^#' $t | head -n 1 | tr '\t' ' ')" = 'scene units iteration accuracy accuracy_min accuracy_max norm norm_min norm_max low high rounding zeros written_float written_double' ]
check 'columns in order'
[ "$(rows $t | cut -f1,2 | uniq -c | awk '{ print $2, $3, $1 }' | tr '\n' ' ')" = 'lines 0.1 17 lines 0.3 17 curve 0.1 17 curve 0.3 17 ring 0.1 17 ring 0.3 17 images 0.1 4 images 0.3 4 ' ]
check 'four scenes, two pre-trainings, the logged iterations'
rows $t | awk -F'\t' '
    $4 < $5 || $4 > $6 || $4 > 1 || $7 < $8 || $7 > $9 || $8 <= 0 || $10 > $11 { bad++ }
    $1 == "images" ? $12 != "nan" : !($12 < 0.05) { bad++ }
    $1 != "images" && $12 < 1e-5 { same++ }
    $13 != ($10 < -17.33 ? $13 : 0) || $14 < 0.99 || $14 > 1.01 || $15 < 0.999 || $15 > 1.001 { bad++ }
    $1 == "lines" && $3 == 40 { lines += $4 == 1 && $7 < 0.2 }
    END { exit bad || lines != 2 || same < 90 }'
check 'accuracy and norm in their bands; double agrees; between parallel lines D is perfect after 40 updates'
[ "$(rows $w | cut -f1 | uniq -c | awk '{ print $2, $1 }' | tr '\n' ' ')" = '0.3 17 0.1 17 ' ] &&
    rows $w | awk -F'\t' '$3 < $4 || $3 > $5 || $3 > 1 || $3 < -1 || $8 > 1 || $9 > 1 || $9 < $10 || $10 < $11 || $11 < 0 || $12 <= 0 { exit 1 }'
check 'the window: two widths, cosines and norms in their ranges'
[ "$(rows plots/quick/perfect_discriminator_formula.tsv | awk -F'\t' '{ printf "%s %.1f %.1f %.1f %.1f ", $1, $2, $3, $4, $5 }')" = 'float -17.3 -44.4 -88.7 16.6 double -37.4 -354.9 -709.8 36.7 ' ]
check 'where the formula as written breaks down'
[ "$(rows plots/quick/perfect_discriminator.claims.tsv | cut -f1 | tr '\n' ' ')" = 'C13a C13b C13c C13d C13e C13f C15 C46 ' ] && grep -q '^C13e HOLDS (quick)' out
check 'eight claims'
"$program" --quiet --images images --units 10 --iterations 300 --image-unit 1 --image-iterations 1 --evaluations 1 --sigma 0.3,0.05 --out long >out 2>err &&
    rows long/perfect_discriminator.tsv | awk -F'\t' '
        $3 == 300 { accuracy[$1] = $4; norm[$1] = $7 }
        $7 > peak[$1] { peak[$1] = $7 }
        END { exit !(accuracy["lines"] == 1 && norm["lines"] < peak["lines"] / 100 && norm["ring"] > peak["ring"] / 10 && accuracy["ring"] < 0.99) }'
check 'apart: the norm falls a hundredfold in 300 updates; overlapping: it does not'
rows long/perfect_discriminator_window.tsv | awk -F'\t' '
    $2 == 1 { first[$1] = $3 }
    $2 == 300 { last[$1] = $3 }
    END { exit !(last[0.3] > first[0.3] + 0.4 && last[0.3] > 0.6 && last[0.3] > last[0.05]) }'
check 'the direction comes with training, later where the Gaussians are narrow'

small+=(--units 0.3 --sigma 0.3)
run --out a && run --out b && for f in "" _window _formula .claims; do cmp -s a/perfect_discriminator$f.tsv b/perfect_discriminator$f.tsv || false; done
check 'the same seed, the same bytes'
gzip -k images && run --images images.gz --out b && cmp -s <(rows a/perfect_discriminator.tsv) <(rows b/perfect_discriminator.tsv)
check 'gzipped images, the same numbers'
run --seed 1 --out b && ! cmp -s <(rows a/perfect_discriminator.tsv) <(rows b/perfect_discriminator.tsv)
check 'another seed, other numbers'

refuses 4 'cannot read none: No such file or directory' --images none
head -c 1000 images >short
refuses 3 'short: byte 4: more images than the file can hold' --images short
{ printf '\0\0\10\3\0\0\0\6\0\0\0\2\0\0\0\2'; head -c 24 /dev/zero; } >tiny
refuses 3 'tiny: images of 2×2 where 28×28 are needed' --images tiny
refuses 2 '--units: 1 after 1; they must rise' --units 1,1
refuses 2 '--sigma: 0.2 after 0.1; they must fall' --sigma 0.1,0.2
refuses 2 '--iterations: ' --iterations 0

summary
