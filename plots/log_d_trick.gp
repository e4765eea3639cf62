# One Gaussian fitted to two modes; the two terms behind −log D; its gradient while D trains; its tail.
load 'plots/style.gp'
data = folder.'/log_d_trick.tsv'
best = folder.'/log_d_trick_best.tsv'
bands = folder.'/log_d_trick_bands.tsv'
histogram = folder.'/log_d_trick_histogram.tsv'
tail = folder.'/log_d_trick_tail.tsv'

normal(x, mean, sigma) = exp(-0.5*((x - mean)/sigma)**2)/(sigma*sqrt(2*pi))
only(column_name, value, x) = strcol(column_name) eq value ? x : NaN
HIDE = '#D8D8D8'

# The separation to draw: the widest up to 6, else the narrowest.
stats best using (column('separation') <= 6 ? column('separation') : NaN) nooutput
drawn = STATS_records > 0 ? STATS_max : 0
if (drawn == 0) { stats best using 'separation' nooutput; drawn = STATS_min }
fitted(name) = sprintf("stats best using (column('separation') == drawn ? column('%s') : NaN) nooutput", name)
eval fitted('cover_shift'); cover_shift = STATS_mean
eval fitted('cover_scale'); cover_scale = STATS_mean
eval fitted('pick_shift'); pick_shift = STATS_mean
eval fitted('pick_scale'); pick_scale = STATS_mean
two(x) = 0.5*normal(x, -drawn/2, 1) + 0.5*normal(x, drawn/2, 1)
stats best using 'separation' nooutput
widest = STATS_max; narrowest = STATS_min

stats data using (only('data', 'one', column('theta'))) nooutput
step = STATS_records > 1 ? (STATS_max - STATS_min)/(STATS_records - 1) : 1
farthest = STATS_max

do for [kind in FORMATS] {
    eval figure(kind, 'log_d_trick', 1000, 340)
    set multiplot layout 1,3 margins 0.02,0.985,0.17,0.88 spacing 0.05,0.1
    set samples 400
    set xrange [-drawn/2-4.5:drawn/2+4.5]
    set yrange [0:0.6]
    set xlabel 'x' offset 0,0.4
    unset ylabel
    unset ytics
    set key at graph 0.5, graph 0.97 center top maxrows auto noautotitle

    set title 'KL(real‖generated) covers both'
    plot '+' using 1:(two($1)) with filledcurves y1=0 fc rgb HIDE title 'the data', \
         normal(x, cover_shift, cover_scale) with lines ls 1 title 'one Gaussian, fitted'

    set title 'KL(generated‖real) picks one'
    plot '+' using 1:(two($1)) with filledcurves y1=0 fc rgb HIDE title 'the data', \
         normal(x, pick_shift, pick_scale) with lines ls 2 title 'one Gaussian, fitted'

    set lmargin at screen 0.755
    set title 'Who covers, who picks'
    set xlabel 'distance of the modes, in σ'
    set ylabel 'share on the poorer side' offset -1
    set xrange [narrowest-0.3:widest+0.3]
    set yrange [-0.03:1.12]
    set xtics nomirror 2
    set ytics nomirror ('0' 0, '¼' 0.25, '½' 0.5)
    set key at graph 0.99, graph 0.985 right top noautotitle width -1 samplen 1.4
    plot best using 'separation':'cover_side' with linespoints lw 5 lc rgb BLUE pt 7 ps 0.6 title 'KL(real‖generated)', \
         best using 'separation':'JS_side' with linespoints ls 3 pt 7 ps 0.5 title 'JS', \
         best using 'separation':'pick_side' with linespoints ls 2 pt 7 ps 0.5 title 'KL(generated‖real)', \
         best using 'separation':'logD_side' with linespoints lw 2 lc rgb PINK pt 7 ps 0.4 title '−log D'
    unset multiplot
    unset output
    unset lmargin
}

alike(high) = strcol('data') eq 'two' && column('dKL')*column('d_minus_2JS') > 1e-14 ? high : NaN
do for [kind in FORMATS] {
    eval figure(kind, 'log_d_trick_terms', 900, 350)
    set multiplot layout 1,2 margins 0.08,0.965,0.155,0.88 spacing 0.1,0.1
    set xlabel 'shift θ of the generator N(θ, 1)' offset 0,0.4
    set xzeroaxis lw 1.2 lc rgb '#444444'
    set key at graph 0.04, graph 0.98 left top maxrows 3 noautotitle samplen 1.4
    set boxwidth step
    set xtics autofreq
    do for [name in 'one two'] {
        if (name eq 'one') {
            set title 'Data of one mode: they always oppose'
            set ylabel 'slope by θ' offset 1
            set xrange [-farthest:farthest]; set yrange [-2.4:2.4]; set ytics nomirror -2,1,2
        } else {
            set title 'Two modes, near the middle: not where grey'
            unset ylabel; unset key
            set xrange [-1.5 < -farthest ? -farthest : -1.5:1.5 > farthest ? farthest : 1.5]
            set yrange [-0.36:0.36]; set ytics nomirror -0.3,0.1,0.3
        }
        plot data using (name eq 'two' ? column('theta') : NaN):(alike(1)) with boxes fs solid noborder fc rgb HIDE, \
             data using (name eq 'two' ? column('theta') : NaN):(alike(-1)) with boxes fs solid noborder fc rgb HIDE, \
             data using (only('data', name, column('theta'))):'dKL' with lines ls 1 title 'KL(generated‖real)', \
             data using (only('data', name, column('theta'))):'d_minus_2JS' with lines ls 2 title '−2 JS', \
             data using (only('data', name, column('theta'))):'d_sum' with lines lw 3 lc rgb '#222222' dt (4,4) title 'their sum: −log D'
    }
    unset multiplot
    unset output
    unset xzeroaxis
    set key
}

