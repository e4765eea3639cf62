#!/bin/bash
# experiments/train_images as a user runs it: what a run leaves, resuming to the same bytes, recipes
# and flags, interrupts, damaged checkpoints, a full disk, losses that are not finite.
tests=$(realpath "$(dirname "$0")")
. "$(dirname "$0")/cli.sh" train_images

export XDG_CACHE_HOME=$work/cache
idx() { printf '\0\0\10\3\0\0\0'"\\$(printf %o "$2")"'\0\0\0\10\0\0\0\10' >"$1" && seq 1 9999 | head -c $(($2 * 64)) >>"$1"; } # FILE COUNT: images of 8×8
idx data.idx 60
idx other.idx 61
cat >tiny.ini <<'END'
# a net of a few weights
data = data.idx
critic = input 8x8x1;
    conv 4 k3 s2 leaky 0.2;
    linear 1
generator = input 3; linear 4x4x4 bn relu; convt 1 k3 s2 tanh
batch = 4
critic-iters = 2
steps = 8
log-every = 2
sample-every = 4
save-every = 4
grid = 2
threads = 1
no-plots = yes
END
run() { "$program" --quiet "$@" >out 2>err; }
rows() { grep -v '^#' "$1/metrics.tsv" | tail -n +2; }
last=ckpt/00000008.safetensors

run --recipe tiny.ini --out a && [ "$(rows a | wc -l)" = 5 ] && [ "$(ls a/samples | tr '\n' ' ')" = '00000000.png 00000004.png 00000008.png ' ] &&
    [ "$(ls a/ckpt | tr '\n' ' ')" = '00000004.safetensors 00000008.safetensors ' ] && [ -s a/report.html ] && [ -s a/reals.png ] && [ ! -s out ] && [ ! -s err ] && ! leftovers a
check 'rows, samples, checkpoints, a report, nothing left over'
[ "$(grep -v '^#' a/metrics.tsv | head -n 1)" = "$(echo step critic_loss w_estimate penalty norm_mean norm_max generator_loss validation_loss training_loss images_per_s | tr ' ' '\t')" ]
check 'columns in order'
rows a | awk -F'\t' 'function abs(x) { return x < 0 ? -x : x }
    NR > 1 && (abs($2 + $3 - $4) > 1e-6 * (1 + abs($2)) || $6 < $5 || $5 <= 0 || $4 < 0 || $10 <= 0 || $8 == "nan" || $9 == "nan") { bad = 1 }
    END { exit bad || NR != 5 }'
check 'critic loss = penalty − W; norms, both losses on images, speed'
rows a | awk -F'\t' 'NR > 1 { n++; p += $4; m = $5; low += 10 * (m - 1) * (m - 1) } END { exit !(p >= low - 1e-6) }'
check 'mean (‖∇f‖ − 1)² is no less than that of the mean norm'
! grep -q 'http-equiv' a/report.html && [ "$(grep -o 'data:image/png;base64,' a/report.html | wc -l)" = 5 ] && grep -q 'Step 8 of 8, finished' a/report.html && grep -q 'critic-iters = 2' a/report.html
check 'the report: pictures inside, settings, no more reloading'

run --recipe tiny.ini --steps 4 --out b && run --resume b --steps 8 && cmp -s a/$last b/$last && cmp -s a/samples/00000008.png b/samples/00000008.png &&
    cmp -s <(rows a | cut -f1-9) <(rows b | cut -f1-9)
