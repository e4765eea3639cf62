#!/bin/bash
# The CUDA backend on an emulated GPU (tests/emulator), which needs neither nvcc nor a GPU: the
# emulator's own tests, every primitive and every layer against the reference, what only CUDA has,
# and the tests of nets/ and of critic_step. EMULATED_PROCESSORS: its multiprocessors.
# EMULATED_ALL=1: in double too the tests of nets/, whose differences take minutes.
set -u
cd "$(dirname "$0")/.." || exit 1
E=${BIN:-build/float}/emulated
if ! [ -x "$E/tests/test_emulator" ]; then
    echo 'skipped: cuda (emulated): not built, or not in this build (it needs what the tests of networks need, and no sanitizer)'
    echo '0 passed, 0 failed'
    exit
fi
export BIN=$E TEST_DEVICE=cuda
suites='emulator parity cuda layer_parity critic_step layers penalty gan'
case $E/${EMULATED_ALL:-0} in build/double/*/0) suites=${suites% layers*} ;; esac
passed=0 failed=0
for test in $suites; do
    only=
    case $test in parity | cuda) only=CUDA ;; esac # of these suites, what such a GPU has to show
    start=$SECONDS
    out=$(env ${only:+CK_RUN_CASE=$only} "$E/tests/test_$test" 2>&1)
    if [[ $out =~ Checks:\ ([0-9]+),\ Failures:\ ([0-9]+),\ Errors:\ ([0-9]+) ]]; then
        wrong=$((BASH_REMATCH[2] + BASH_REMATCH[3])) checks=${BASH_REMATCH[1]}
    else
        wrong=1 checks=1
    fi
    passed=$((passed + checks - wrong)) failed=$((failed + wrong))
    echo "cuda (emulated), $test: $checks checks, $wrong failed, $((SECONDS - start)) s"
    ((wrong == 0)) || echo "$out"
done
echo "$passed passed, $failed failed"
((failed == 0))
