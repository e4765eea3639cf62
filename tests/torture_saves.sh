#!/bin/bash
# Kills a run that saves at every step, KILLS times at moments drawn at random, and resumes it each
# time: torture_saves.sh KILLS. No checkpoint may be found damaged, nothing may be left over, and the
# end must be what an undisturbed run gives. TABLE=FILE: the counts go there too.
set -u
program=$(realpath "${BIN:-.}/experiments/train_images")
kills=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TABLE=${TABLE:+$(realpath "$TABLE")}
cd "$work" || exit 1
export XDG_CACHE_HOME=$work/cache
RANDOM=1

printf '\0\0\10\3\0\0\0\74\0\0\0\10\0\0\0\10' >data.idx && seq 1 9999 | head -c 3840 >>data.idx
net=(--data data.idx --critic 'input 8x8x1; conv 64 k3 s2 leaky 0.2; linear 1' --generator 'input 3; linear 4x4x64 bn relu; convt 1 k3 s2 tanh'
     --batch 4 --critic-iters 1 --log-every 5 --sample-every 5 --grid 2 --keep 2 --no-plots --threads 1 --quiet)
printf '# settings are flags here\n' >none.ini
fail() { echo "torture_saves: $*" >&2; exit 1; }
newest() { ls run/ckpt 2>/dev/null | grep -E '^[0-9]+\.safetensors$' | tail -n 1; }


# How to go on: a new run, or the one that is there, as words in `command`.
choose() {
    if [ -n "$(newest)" ]; then
        command=("$program" --resume run)
    else
        rm -rf run
        command=("$program" --recipe none.ini "${net[@]}" --out run)
    fi
}

torn=0
for k in $(seq "$kills"); do
    choose
    "${command[@]}" --save-every 1 --steps 100000000 2>>err &
    pid=$!
    before=$(newest)
    if ((k % 4)); then # in the middle of training; else perhaps while it starts
        for _ in $(seq 3000); do [ "$(newest)" != "$before" ] && break; sleep 0.02; done
    fi
    sleep "0.$(printf '%03d' $((RANDOM % 300)))"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ $? = 137 ] || fail "kill $k: the run had ended by itself: $(tail -n 1 err)"
    compgen -G 'run/*/*.tmp' >/dev/null && torn=$((torn + 1))
done
grep -q damaged err && fail "a damaged checkpoint: $(grep damaged err | head -n 1)"
file=$(newest)
[ -n "$file" ] || fail "no checkpoint after the last kill: $(tail -n 1 err)"
last=$((10#${file%.safetensors} + 3))
choose
"${command[@]}" --save-every 1000000 --steps $last 2>>err || fail "the last resume: $(tail -n 1 err)"
compgen -G 'run/*.tmp' >/dev/null || compgen -G 'run/*/*.tmp' >/dev/null && fail 'temporary files are left over'
"$program" --recipe none.ini "${net[@]}" --save-every 1000000 --steps $last --out whole || fail 'the undisturbed run'
cmp -s run/ckpt/"$(newest)" whole/ckpt/"$(newest)" || fail "after $last steps the checkpoint is not that of an undisturbed run"
echo "$kills kills, $torn with a file half written, $last steps: no checkpoint damaged, the same bytes as undisturbed"
[ -z "${TABLE:-}" ] || printf 'kills\thalf_written\tsteps\tdamaged\n%d\t%d\t%d\t0\n' "$kills" $torn $last >"$TABLE"
