# Four distances between two parallel lines against θ, and where descending them leads.
load 'plots/style.gp'
data = folder.'/parallel_lines.tsv'
descent = folder.'/parallel_lines_descent.tsv'

stats data using 'theta' nooutput
low = STATS_min; high = STATS_max
log2 = log(2)
# The columns of --learned are there or not.
learned = system("grep -c '^theta.*W_critic' ".data) > 0
NETWORK = '#222222'
thin = int((STATS_records + 40) / 41)   # of the sampled points, so that they stay apart

do for [kind in FORMATS] {
    eval figure(kind, 'parallel_lines', 900, 640)
    set multiplot layout 2,2 margins 0.09,0.975,0.09,0.93 spacing 0.11,0.16
    set xrange [low:high]
    set xlabel 'offset θ of the second line' offset 0,0.4

    set title 'Wasserstein distance: a slope on both sides'
    set ylabel 'W' offset 0.5
    set yrange [0:1.5*(high > -low ? high : -low)]
    set key at graph 0.5, graph 0.86 center
    plot data using 'theta':'W' with lines ls 1 title '|θ|', \
         data using 'theta':'W_emp' every thin with points ls 11 title 'exact transport of samples', \
         data using 'theta':(learned ? column('W_critic') : NaN) with points pt 7 ps 0.3 lc rgb NETWORK title (learned ? 'trained WGAN-GP critic' : '')

    set title 'Jensen–Shannon: a jump, then flat'
    set ylabel 'JS (nats)'
    set yrange [0:0.8]
    set ytics ('0' 0, '0.2' 0.2, '0.4' 0.4, 'log 2' log2)
    set key at graph 0.5, graph 0.60 center
    plot data using (column('theta') == 0 ? NaN : column('theta')):'JS' with lines ls 2 title 'log 2 for θ ≠ 0', \
         data using (column('theta') == 0 ? 0 : NaN):'JS' with points pt 7 ps 1 lc rgb ORANGE title '0 at θ = 0', \
         data using 'theta':'JS_emp' every thin with points ls 12 title 'histogram of samples', \
         data using 'theta':(learned ? column('JS_disc') : NaN) with points pt 7 ps 0.3 lc rgb NETWORK title (learned ? 'trained discriminator' : '')

    set title 'Total variation: a jump. KL: infinite'
    set ylabel 'TV'
    set yrange [0:1.45]
    set ytics 0,0.5,1
    set key at graph 0.5, graph 0.46 center
    set label 1 'KL = +∞ both ways for θ ≠ 0' at graph 0.5, graph 0.86 center tc rgb PINK
    set arrow 1 from graph 0.06, graph 0.74 to graph 0.06, graph 0.98 lw 2 lc rgb PINK
    set arrow 2 from graph 0.94, graph 0.74 to graph 0.94, graph 0.98 lw 2 lc rgb PINK
    plot data using (column('theta') == 0 ? NaN : column('theta')):'TV' with lines ls 3 title 'TV = 1 for θ ≠ 0', \
         data using (column('theta') == 0 ? 0 : NaN):'TV' with points pt 7 ps 1 lc rgb GREEN title '0 at θ = 0', \
         data using 'theta':'TV_emp' every thin with points ls 13 title 'histogram of samples'
    unset label 1; unset arrow 1; unset arrow 2

    set title 'Gradient descent on θ: only W arrives'
    set xlabel 'step'
    set ylabel 'θ'
    set xrange [*:*]
    set yrange [*:*]
    set ytics autofreq
    set key at graph 0.97, graph 0.7 right
    plot descent using 'step':'theta_W' with lines ls 1 title 'down W', \
         descent using 'step':'theta_JS' with lines ls 2 title 'down JS', \
         descent using 'step':'theta_TV' with lines ls 3 dt (6,6) title 'down TV'
    unset multiplot
    unset output
}
