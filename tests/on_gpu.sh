#!/bin/bash
# All that needs a GPU, in one go on a bare machine: build; parity of primitives and of layers, the
# backend's own tests, nets/ and critic_step on the GPU, in float and double; compute-sanitizer;
# benchmarks.
#
#   tests/on_gpu.sh [FOLDER]    what was found goes into FOLDER (default: $OUT, else build/on_gpu):
#                               machine.txt, log.txt, bench.txt
#   PREFIX=DIR                  libraries unpacked in DIR/include and DIR/lib; no network is needed
#
# Ends in under 8 minutes: each step has a limit, and all of them have one together. Exit 0: all
# passed; 1: something failed; 4: no GPU, something missing, or the folder cannot be written.
set -u
cd "$(dirname "$0")/.." || exit 4
unset OPENBLAS_CORETYPE CK_RUN_CASE TEST_DEVICE
export PATH=$PATH:/usr/local/cuda/bin
TOGETHER=460 # seconds

stop() {
    echo "on_gpu.sh: $1" >&2
    exit 4
}

# What the build needs, found as the Makefile finds it.
missing=$(make -s DEPS=no tools | sed -n 's/^✗ \([^:]*\).*/\1/p' |
    grep -xE 'a C compiler|Random123|OpenBLAS|jansson|zlib|Check|the CUDA compiler' | paste -sd ,)
[ -z "$missing" ] || stop "missing: ${missing//,/, } (PREFIX=DIR: libraries in DIR/include and DIR/lib)"
nvidia-smi -L 2>/dev/null | grep -q . || stop 'no GPU: nvidia-smi lists none'
folder=${1:-${OUT:-build/on_gpu}}
mkdir -p "$folder" && : >"$folder/log.txt" || exit 4
log=$folder/log.txt step=$folder/step.txt
trap 'rm -f "$step"' EXIT

{
    nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv
    date -u +'%Y-%m-%d %H:%M:%S UTC'
    echo "commit $(git describe --always --dirty --abbrev=10 2>/dev/null || echo unknown)"
    uname -srm
    grep -m 1 'model name' /proc/cpuinfo
    nvcc --version | tail -n 2
} 2>&1 | tee "$folder/machine.txt"

passed=0 failed=0 skipped=0

# step NAME SECONDS COMMAND...: runs a function of this script, or a program, within SECONDS and what
# is left of all. A suite that skips its CUDA half has failed: there is a GPU.
step() {
    local name=$1 limit=$2 left=$((TOGETHER - SECONDS)) start=$SECONDS status=124
    shift 2
    ((limit > left)) && limit=$left
    echo "=== $name: $*" >"$step"
    if ((limit > 0)); then
        timeout -k 5 "$limit" bash -c '"$@"' _ "$@" >>"$step" 2>&1
        status=$?
        grep -q '^skipped: CUDA' "$step" && status=1
    fi
    if ((status == 0)); then
        passed=$((passed + 1))
        printf 'passed   %-22s %4d s\n' "$name" $((SECONDS - start))
    else
        failed=$((failed + 1))
        printf 'FAILED   %-22s %4d s, exit %d%s\n' "$name" $((SECONDS - start)) "$status" \
            "$( ((status == 124)) && echo ' (out of time)')"
        tail -n 12 "$step" | sed 's/^/    /'
    fi
    cat "$step" >>"$log"
    return "$status"
}

build() { # TYPE TARGET...
    local type=$1
    shift
    make -j"$(nproc)" DEPS=no REAL="$type" "${@/#/build/$type/}"
}

# Of the parity suite, the CUDA half. In one process: each new one takes a good part of a second to
# open the GPU.
parity() { # TYPE
    CK_FORK=no CK_RUN_CASE=CUDA "build/$1/tests/test_parity"
}

# What runs on the CPU in make check, on the GPU; FORK=yes for a suite with tests that must abort.
on_cuda() { # TYPE TEST [FORK]
    CK_FORK=${3:-no} TEST_DEVICE=cuda BIN=build/$1 "build/$1/tests/$2"
}

# In one process, and parity with one size only: a tool slows every launch. An allocation that is
# meant to fail is no error.
sanitizer() { # TOOL TEST
    CK_FORK=no CK_RUN_CASE=CUDA PARITY_SIZE=31 compute-sanitizer --tool "$1" \
        --report-api-errors no --error-exitcode 9 --print-limit 20 "build/float/tests/$2"
}

bench() { # NAME ARGUMENT...
    "build/float/tests/bench/$1" "${@:2}" | tee -a "$folder/bench.txt"
    return "${PIPESTATUS[0]}"
}
export folder
export -f build parity on_cuda sanitizer bench

: >"$folder/bench.txt"
TESTS=(tests/test_parity tests/test_cuda tests/test_layer_parity)

if step 'build float' 150 build float "${TESTS[@]}" tests/test_critic_step experiments/critic_step; then
    step 'parity float' 90 parity float
    step 'cuda float' 60 build/float/tests/test_cuda
    step 'layer parity float' 60 on_cuda float test_layer_parity
    step 'critic_step float' 90 on_cuda float test_critic_step
fi
if step 'build double' 120 build double "${TESTS[@]}" tests/test_layers tests/test_penalty tests/test_gan; then
    step 'parity double' 90 parity double
    step 'cuda double' 60 build/double/tests/test_cuda
    step 'layer parity double' 60 on_cuda double test_layer_parity
    step 'layers double' 60 on_cuda double test_layers yes
    step 'penalty double' 80 on_cuda double test_penalty
    step 'gan double' 60 on_cuda double test_gan
fi
if step 'build benchmarks' 60 build float tests/bench/kernels tests/bench/critic_step; then
    step 'bench kernels' 40 bench kernels
    step 'bench critic_step' 60 bench critic_step --device cuda --rounds 3
    step 'bench in TF32' 60 bench critic_step --device cuda --precision tf32 --rounds 3
fi

# Last, as they take longest.
if [ -x build/float/tests/test_parity ] && command -v compute-sanitizer >/dev/null; then
    for tool in memcheck racecheck; do
        step "$tool parity" 50 sanitizer "$tool" test_parity
        step "$tool cuda" 40 sanitizer "$tool" test_cuda
    done
    step 'initcheck parity' 50 sanitizer initcheck test_parity
else
    echo 'skipped  compute-sanitizer: not on this machine'
    skipped=$((skipped + 5))
fi

cat "$folder/bench.txt"
echo "$passed passed, $failed failed, $skipped skipped in $SECONDS s"
((failed == 0)) || exit 1
