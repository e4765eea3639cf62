#!/bin/bash
# experiments/sample_images as a user runs it: grids, files, ways between latents, nets of others,
# refusals.
. "$(dirname "$0")/cli.sh" sample_images

export XDG_CACHE_HOME=$work/cache
train=${program%/*}/train_images
printf '\0\0\10\3\0\0\0\74\0\0\0\10\0\0\0\10' >data.idx && seq 1 9999 | head -c 3840 >>data.idx
printf '# settings are flags here\n' >none.ini
net() { "$train" --recipe none.ini --data data.idx --critic 'input 8x8x1; conv 4 k3 s2 leaky 0.2; linear 1' --generator "$1" --batch 4 --critic-iters 1 \
    --steps 4 --save-every 2 --grid 3 --threads 1 --no-plots --quiet --out "$2" "${@:3}" >out 2>err; }
net 'input 3; linear 4x4x4 bn relu; convt 1 k3 s2 tanh' a && net 'input 3; linear 8x8x1 sigmoid' u --latent uniform
check 'two runs to draw from'
run() { "$program" --threads 1 --quiet "$@" >out 2>err; }
size() { od -An -tu1 -j16 -N8 "$1" | awk '{ print $4 + 256 * $3, $8 + 256 * $7 }'; } # of a PNG

run a --out g && [ "$(size g/sample_images.png)" = '73 73' ] && grep -q '^64 images of 8x8x1 from a/ckpt/00000004.safetensors, into g$' out && ! leftovers g
check 'a grid of 8 by 8 from the newest checkpoint'
run a --rows 2 --columns 5 --out g2 && [ "$(size g2/sample_images.png)" = '46 19' ] && run a --out g3 && cmp -s g/sample_images.png g3/sample_images.png
check '--rows --columns; the same seed, the same bytes'
run a --seed 1 --out g3 && ! cmp -s g/sample_images.png g3/sample_images.png && run a/ckpt/00000002.safetensors --out g3 && ! cmp -s g/sample_images.png g3/sample_images.png
check 'another seed, an earlier checkpoint: others'
run a --files --rows 2 --columns 2 --out f && [ "$(ls f/*.png | wc -l)" = 4 ] && [ "$(size f/sample_images_00003.png)" = '8 8' ] && ! cmp -s f/sample_images_00000.png f/sample_images_00001.png
check '--files: one for each'
run a --files --rows 1 --columns 70 --out f70 && cmp -s f/sample_images_00003.png f70/sample_images_00003.png && ! cmp -s f70/sample_images_00003.png f70/sample_images_00067.png
check 'more than a batch; the first of many are those of few'
for r in a u; do
    run $r --interpolate --files --rows 2 --columns 3 --out i$r && run $r --files --rows 2 --columns 2 --out e$r &&
        cmp -s i$r/sample_images_00000.png e$r/sample_images_00000.png && cmp -s i$r/sample_images_00002.png e$r/sample_images_00001.png &&
        cmp -s i$r/sample_images_00003.png e$r/sample_images_00002.png && ! cmp -s i$r/sample_images_00001.png i$r/sample_images_00000.png && ! cmp -s i$r/sample_images_00001.png i$r/sample_images_00002.png
    check "$r: --interpolate begins and ends at samples"
done
cp -r a t && truncate -s -9 t/ckpt/00000004.safetensors && run t --out g4 && grep -q 'damaged: t/ckpt/00000004.safetensors' err && grep -q 'from t/ckpt/00000002' out
check 'a torn checkpoint: the one before, said'

head -c 100 a/ckpt/00000004.safetensors >cut.safetensors
refuses 2 'needs RUN; see --help'
refuses 4 'cannot read nowhere' nowhere
mkdir empty && refuses 3 'empty: no checkpoint that can be read' empty
refuses 3 'cut.safetensors: byte' cut.safetensors
refuses 2 '--rows' a --rows 0
header='{"__metadata__":{"architecture":"input 20000; linear 256x256x1 tanh"}}'
printf "\\$(printf %o ${#header})\\0\\0\\0\\0\\0\\0\\0%s" "$header" >huge.safetensors
([[ ${BIN:-} == *sanitized* ]] || ulimit -v 2000000; exec "$program" --device cpu huge.safetensors) >out 2>err
[ $? = 3 ] && grep -q 'huge.safetensors: tensor 0.weight: missing' err
check 'a net that a file has no weights for: no memory is taken for it'
net 'input 3; linear 8x8x1' plain && run plain --out p
check 'no activation at the end'

summary
