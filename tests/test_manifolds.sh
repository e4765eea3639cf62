#!/bin/bash
# experiments/manifolds as a user runs it: dimensions that linear algebra knows, claims, files, refusals.
. "$(dirname "$0")/cli.sh" manifolds

run() { "$program" --threads 1 --seeds 1 --latent 10 --side 16 --width 16 --filters 1 --base-points 1 --cloud 24 --radii 0.001,1 --iterations 3 "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run && [ -s plots/quick/manifolds.tsv ] && [ -s plots/quick/manifolds.provenance ] && ! leftovers plots/quick
check 'plots/quick by default, nothing left over'
t=plots/quick/manifolds.tsv
[ "$(grep -v '^#' $t | head -n 1)" = "$(echo generator trained seeds rank_low rank_high participation participation_dev energy energy_dev near_beyond span span_participation span_energy span_energy_dev difference | tr ' ' '\t')" ]
check 'columns in order'
[ "$(rows $t | cut -f1,2 | tr '\t\n' '  ')" = 'linear 0 mlp 0 mlp 1 dcgan 0 dcgan 1 ' ]
check 'a row for each generator'
rows $t | awk -F'\t' '$1 == "linear" { n++; if ($4 != 10 || $5 != 10 || $11 != 10 || $10 > 1e-6 || $13 > 10) bad = 1 } END { exit bad || n != 1 }'
check 'a linear map: 10 dimensions at a point, 10 in all'
rows $t | awk -F'\t' '$1 != "linear" { n++; if ($5 > 10 || $4 < 1 || $10 > 1e-3 || $11 != 23 || $6 > $5 || $8 > $5) bad = 1 } END { exit bad || n != 4 }'
check 'the others: at most 10 at a point, as many as 24 samples can show in all'
rows $t | awk -F'\t' '{ n++; if (!($15 < 0.02)) bad = 1 } END { exit bad || n != 5 }'
check 'tangents agree with difference quotients'
rows plots/quick/manifolds_spectra.tsv | awk -F'\t' '
    $1 == "linear" { n++
        if ($3 == 1 && ($4 != 1 || $5 != 1)) bad = 1
        if ($3 == 10 && ($4 < 0.01 || $5 < 0.01)) bad = 1
        if ($3 > 10 && ($4 != "nan" || $5 > 1e-5)) bad = 1 }
    END { exit bad || n != 24 }'
check 'the spectrum of a linear map ends after 10'
[ "$(rows plots/quick/manifolds_clouds.tsv | wc -l)" = 10 ] &&
    rows plots/quick/manifolds_clouds.tsv | awk -F'\t' '$1 != "linear" { if ($4 == 0.001) near = $8; else if ($8 < 10 * near) exit 1 }'
check 'clouds: more energy outside the tangent directions where they are wide'
grep -q '^C14 HOLDS (quick) ' out && [ "$(rows plots/quick/manifolds.claims.tsv | cut -f1,8 | tr '\t\n' '  ')" = 'C14 manifolds ' ]
check 'the claim'
run --width 4 --out n && rows n/manifolds.tsv | awk -F'\t' '
    $1 == "linear" { n++; if ($5 != 4 || $11 != 4) bad = 1 }
    $1 == "mlp" { n++; if ($5 > 4) bad = 1 }
    END { exit bad || n != 3 }'
check 'a bottleneck of 4 leaves 4 dimensions'

run --out a && run --out b && (for f in manifolds manifolds_clouds manifolds_spectra manifolds.claims; do cmp -s a/$f.tsv b/$f.tsv || exit 1; done)
check 'the same seed, the same bytes'
run --seed 1 --out b && ! cmp -s <(rows a/manifolds.tsv) <(rows b/manifolds.tsv)
check 'another seed, other numbers'

refuses 2 '--side 24 is not a multiple of 16' --side 24
refuses 2 '--cloud 11 points cannot span more than --latent 10 dimensions' --latent 10 --cloud 11
refuses 2 '--latent 256: an image has no more than 256 pixels' --side 16 --latent 256 --cloud 300
refuses 2 '--radii must end with 1, fresh samples' --radii 0.1,0.5
refuses 2 '--radii must grow' --radii 0.1,0.01,1
refuses 2 "--radii: '2' is not accepted" --radii 2

summary