array COLOUR[3] = [BLUE, ORANGE, GREEN]
array UNITS[3] = [1, 10, 25]
do for [kind in FORMATS] {
    eval figure(kind, 'log_d_trick_gradient', 900, 340)
    set multiplot layout 1,2 margins 0.095,0.985,0.155,0.88 spacing 0.11,0.1
    set xlabel 'updates of D, trained afresh (G frozen)' offset 0,0.4
    set logscale xy
    set xrange [0.8:*] noextend
    set title 'The gradient of −log D grows with D…'
    set ylabel 'its norm, ± 2 sd over batches' offset -0.3
    set format y '%g'
    set yrange [*:*]
    set xtics nomirror autofreq
    set ytics nomirror autofreq
    set key at graph 0.05, graph 0.97 left top maxrows auto noautotitle width -2
    at(u, x) = column('units') == UNITS[u] && column('step') > 0 ? x : NaN
    plot for [u=1:3] bands using (at(u, column('step'))):(column('norm')-2*column('norm_sd') > 0.1*column('norm') ? column('norm')-2*column('norm_sd') : 0.1*column('norm')):(column('norm')+2*column('norm_sd')) with filledcurves fc rgb COLOUR[u] fs transparent solid 0.22 noborder, \
         for [u=1:3] bands using (at(u, column('step'))):'norm' with lines lw 3 lc rgb COLOUR[u] title sprintf('G after %d unit%s', UNITS[u], u == 1 ? '' : 's')

    set title '… and its noise grows only as it does'
    set ylabel 'sd of a batch / norm' offset 0.3
    unset logscale y
    set yrange [0:0.6]
    set ytics nomirror 0,0.1,0.6
    plot for [u=1:3] bands using (at(u, column('step'))):'noise' with lines lw 3 lc rgb COLOUR[u]
    unset multiplot
    unset output
    unset logscale
}

cauchy(t) = 2/(pi*(1 + t**2))
matched(t) = 2*normal(t, 0, 1/0.67449)
do for [kind in FORMATS] {
    eval figure(kind, 'log_d_trick_noise', 900, 360)
    set multiplot layout 1,2 margins 0.085,0.965,0.15,0.88 spacing 0.12,0.1
    set logscale xy
    set format xy '%g'
    set key maxrows auto noautotitle
    set samples 500
    set title 'The model: noise on D gives a Cauchy'
    set xlabel '|update|, in units of the scale predicted' offset 0,0.4
    set ylabel 'density' offset 0
    set xrange [0.01:1e4]
    set yrange [1e-9:1e7]
    set xtics nomirror (0.01, 0.1, 1, 10, 100, 1000, '10⁴' 10000)
    set ytics nomirror ('10⁻⁸' 1e-8, '10⁻⁶' 1e-6, '10⁻⁴' 1e-4, '0.01' 0.01, '1' 1)
    set key at graph 0.97, graph 0.98 right top
    positive(name) = column(name) > 0 ? column(name) : NaN
    plot cauchy(x) with lines lw 3 lc rgb SKY title 'Cauchy', \
         matched(x) with lines lw 2 lc rgb GREY dt (5,4) title 'normal, same quartiles', \
         histogram using 'magnitude':(positive('D_1')) with points ls 11 title 'noise on D', \
         histogram using 'magnitude':(positive('D_64')) with points pt 2 ps 0.6 lw 1.5 lc rgb ORANGE title 'mean of 64 such', \
         histogram using 'magnitude':(positive('logit_1')) with points ls 13 title 'noise on the logit'

    set title 'Real runs: no heavy tail'
    set xlabel 'norm of one sample''s gradient, in medians' offset 0,0.4
    set ylabel 'share of samples beyond' offset 0
    set xrange [0.1:1000]
    set yrange [2e-5:30]
    set xtics nomirror (0.1, 1, 10, 100, '1000' 1000)
    set ytics nomirror ('10⁻⁴' 1e-4, '10⁻³' 1e-3, '0.01' 0.01, '0.1' 0.1, '1' 1)
    set key at graph 0.97, graph 0.98 right top
    plot tail using 'medians':'cauchy' with lines lw 3 lc rgb SKY title 'Cauchy', \
         for [u=1:3] tail using 'medians':(positive(sprintf('units_%d', UNITS[u]))) with lines lw 3 lc rgb COLOUR[u] title sprintf('G after %d unit%s', UNITS[u], u == 1 ? '' : 's')
    unset multiplot
    unset output
    unset logscale
}
