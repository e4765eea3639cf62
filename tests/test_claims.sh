#!/bin/bash
# plots/claims.awk, behind `make claims`: many files in, one table in the order of the ids out.
set -u
gather=$(realpath "$(dirname "$0")/../plots/claims.awk")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" && mkdir -p plots/quick plots/paper || exit 1
passed=0 failed=0

check() { # check NAME: the status of the command before
    if [ "$?" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1"
        sed 's/^/    /' out err
    fi
}
file() { # file PATH ROW...: a claims file; a row is "id verdict statement"
    local path=$1 program
    shift
    program=$(basename "$path" .claims.tsv)
    printf '# program: %s\nid\tmeasured\texpected\ttolerance\tseeds\tverdict\tstatement\tprogram\n' "$program" >"$path"
    for row in "$@"; do
        printf '%s\tm%s\te\tt\t1\t%s\t%s\t%s\n' "${row%% *}" "${row%% *}" "$(cut -d' ' -f2 <<<"$row")" "$(cut -d' ' -f3- <<<"$row")" "$program" >>"$path"
    done
}
gathered() { awk -v preset="$1" -f "$gather" plots/"$1"/*.claims.tsv </dev/null >out 2>err; }

file plots/quick/alpha.claims.tsv 'C10 HOLDS the tenth' 'C26 HOLDS the last'
file plots/quick/beta.claims.tsv 'C02 FAILS the second' 'C14 MIXED a part' 'C14 HOLDS another part'
file plots/paper/beta.claims.tsv 'C02 HOLDS the second' 'C14 HOLDS a part' 'C14 FAILS another part'
gathered quick && [ ! -s err ]
check 'several programs, one without a reference run'
[ "$(cut -f1,6,8 plots/quick/claims.tsv | tr '\t\n' '  ')" = \
    'id verdict program C02 FAILS beta C10 HOLDS alpha C14 MIXED beta C14 HOLDS beta C26 HOLDS alpha ' ]
check 'claims.tsv: in the order of the ids, rows of one id in theirs'
[ "$(head -n 1 plots/quick/claims.tsv)" = $'id\tmeasured\texpected\ttolerance\tseeds\tverdict\tstatement\tprogram' ] &&
    [ "$(awk -F'\t' '{ print NF }' plots/quick/claims.tsv | sort -u)" = 8 ]
check 'claims.tsv: its columns'
[ "$(grep -o '^C[0-9]* *[A-Z]* *[A-Z-]* *[a-z]* .*' out | tr -s ' ' | tr '\n' ';')" = \
    'C02 FAILS HOLDS beta the second;C10 HOLDS - alpha the tenth;C14 MIXED HOLDS beta a part;C14 HOLDS FAILS beta another part;C26 HOLDS - alpha the last;' ]
check 'the table: verdict, then that of the reference, a dash where there is none'
grep -qx '5 claims: 3 hold, 1 fail, 1 mixed (quick runs are indicative). Written to plots/quick/claims.tsv' out
check 'counts'
gathered paper &&
    grep -qx '3 claims: 2 hold, 1 fail, 0 mixed. Written to plots/paper/claims.tsv' out && ! grep -q reference out
check 'paper: no reference column'
cp plots/quick/claims.tsv before && printf 'C09\tonly\tfour\tcells\n' >>plots/quick/beta.claims.tsv
gathered quick
[ $? = 3 ] && grep -q 'beta.claims.tsv:6: 4 columns where a claim has 8' err && cmp -s before plots/quick/claims.tsv
check 'a row cut short: exit 3, named, the old table kept'
awk -v preset=quick -f "$gather" </dev/null >out 2>err && grep -q '^0 claims: 0 hold' out
check 'no file at all: an empty table'

echo "$passed passed, $failed failed"
[ $failed = 0 ]
