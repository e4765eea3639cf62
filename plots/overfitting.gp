# What the critic says of its training images and of images held out, trained on few and on many.
load 'plots/style.gp'
data = folder.'/overfitting.tsv'
set datafile columnheaders
stats data using 'images' nooutput
few = int(STATS_min); many = int(STATS_max)
stats data using 'seed' nooutput
seeds = int(STATS_max) + 1
stats data using 'step' nooutput
last = int(STATS_max)
stats data using (column('step') > 0.1 * last ? column('training') : NaN) nooutput
top = STATS_max
# both estimates of one run of one kind
of(n, s) = sprintf("< awk -F'\t' '$1 == \"%d\" && $2 == %d' %s", n, s, data)
unset datafile columnheaders

do for [kind in FORMATS] {
    eval figure(kind, 'overfitting', 950, 400)
    set multiplot layout 1,2 margins 0.07,0.98,0.14,0.9 spacing 0.06,0
    set xlabel 'generator step' offset 0,0.4
    set yrange [0:1.1*top]
    do for [n in sprintf('%d %d', few, many)] {
        set title sprintf('trained on %s images', n)
        set ylabel n == few ? 'E f(real) − E f(fake)' : '' offset 1
        set key top right
        plot for [s = 0:seeds-1] of(int(n), s) using 3:4 with lines lc rgb BLUE lw 1.6 title s ? '' : 'on training images', \
             for [s = 0:seeds-1] of(int(n), s) using 3:5 with lines lc rgb ORANGE lw 1.6 title s ? '' : 'on images held out'
    }
    unset multiplot
    unset output
}
