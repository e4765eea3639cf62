# What the critic says of its training images and of images held out, trained on few and on many:
# a thin line for each run, a bold one for their mean.
load 'plots/style.gp'
data = folder.'/overfitting.tsv'
stats data using 'images' nooutput
few = int(STATS_min); many = int(STATS_max)
stats data using 'seed' nooutput
seeds = int(STATS_max) + 1
stats data using 'step' nooutput
last = int(STATS_max)
stats data using (column('step') > 0.12 * last ? column('training') : NaN) nooutput
top = STATS_max
# one run of a kind; and the mean over all, of column k
of(n, s) = sprintf("< awk -F'\t' '$1 == \"%d\" && $2 == %d' %s", n, s, data)
mean(n, k) = sprintf("< awk -F'\t' '$1 == \"%d\" { if (!n[$3]++) at[++steps] = $3; sum[$3] += $%d } END { for (i = 1; i <= steps; i++) print at[i] \"\t\" sum[at[i]] / n[at[i]] }' %s", n, k, data)

do for [kind in FORMATS] {
    eval figure(kind, 'overfitting', 950, 400)
    set multiplot layout 1,2 margins 0.07,0.97,0.14,0.9 spacing 0.07,0
    set xlabel 'generator step' offset 0,0.4
    set yrange [0:1.1*top]
    do for [n in sprintf('%d %d', few, many)] {
        set title sprintf('trained on %s images', n)
        set ylabel n == few ? 'E f(real) − E f(fake)' : '' offset 1
        set key top right
        plot for [s = 0:seeds-1] of(int(n), s) using 3:4 with lines lc rgb '#A00072B2' lw 1, \
             for [s = 0:seeds-1] of(int(n), s) using 3:5 with lines lc rgb '#A0D55E00' lw 1, \
             mean(int(n), 4) using 1:2 with lines ls 1 title 'on training images', \
             mean(int(n), 5) using 1:2 with lines ls 2 title 'on images held out'
    }
    unset multiplot
    unset output
}
