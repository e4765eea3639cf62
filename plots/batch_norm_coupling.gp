# Who a sample's gradient depends on: a matrix for each kind of norm.
load 'plots/style.gp'
data = folder.'/batch_norm_coupling.tsv'

stats data using 'i' nooutput
n = int(STATS_max)
rows = (n + 1)**2                 # of one matrix
TITLES = "'no norm' 'layer norm' 'batch norm'"

array most[3]
do for [k = 1:3] {
    stats data every ::(k-1)*rows::k*rows-1 using 'block' nooutput
    most[k] = STATS_max
}

do for [kind in FORMATS] {
    eval figure(kind, 'batch_norm_coupling', 900, 330)
    set multiplot layout 1,3 margins 0.06,0.88,0.16,0.88 spacing 0.05
    set palette defined (0 '#FFFFFF', 0.15 '#56B4E9', 1 '#0072B2')
    set cbrange [0:1]
    set xrange [-0.5:n+0.5]; set yrange [n+0.5:-0.5]
    set size ratio 1
    set xtics 0,2 nomirror; set ytics 0,2 nomirror; unset grid; set border 15
    unset colorbox
    do for [k = 1:3] {
        set title word(TITLES, k)
        set xlabel 'sample that moves' offset 0,0.4
        if (k == 1) { set ylabel 'gradient of sample' offset 1 } else { unset ylabel }
        if (k == 3) { set colorbox; set cblabel 'change, of the largest' offset 0 }
        plot data every ::(k-1)*rows::k*rows-1 using 'j':'i':(column('block')/most[k]) with image pixels
    }
    unset multiplot
    unset output
}
