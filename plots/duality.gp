# Plans as arrows down the slope of a potential; primal against dual; what the scale does; slopes on
# the two kinds of segments.
load 'plots/style.gp'
main = folder.'/duality.tsv'
plan = folder.'/duality_plan.tsv'
heaps = folder.'/duality_heaps.tsv'
line = folder.'/duality_line.tsv'
plane = folder.'/duality_plane.tsv'
critics = folder.'/duality_critics.tsv'
norms = folder.'/duality_norms.tsv'
only(name, value) = strcol(name) eq value ? 1 : NaN

# A heap of so many units is a disc of that area; arrows end where the hollow of 2 units begins.
radius(units) = 0.11*sqrt(units)

set table $levels
set contour base
unset surface
set cntrparam levels incremental -4, 0.25, 4
set dgrid3d 91,101,8
splot plane using 'z0':'z1':((column('upper') + column('lower'))/2)
unset dgrid3d
unset contour
unset table

do for [kind in FORMATS] {
    eval figure(kind, 'duality', 900, 430)
    set multiplot
    set title 'In the plane: moves run straight downhill'
    set lmargin at screen 0.03; set rmargin at screen 0.485; set tmargin at screen 0.90; set bmargin at screen 0.04
    unset grid; unset xlabel; unset ylabel; unset colorbox; unset xtics; unset ytics
    set xrange [-0.5:4.5]; set yrange [-0.5:4]
    set palette defined (0 '#F7FBFF', 1 '#7FB4DA')
    plot plane using 'z0':'z1':((column('upper') + column('lower'))/2) with image, \
         $levels using (real(word(strcol(1), 1))):(real(word(strcol(1), 2))) with lines lw 1 lc rgb '#FFFFFF', \
         plan using (only('example', 'plane')*column('x0')):'x1': \
             ((column('y0') - column('x0'))*(1 - radius(2)/column('length'))): \
             ((column('y1') - column('x1'))*(1 - radius(2)/column('length'))) \
             with vectors head size screen 0.016,20 filled lw 2.5 lc rgb '#333333', \
         heaps using (only('example', 'plane')*only('side', 'x')*column('z0')):'z1':(radius(column('units'))) with circles fs solid fc rgb ORANGE, \
         heaps using (only('example', 'plane')*only('side', 'y')*column('z0')):'z1':(radius(column('units'))) with circles fs solid fc rgb BLUE, \
         heaps using (only('example', 'plane')*column('z0')):'z1':'units' with labels tc rgb 'white'

    set title 'On a line: every move descends with slope 1'
    set lmargin at screen 0.555; set rmargin at screen 0.98; set tmargin at screen 0.90; set bmargin at screen 0.13
    set grid; set xtics; set ytics 1; set xrange [-1:9]; set yrange [-7.3:1.9]
    set xlabel 'z' offset 0,0.5; set ylabel 'f(z)' offset 1
    set key bottom left width 2
    plot line using 'z':'lower':'upper' with filledcurves fc rgb SKY fs transparent solid 0.25 title 'slopes ≤ 1 between: as good', \
         line using 'z':'upper' with lines lw 2 lc rgb GREEN title 'upper, the least of |z − y| − v', \
         line using 'z':'lower' with lines lw 2 dt (6,4) lc rgb PINK title 'lower, the largest of u − |z − x|', \
         plan using (only('example', 'line')*column('x0')):'f_x':(column('y0') - column('x0')):(column('f_y') - column('f_x')) with vectors head size screen 0.012,20 filled lw 2.5 lc rgb '#333333', \
         plan using (only('example', 'line')*column('x0')):'f_x' with points pt 7 ps 1.3 lc rgb ORANGE title 'heaps x, in units', \
         plan using (only('example', 'line')*column('y0')):'f_y' with points pt 7 ps 1.3 lc rgb BLUE title 'hollows y', \
         heaps using (only('example', 'line')*only('side', 'x')*column('z0')):'f':'units' with labels offset 0.9,0.5 tc rgb ORANGE, \
         heaps using (only('example', 'line')*only('side', 'y')*column('z0')):'f':'units' with labels offset -0.9,-0.6 tc rgb BLUE
    unset multiplot; unset output
}

