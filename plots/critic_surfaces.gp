# Value surfaces of critics with the generator held still: three sets, clipped above, penalised below.
load 'plots/style.gp'
data = folder.'/critic_surfaces.tsv'
samples = folder.'/critic_surfaces_points.tsv'
SETS = "ring8 grid25 swissroll"; TITLES = "'8 Gaussians' '25 Gaussians' 'Swiss roll'"
METHODS = "clipped penalised"

stats data using 'x' nooutput
stats data using (strcol('set') eq 'ring8' && strcol('method') eq 'clipped' && column('y') < -1.999 ? column('x') : NaN) nooutput
side = int(STATS_records)
rows = side * side
field(k) = real(word(strcol(1), k))     # of a contour's line, which is cut by blanks
first(s, m) = (2*(s-1) + m - 1) * rows


# Values of a panel between 0 and 1, and how far apart its lowest and highest are.
do for [kind in FORMATS] {
    eval figure(kind, 'critic_surfaces', 960, 680)
    set multiplot layout 2,3 margins 0.08,0.9,0.07,0.93 spacing 0.03,0.075
    set xrange [-2:2]; set yrange [-2:2]; set cbrange [0:1]
    set palette defined (0 '#F7F7F7', 1 '#5A9BC8')
    unset grid; set border 15
    set xtics -2,1,2 nomirror; set ytics -2,1,2 nomirror
    do for [m = 1:2] {
        do for [s = 1:3] {
            set xrange [*:*]; set yrange [*:*] # else stats would pass over what lies outside
            stats data every ::first(s,m)::first(s,m)+rows-1 using 'f' nooutput
            set xrange [-2:2]; set yrange [-2:2]
            low = STATS_min; span = STATS_max - STATS_min
            set title sprintf('%s: height %.3g', word(TITLES, s), span) offset 0,-0.6
            if (s == 1) { set ylabel word(METHODS, m).' critics: y' offset 0.8 } else { unset ylabel }
            if (m == 2) { set xlabel 'x' offset 0,0.6 } else { unset xlabel }
            if (s == 3) { set colorbox; set cbtics ('lowest' 0, 'highest' 1) offset -0.6 } else { unset colorbox }
            set dgrid3d side,side; set contour base; unset surface
            set cntrparam levels incremental 0, 0.1, 1
            set format '%g'
            set table $lines
            splot data every ::first(s,m)::first(s,m)+rows-1 using 'x':'y':((column('f')-low)/span) with lines
            unset table
            unset contour; unset dgrid3d; set surface
            set format x (m == 2 ? '%g' : ''); set format y (s == 1 ? '%g' : '')
            plot data every ::first(s,m)::first(s,m)+rows-1 using 'x':'y':((column('f')-low)/span) with image pixels, \
                 $lines using (field(1)):(field(2)) with lines lc rgb '#555555' lw 0.8, \
                 samples using (strcol('set') eq word(SETS, s) ? column('x') : NaN):'y' with points pt 7 ps 0.25 lc rgb ORANGE
        }
    }
    unset multiplot
    unset output
}
