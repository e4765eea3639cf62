# The discriminator against the critic on two Gaussians; what D learns; what its V is worth; JS by cases.
load 'plots/style.gp'
run = folder.'/optimal_discriminator.tsv'
training = folder.'/optimal_discriminator_training.tsv'
curves = folder.'/optimal_discriminator_curves.tsv'
value = folder.'/optimal_discriminator_value.tsv'
sample = folder.'/optimal_discriminator_sample.tsv'
split = folder.'/optimal_discriminator_split.tsv'
cases = folder.'/optimal_discriminator_cases.tsv'
log2 = log(2)
NEAR = 'every ::0::60'   # of the cases: what follows is further away
first(x) = column('seed') == 0 ? x : NaN     # of the first training only

# A critic counts up to a factor and a constant: drawn so that it is 1 amid P_r and 0 amid P_g.
stats run using 'x':(first(column('P_r'))) nooutput; at_real = STATS_pos_max_y
stats run using 'x':(first(column('P_g'))) nooutput; at_fake = STATS_pos_max_y
near(x) = abs(column('x') - x) < 1e-6
stats run using (near(at_real) ? first(column('f_penalised')) : NaN) nooutput; f_real = STATS_mean
stats run using (near(at_fake) ? first(column('f_penalised')) : NaN) nooutput; f_fake = STATS_mean
stats run using (first(column('slope_penalised'))) nooutput; slope_penalised = STATS_mean
stats run using (first(column('slope_clipped'))) nooutput; slope_clipped = STATS_mean
stats run using 'x' nooutput; low = STATS_min; high = STATS_max
stats training using 'step' nooutput; longest = STATS_max
stats sample using 'step' nooutput; by_heart = STATS_max
stats sample using 'bound' nooutput; bound = STATS_mean
stats sample using 'seed' nooutput; last_seed = int(STATS_max)

