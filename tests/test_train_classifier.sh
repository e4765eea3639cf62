#!/bin/bash
# experiments/train_classifier on two classes that are easy to tell: it learns them, writes the same
# bytes again, saves when interrupted, refuses what does not fit.
. "$(dirname "$0")/labelled.sh"
. "$(dirname "$0")/cli.sh" train_classifier
export XDG_CACHE_HOME=$PWD/cache

labelled set 64 32
NET='input 8x8x1; conv 4 k3 s2 bn relu; linear 8 bn relu; linear 2'
run() { "$program" --quiet --data set --limit 0 --batch 16 --classifier "$NET" "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --epochs 6 --rate 1e-2 --out a && [ "$(rows a/train_classifier.tsv | wc -l)" = 6 ] && ! leftovers a
check 'a row per epoch, nothing left over'
[ "$(grep -v '^#' a/train_classifier.tsv | head -n 1)" = "$(echo epoch train_loss train_accuracy test_loss test_accuracy | tr ' ' '\t')" ]
check 'columns in order'
rows a/train_classifier.tsv | awk -F'\t' '{ loss[NR] = $2; right = $5 } END { exit !(loss[6] < loss[1] / 2 && right == 1) }'
check 'it learns: the loss falls, all test images are right'
for entry in architecture 'classes":"2' 'data":"' 'seed":"0' 'test accuracy":"1.0000' 1_norm.running_var 2.weight; do
    head -c 4096 a/train_classifier.safetensors | grep -qaF "$entry" || echo "$entry" >>missing
done
[ ! -e missing ]
check 'the net, with what it was trained on'
run --epochs 6 --rate 1e-2 --out b && cmp -s a/train_classifier.safetensors b/train_classifier.safetensors && cmp -s a/train_classifier.tsv b/train_classifier.tsv
check 'the same seed, the same bytes'
run --epochs 6 --rate 1e-2 --seed 1 --out c && ! cmp -s a/train_classifier.safetensors c/train_classifier.safetensors
check 'another seed, another net'
"$program" --data set --limit 0 --batch 16 --classifier "$NET" --epochs 1000000 --out i >out 2>err & pid=$!
for k in $(seq 600); do compgen -G 'i/*.tsv.*.tmp' >/dev/null && break; sleep 0.1; done # opened when training begins
kill -INT $pid; wait $pid; [ $? = 130 ] && [ -s i/train_classifier.safetensors ] && [ -s i/train_classifier.tsv ]
check 'an interrupt saves, and exits with 130'
run --rate 10 --epochs 1 --out s && run --classifier 'input 8x8x1; linear 2' --epochs 1 --out l && [ -s l/train_classifier.safetensors ]
check 'a single layer will do'

mkdir bare && cp set/*images* bare
refuses 2 "--data bare: the images have no labels" --quiet --data bare
refuses 2 "the classifier takes images of 28x28x1, these are 8x8x1" --quiet --data set --limit 64 --batch 16
refuses 2 "the classifier has 3 outputs, the images are of 2 classes" --quiet --data set --batch 16 --classifier 'input 8x8x1; linear 3'
refuses 2 "--batch 65: there are 64 images" --quiet --data set --classifier "$NET" --batch 65 --limit 0
refuses 2 "which has no test part" --quiet --data set/train-images-idx3-ubyte
mkdir narrow && cp set/train* narrow && part wide 20 3 && cp wide-labels-idx1-ubyte narrow/t10k-labels-idx1-ubyte && { idx_header 20 4 4 && head -c 320 /dev/zero; } >narrow/t10k-images-idx3-ubyte
refuses 3 "narrow: the test images are 4x4x1, the training images 8x8x1" --quiet --data narrow --classifier "$NET" --batch 16
mkdir more && cp set/* more && { idx_header 32 && head -c 32 /dev/zero | tr '\0' '\2'; } >more/t10k-labels-idx1-ubyte
refuses 3 "more: the test labels go up to 2, the training labels to 1" --quiet --data more --classifier "$NET" --batch 16

summary
