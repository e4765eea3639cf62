# The chain of convergences, with a sequence for every arrow that does not turn back; the gaps of
# test functions beside the distances; test functions of limited slope; the bounds on random pairs.
load 'plots/style.gp'
data = folder.'/weak_topology.tsv'
functions = folder.'/weak_topology_functions.tsv'
slopes = folder.'/weak_topology_slopes.tsv'
pairs = folder.'/weak_topology_pairs.tsv'

stats data using 'n' nooutput
last = STATS_max
# A line of the legend, in its colour.
entry(k, word, colour, x, y) = sprintf("set label %d '━━ %s' at screen %g, screen %g tc rgb '%s'", 10 + k, word, x, y, colour)
at(name) = strcol('sequence') eq name ? column('n') : NaN   # n, along one sequence
decades(low) = sprintf("set logscale xy; set xrange [1:last]; set yrange [%g:8]; unset mxtics; unset mytics; set xtics 1,8 nomirror; set format x '%%g'", low)

AXES = "set border 3 lw 1.2 lc rgb '#444444'; set tics nomirror out scale 0.6 tc rgb '#222222'; set grid lw 0.6 lc rgb '#CCCCCC'"
do for [kind in FORMATS] {
    eval figure(kind, 'weak_topology', 1000, 560)
    set multiplot

    # the chain
    set origin 0, 0.62; set size 1, 0.38
    set margins 0, 0, 0, 0
    unset logscale; unset border; unset tics; unset grid; unset label; unset title; unset xlabel
    set xrange [0:100]; set yrange [0:10]
    set object 1 rect from 3,3.2 to 22,7.8 fc rgb '#F7E6F0' fs border lc rgb PINK lw 1.5
    set object 2 rect from 38,3.2 to 62,7.8 fc rgb '#E3F2EC' fs border lc rgb GREEN lw 1.5
    set object 3 rect from 78,3.2 to 97,7.8 fc rgb '#E1EEF6' fs border lc rgb BLUE lw 1.5
    set label 1 "KL → 0\neither way" at 12.5,6.1 center
    set label 2 'TV → 0  ⇔  JS → 0' at 50,5.5 center
    set label 3 "W → 0  ⇔  weak\n(bounded set)" at 87.5,6.1 center
    set label 4 'TV² ≤ KL/2' at 30,7.9 center
    set label 5 'TV²/2 ≤ JS ≤ log 2 · TV' at 50,8.9 center
    set label 6 'W ≤ diam · TV' at 70,7.9 center
    set label 7 'broken by (b)' at 30,2.3 center tc rgb ORANGE
    set label 8 'broken by (c)' at 70,2.3 center tc rgb ORANGE
    set label 9 'without a bound: (d)' at 87.5,2.3 center tc rgb ORANGE
    do for [k=0:1] {
        x = 40 * k
        set arrow 4*k+1 from 23+x,6.6 to 37+x,6.6 lw 3 lc rgb '#222222' size 1.4,25 filled
        set arrow 4*k+2 from 37+x,4.3 to 23+x,4.3 lw 2 lc rgb ORANGE size 1.4,25 filled
        set arrow 4*k+3 from 29+x,3.4 to 31+x,5.2 nohead lw 4 lc rgb ORANGE
        set arrow 4*k+4 from 29+x,5.2 to 31+x,3.4 nohead lw 4 lc rgb ORANGE
    }
    plot NaN
    unset object; unset label; unset arrow
    eval AXES

    # a sequence for each
    eval decades(1e-4)
    set xlabel 'n' offset 0,0.6
    eval entry(1, 'KL', PINK, 0.32, 0.615); eval entry(2, 'JS', ORANGE, 0.42, 0.615)
    eval entry(3, 'TV', GREEN, 0.52, 0.615); eval entry(4, 'W', BLUE, 0.62, 0.615)
    names = 'fading_ripple sliding_box parallel_lines escaping_speck'
    titles = '"(a) all fall together" "(b) TV falls, KL does not" "(c) W falls, TV does not" "(d) unbounded: W stays"'
    notes = '"" "KL = ∞ both ways" "KL = ∞ both ways" ""'
    set bmargin at screen 0.10; set tmargin at screen 0.53
    do for [k=1:4] {
        left = 0.075 + 0.236 * (k - 1)
        set lmargin at screen left; set rmargin at screen left + 0.2
        set title word(titles, k) offset 0,-0.4
        set ytics nomirror (1, 0.1, 0.01, 0.001, 0.0001)
        set format y (k == 1 ? '%g' : '')
        set label 1 word(notes, k) at graph 0.5, graph 0.94 center tc rgb PINK
        name = word(names, k)
        plot data using (at(name)):'KL' with lines ls 4, \
             data using (at(name)):'JS' with lines ls 2, \
             data using (at(name)):'W' with lines ls 1 lw 4, \
             data using (at(name)):'TV' with lines ls 3 dt (7,6)
        unset label 1
    }
    unset multiplot
    unset output
}