do for [kind in FORMATS] {
    eval figure(kind, 'duality_scale', 900, 400)
    set multiplot layout 1,2 margins 0.08,0.98,0.14,0.91 spacing 0.1
    set xtics nomirror autofreq; set ytics nomirror autofreq
    set title 'Potentials reach W, critics stay below'
    set xlabel 'cost of the optimal plan, W' offset 0,0.4
    set ylabel 'value / Lipschitz constant' offset 0.5
    set xrange [0:1.2]; set yrange [-0.8:1.6]
    set key top left
    plot x with lines lw 2 lc rgb GREY, \
         main using 'primal':'dual' with points pt 2 ps 1 lw 2 lc rgb '#000000' title 'potentials of the dual', \
         critics using (only('method', 'penalty')*column('W')):'ratio' with points pt 6 ps 0.8 lw 1.5 lc rgb BLUE title 'critics: penalty, λ/K', \
         critics using (only('method', 'same_lambda')*column('W')):'ratio' with points pt 4 ps 0.8 lw 1.5 lc rgb PINK title 'penalty, one λ for all K', \
         critics using (only('method', 'clip')*column('W')):'ratio' with points pt 8 ps 0.8 lw 1.5 lc rgb ORANGE title 'clipped'

    set title 'One pair: K only moves along a line'
    set key bottom right
    set logscale xy
    set xlabel 'Lipschitz constant of the critic' offset 0,0.4
    set ylabel 'value, E f(x) − E f(y)' offset 0.5
    set xrange [*:*]; set yrange [0.01:100]
    set format '%g'
    stats critics using (only('pair', 'ring')*column('W')) nooutput
    W = STATS_mean
    plot W*x with lines lw 2 lc rgb GREY title 'W × Lipschitz constant', \
         critics using (only('pair', 'ring')*only('method', 'penalty')*column('lipschitz')):'value' with points pt 6 ps 0.9 lw 1.5 lc rgb BLUE title 'penalty, λ/K', \
         critics using (only('pair', 'ring')*only('method', 'same_lambda')*column('lipschitz')):(column('value') > 0 ? column('value') : NaN) with points pt 4 ps 0.9 lw 1.5 lc rgb PINK title 'penalty, one λ', \
         critics using (only('pair', 'ring')*only('method', 'clip')*column('lipschitz')):'value' with points pt 8 ps 0.9 lw 1.5 lc rgb ORANGE title 'clipped'
    unset multiplot; unset output
    unset logscale
}

pair = 'late'
show(name, quantity) = only('pair', pair)*only('quantity', quantity)*column(name)
do for [kind in FORMATS] {
    eval figure(kind, 'duality_norms', 900, 560)
    set multiplot layout 2,2 margins 0.085,0.985,0.1,0.93 spacing 0.1,0.17
    set logscale y; set format y '%g'
    set yrange [5e-4:1.5]; set ylabel 'share of places' offset 1
    do for [k=1:4] {
        if (k == 1) { set key top left } else { unset key }
        function = k % 2 ? 'middle' : 'critic'
        quantity = k < 3 ? 'slope' : 'norm'
        set title (k % 2 ? 'An optimal critic: ' : 'A trained critic: ').(k < 3 ? 'slope along the segment' : 'norm of the gradient')
        set xlabel (k < 3 ? 'slope' : '‖∇f‖') offset 0,0.4
        set xrange [(k < 3 ? -1.55 : -0.05):1.55]
        plot norms using 'at':(show(function.'_independent', quantity)) with boxes fs solid 0.5 noborder lc rgb ORANGE title 'between independent points', \
             norms using 'at':(show(function.'_coupled', quantity)) with histeps lw 2.5 lc rgb BLUE title 'between coupled points'
    }
    unset multiplot; unset output
    unset logscale
}
