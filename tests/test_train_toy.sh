#!/bin/bash
# experiments/train_toy as a user runs it: it learns, resumes to the same bytes, takes a file, stops
# on an interrupt, refuses what does not fit.
. "$(dirname "$0")/cli.sh" train_toy

SMALL='--threads 1 --quiet --no-gif --batch 32 --look-points 64 --log-every 5 --sample-every 10'
NETS=(--critic 'input 2; linear 16 leaky 0.2; linear 16 leaky 0.2; linear 1' --generator 'input 2; linear 16 relu; linear 2')
run() { "$program" $SMALL "${NETS[@]}" "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --steps 20 --out a && [ "$(rows a/train_toy.tsv | wc -l)" = 5 ] && [ "$(rows a/train_toy_samples.tsv | wc -l)" = 192 ] && ! leftovers a
check 'a row per look, samples per second look, nothing left over'
[ "$(grep -v '^#' a/train_toy.tsv | head -n 1)" = "$(echo step critic_real critic_fake penalty generator_loss W | tr ' ' '\t')" ]
check 'columns in order'
run --steps 400 --rate 2e-3 --log-every 400 --sample-every 400 --out l --critic 'input 2; linear 64 relu; linear 64 relu; linear 1' --generator 'input 2; linear 64 relu; linear 64 relu; linear 2' &&
    rows l/train_toy.tsv | awk -F'\t' 'NR == 1 { first = $6 } { last = $6 } END { exit !(last < 0.6 * first) }'
check 'W falls'
run --steps 10 --out b && run --steps 20 --resume b/train_toy.safetensors --out b && cmp -s a/train_toy.safetensors b/train_toy.safetensors &&
    cmp -s <(grep -v '^#' a/train_toy.tsv) <(grep -v '^#' b/train_toy.tsv) && cmp -s <(grep -v '^#' a/train_toy_samples.tsv) <(grep -v '^#' b/train_toy_samples.tsv)
check '20 steps = 10, resumed, 10 more: checkpoint and tables byte by byte'
run --steps 20 --log-every 10 --out c && cmp -s a/train_toy.safetensors c/train_toy.safetensors
check 'looking changes nothing'
run --steps 3 --out s && [ "$(rows s/train_toy.tsv | wc -l)" = 1 ] && grep -q 'W = ' out
check 'fewer steps than from one row to the next'
run --steps 30 --resume b/train_toy.safetensors --out elsewhere && grep -q 'note: there is no elsewhere/train_toy.tsv of before' err
check 'resumed elsewhere, it says that the table is not whole'
run --steps 5 --out one --one-sided && run --steps 5 --out two && ! cmp -s one/train_toy.safetensors two/train_toy.safetensors
check 'one-sided is another penalty'
run --steps 5 --loss wgan --clip 0.01 --out one && run --steps 5 --loss wgan --clip 0.02 --out two && ! cmp -s <(tail -c +5000 one/train_toy.safetensors) <(tail -c +5000 two/train_toy.safetensors)
check 'another clip, other weights'
for loss in gan nsgan lsgan wgan; do
    run --loss $loss --optimiser rmsprop --steps 10 --out $loss && run --loss $loss --optimiser rmsprop --steps 5 --out half && run --loss $loss --optimiser rmsprop --steps 10 --resume half/train_toy.safetensors --out half &&
        cmp -s $loss/train_toy.safetensors half/train_toy.safetensors
    check "$loss: resumes to the same bytes"
done
awk -F'\t' 'BEGIN { srand(1); print "x,y"; for (i = 0; i < 60; i++) print rand() "," 3 + rand() }' >points.csv
run --data points.csv --columns x,y --steps 10 --out f && [ -s f/train_toy.safetensors ]
check 'points of a file'
cp points.csv moved.csv && run --data moved.csv --columns x,y --steps 15 --resume f/train_toy.safetensors --out f
check 'resumes with the same points from another file'
sed -i '2s/.*/9,9/' moved.csv
refuses 2 "was trained with data 60 points," $SMALL "${NETS[@]}" --data moved.csv --columns x,y --steps 15 --resume f/train_toy.safetensors
refuses 2 "was trained with look-points 64; this run says 32" $SMALL "${NETS[@]}" --look-points 32 --resume b/train_toy.safetensors
printf '1 2\n3 4\n' >few.txt
"$program" $SMALL --steps 1000000 --out i >out 2>err & pid=$!
for k in $(seq 600); do compgen -G 'i/*.tsv.*.tmp' >/dev/null && break; sleep 0.1; done # opened when training begins
kill -INT $pid; wait $pid; [ $? = 130 ] && [ -s i/train_toy.safetensors ] && [ -s i/train_toy.tsv ]
check 'an interrupt saves, and exits with 130'
if command -v gnuplot >/dev/null; then
    "$program" --threads 1 --quiet --batch 16 --look-points 16 --steps 2 --log-every 1 --sample-every 1 "${NETS[@]}" --out g >out 2>err && [ "$(head -c 6 g/train_toy.gif)" = GIF89a ]
    check 'the animation'
fi
run --rate 10 --optimiser sgd --lambda 1e6 --steps 50 --out n
[ $? = 5 ] && grep -q "the critic's loss is not finite" err && ! leftovers n
check 'a loss that is not finite: exit 5'
cp b/train_toy.safetensors cut.safetensors && truncate -s -9 cut.safetensors

refuses 2 "b/train_toy.safetensors has done 20 steps already: raise --steps" $SMALL "${NETS[@]}" --steps 10 --resume b/train_toy.safetensors
refuses 2 "was trained with rate 1e-3; this run says 0.5" $SMALL "${NETS[@]}" --rate 0.5 --resume b/train_toy.safetensors
refuses 2 "was trained with critic input 2; linear 16 leaky 0.2; linear 16 leaky 0.2; linear 1; this run says input 2; linear 1" $SMALL "${NETS[@]}" --critic 'input 2; linear 1' --resume b/train_toy.safetensors
refuses 3 "cut.safetensors: byte" $SMALL "${NETS[@]}" --resume cut.safetensors
refuses 3 "few.txt: 2 points, too few to train on: at least 10" $SMALL --data few.txt
refuses 4 "nowhere.tsv" $SMALL --data nowhere.tsv
refuses 2 "the critic takes 3 numbers where a point of ring8 has 2" $SMALL --critic 'input 3; linear 1'
refuses 2 "the generator makes 3 numbers where the critic takes 2" $SMALL --generator 'input 2; linear 3'
refuses 2 "--lambda and --one-sided are for --loss wgan-gp" $SMALL --loss gan --lambda 1
refuses 2 "--sample-every 7 is not a multiple of --log-every 5" $SMALL --sample-every 7
refuses 2 'architecture, column 10: "konv"' $SMALL --critic 'input 2; konv 1'

summary
