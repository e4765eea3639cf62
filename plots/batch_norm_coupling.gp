# Who a sample's gradient depends on: a matrix for each kind of norm.
load 'plots/style.gp'
data = folder.'/batch_norm_coupling.tsv'

stats data using 'i' nooutput
n = int(STATS_max)
rows = (n + 1)**2                 # of one matrix
TITLES = "'no norm' 'layer norm' 'batch norm'"

# one logarithmic scale for all; an exact 0 is white
stats data using (column('block') > 0 ? log10(column('block')) : NaN) nooutput
low = 10**floor(STATS_min); high = 10**ceil(STATS_max)

do for [kind in FORMATS] {
    eval figure(kind, 'batch_norm_coupling', 900, 330)
    set multiplot layout 1,3 margins 0.06,0.88,0.16,0.88 spacing 0.05
    set palette defined (0 '#DCEEF9', 0.5 '#56B4E9', 1 '#00365A')
    set logscale cb; set cbrange [low:high]; set format cb '%g'
    set xrange [-0.5:n+0.5]; set yrange [n+0.5:-0.5]
    set size ratio 1
    set xtics 0,2 nomirror; set ytics 0,2 nomirror; unset grid; set border 15
    unset colorbox
    do for [k = 1:3] {
        set title word(TITLES, k)
        set xlabel 'sample that moves' offset 0,0.4
        if (k == 1) { set ylabel 'gradient of sample' offset 1 } else { unset ylabel }
        if (k == 3) { set colorbox; set cblabel 'change (white: exactly 0)' offset 0.5 }
        plot data every ::(k-1)*rows::k*rows-1 using 'j':'i':(column('block') > 0 ? column('block') : NaN) with image pixels
    }
    unset multiplot
    unset output
    unset logscale
}
