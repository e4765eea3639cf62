# JS under noise, how far its slope reaches, what its value is worth, the bound, and training.
load 'plots/style.gp'
data = folder.'/noise_annealing.tsv'
reach = folder.'/noise_annealing_reach.tsv'
value = folder.'/noise_annealing_value.tsv'
bound = folder.'/noise_annealing_bound.tsv'
path = folder.'/noise_annealing_path.tsv'
optimal = folder.'/noise_annealing_optimal.tsv'

log2 = log(2)
stats data using 'theta' nooutput; wide = STATS_max
stats path using 'step' nooutput; last = STATS_max
stats path using 'seed' nooutput; seeds = STATS_max + 1
stats path using 'theta' nooutput; start = STATS_max; lowest = STATS_min < -0.2*start ? STATS_min : -0.2*start
stats reach using (column('flat') == 1 ? column('shift') : NaN) nooutput; flat = STATS_min
stats value using 'sigma' nooutput; noisiest = STATS_max; stillest = STATS_min
sigmas = system(sprintf("grep -v '^#' '%s' | tail -n +2 | cut -f1 | sort -gu | tr '\\n' ' '", data))
run(m, s) = (strcol('method') eq m && column('seed') == s)
shade(k) = word('#8CCBEF #3B9FDB #0072B2 #00416A #00304C #001A2A', k < 6 ? k : 6)
set samples 401

