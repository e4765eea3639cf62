# A training run: the exact distance and the critic's loss by step, and the samples at four times.
load 'plots/style.gp'
data = folder.'/train_toy.tsv'
samples = folder.'/train_toy_samples.tsv'

stats samples using 'step' nooutput
last = STATS_max
stats samples using (column('step') == last ? column('x') : NaN) nooutput
n = int(STATS_records)                    # points in a look
stats samples using 'x' nooutput
looks = int(STATS_records) / n
stats samples using 'x' every ::(looks-1)*n nooutput
side = 1.35 * (abs(STATS_min) > abs(STATS_max) ? abs(STATS_min) : abs(STATS_max))

do for [kind in FORMATS] {
    eval figure(kind, 'train_toy', 900, 560)
    set multiplot
    set origin 0, 0.46; set size nosquare 1, 0.54
    set xtics autofreq; set ytics autofreq
    set lmargin 9; set rmargin 2; set tmargin 2; set bmargin 3.2
    set title 'The critic''s loss, and the distance that it stands for'
    set xlabel 'step' offset 0,0.4
    set ylabel 'W' offset 1
    set key top right
    plot data using 'step':'W' with lines ls 1 title 'exact W to held-out points', \
         data using 'step':(-column('critic_real')-column('critic_fake')-column('penalty')) with lines ls 2 title 'minus the critic''s loss'

    set size square 0.25, 0.44
    unset ylabel; unset xlabel; unset key
    set xtics 1; set ytics 1
    set lmargin 4; set rmargin 1; set tmargin 2; set bmargin 2
    set xrange [-side:side]; set yrange [-side:side]
    do for [k = 0:3] {
        look = k * (looks - 1) / 3
        set xrange [*:*]; set yrange [*:*]
        stats samples using 'step' every ::look*n::look*n nooutput
        at = STATS_min
        set xrange [-side:side]; set yrange [-side:side]
        set origin 0.25 * k, 0
        set title sprintf('step %d', at)
        plot samples using 'x':'y' every ::look*n::look*n+n-1 with points pt 7 ps 0.25 lc rgb BLUE
    }
    unset multiplot
    unset output
    set xrange [*:*]; set yrange [*:*]
}