check '8 steps = 4, resumed, 4 more: checkpoint, samples and losses byte by byte'
run --recipe a/config.ini --out c && cmp -s a/$last c/$last && cmp -s a/config.ini c/config.ini
check 'config.ini is a recipe of the same run'
run --recipe tiny.ini --log-every 1 --sample-every 1 --held-out 0 --out d && ! cmp -s a/$last d/$last && run --recipe tiny.ini --log-every 1 --sample-every 1 --out d2 && cmp -s a/$last d2/$last && [ "$(ls d2/samples | wc -l)" = 9 ]
check 'looking changes nothing; --held-out 0 leaves more to train on'
run --recipe tiny.ini --keep 1 --save-every 1 --out k && [ "$(ls k/ckpt)" = 00000008.safetensors ] && cmp -s a/$last k/$last
check '--keep 1'
for other in '--loss wgan --optimiser rmsprop' '--loss nsgan' '--loss lsgan --rate-horizon 100' '--reuse-latents --latent uniform --init glorot-uniform' '--instance-noise 0.5 --noise-horizon 6' '--one-sided --critic-iters 1'; do
    run --recipe tiny.ini $other --out x && run --recipe tiny.ini $other --steps 3 --out y && run --resume y --steps 8 && cmp -s x/$last y/$last && ! cmp -s a/$last x/$last
    check "$other: resumes to the same bytes"
    rm -rf x y
done
cp -r a back && rm back/$last && run --resume back --steps 6 && [ "$(ls back/samples | tr '\n' ' ')" = '00000000.png 00000004.png ' ] &&
    cmp -s <(rows a | head -n 4 | cut -f1-9) <(rows back | cut -f1-9)
check 'resumed before its end: neither rows nor samples of what comes later'
run --resume back --steps 8 && cmp -s a/$last back/$last && cmp -s <(rows a | cut -f1-9) <(rows back | cut -f1-9)
check 'and on from there: every row once'
run --recipe tiny.ini --steps 13 --log-every 13 --sample-every 1 --out long && [ "$(ls long/samples | wc -l)" = 14 ] &&
    [ "$(grep -o '<figcaption>step [0-9]*' long/report.html | grep -o '[0-9]*$' | tr '\n' ' ')" = '1 3 5 7 9 11 13 ' ]
check 'the report: of more than twelve grids every other, and the last'
run --resume b --steps 8 --rate 0.0001 --critic 'input 8x8x1; conv 4 k3 s2 leaky 0.20; linear 1'
check 'settings given again, in another spelling'
run --recipe tiny.ini --seed 1 --out s && ! cmp -s a/$last s/$last
check 'another seed, another run'
"$program" --recipe tiny.ini --dry-run --rate 3e-4 --out no >out 2>err && grep -q '^rate = 0.0003$' out && grep -q '^batch = 4$' out && grep -q '^clip = 0.01$' out && [ ! -e no ]
check '--dry-run: a flag before a recipe before a default, and no folder'
# critic, forward, a row: 2·4·4·9·4 + 2·64 = 1280; generator: 2·3·64 + 2·9·4·16 = 1536
# 4·(2·(9·1280 − 2·1152 + 1280 + 1536) + 3·1536 − 384 + 2·1280) = 123392
grep -q 'A step: 2 critic updates and one of the generator, 0.0001234 GFLOP' out && grep -q '54 + 6 images' out
check '--dry-run: arithmetic and images'
"$program" --recipe tiny.ini --dry-run --limit 20 >out 2>err && grep -q '20 + 2 images' out && "$program" --recipe tiny.ini --dry-run --limit 20 --held-out 1 >out 2>err && grep -q '20 + 1 images' out &&
    "$program" --recipe tiny.ini --dry-run --limit 20 --held-out 0 >out 2>err && grep -q '20 + 0 images' out
check '--limit: so many to train on, and held-out ones beside them'

