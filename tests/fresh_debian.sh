#!/bin/bash
# The README's promise on a Debian that has nothing but make: as root, as a plain user, at a terminal
# and without one. Needs root and debootstrap. KEEP=1 keeps the folder; SUITE=bookworm|trixie|...
set -u
[ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null || { echo "needs root and debootstrap" >&2; exit 2; }
cd "$(dirname "$0")/.." || exit 2
house=$(mktemp -d "${TMPDIR:-/var/tmp}/fresh-debian.XXXXXX")
home=/home/reader clone=$home/earthmover # on the machines in it
log=$house/log
passed=0 failed=0

leave() {
    umount "$house"/*/dev/pts "$house"/*/proc 2>/dev/null
    [ "${KEEP:-0}" = 1 ] || rm -rf "$house"
}
trap leave EXIT

verdict() { # verdict STATUS NAME
    if [ "$1" = 0 ]; then
        passed=$((passed + 1)); echo "ok      $2"
    else
        failed=$((failed + 1)); echo "FAILED  $2"; grep -aE '^FAILED|:[FE]:|[Ee]rror' "$log" | head -n 25; tail -n 25 "$log"
    fi
}

inside() { # inside MACHINE USER COMMAND: what it prints goes to the log
    chroot "$house/$1" su - "$2" -c "cd $clone && $3" >"$log" 2>&1 </dev/null
}
at_a_terminal() { # at_a_terminal MACHINE ANSWER COMMAND
    echo "$2" | chroot "$house/$1" su - reader -c \
        "cd $clone && script -qec '$3' /dev/null" >"$log" 2>&1
}
printed() { grep -q -- "$1" "$log"; }
exits() { # exits CODE COMMAND...
    local expected=$1
    shift
    "$@"
    [ $? = "$expected" ]
}

new_machine() { # a copy of the base system with a user and a clone
    cp -a "$house/base" "$house/$1"
    mount -t proc proc "$house/$1/proc"
    mount -t devpts devpts "$house/$1/dev/pts" 2>/dev/null
}

debootstrap --variant=minbase --include=make "${SUITE:-bookworm}" "$house/base" >"$log" 2>&1 || { cat "$log"; exit 2; }
chroot "$house/base" useradd -m -s /bin/bash reader
mkdir "$house/base$clone"
git archive HEAD | tar -x -C "$house/base$clone"
chroot "$house/base" chown -R reader:reader $home

new_machine root
exits 0 inside root root 'make demo' && printed '^Installing: .*gnuplot-nox' && printed '^C04 HOLDS' &&
    [ -s "$house/root$clone/plots/quick/parallel_lines.png" ]
verdict $? 'root: make demo installs, says what, runs and draws'
exits 0 inside root root 'make check' && printed '^Installing: .*liblemon-dev' && printed '^[0-9]* passed, 0 failed'
verdict $? 'root: make check installs and passes'
inside root root 'make clean; chown -R reader:reader .'
exits 0 inside root reader 'make demo'
verdict $? 'user: make demo where all is there asks for nothing'

new_machine user
exits 2 inside user reader 'make demo' && printed 'sudo apt-get install .*gcc' && ! printed 'Run this now'
verdict $? 'user without a terminal: prints the line, exit 2'
exits 2 at_a_terminal user n 'make demo' && printed 'Run this now' && printed 'Nothing installed'
verdict $? 'user at a terminal who says no: nothing is installed, exit 2'
exits 2 inside user reader 'make demo DEPS=no' && printed 'a C compiler is missing'
verdict $? 'user, DEPS=no, no compiler: says what is missing, exit 2'

chroot "$house/user" sh -c 'apt-get install -y --no-install-recommends gcc libc6-dev' >"$log" 2>&1
cp -a "$house/root/usr/include/Random123" "$house/user$home/"
exits 0 inside user reader 'mkdir -p own/include && cp -a ~/Random123 own/include/ && make PREFIX=$PWD/own' &&
    exits 0 inside user reader 'experiments/parallel_lines --theta 0,1 && printf "0\n1\n" > p && experiments/distances p p'
verdict $? 'user: a compiler and Random123 in a folder build and run both programs'
exits 4 inside user reader 'experiments/parallel_lines --learned --theta 1' && printed 'built without networks'
verdict $? 'user: without OpenBLAS, --learned says what is missing, exit 4'
exits 0 inside user reader 'rm -rf build && CPATH=$PWD/own/include make demo DEPS=no' && printed 'No figure: gnuplot is missing'
verdict $? 'user, DEPS=no, no gnuplot: the table without the figure'

chroot "$house/user" sh -c "apt-get install -y --no-install-recommends sudo && echo 'reader ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/reader" >"$log" 2>&1
exits 0 at_a_terminal user y 'make demo' && printed 'Figure: plots/quick/parallel_lines.png'
verdict $? 'user at a terminal who says yes: sudo installs, the figure is drawn'

echo "$passed passed, $failed failed"
[ $failed = 0 ]
