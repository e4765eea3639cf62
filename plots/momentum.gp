# Cosine between the critic's update and minus its gradient, by optimiser; share of negative ones by run.
load 'plots/style.gp'
data = folder.'/momentum.tsv'
runs = folder.'/momentum_runs.tsv'
NAMES = "'adam 0.9' 'adam 0.5' 'adam 0' 'rmsprop' 'sgd'"
TITLES = "'Adam, β₁ = 0.9' 'Adam, β₁ = 0.5' 'Adam, β₁ = 0' 'RMSProp' 'SGD'"
COLOURS = ORANGE.' '.PINK.' '.GREEN.' '.BLUE.' '.GREY
stats data using 'update' nooutput
last = STATS_max
stats data using 'rate' nooutput
rate = STATS_max
stats data using (column('loss') == 0) nooutput
dead = STATS_max > 0
# updates of one optimiser, all seeds: update in column 4, cosine in 5, loss in 7
of(o) = sprintf("< awk -F'\t' '$1 == \"%s\"' %s", o, data)
# runs of one optimiser: rate in column 2, share of negative cosines in 4
runs_of(o) = sprintf("< awk -F'\t' '$1 == \"%s\"' %s", o, runs)
share(o) = sprintf("%.2g %%", 100 * real(system(sprintf("awk -F'\t' '$1 == \"%s\" && $2 == %g { s += $4; n++ } END { print s / n }' %s", o, rate, runs))))
RATES = system(sprintf("awk -F'\t' '!/^#/ && $2 + 0 && !($2 in seen) { seen[$2]; print $2 }' %s", runs))
place(r) = sum [k = 1:words(RATES)] (real(word(RATES, k)) == r ? k : 0)

do for [kind in FORMATS] {
    eval figure(kind, 'momentum', 950, 540)
    set multiplot layout 2,3 margins 0.075,0.975,0.11,0.94 spacing 0.05,0.15
    do for [k = 1:5] {
        set yrange [-1:1.05]; set xrange [0:last]
        set xtics 0, (last > 2000 ? 2000 : 500)
        if (k > 3) { set xlabel 'critic update' offset 0,0.5 } else { unset xlabel }
        if (k % 3 == 1) { set ylabel 'cosine with −gradient' offset 1; set format y '%g' } else { unset ylabel; set format y '' }
        set title word(TITLES, k).': '.share(word(NAMES, k)).' uphill' offset 0,-0.5
        set key top right samplen 0.5
        if (k > 1) { set key off } else { set key on }
        plot of(word(NAMES, k)) using 4:($7 != 0 && $5 >= 0 ? $5 : NaN) with points pt 7 ps 0.2 lc rgb BLUE notitle, \
             of(word(NAMES, k)) using 4:($7 != 0 && $5 < 0 ? $5 : NaN) with points pt 7 ps 0.3 lc rgb ORANGE notitle, \
             of(word(NAMES, k)) using 4:($7 == 0 ? $5 : NaN) with points pt 7 ps 0.2 lc rgb GREY notitle, \
             0 with lines lc rgb '#444444' lw 1, \
             NaN with points pt 7 ps 0.7 lc rgb BLUE title 'an update downhill', \
             NaN with points pt 7 ps 0.7 lc rgb ORANGE title 'uphill', \
             NaN with points pt 7 ps 0.7 lc rgb GREY title (dead ? 'of a dead critic' : '')
    }
    set title 'every run, by rate' offset 0,-0.5
    set key on top right samplen 0.5
    set xlabel 'learning rate' offset 0,0.5; set ylabel 'updates uphill, %' offset 0.8; set ytics 5
    set xrange [0.5:words(RATES)+1.7]; set format y '%g'; set yrange [-0.8:*]
    unset xtics; set xtics nomirror out scale 0.6 tc rgb '#222222' ('' 0); do for [k = 1:words(RATES)] { set xtics add (word(RATES, k) k) }
    plot for [k = 1:5] runs_of(word(NAMES, k)) using (place($2) + 0.14 * (k - 3)):(100 * $4) with points pt 7 ps 0.5 lc rgb word(COLOURS, k) title word(TITLES, k)
    set xtics auto; set ytics auto; set format y '%g'; set yrange [*:*]
    unset multiplot
    unset output
}
