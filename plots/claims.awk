# Gathers the claims files named on the command line: one table, counts, and plots/PRESET/claims.tsv.
#   awk -v preset=quick -f plots/claims.awk plots/quick/*.claims.tsv

BEGIN {
    FS = "\t"
    names = "id\tmeasured\texpected\ttolerance\tseeds\tverdict\tstatement\tprogram"
    quick = preset == "quick"
    printf "%-5s %-8s %s%-22s %s\n", "id", "verdict", quick ? "reference  " : "", "program", "claim"
}
/^#/ { next }
FNR == 1 || $1 == "id" { next }
NF != 8 {
    printf "%s:%d: %d columns where a claim has 8\n", FILENAME, FNR, NF > "/dev/stderr"
    failed = 1
    next
}
{
    if (quick) printf "%-5s %-8s %-11s%-22s %s\n", $1, $6, reference($1, $8), $8, $7
    else printf "%-5s %-8s %-22s %s\n", $1, $6, $8, $7
    printf "      measured %s; expected %s; tolerance %s; seeds %s\n", $2, $3, $4, $5
    rows[++count] = $0
    verdicts[$6]++
}
END {
    if (failed) exit 3
    file = "plots/" preset "/claims.tsv"
    print names > file
    for (k = 1; k <= count; k++) print rows[k] > file
    printf "\n%d claims: %d hold, %d fail, %d mixed%s. Written to %s\n", count, verdicts["HOLDS"], verdicts["FAILS"], verdicts["MIXED"], quick ? " (quick runs are indicative)" : "", file
}

# The verdict of the committed reference run.
function reference(id, program,    path, line, cell, verdict) {
    path = "plots/paper/" program ".claims.tsv"
    verdict = "-"
    while ((getline line < path) > 0) {
        split(line, cell, "\t")
        if (cell[1] == id) verdict = cell[6]
    }
    close(path)
    return verdict
}
