#!/bin/bash
# experiments/wgan_changes: rows, variants differ, claims, files.
. "$(dirname "$0")/cli.sh" wgan_changes

SMALL='--threads 1 --quiet --width 8 --batch 16 --steps 10 --log-every 5 --look-points 32'
run() { "$program" $SMALL "$@" >out 2>err; }
rows() { grep -v '^#' "$1" | tail -n +2; }

run --out a && [ "$(rows a/wgan_changes.tsv | wc -l)" = 48 ] && [ "$(rows a/wgan_changes_final.tsv | wc -l)" = 16 ] && ! leftovers a
check '2 sets, 8 variants, 3 looks'
[ "$(rows a/wgan_changes_final.tsv | cut -f5 | sort -u | wc -l)" = 16 ]
check 'every variant ends elsewhere'
rows a/wgan_changes_final.tsv | awk -F'\t' '$2 !~ /batch norm/ { if ($1 in start && start[$1] != $4) exit 1; start[$1] = $4 }'
check 'and all without batch norm begin at the same W'
[ "$(rows a/wgan_changes.claims.tsv | cut -f1 | tr '\n' ' ')" = 'C25 C30 ' ]
check 'two claims'
run --out b && cmp -s a/wgan_changes.tsv b/wgan_changes.tsv
check 'the same seed, the same bytes'
refuses 2 "--clip: '-1' is not accepted" --clip -1

summary