reset
load 'plots/style.gp'
do for [kind in FORMATS] {
    eval figure(kind, 'weak_topology_functions', 1000, 340)
    set multiplot
    eval decades(1e-4)
    set xlabel 'n' offset 0,0.6
    eval entry(1, 'widest gap of them', '#222222', 0.36, 0.95); eval entry(2, 'JS', ORANGE, 0.58, 0.95)
    eval entry(3, 'TV', GREEN, 0.68, 0.95); eval entry(4, 'W', BLUE, 0.78, 0.95)
    eval entry(5, 'each test function', '#999999', 0.14, 0.95)
    names = 'sliding_box comb fast_ripple two_modes'
    titles = '"sliding box: all fall" "comb: TV stays at 1" "fast ripple: TV stays" "two modes: nothing falls"'
    set bmargin at screen 0.16; set tmargin at screen 0.79
    do for [k=1:4] {
        left = 0.075 + 0.236 * (k - 1)
        set lmargin at screen left; set rmargin at screen left + 0.2
        set title word(titles, k) offset 0,-0.4
        set ytics nomirror (1, 0.1, 0.01, 0.001, 0.0001)
        set format y (k == 1 ? '%g' : '')
        name = word(names, k)
        plot for [f=3:11] functions using (at(name)):f with lines lw 1 lc rgb '#AAAAAA', \
             data using (at(name)):'weak' with linespoints lw 3 pt 7 ps 0.6 lc rgb '#222222', \
             data using (at(name)):'W' with lines ls 1 lw 4, \
             data using (at(name)):'JS' with lines ls 2, \
             data using (at(name)):'TV' with lines ls 3 dt (7,6)
    }
    unset multiplot
    unset output
}

reset
load 'plots/style.gp'
slope_at(name, n) = strcol('sequence') eq name && column('n') == n && column('slope') < 1e9 ? column('slope') : NaN
do for [kind in FORMATS] {
    eval figure(kind, 'weak_topology_slopes', 900, 380)
    set multiplot layout 1,2 margins 0.08,0.98,0.18,0.88 spacing 0.09
    set logscale x 2
    unset mxtics
    set xrange [0.25:64]; set yrange [0:2.25]
    set xtics (0.25, 1, 4, 16, 64); set format x '%g'; set ytics 0,0.5; set format y '%g'
    set xlabel "steepest slope allowed, L" offset 0,0.4
    set label 1 '2 TV' at 0.3, first 2.1 tc rgb GREEN
    do for [n in '1 2 4 8 16'] { set label 2+int(n) (n eq '1' ? 'n = 1 ' : n.' ') at 1.15*int(n), first 1.2 right tc rgb BLUE }
    set ylabel 'sup of E f(Xₙ) − E f(X)' offset 0.5
    set title 'parallel lines at 1/n: the closer, the steeper f must be'
    plot 2 with lines lw 1.5 dt (7,6) lc rgb GREEN, \
         for [n in '1 2 4 8 16'] slopes using (slope_at('parallel_lines', n)):'value' with lines lw 3 lc rgb BLUE dt 1
    set title 'ripple 1 + cos 2πnx: supports that coincide'
    set yrange [0:0.75]
    set ytics 0,0.2
    unset ylabel
    set label 1 '2 TV' at 0.3, first 0.67
    do for [n in '1 2 4 8 16'] { set label 2+int(n) at 2.75*int(n), first 0.3 }
    plot 2 / pi with lines lw 1.5 dt (7,6) lc rgb GREEN, \
         for [n in '1 2 4 8 16'] slopes using (slope_at('fast_ripple', n)):'value' with lines lw 3 lc rgb BLUE dt 1
    unset multiplot
    unset output
}

reset
load 'plots/style.gp'
do for [kind in FORMATS] {
    eval figure(kind, 'weak_topology_bounds', 1000, 380)
    set multiplot layout 1,3 margins 0.075,0.98,0.15,0.88 spacing 0.09
    set xrange [0:1]; set xtics 0,0.5; set xlabel 'TV'
    set samples 200
    set ytics autofreq
    set title 'KL above 2 TV²'
    set ylabel 'KL' offset 0.8; set yrange [0:3]
    plot pairs using 'TV':'KL' with points pt 7 ps 0.25 lc rgb PINK, 2 * x**2 with lines lw 2.5 lc rgb '#222222'
    set title 'JS between TV²/2 and log 2 · TV'
    set ylabel 'JS' offset 0.8; set yrange [0:0.75]
    plot pairs using 'TV':'JS' with points pt 7 ps 0.25 lc rgb ORANGE, x**2 / 2 with lines lw 2.5 lc rgb '#222222', log(2) * x with lines lw 2.5 lc rgb '#222222'
    set title 'W / diameter below TV'
    set ylabel 'W / diameter' offset 0.8; set yrange [0:1]
    plot pairs using 'TV':'W_over_diameter' with points pt 7 ps 0.25 lc rgb BLUE, x with lines lw 2.5 lc rgb '#222222'
    unset multiplot
    unset output
}
