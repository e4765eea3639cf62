#!/bin/bash
# experiments/weak_topology as a user runs it: columns, bounds, arrows, limited slopes, claims, refusals.
. "$(dirname "$0")/cli.sh" weak_topology

run() { "$program" --pairs 800 --doublings 6 --resolution 32 "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }
columns() { grep -v '^#' "$1" | head -n 1 | tr '\t' ' '; }

run && [ -s plots/quick/weak_topology.tsv ] && [ -s plots/quick/weak_topology.provenance ] && ! leftovers plots/quick
check 'plots/quick by default, nothing left over'
t=plots/quick/weak_topology
[ "$(columns $t.tsv)" = 'sequence n KL KL_rev TV JS W weak' ] && [ "$(rows $t.tsv | wc -l)" = 63 ] &&
    [ "$(columns ${t}_functions.tsv | wc -w)" = 11 ] && [ "$(rows ${t}_functions.tsv | wc -l)" = 63 ]
check 'seven n of nine sequences'

# The sharp inequality for JS is log 2 − h((1 + TV)/2) ≥ TV²/2, h the entropy of two outcomes.
[ "$(columns ${t}_pairs.tsv)" = 'kind points TV JS KL KL_rev W_over_diameter' ] && [ "$(rows ${t}_pairs.tsv | wc -l)" = 800 ] &&
    rows ${t}_pairs.tsv | awk -F'\t' '
    function h(a) { return a <= 0 || a >= 1 ? 0 : -a * log(a) - (1 - a) * log(1 - a) }
    { kinds[$1]++; e = 1e-7
      if ($3 < 1e-4 || $3 > 1 + e || $4 > log(2) * $3 + e || $4 < log(2) - h((1 + $3) / 2) - e) bad = 1
      kl = $5 == "inf" || $6 != "inf" && $6 < $5 ? $6 : $5
      if (kl != "inf" && kl < 2 * $3 * $3 - e || $7 > $3 + e || $7 <= 0) bad = 1
      if ($1 == "disjoint" && ($3 < 1 - e || kl != "inf" || $4 < log(2) - e)) bad = 1
      if (($1 == "dense" || $1 == "near") && ($5 == "inf" || $6 == "inf")) bad = 1
      if ($2 == 2 && ($7 < $3 - e)) bad = 1
      r[1] = kl == "inf" ? 0 : 2 * $3 * $3 / kl; r[2] = $3 * $3 / (2 * $4); r[3] = $4 / (log(2) * $3); r[4] = $7 / $3
      for (k = 1; k <= 4; k++) if (r[k] > tightest[k]) tightest[k] = r[k]
      low = low || $3 < 0.01; two += $2 == 2 }
    END { n = 0; for (k in kinds) n++
          printf "%.6f, %.6f, %.6f, %.6f", tightest[1], tightest[2], tightest[3], tightest[4] >"tightest"
          for (k = 1; k <= 4; k++) if (tightest[k] < 0.99 || tightest[k] > 1 + e) bad = 1
          exit bad || !(n == 5 && low && two > 5) }' &&
    [ "$(sed -n 's/^C05 .*left\/right ≤ \(.*\) on 800 pairs.*/\1/p' out | awk '{ printf "%.6f, %.6f, %.6f, %.6f", $1, $2, $3, $4 }')" = "$(cat tightest)" ]
check 'the bounds on each random pair, of five kinds; no constant could be better, as C05 says'
rows $t.tsv | awk -F'\t' '
    $1 == "parallel_lines" && ($7 * $2 < 0.999999 || $7 * $2 > 1.000001 || $5 != 1 || $3 != "inf" || $4 != "inf") { exit 1 }
    $1 == "sliding_box" && ($5 * $2 < 0.999999 || $5 * $2 > 1.000001 || $3 != "inf" || $4 != "inf") { exit 1 }
    $1 == "fast_ripple" && ($5 < 0.317 || $5 > 0.319 || $3 == "inf" || $8 > 2 * $5) { exit 1 }
    $1 == "escaping_speck" && $2 == 64 && ($7 < 0.95 || $5 > 1 / 64) { exit 1 }'
check 'the sequences as their formulas say'
[ "$(columns ${t}_arrows.tsv)" = 'from to theorem broken_by broken_by_unbounded' ] && rows ${t}_arrows.tsv | awk -F'\t' '
    { kept += $4 == "-"; if (($3 == "yes") != ($4 == "-")) bad = 1
      if (($2 == "W") != ($5 == "escaping_speck")) bad = 1
      by[$1 " " $2] = $4 }
    END { exit bad || !(NR == 30 && kept == 16 && by["KL KL_rev"] == "trimmed_box" && by["KL_rev KL"] == "speck" &&
                 by["TV KL"] == "speck" && by["weak TV"] == "fast_ripple" && by["W TV"] == "fast_ripple") }'
check '30 arrows: 16 hold, 14 are broken, and by whom'
[ "$(columns ${t}_slopes.tsv)" = 'sequence n slope value W TV' ] && rows ${t}_slopes.tsv | awk -F'\t' '
    $1 == "parallel_lines" { least = $3 == "inf" || $3 / $2 > 2 ? 2 : $3 / $2; d = $4 - least; if (d * d > 1e-12) bad = 1; seen++ }
    { if ($3 != "inf" && $4 > $3 * $5 * (1 + 1e-6) || $4 > 2 * $6 + 1e-6) bad = 1
      if ($3 == "inf" && $4 < 2 * $6 - 1e-6) bad = 1
      if ($3 * $5 < 0.001 && $3 != "inf" && $4 < $3 * $5 * (1 - 1e-6)) bad = 1 }
    END { exit bad || seen != 170 }'
check 'limited slopes: min(L/n, 2) on the lines, between L W and 2 TV everywhere, 2 TV without a limit'
[ "$(rows $t.claims.tsv | cut -f1,6,8 | tr '\t\n' '  ')" = 'C05 HOLDS weak_topology C06 HOLDS weak_topology ' ]
check 'two claims in the file'
grep -q 'of 30 arrows 16 unbroken, 14 broken, 0 not as stated' out && [ "$(grep -c '^C0[56] HOLDS (quick) ' out)" = 2 ] && grep -q '^escaping_speck .*→ 0 .*stays .*unbounded$' out
check 'two verdicts and the table on stdout'
"$program" --preset paper --pairs 800 --doublings 6 --resolution 16 --out p >out 2>err && grep -q '^C05 HOLDS  ' out
check '--preset paper: verdicts without (quick)'

run --out a && run --out b && for f in a/*.tsv; do cmp -s "$f" "b/${f#a/}" || exit 1; done
check 'the same seed, the same bytes'
run --seed 1 --out b && ! cmp -s <(rows a/weak_topology_pairs.tsv) <(rows b/weak_topology_pairs.tsv) &&
    cmp -s <(rows a/weak_topology.tsv) <(rows b/weak_topology.tsv)
check 'another seed: other pairs, the same sequences'
refuses 2 '--resolution 33 is odd' --resolution 33
refuses 2 "--doublings: '20' is not accepted; give a whole number from 6 to 14" --doublings 20
refuses 2 "--pairs: '0' is not accepted" --pairs 0
"$program" --help >out 2>err && grep -q -- '--pairs=N' out && [ ! -s err ]
check '--help'
"$program" --version >out 2>err && grep -q '^weak_topology (earthmover), commit ' out
check '--version'

summary
