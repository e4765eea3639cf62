#!/bin/bash
# Runs test programs and adds up: run.sh "NAMES NOT BUILT" PROGRAM...
# A program's last line is Check's ("100%: Checks: 9, Failures: 0, Errors: 0") or "9 passed, 0 failed[, 1 skipped]".
set -u
skipped=0 passed=0 failed=0
for name in $1; do
    echo "skipped: $name (what it needs is missing)"
    skipped=$((skipped + 1))
done
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for program in "$@"; do
    echo "== $program"
    "$program" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    p=0 f=0 s=0
    if [[ $(grep -E '^[0-9]+%: Checks:' "$log" | tail -n 1) =~ Checks:\ ([0-9]+),\ Failures:\ ([0-9]+),\ Errors:\ ([0-9]+) ]]; then
        f=$((BASH_REMATCH[2] + BASH_REMATCH[3])) p=$((BASH_REMATCH[1] - f))
    elif [[ $(tail -n 1 "$log") =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)? ]]; then
        p=${BASH_REMATCH[1]} f=${BASH_REMATCH[2]} s=${BASH_REMATCH[4]:-0}
    fi
    s=$((s + $(grep -c '^skipped:' "$log")))
    if ((status != 0 && f == 0)); then
        echo "$program: exit $status"
        f=1
    elif ((p + f + s == 0)); then
        echo "$program: no test was run"
        f=1
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0 && passed > 0))
