# What the tests of programs share: . tests/cli.sh PROGRAM. Works in a folder of its own, which goes at the end.
set -u
program=$(realpath "${BIN:-.}/experiments/$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

check() { # check NAME: the status of the command before
    if [ "$?" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1"
        sed 's/^/    /' out err 2>/dev/null
    fi
}

refuses() { # refuses CODE MESSAGE ARGUMENT...: one line on stderr, nothing on stdout
    local code=$1 message=$2
    shift 2
    "$program" "$@" >out 2>err
    [ $? = "$code" ] && grep -qF -- "$message" err && [ "$(wc -l <err)" = 1 ] && [ ! -s out ]
    check "exit $code: $message"
}

leftovers() { # leftovers FOLDER: temporary files that a run left there
    compgen -G "$1/*.tmp" >/dev/null
}

summary() { # the last command of a test
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
