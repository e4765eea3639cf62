# The share of cells that two random curves or surfaces both touch against the cells' side.
# overlap_pair: one pair of curves with their cells.
load 'plots/style.gp'
shares = folder.'/overlap.tsv'
exponents = folder.'/overlap_exponents.tsv'
cells = folder.'/overlap_cells.tsv'

pick(name, of) = strcol('kind') eq name ? column(of) : NaN
KINDS = 'aligned nudged surfaces_space curves_plane curves_space'
array shown = ['sharing a stretch', 'the same, one moved aside', 'surfaces in space', 'curves in the plane', 'curves in space']
array colour = [PINK, GREY, ORANGE, BLUE, GREEN]
array sign = [10, 12, 4, 6, 8]
array side[5]; array share[5]; array fitted[5]; array expected[5]
do for [k=1:5] {
    stats exponents using (pick(word(KINDS, k), 'h')) nooutput;        side[k] = STATS_max
    stats exponents using (pick(word(KINDS, k), 'share')) nooutput;    share[k] = STATS_max
    stats exponents using (pick(word(KINDS, k), 'exponent')) nooutput; fitted[k] = STATS_max
    stats exponents using (pick(word(KINDS, k), 'expected')) nooutput; expected[k] = STATS_max
}
expected_line(k, h) = share[k] * (h / side[k])**expected[k]
stats shares using 'h' nooutput; finest = STATS_min

do for [kind in FORMATS] {
    eval figure(kind, 'overlap', 800, 480)
    set title 'Finer cells, smaller shared part: h to the power of the codimension'
    set logscale x 2
    set logscale y 10
    set xlabel 'side h of a cell'
    set ylabel 'shared part of the touched cells'
    set xrange [finest/1.3:0.32]
    set yrange [2e-6:2]
    set xtics ('1/4' 2.0**-2, '1/16' 2.0**-4, '1/64' 2.0**-6, '1/256' 2.0**-8, '1/1024' 2.0**-10)
    set ytics ('1' 1, '0.1' 0.1, '0.01' 0.01, '0.001' 1e-3, '0.0001' 1e-4, '0.00001' 1e-5)
    set key at graph 0.98, graph 0.03 bottom right title 'measured exponent (line: 0, 1 or 2)' left
    plot for [k=1:5] expected_line(k, x) with lines lw 1.2 dt (8,6) lc rgb colour[k], \
         for [k=1:5] shares using (pick(word(KINDS, k), 'h')):(pick(word(KINDS, k), 'share')) \
             with points pt sign[k] ps 0.8 lw 2 lc rgb colour[k] title sprintf('%.2f  %s', fitted[k], shown[k])
    unset output
}

unset logscale; unset key; unset xlabel; unset ylabel
set xtics autofreq; set ytics autofreq; set format y '%g'
array side_of = [1.0/16, 1.0/64]
array named = ['Cells of side 1/16', 'of side 1/64: fewer in common (black)']
touched(h, which, of) = column('h') == h && column('touched') == which ? column(of) + h/2 : NaN
array paint = ['#CFE3F1', '#F8DFCF', '#222222']
do for [kind in FORMATS] {
    eval figure(kind, 'overlap_pair', 800, 430)
    set multiplot layout 1,2 margins 0.02,0.98,0.03,0.90 spacing 0.04
    set size ratio -1
    set xrange [0:1]; set yrange [0:1]
    unset tics; unset grid; set border 15 lw 0.8
    do for [p=1:2] {
        half = side_of[p] / 2
        set title named[p]
        plot for [which=1:3] cells using (touched(side_of[p], which, 'x')):(touched(side_of[p], which, 'y')):(half):(half) \
                 with boxxyerror fs solid noborder fc rgb paint[which], \
             folder.'/overlap_curve_a.tsv' using 'x':'y' with lines lw 2 lc rgb BLUE, \
             folder.'/overlap_curve_b.tsv' using 'x':'y' with lines lw 2 lc rgb ORANGE
    }
    unset multiplot
    unset output
}