do for [kind in FORMATS] {
    eval figure(kind, 'optimal_discriminator', 900, 640)
    set multiplot
    set xrange [low:high]
    set lmargin at screen 0.1; set rmargin at screen 0.98
    set tmargin at screen 0.94; set bmargin at screen 0.56
    set title 'Both tell the two apart. Only one still says which way to go'
    set yrange [-0.55:1.5]
    set ytics 0,0.5,1
    set xlabel 'x' offset 0,0.6
    set ylabel 'D, or the critic' offset 1
    set label 1 'real' at at_real, 0.12 center tc rgb '#555555'
    set label 2 'generated' at at_fake, 0.12 center tc rgb '#555555'
    set label 3 'D is flat here: no slope for the generator' at at_fake + 1, -0.4 right tc rgb ORANGE
    set key at graph 0.99, graph 0.95 right top
    plot run using 'x':(first(column('P_r'))) with filledcurves y=0 fc rgb SKY fs transparent solid 0.35 noborder notitle, \
         run using 'x':(first(column('P_g'))) with filledcurves y=0 fc rgb PINK fs transparent solid 0.35 noborder notitle, \
         run using 'x':(first(column('D_opt'))) with lines lw 7 lc rgb '#F3C9AE' title 'D* = real / (real + generated)', \
         run using 'x':(first(column('D'))) with lines ls 2 title 'D, trained', \
         run using 'x':(first((column('f_penalised') - f_fake) / (f_real - f_fake))) with lines ls 1 title 'critic (scaled), trained'
    unset label 1; unset label 2; unset label 3

    set tmargin at screen 0.43; set bmargin at screen 0.10
    set rmargin at screen 0.50
    set title 'Their slopes'
    set ylabel '|slope|' offset 0.6
    set logscale y
    set yrange [1e-18:300]
    set ytics ('10⁻¹⁵' 1e-15, '10⁻¹⁰' 1e-10, '10⁻⁵' 1e-5, '1' 1)
    set key at graph 0.5, graph 0.18 center
    plot run using 'x':(first(column('slope_D_opt'))) with lines lw 7 lc rgb '#F3C9AE' notitle, \
         run using 'x':(first(abs(column('slope_D')))) with lines ls 2 title 'D', \
         run using 'x':(first(column('slope_clipped') / slope_clipped)) with lines ls 3 title 'clipped critic ÷ its mean', \
         run using 'x':(first(column('slope_penalised'))) with lines ls 1 title 'penalised critic'

    set lmargin at screen 0.6; set rmargin at screen 0.965
    set title 'Amid the generated, the longer they train'
    unset ylabel
    set xlabel 'step of D or critic'
    set yrange [1e-18:300]
    set logscale x; set xrange [10:longest]
    set key at graph 0.03, graph 0.04 left bottom
    of(player, y) = strcol('player') eq player && y > 0 ? y : NaN
    plot training using 'step':(of('D', column('at_fake'))) with points pt 7 ps 0.7 lc rgb ORANGE title 'D', \
         training using 'step':(of('clipped', column('at_fake') / column('mean'))) with points ls 13 title 'clipped critic ÷ its mean', \
         training using 'step':(of('penalised', column('at_fake'))) with points ls 11 title 'penalised critic', \
         training using 'step':(of('penalised', -column('at_fake'))) with points pt 2 ps 0.8 lw 2 lc rgb '#222222' title 'the wrong way round'
    unset multiplot
    unset output
    unset logscale; unset lmargin; unset rmargin; unset tmargin; unset bmargin

    eval figure(kind, 'optimal_discriminator_curves', 900, 300)
    set multiplot layout 1,3 margins 0.075,0.985,0.2,0.88 spacing 0.05,0.1
    set yrange [0:1.12]; set ytics 0,0.5,1; set xlabel 'x'; set ylabel 'D, or density' offset 1
    set key at graph 1, graph 0.9 right top
    do for [pair in 'shifted widened uniforms'] {
        set title pair eq 'shifted' ? 'one shifted' : pair eq 'widened' ? 'one wider' : 'uniform, half apart'
        reach = pair eq 'shifted' ? 4 : pair eq 'widened' ? 5 : 2
        set xrange [-reach:reach]; set xtics reach / 2.0
        this(x) = strcol('pair') eq pair ? x : NaN
        plot curves using 'x':(this(column('P_r'))) with filledcurves y=0 fc rgb SKY fs transparent solid 0.35 noborder title (pair eq 'widened' ? 'real' : ''), \
             curves using 'x':(this(column('P_g'))) with filledcurves y=0 fc rgb PINK fs transparent solid 0.35 noborder title (pair eq 'widened' ? 'generated' : ''), \
             curves using 'x':(this(column('D_opt'))) with lines lw 7 lc rgb '#F3C9AE' title (pair eq 'shifted' ? 'D*' : ''), \
             curves using 'x':(this(column('D_mean'))) with lines ls 2 lw 2 title (pair eq 'shifted' ? 'D, trained' : '')
        unset ylabel
        if (pair eq 'widened') { unset key }
    }
    unset multiplot
    unset output
    set key

    eval figure(kind, 'optimal_discriminator_value', 900, 330)
    set multiplot layout 1,2 margins 0.13,0.975,0.17,0.88 spacing 0.09,0.1
    set title 'From the whole distribution: never over 2 JS − 2 log 2'
    set xlabel 'shift between two Gaussians' offset 0,0.4
    set ylabel 'V(D)' offset 1.8
    set xrange [*:*]; set xtics autofreq
    set yrange [-5:0.5]; set ytics ('−4' -4, '−3' -3, '−2' -2, '−2 log 2' -2*log2, '0' 0)
    set key at graph 0.99, graph 0.66 right
    plot value using 'shift':'bound' with lines lw 7 lc rgb '#F3C9AE' title '2 JS − 2 log 2', \
         value using 'shift':'V_mean' with points pt 7 ps 0.8 lc rgb ORANGE title 'trained D', \
         value using 'shift':'V_untrained' with points pt 4 ps 0.8 lw 1.5 lc rgb GREY title 'untrained D'
    set title 'From a few points, learnt by heart: over it'
    set xlabel 'step on the same few points'
    set logscale x
    set xrange [5:by_heart]
    set ytics ('−4' -4, '−3' -3, '−2' -2, '−1' -1, '0' 0); unset ylabel
    set key at graph 0.0, graph 0.32 left samplen 1
    plot bound with lines lw 7 lc rgb '#F3C9AE' title '2 JS − 2 log 2', \
         for [s=0:last_seed] sample using 'step':(column('seed') == s ? column('V_sample') : NaN) with lines ls 1 lw 2 title (s ? '' : 'V on these points'), \
         for [s=0:last_seed] sample using 'step':(column('seed') == s ? column('V') : NaN) with lines ls 2 lw 2 title (s ? '' : 'V on all the others')
    unset multiplot
    unset output
    unset logscale; unset ylabel

    eval figure(kind, 'optimal_discriminator_cases', 900, 330)
    set multiplot layout 1,2 margins 0.06,0.98,0.17,0.88 spacing 0.09,0.1
    set title 'JS point by point: ½ log 2 of what only one has'
    set xlabel 'x'
    set xrange [-0.9:3.9]; set xtics 0,1,3
    set yrange [0:1.25]; set ytics 0,0.5,1
    part(from, y) = column('x') > from - 1e-6 && column('x') < from + 1 + 1e-6 ? y : NaN
    set label 1 'none' at -0.5, 1.12 center tc rgb GREY
    set label 2 'first only' at 0.5, 1.12 center tc rgb BLUE
    set label 3 'both' at 1.5, 1.12 center tc rgb GREEN
    set label 4 'second only' at 2.5, 1.12 center tc rgb ORANGE
    set label 5 'none' at 3.5, 1.12 center tc rgb GREY
    do for [k=0:3] { set arrow (k+1) from k, 0 to k, 1.2 nohead dt (3,5) lw 1 lc rgb GREY }
    plot split using 'x':'P_1' with lines lw 1.5 lc rgb BLUE notitle, \
         split using 'x':'P_2' with lines lw 1.5 lc rgb ORANGE notitle, \
         split using 'x':(part(0, column('JS_term'))) with filledcurves y=0 fc rgb BLUE fs transparent solid 0.45 noborder notitle, \
         split using 'x':(part(1, column('JS_term'))) with filledcurves y=0 fc rgb GREEN fs transparent solid 0.6 noborder notitle, \
         split using 'x':(part(2, column('JS_term'))) with filledcurves y=0 fc rgb ORANGE fs transparent solid 0.45 noborder notitle
    do for [k=1:5] { unset label k }
    do for [k=1:4] { unset arrow k }
    set title 'Summed up, as the second moves away'
    set xlabel 'shift'
    set xrange [0:4]; set xtics 0,1,4
    set yrange [0:0.85]; set ytics ('0' 0, '½ log 2' 0.5*log2, 'log 2' log2)
    set label 1 'only the first' at 3, 0.25*log2 center tc rgb BLUE
    set label 2 'only the second' at 3, 0.75*log2 center tc rgb ORANGE
    set label 3 'both' at 0.62, 0.04 left tc rgb GREEN
    set label 4 'flat, however far' at 3, 1.09*log2 center
    set arrow 1 from 2, 0 to 2, log2 nohead dt (3,5) lw 1 lc rgb GREY
    plot cases @NEAR using 'shift':(column('only_1') + column('both') + column('only_2')):(column('only_1') + column('both')) with filledcurves fc rgb ORANGE fs transparent solid 0.45 noborder notitle, \
         cases @NEAR using 'shift':(column('only_1') + column('both')):'only_1' with filledcurves fc rgb GREEN fs transparent solid 0.6 noborder notitle, \
         cases @NEAR using 'shift':'only_1' with filledcurves y=0 fc rgb BLUE fs transparent solid 0.45 noborder notitle, \
         cases @NEAR using 'shift':'JS' with lines lw 2 lc rgb '#222222' notitle
    do for [k=1:4] { unset label k }
    unset arrow 1
    unset multiplot
    unset output
    set xtics autofreq; set ytics autofreq
}
