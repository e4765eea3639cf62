#!/bin/bash
# experiments/distances as a user runs it: values known by hand, the shapes of file that it accepts,
# and every bad file with its message and exit code.
. "$(dirname "$0")/cli.sh" distances

run() { "$program" "$@" >out 2>err; }
value() { # value NAME EXPECTED [TOLERANCE]
    awk -F'\t' -v name="$1" -v expected="$2" -v tolerance="${3:-1e-12}" \
        '$1 == name { found = 1; d = $2 - expected; if ($2 != expected && (d > tolerance || -d > tolerance)) exit 1 }
         END { exit !found }' out
}

# ---- values by hand
printf '0\t0\n0\t1\n' >left.tsv
printf '3\t0\n3\t1\n' >right.tsv
run left.tsv right.tsv && value W 3
check 'two parallel pairs, 3 apart'
run left.tsv right.tsv --cost sql2 && value W 9
check 'squared'
printf '0 0\n' >origin && printf '3 4\n' >point
run origin point && value W 5 && run origin point --cost l1 && value W 7 && run origin point --cost=sql2 && value W 25
check 'one point against one: 5, 7, 25'
run origin point --directions 20000 && value SW 3.18309886 0.05 # 5 · E|cos φ| = 10/π
check 'sliced: 5 times the mean of |cos|'
printf '0\n1\n' >line && printf '0\n1\n2\n' >three
run line three && value W 0.5 && value SW 0.5
check 'n ≠ m in one dimension'
printf '0 0.25\n1 0.75\n' >p && printf '0 3\n1 1\n' >q
run p q --weights --atoms && value W 0.5 && value TV 0.5 && value KL 0.54930614433405 1e-13 &&
    value KL_rev 0.54930614433405 1e-13 && value JS 0.13081203594113697 1e-13
check 'weights are scaled; (1/4, 3/4) against (3/4, 1/4)'
run left.tsv right.tsv --atoms && value TV 1 && value JS 0.69314718055994531 1e-15 && value KL inf && value KL_rev inf
check 'disjoint atoms: TV 1, JS log 2, KL inf'
printf '0.1\n0.2\n5\n' >a && printf '0.3\n0.4\n5.1\n' >b
run a b --bins 1 && value TV 0 && value JS 0 && value KL 0 && run a b --atoms && value TV 1
check 'the same histogram, different atoms'
run left.tsv left.tsv --atoms && value W 0 && value SW 0 && value TV 0
check 'a cloud against itself'
[ "$(run left.tsv right.tsv --bins 1; cut -f1 out | tr '\n' ' ')" = 'W SW TV JS KL KL_rev ' ]
check 'names and order'
printf '0\n' >o && printf '0.1\n' >tenth && run o tenth && grep -qxP 'W\t0.10000000000000001' out
check '%.17g'

# ---- plan and potentials
printf '0 1\n10 1\n' >p && printf '1 1\n9 1\n' >q
run p q --weights --plan plan.tsv --potentials dual.tsv && [ "$(tail -n 3 plan.tsv)" = $'i\tj\tmass\n0\t0\t0.5\n1\t1\t0.5' ]
check 'the plan'
awk -F'\t' '$1 == "A" { u += $3 / 2 } $1 == "B" { v += $3 / 2 } END { exit !(u + v > 1 - 1e-12 && u + v < 1 + 1e-12) }' dual.tsv
check 'mean potentials add up to W = 1'

# ---- files that are accepted
printf '\xef\xbb\xbfx,y\r\n0,0\r\n\r\n# a remark\r\n0,1\r\n' >windows.csv
run windows.csv left.tsv && value W 0
check 'byte order mark, names, commas, Windows line ends, blank and # lines'
printf '  0   0 \n 0 1' >blanks
run blanks left.tsv && value W 0
check 'blanks, no line end at the end'
printf '# seed: 0\nname\ty\tx\nfoo\t1\t0\nbar\t0\t0\n' >own.tsv
printf 'x,y,extra\n0,1,nan\n0,0,nan\n' >other.csv
run own.tsv other.csv --columns x,y && value W 0
check '--columns picks by name, others are not looked at'
printf 'x,w,y\n0,1,0\n0,1,1\n' >weighted.csv
run weighted.csv weighted.csv --columns x,y,w --weights && value W 0
check '--columns with --weights: the last picked column'
run --seed 1 left.tsv right.tsv && cp out first && run --seed=1 left.tsv right.tsv && cmp -s out first
check 'the same seed gives the same bytes'
run left.tsv right.tsv --out results && grep -qxP 'W\t3' results/distances.tsv && [ -s results/distances.provenance ]
check '--out keeps the values'

