#!/bin/bash
# experiments/evaluate_images on sets whose measures are known in order: the same images, others of
# the same kind, one class only, noise.
. "$(dirname "$0")/labelled.sh"
. "$(dirname "$0")/cli.sh" evaluate_images
export XDG_CACHE_HOME=$PWD/cache
programs=$(dirname "$program")

labelled set 64 32
SMALL='--quiet --data set --count 32 --patches 4 --directions 16 --batch 16 --batches 2 --neighbours 32'
run() { "$program" $SMALL "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }
cell() { # cell SET COLUMN: from e/evaluate_images.tsv
    grep -v '^#' e/evaluate_images.tsv | awk -F'\t' -v set="$1" -v name="$2" 'NR == 1 { for (k = 1; k <= NF; k++) if ($k == name) at = k } $1 == set { print $at }'
}
holds() { awk "BEGIN { exit !($1) }"; }

"$programs/train_classifier" --quiet --data set --limit 0 --batch 16 --epochs 40 --rate 1e-2 --classifier 'input 8x8x1; conv 4 k3 s2 bn relu; linear 4 bn relu; linear 2' --out net >out 2>err
NET=net/train_classifier.safetensors
[ -s $NET ]
check 'a classifier'
run set/train-images-idx3-ubyte --classifier $NET --out e && ! leftovers e && [ "$(grep -v '^#' e/evaluate_images.tsv | head -n 1)" = "$(echo set images swd_8 W W_deviation score frechet nearest | tr ' ' '\t')" ]
check 'columns in order'
[ "$(rows e/evaluate_images.tsv | cut -f1 | tr '\n' ' ')" = 'samples training blurred noise test ' ]
check 'a row per set'
holds "$(cell noise swd_8) > 2 * $(cell samples swd_8) && $(cell noise W) > 1.5 * $(cell training W) && $(cell noise frechet) > 5 * $(cell training frechet)"
check 'noise is farther than real images by every distance'
holds "$(cell blurred swd_8) > 1.2 * $(cell training swd_8) && $(cell blurred nearest | grep -c nan) == 1"
check 'blurred patches are farther than sharp ones'
holds "$(cell samples nearest) == 0 && $(cell test nearest) > 0.1"
check 'training images are found again'
holds "$(cell test score) > 1.2 * $(cell noise score) && $(cell test score) <= 2 && $(cell noise score) >= 1"
check 'two classes, told apart: a higher score than noise, of at most 2'
[ "$(rows e/evaluate_images_nearest.tsv | wc -l)" = 64 ] && [ "$(head -c 4 e/evaluate_images_nearest.png | tail -c 3)" = PNG ]
check 'distances and pairs'
cp -r e first && run set/train-images-idx3-ubyte --classifier $NET --out e && cmp -s first/evaluate_images.tsv e/evaluate_images.tsv && cmp -s first/evaluate_images_nearest.tsv e/evaluate_images_nearest.tsv && cmp -s first/evaluate_images_nearest.png e/evaluate_images_nearest.png
check 'the same bytes again'

mkdir mixed && cp e/evaluate_images_nearest.png mixed/a.png && cp mixed/a.png mixed/b.png && head -c 99 mixed/a.png >mixed/c.png
run mixed --size 8 --on-bad skip; grep -q 'mixed: 1 pictures left out' err
check 'a damaged picture is left out, and counted'
refuses 3 'mixed/c.png' $SMALL --size 8 mixed

mkdir left && { idx_header 32 8 8 && for k in $(seq 32); do for row in 1 2 3 4 5 6 7 8; do printf '\240\250\260\244\0\4\10\2'; done; done; } >left/collapsed
run left/collapsed --classifier $NET --out e && holds "$(cell samples score) < 1.01 && $(cell samples frechet) > 5 * $(cell training frechet) && $(cell samples W) > 1.1 * $(cell training W)"
check 'one image only: a score of 1, and far'
run set/train-images-idx3-ubyte --out e && [ "$(cell samples score)" = nan ] && grep -q -- '--classifier FILE' out
check 'without a classifier: no score, and how to get one'
run set/train-images-idx3-ubyte --data set/train-images-idx3-ubyte --out e && grep -q 'half' out && holds "$(cell samples images) == 32" && [ "$(rows e/evaluate_images_nearest.tsv | awk '$1 == "samples" { n++; copies += $3 == 0 } END { print n == 32 && copies == 32 }')" = 1 ]
check 'data without a test part: halves, and copies are looked for in both'
mkdir wide && { idx_header 40 8 10 && awk 'BEGIN { srand(1); for (i = 0; i < 3200; i++) printf "\\%o", int(200 * rand()) }' | bytes; } >wide/images-idx3-ubyte
"$program" --quiet --patches 1 --directions 1 --data wide/images-idx3-ubyte wide/images-idx3-ubyte >out 2>err
check 'images that are not square'
"$programs/train_images" --quiet --data set --steps 2 --critic 'input 8x8x1; linear 8 relu; linear 1' --generator 'input 4; linear 8x8x1 tanh' --batch 8 --held-out 4 --no-plots --out gan >out 2>err
run gan --out e && run $(ls gan/ckpt/*.safetensors | tail -n 1) --out f && cmp -s <(rows e/evaluate_images.tsv) <(rows f/evaluate_images.tsv)
check 'a run folder and its checkpoint'
"$programs/train_images" --quiet --data set/train-images-idx3-ubyte --steps 2 --critic 'input 8x8x1; linear 8 relu; linear 1' --generator 'input 4; linear 8x8x1 tanh' --batch 8 --held-out 6 --no-plots --out kept >out 2>err
"$program" --quiet --data set/train-images-idx3-ubyte --patches 1 --directions 1 --out e kept >out 2>err; holds "$(cell test images) == 6" && grep -q 'the images that the run kept back stand for it' out
check 'a run that kept images back: these'
"$program" --quiet --patches 1 --directions 1 kept >out 2>err; grep -q '^6 images' out && grep -q "$PWD/set/train-images-idx3-ubyte has no test part" out
check "the run's own data where none are named"
"$program" --quiet --data set --patches 1 --directions 1 kept >out 2>err; ! grep -q 'trained on other images' out && cp -r set others && printf '\1' | dd of=others/train-images-idx3-ubyte bs=1 seek=99 conv=notrunc 2>/dev/null && "$program" --quiet --data others --patches 1 --directions 1 kept >out 2>err; grep -q 'The run was trained on other images than those of others' out
check 'other images than those of the run: said'
"$programs/train_images" --quiet --data set/train-images-idx3-ubyte --limit 36 --steps 2 --critic 'input 8x8x1; linear 8 relu; linear 1' --generator 'input 4; linear 8x8x1 tanh' --batch 8 --held-out 4 --no-plots --out limited >out 2>err
"$program" --quiet --patches 1 --directions 1 --out e limited >out 2>err; holds "$(cell test images) == 4" && grep -q 'kept back' out
check 'a run with --limit: its images, and those that it kept back'
run set/train-images-idx3-ubyte && [ "$(grep -c '^[a-z]' out)" = 5 ]
check 'without --out: the table alone'

refuses 2 "32 images are too few for --batches 4 of 500" --quiet --data set --batch 500 set/train-images-idx3-ubyte
refuses 2 "32 images are too few for --batches 33 of 0" --quiet --data set --batches 33 set/train-images-idx3-ubyte
"$program" --quiet --data set --patches 1 --directions 1 set/train-images-idx3-ubyte >out 2>err; grep -q '4 minibatches of 8$' out
check 'smaller minibatches where there are fewer images'
refuses 2 "takes images of 8x8x1, these are 9x9x1" $SMALL --size 9 --classifier $NET set/train-images-idx3-ubyte
refuses 2 "a patch has 7 a side" $SMALL --size 6 set/train-images-idx3-ubyte
refuses 3 "not of train_classifier" $SMALL --classifier "$(ls gan/ckpt/*.safetensors | tail -n 1)" set/train-images-idx3-ubyte
refuses 2 "nowhere" $SMALL nowhere

summary
