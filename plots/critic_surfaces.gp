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

do for [kind in FORMATS] {
    eval figure(kind, 'critic_surfaces', 900, 620)
    set multiplot layout 2,3 margins 0.05,0.985,0.05,0.93 spacing 0.03,0.05
    set xrange [-2:2]; set yrange [-2:2]
    set palette defined (0 '#F7F7F7', 1 '#5A9BC8')
    unset colorbox; unset grid; set border 15; unset tics
    do for [m = 1:2] {
        do for [s = 1:3] {
            if (m == 1) { set title word(TITLES, s) } else { unset title }
            if (s == 1) { set ylabel word(METHODS, m) } else { unset ylabel }
            stats data every ::first(s,m)::first(s,m)+rows-1 using 'f' nooutput
            low = STATS_min; high = STATS_max
            set cbrange [low:high]
            set dgrid3d side,side; set contour base; unset surface
            set cntrparam levels incremental low, (high-low)/10, high
            set table $lines
            splot data every ::first(s,m)::first(s,m)+rows-1 using 'x':'y':'f' with lines
            unset table
            unset contour; unset dgrid3d; set surface
            plot data every ::first(s,m)::first(s,m)+rows-1 using 'x':'y':'f' with image pixels, \
                 $lines using (field(1)):(field(2)) with lines lc rgb '#555555' lw 0.8, \
                 samples using (strcol('set') eq word(SETS, s) ? column('x') : NaN):'y' with points pt 7 ps 0.25 lc rgb ORANGE
        }
    }
    unset multiplot
    unset output
}