do for [kind in FORMATS] {
    # ---- the message ----
    eval figure(kind, 'noise_annealing', 900, 400)
    set multiplot layout 1,2 margins 0.09,0.975,0.15,0.88 spacing 0.11,0.16
    set title 'With noise of σ on both, JS has a slope'
    set xlabel 'offset θ of the generator''s line' offset 0,0.4
    set ylabel 'JS (nats)' offset 1.5
    set xrange [-wide:wide]
    set yrange [0:1.0]
    set ytics ('0' 0, '0.2' 0.2, '0.4' 0.4, 'log 2' log2)
    set key at graph 0.5, graph 1.0 center top horizontal maxcols 3 width 1
    plot for [k=2:words(sigmas)] for [side=-1:1:2] data using (column('sigma') == real(word(sigmas, k)) ? side*column('theta') : NaN):'JS' \
             with lines lw 3 lc rgb shade(k - 1) title (side < 0 ? '' : 'σ = '.word(sigmas, k)), \
         (abs(x) < 0.01*wide ? NaN : log2) with lines ls 2 title 'no noise', \
         data using (column('sigma') == 0 && column('theta') == 0 ? 0 : NaN):'JS' with points pt 7 ps 0.8 lc rgb ORANGE
    set title 'Annealed noise moves θ; without it, θ stays'
    set xlabel 'step of the generator'
    set ylabel 'θ' offset 0.5
    set xrange [0:last]
    set yrange [-0.1*start:1.3*start]
    set ytics autofreq
    set key at graph 0.97, graph 0.72 right vertical maxrows 3 width 0
    plot for [s=0:seeds-1] path using (run('plain', s) ? column('step') : NaN):(column('theta')) with lines ls 2 title (s ? '' : 'no noise'), \
         for [s=0:seeds-1] path using (run('annealed', s) ? column('step') : NaN):(column('theta')) with lines ls 1 title (s ? '' : 'annealed noise'), \
         path using (run('annealed', 0) ? column('step') : NaN):'sigma' with lines lw 2 dt (6,5) lc rgb GREY title 'its σ'
    unset multiplot
    unset output

    # ---- how far the slope reaches ----
    eval figure(kind, 'noise_annealing_reach', 760, 420)
    set lmargin 13; set rmargin 4; set bmargin 3.5; set tmargin 2.5
    set title 'A slope for every θ/σ, but a batch sees little of it'
    set xlabel 'θ/σ'
    set ylabel 'σ dJS/dθ'
    set xrange [0:24]
    set yrange [1e-32:10]
    set logscale y; set format y '1e%T'; set ytics 1e-32,1e8,1 
    set key at graph 0.05, graph 0.35 left maxrows 2 vertical
    set arrow 1 from flat, graph 0 to flat, graph 1 nohead lw 2 dt (6,5) lc rgb GREY
    set label 1 "from here, JS in\ndouble is log 2" at flat + 0.3, graph 0.93 tc rgb GREY
    plot reach using 'shift':'slope' with lines ls 1 title 'true', \
         reach using 'shift':'slope_batch' with linespoints ls 12 lw 2 title 'what a batch sees'
    unset logscale y; set format y; unset arrow 1; unset label 1; set ytics autofreq
    unset output

    # ---- what the value is worth ----
    eval figure(kind, 'noise_annealing_value', 900, 400)
    set multiplot layout 1,2 margins 0.09,0.975,0.15,0.88 spacing 0.11,0.16
    set title 'One pair: the noise alone sets JS'
    set xlabel 'σ of the noise, falling →' offset 0,0.4
    set ylabel 'W, and JS (nats)'
    set xrange [1.2*noisiest:stillest/1.2]
    set yrange [0:2*start]
    set logscale x; set xtics (2, 1, 0.5, 0.2, 0.1)
    set key at graph 0.5, graph 1 center top maxrows 3 vertical
    plot value using 'sigma':'W':'floor' with yerrorbars ls 1 lw 2 pt 7 ps 0.6 title 'W of noisy samples, ± its floor', \
         value using 'sigma':'JS' with lines ls 2 title 'JS of the noisy pair', \
         value using 'sigma':(log2 - column('loss_D')/2) with points ls 12 title 'log 2 − ½ loss of a trained D'
    unset logscale x; set xtics autofreq
    set title 'Annealed too fast: JS rises while θ improves'
    set xlabel 'step of the generator'
    set ylabel ''
    set xrange [0:last]
    set key at graph 0.5, graph 0.25 center maxrows 2 vertical
    plot for [s=0:seeds-1] path using (run('hurried', s) ? column('step') : NaN):(abs(column('theta'))) with lines ls 1 title (s ? '' : 'W = |θ|'), \
         for [s=0:seeds-1] path using (run('hurried', s) ? column('step') : NaN):'JS_D' with lines ls 2 title (s ? '' : 'JS by D')
    unset multiplot
    unset output

    # ---- the bound ----
    eval figure(kind, 'noise_annealing_bound', 860, 440)
    set lmargin 9; set rmargin 24; set bmargin 3.5; set tmargin 2.5
    set title 'No pair above the bound; 2 could be √2'
    set xlabel '√JS of the noisy pair'
    set ylabel '(W − 2 √V) / C'
    set xrange [0:0.86]
    set yrange [-0.3:1.2]
    set key at graph 1.04, graph 0.98 left top maxrows 5 vertical
    plot bound using (sqrt(column('JS'))):(strcol('family') eq 'swapped' || strcol('family') eq 'lines' ? NaN : (column('W') - 2*column('root_V'))/column('C')) \
             with points pt 7 ps 0.2 lc rgb SKY title 'random pairs', \
         bound using (sqrt(column('JS'))):(strcol('family') eq 'lines' ? (column('W') - 2*column('root_V'))/column('C') : NaN) \
             with points pt 4 ps 0.5 lc rgb GREEN title 'parallel lines', \
         bound using (sqrt(column('JS'))):(strcol('family') eq 'swapped' ? (column('W') - 2*column('root_V'))/column('C') : NaN) \
             with points pt 6 ps 0.7 lc rgb BLUE title 'two points, swapped', \
         2*x with lines ls 2 title 'the bound: 2 √JS', \
         sqrt(2)*x with lines lw 2 dt (6,5) lc rgb ORANGE title '√2 √JS'
    unset output

    # ---- every way to train ----
    eval figure(kind, 'noise_annealing_methods', 900, 560)
    set lmargin; set rmargin; set bmargin; set tmargin
    set multiplot layout 2,3 margins 0.075,0.975,0.11,0.92 spacing 0.06,0.16
    set xrange [0:last]
    set yrange [1.1*lowest:1.1*start]; set ytics 0.5*start
    set xlabel ''
    unset key
    name(m) = word('annealed constant hurried steady adam log_d', m)
    exact(m) = (m == 1 ? 'annealed' : m == 2 ? 'constant' : m == 3 ? 'hurried' : 'steady')
    array titles[6] = ['annealed, step ∝ σ²: arrives', 'constant step: thrown about', \
        '4 times faster: left behind', 'steady noise: arrives', \
        'Adam, no noise: near it', '−log D, no noise: restless']
    do for [m=1:6] {
        set title titles[m]
        set ylabel (m == 1 || m == 4 ? 'θ' : '') offset 1.5
        set xlabel (m > 3 ? 'step' : '')
        if (m <= 4) {
            plot for [s=0:seeds-1] path using (run(name(m), s) ? column('step') : NaN):(column('theta')) with lines lw 1.5 lc rgb (m == 2 || m == 3 ? ORANGE : BLUE), \
                 optimal using 'step':exact(m) with lines lw 1.5 dt (4,4) lc rgb 'black'
        } else {
            plot for [s=0:seeds-1] path using (run(name(m), s) ? column('step') : NaN):(column('theta')) with lines lw 1.5 lc rgb PINK
        }
    }
    unset multiplot
    unset output
}
