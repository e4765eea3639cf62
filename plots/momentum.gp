# Cosine between the critic's update and minus its gradient, by optimiser.
load 'plots/style.gp'
data = folder.'/momentum.tsv'
NAMES = "'adam 0.9' 'adam 0.5' 'adam 0' 'rmsprop'"
stats data using 'rate' nooutput
rate = STATS_max
stats data using 'update' nooutput
last = STATS_max
# updates of one optimiser at the largest rate: update in column 3, cosine in 4
of(o) = sprintf("< awk -F'\t' '$1 == \"%s\" && $2 == %g' %s", o, rate, data)

do for [kind in FORMATS] {
    eval figure(kind, 'momentum', 950, 330)
    set multiplot layout 1,4 margins 0.07,0.985,0.17,0.88 spacing 0.03
    set yrange [-1:1]; set xrange [0:last]
    set xlabel 'critic update' offset 0,0.3
    do for [k = 1:4] {
        set title word(NAMES, k)
        if (k == 1) { set ylabel 'cosine with minus the gradient' offset 1 } else { unset ylabel; set format y '' }
        set xtics 0, 2 * 10**floor(log10(last))
        plot 0 with lines lc rgb GREY lw 1.5, \
             of(word(NAMES, k)) using 3:4 with points pt 7 ps 0.15 lc rgb (k < 3 ? ORANGE : BLUE), \
             of(word(NAMES, k)) using 3:($4 < 0 ? $4 : NaN) with points pt 7 ps 0.5 lc rgb PINK
    }
    unset multiplot
    set format y '%g'
    unset output
}
