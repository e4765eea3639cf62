# Gathers the claims files named on the command line: one table in the order of the ids, counts, and
# plots/PRESET/claims.tsv.
#   awk -v preset=quick -f plots/claims.awk plots/quick/*.claims.tsv

BEGIN {
    FS = "\t"
    names = "id\tmeasured\texpected\ttolerance\tseeds\tverdict\tstatement\tprogram"
    quick = preset == "quick"
}
/^#/ { next }
FNR == 1 || $1 == "id" { next }
NF != 8 {
    printf "%s:%d: %d columns where a claim has 8\n", FILENAME, FNR, NF > "/dev/stderr"
    failed = 1
    next
}
{
    # Into its place: no sorting is left to other tools, and rows of one id stay in their order.
    for (k = ++count; k > 1 && rank(rows[k - 1]) > rank($0); k--) rows[k] = rows[k - 1]
    rows[k] = $0
    verdicts[$6]++
}
END {
    if (failed) exit 3
    file = "plots/" preset "/claims.tsv"
    print names > file
    printf "%-5s %-8s %s%-22s %s\n", "id", "verdict", quick ? "reference  " : "", "program", "claim"
    for (k = 1; k <= count; k++) {
        print rows[k] > file
        show(rows[k])
    }
    printf "\n%d claims: %d hold, %d fail, %d mixed%s. Written to %s\n", count, verdicts["HOLDS"], verdicts["FAILS"], verdicts["MIXED"], quick ? " (quick runs are indicative)" : "", file
}

function rank(row) {
    return substr(row, 2) + 0
}

function show(row,    cell) {
    split(row, cell, "\t")
    printf "%-5s %-8s ", cell[1], cell[6]
    if (quick) printf "%-11s", reference(cell[1], cell[7], cell[8])
    printf "%-22s %s\n", cell[8], cell[7]
    printf "      measured %s; expected %s; tolerance %s; seeds %s\n", cell[2], cell[3], cell[4], cell[5]
}

# The verdict of the committed reference run: of the row that says the same, else of the last with the
# id; a dash where there is none.
function reference(id, statement, program,    path, line, cell, verdict) {
    path = "plots/paper/" program ".claims.tsv"
    verdict = "-"
    while ((getline line < path) > 0) {
        split(line, cell, "\t")
        if (cell[1] != id) continue
        verdict = cell[6]
        if (cell[7] == statement) break
    }
    close(path)
    return verdict
}
