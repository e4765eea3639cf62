# Weights at the end of training, from two beginnings each, and how many of the clipped ones have
# reached ±c.
load 'plots/style.gp'
histogram = folder.'/weight_clipping_histogram.tsv'
shapes = folder.'/weight_clipping.tsv'

stats histogram using 'depth' nooutput
depth = STATS_min
stats shapes using 'update' nooutput
last = STATS_max
share(k) = strcol('kind') eq k && column('depth') == depth ? column('share') : NaN
# rows of one kind, the shallower critic, first seed, second layer: update in column 4, share in 6
at(k) = sprintf("< awk -F'	' '$1 == \"%s\" && $2 == %g && $3 == 0 && $5 == 2' %s", k, depth, shapes)
HE = 'clipped from He'; BOX = 'clipped from U(-c/2,c/2)'
NORMAL = 'penalised from normal'; UNIFORM = 'penalised from uniform'

do for [kind in FORMATS] {
    eval figure(kind, 'weight_clipping', 1000, 400)
    set multiplot layout 1,3 margins 0.07,0.97,0.16,0.88 spacing 0.085
    set title 'clipped: piled up at ±c'
    set xlabel 'weight of a hidden layer'; set ylabel 'share of weights' offset 1
    stats histogram using (strcol('kind') eq HE ? column('weight') : NaN) nooutput
    set xrange [-STATS_max:STATS_max]; set xtics STATS_max / 1.25
    set yrange [0:*]; set format y '%g'
    set key top center
    plot histogram using 'weight':(share(HE)) with steps lc rgb ORANGE lw 2 title 'from He', \
         histogram using 'weight':(share(BOX)) with steps lc rgb PINK lw 2 title 'from inside'
    set title 'penalised: as it began'
    unset ylabel
    set key top right
    stats histogram using (strcol('kind') eq NORMAL ? column('weight') : NaN) nooutput
    set xrange [-STATS_max:STATS_max]; set xtics 0.3
    set yrange [0:0.07]
    plot histogram using 'weight':(share(NORMAL)) with steps lc rgb BLUE lw 2 title 'from a bell', \
         histogram using 'weight':(share(UNIFORM)) with steps lc rgb SKY lw 2 title 'from a box'
    set yrange [0:1]
    set title 'clipped weights at ±c'
    set xlabel 'critic update'; set ylabel 'share, hidden layer' offset 1
    set xrange [0:last]; set xtics 0, last / 2
    set key top right
    plot at(HE) using 4:6 with linespoints lc rgb ORANGE pt 4 lw 2 title 'from He', \
         at(BOX) using 4:6 with linespoints lc rgb PINK pt 8 lw 2 title 'from inside'
    unset multiplot
    unset output
    set xrange [*:*]; set yrange [*:*]; set xtics autofreq
}