# ---- bad data: exit 3, the place named
bad() { # bad CONTENT MESSAGE ARGUMENT...
    printf "$1" >bad.tsv
    local message=$2
    shift 2
    refuses 3 "$message" bad.tsv left.tsv "$@"
}
bad '' 'bad.tsv: no points in it'
bad '# only\n\n' 'bad.tsv: no points in it'
bad 'x\ty\n' 'bad.tsv: no points in it'
bad '1\t2\n3\tfour\n' "bad.tsv:2: column 2: 'four' is not a number"
bad '1 2\n3 4x\n' "bad.tsv:2: column 2: '4x' is not a number"
bad 'x y\n1 2\n\n# r\n3 nan\n' "bad.tsv:5: column 2: 'nan' is not a finite number"
bad '1 inf\n' "bad.tsv:1: column 2: 'inf' is not a finite number"
bad '1e999 2\n' "bad.tsv:1: column 1: '1e999' is not a finite number"
bad '1\t\n' 'bad.tsv:1: column 2: empty'
bad '1\t2\n3\n' 'bad.tsv:2: 1 columns where the first row has 2'
bad '1 2 3\n' 'bad.tsv has points of 3 coordinates, left.tsv of 2'
bad '1 2\r3 4\n5 6\n' 'bad.tsv:1: a carriage return inside the line'
bad '1.5.0 2\n3 4\n' "bad.tsv:1: column 1: '1.5.0' is not a number"
bad '1\t2\n\t\n' 'bad.tsv:2: column 1: empty'
bad '1 2\0003\n' 'bad.tsv:1: a zero byte at column 4'
bad '0 1\n1 -1\n' 'bad.tsv:2: column 2: the weight -1 is negative' --weights
bad '0 0\n1 0\n' 'bad.tsv: the weights add up to 0' --weights
bad '5\n' 'bad.tsv:1: one column only: no coordinate is left beside the weight' --weights
bad '1 2\n' 'bad.tsv:1: --columns x,y needs a first row of column names here' --columns x,y
bad 'a b\n1 2\n' "bad.tsv:1: no column is named 'x'" --columns x,b
bad 'a a\n1 2\n' "bad.tsv:1: 2 columns are named 'a'" --columns a
printf 'x y\n1e200 0\n' >far && refuses 3 'left.tsv' far left.tsv --cost sql2

printf '0\n' >o && printf '1e9\n' >far && refuses 3 'o and far: ' o far --bins 1e-9

# ---- usage: exit 2; input and output: exit 4
refuses 2 'needs A.tsv B.tsv' left.tsv
refuses 2 'one argument too many' left.tsv right.tsv left.tsv
refuses 2 "--cost: 'l3' is not accepted; give one of l1|l2|sql2" left.tsv right.tsv --cost l3
refuses 2 '--cos: no such option' left.tsv right.tsv --cos l1
refuses 2 '--atoms and --bins exclude each other' left.tsv right.tsv --atoms --bins 1
refuses 2 "--bins: '0' is not accepted" left.tsv right.tsv --bins 0
refuses 2 "--bins: 'nan' is not accepted" left.tsv right.tsv --bins nan
refuses 2 '--atoms takes no value' left.tsv right.tsv --atoms=1
refuses 2 '--bins needs a value' left.tsv right.tsv --bins
refuses 2 'would be overwritten' left.tsv right.tsv --plan ./left.tsv
refuses 2 'two results would be written to res/distances.tsv' left.tsv right.tsv --out res --plan res/distances.tsv
refuses 2 'two results would be written to ./new.tsv' left.tsv right.tsv --plan new.tsv --potentials ./new.tsv
cp left.tsv l.tmp && run l.tmp right.tsv --plan l && cmp -s l.tmp left.tsv
check 'an input called like a temporary file stays'
refuses 4 'cannot read none.tsv: No such file or directory' none.tsv left.tsv
refuses 4 'cannot read .: Is a directory' . left.tsv
refuses 4 'cannot write no/where: No such file or directory' left.tsv right.tsv --plan no/where
"$program" left.tsv right.tsv >/dev/full 2>err
[ $? = 4 ] && grep -q 'No space left' err
check 'a full disk on stdout: exit 4'
run left.tsv right.tsv --plan /dev/full
[ $? = 4 ] && [ -c /dev/full ] && grep -q 'cannot write /dev/full: No space left' err
check 'a full disk under the plan: exit 4'

summary