if command -v gnuplot >/dev/null; then
    run --recipe tiny.ini --held-out 0 --loss nsgan --out "it's g" && sed -i 's/^no-plots.*/no-plots = no/' "it's g/config.ini" && rm -rf 'g 2' && run --recipe "it's g/config.ini" --out "g'2" &&
        [ "$(head -c 6 "g'2/samples.gif")" = GIF89a ] && grep -q '<svg' "g'2/report.html" && grep -q critic "g'2/loss.svg" && ! grep -q 'Norm of' "g'2/loss.svg" && [ ! -s err ]
    check 'curves and the animation, without panels that have nothing to show'
    printf '#!/bin/sh\nexit 1\n' >gnuplot && chmod +x gnuplot && (PATH=$work:$PATH run --recipe "it's g/config.ini" --out g3) && grep -q 'going on without plots' err && [ -s g3/$last ]
    check 'where gnuplot fails: said, and training goes on'
fi

# what happens to long runs
"$program" --quiet --recipe tiny.ini --steps 100000000 --save-every 100000000 --sample-every 100000000 --out i >out 2>err & pid=$!
for k in $(seq 100); do [ -s i/report.html ] && sleep 0.2 && break; sleep 0.1; done
"$program" --resume i --steps 100000000 >out2 2>err2
[ $? = 2 ] && grep -q 'another process is training in this folder' err2
check 'one process to a folder'
grep -q '<meta http-equiv="refresh"' i/report.html
check 'the report of a run that goes on reloads itself'
kill -INT $pid; wait $pid; [ $? = 130 ] && [ "$(ls i/ckpt | wc -l)" = 1 ] && grep -q 'stopped' i/report.html && ! grep -q http-equiv i/report.html && ! leftovers i
check 'an interrupt saves, and exits with 130'
(trap '' HUP; exec "$program" --quiet --recipe tiny.ini --steps 100000000 --save-every 100000000 --sample-every 100000000 --out nohup >out 2>err) & pid=$!
for k in $(seq 600); do [ -s nohup/report.html ] && break; sleep 0.1; done
kill -HUP $pid; sleep 0.5; still=$(grep -c 'training\.' nohup/report.html); kill -TERM $pid; wait $pid; [ $? = 130 ] && [ $still = 1 ] && [ "$(ls nohup/ckpt | wc -l)" = 1 ]
check 'under nohup a terminal that goes away changes nothing'
cp -r a t && truncate -s -9 t/$last && touch t/$last.77.tmp t/samples/00000004.png.8.tmp t/mine.tmp && "$program" --resume t >out 2>err &&
    grep -q "damaged: t/$last: byte" err && grep -q 'going on from t/ckpt/00000004.safetensors' err && cmp -s a/$last t/$last && [ -e t/$last.damaged ] && ! leftovers t/ckpt && ! leftovers t/samples && [ -e t/mine.tmp ]
check 'a torn checkpoint: the one before, said; left-over files swept, others not'
cp -r a u && printf '\1' | dd of=u/$last bs=1 seek=$(($(stat -c %s u/$last) - 1)) conv=notrunc 2>/dev/null && "$program" --resume u >out 2>err &&
    grep -q "damaged: u/$last: its content has the checksum" err && cmp -s a/$last u/$last
check 'a byte of a weight that is another: the checkpoint before'
cp a/$last before && cp -r a f && (ulimit -f 6; run --resume f --steps 12 --keep 1; echo $? >code) && [ "$(cat code)" = 4 ] && grep -q 'cannot write f/ckpt/00000012.safetensors: File too large; the last good checkpoint is f/ckpt/00000008.safetensors' err && cmp -s before f/$last && ! leftovers f/ckpt
check 'a full disk: exit 4, the old checkpoint named and whole'
for rate in 100 1000 10000 1e5 1e6; do # the least that ends it after a checkpoint
    rm -rf n
    run --recipe tiny.ini --optimiser sgd --rate $rate --steps 400 --save-every 1 --out n
    [ $? = 5 ] && named=$(grep -o 'a loss is not finite; the last good checkpoint is .*' err) && break
done
[ -s "${named##* }" ] && [ "$(ls n/ckpt | tail -n 1)" = "${named##*/}" ] && ! leftovers n/ckpt && grep -q 'failed: a loss is not finite' n/report.html && ! grep -q http-equiv n/report.html && run --resume n --steps 400
[ $? = 5 ]
check 'a loss that is not finite: exit 5, the last good checkpoint named, which can be read'
run --recipe tiny.ini --optimiser sgd --rate 1e6 --steps 400 --save-every 400 --out m
[ $? = 5 ] && grep -q 'a loss is not finite; no checkpoint was written yet' err
check 'a loss that is not finite before the first checkpoint'
BIN=${program%/experiments/*} bash "$tests/torture_saves.sh" 3 >out 2>err
check 'kill -9, three times'

# refusals
ini() { { grep -v "^$1" tiny.ini; printf '%b\n' "$2"; } >bad.ini; }
ini rate 'rate = 1e-4\nrate = 1e-3'
refuses 2 'bad.ini:17: rate stands here a second time; the first is in line 16' --recipe bad.ini
ini rate 'raet = 1'
refuses 2 'bad.ini:16: raet: no such setting; see --help' --recipe bad.ini
ini steps 'steps = 0'
refuses 2 "bad.ini:15: steps: '0' is not accepted; give a whole number from 1 to 1000000000" --recipe bad.ini
ini no-plots 'no-plots = maybe'
refuses 2 "bad.ini:15: no-plots: 'maybe' is not accepted; give yes or no" --recipe bad.ini
ini rate '[training]\nrate = 1'
refuses 2 'bad.ini:16: there are no sections: [training]' --recipe bad.ini
ini rate 'out = here'
refuses 2 'bad.ini:16: out: is not for recipes' --recipe bad.ini
ini rate 'rate'
refuses 2 'bad.ini:16: neither NAME = VALUE nor a comment' --recipe bad.ini
ini rate "rate = $(printf '%0200d' 1)"
refuses 2 'bad.ini:16: longer than 190 bytes' --recipe bad.ini
ini rate ' = 3'
refuses 2 "bad.ini:15: no-plots: 'yes = 3' is not accepted" --recipe bad.ini
ini rate '= 3'
refuses 2 'bad.ini:16: no name before the =' --recipe bad.ini
ini rate "$(printf 'n%.0s' $(seq 50)) = 3"
refuses 2 'bad.ini:16: a name of more than 49 bytes' --recipe bad.ini
refuses 2 "--cache: a blank at either end cannot be written in a recipe" --quiet --recipe tiny.ini --cache 'x ' --out z
ini critic 'critic = input 8x8x1 ; linear 1'
refuses 2 'a ; after a blank would begin a comment' --recipe bad.ini
ini data ''
refuses 2 '--data is missing' --recipe bad.ini
refuses 2 "--recipe: there is no 'nope'; give a file, or one of cifar32, dcgan64-ln, emoji-quick, emoji64, faces64, fashion-quick, mnist28" --recipe nope
refuses 4 'cannot read none.ini' --recipe none.ini
refuses 2 'a holds a run: --resume a goes on with it' --recipe tiny.ini --out a
refuses 2 "was trained with critic input 8x8x1; conv 4 k3 s2 leaky 0.2; linear 1; this run says input 8x8x1; linear 1" --quiet --resume b --critic 'input 8x8x1; linear 1'
refuses 2 'was trained with data 60 images 8x8x1, digest' --quiet --resume b --data other.idx
refuses 2 'was trained with seed 0; this run says 1' --quiet --resume b --seed 1
refuses 2 'has done 8 steps already: raise --steps' --quiet --resume b --steps 7
refuses 2 '--recipe: the run of --resume has its settings in config.ini already' --resume b --recipe tiny.ini
refuses 4 'nowhere/config.ini' --resume nowhere
refuses 2 'the critic takes 28x28x1 where the images are 8x8x1' --quiet --recipe tiny.ini --out z --critic 'input 28x28x1; linear 1'
refuses 2 'the generator makes 64 numbers where the images are 8x8x1' --quiet --recipe tiny.ini --out z --generator 'input 3; linear 64'
refuses 2 '--lambda and --one-sided are for --loss wgan-gp' --recipe tiny.ini --loss gan --lambda 1
refuses 2 'batch norm' --quiet --recipe tiny.ini --out z --critic 'input 8x8x1; conv 4 k3 s2 bn leaky 0.2; linear 1'

mkdir parts && cp data.idx parts/train-images-idx3-ubyte && { printf '\0\0\10\3\0\0\0\11\0\0\0\4\0\0\0\4' && head -c 144 /dev/zero; } >parts/t10k-images-idx3-ubyte
refuses 3 'parts: the test images are 4x4x1, the training images 8x8x1' --quiet --recipe tiny.ini --data parts --out z
mkdir -p mine/samples other-run/samples && echo 'mine = 1' >mine/config.ini && touch mine/notes.2024.tmp other-run/samples/00000001.png
refuses 2 'mine holds files of something else' --recipe tiny.ini --out mine
refuses 2 'other-run holds files of something else' --recipe tiny.ini --out other-run
[ "$(cat mine/config.ini)" = 'mine = 1' ] && [ -e mine/notes.2024.tmp ] && [ -e other-run/samples/00000001.png ]
check 'files that no run has written are left alone'
mkdir early && head -n 1 a/config.ini >early/config.ini && cp -r a/samples early/ && touch early/notes.2024.tmp && "$program" --recipe tiny.ini --out early >out 2>err && grep -q 'a run that ended before its first checkpoint is replaced' err && cmp -s a/$last early/$last && [ -e early/notes.2024.tmp ]
check 'a run that ended before its first checkpoint: replaced, and said'
cp -r a renamed && mv renamed/$last renamed/ckpt/00000012.safetensors && "$program" --resume renamed >out 2>err && grep -q 'damaged: renamed/ckpt/00000012.safetensors: it is of step 8' err && cmp -s a/$last renamed/$last
check 'a checkpoint that is not of the step in its name: the one before'
cp -r a dangling && ln -s gone dangling/ckpt/00000099.safetensors
refuses 4 'cannot read dangling/ckpt/00000099.safetensors' --resume dangling
cp -r a emptied && : >emptied/config.ini
refuses 3 'emptied/config.ini: without data, critic or generator' --resume emptied
refuses 2 'was trained with grid 2; this run says 3' --quiet --resume b --grid 3
refuses 2 'emoji is of the format emoji, not folder' --quiet --recipe tiny.ini --data emoji --format folder --out nothing
mkdir -p shown gallery && touch shown/report.html
refuses 2 'shown holds files of something else' --recipe tiny.ini --out shown
refuses 2 '--out gallery/runs/x lies in the folder of the data' --recipe tiny.ini --data gallery --out gallery/runs/x
cd gallery; refuses 2 '--out runs/tiny lies in the folder of the data' --recipe ../tiny.ini --data .; cd ..
ini critic 'critic = input 8x8x1; conv 8 z3; linear 1'
refuses 2 'bad.ini:14: critic: architecture, column 21: "z3": expected the kernel' --recipe bad.ini --out z
refuses 2 '--generator: architecture, column' --recipe tiny.ini --generator 'input 3; convolution' --out z
printf '# a comment\n  [training]\n%s\n' "$(cat tiny.ini)" >bad.ini
refuses 2 'bad.ini:2: there are no sections: [training]' --recipe bad.ini
refuses 4 'cannot read ?[31mx?.ini' --recipe "$(printf '\033[31mx\n.ini')"
[ ! -e z ] && [ ! -e nothing ] && [ ! -e gallery/runs ]
check 'what is refused leaves no folder'
mkdir "$(printf 'n%.0s' $(seq 200))" && refuses 2 "--data: the value does not fit a line of a recipe" --recipe tiny.ini --data "$(printf 'n%.0s' $(seq 200))" --out z
ln -s "$PWD/data.idx" link.idx && run --recipe tiny.ini --data link.idx --out linked && grep -q "^data = $PWD/link.idx$" linked/config.ini && cmp -s <(grep -a -o digest.* a/$last | cut -c 1-24) <(grep -a -o digest.* linked/$last | cut -c 1-24)
check 'a link stays a link in config.ini'

summary
