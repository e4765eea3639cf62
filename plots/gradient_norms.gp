# Norm of the critic's gradient by layer: clipped critics' grows or dies exponentially.
load 'plots/style.gp'
data = folder.'/gradient_norms.tsv'
scan = folder.'/gradient_norms_scan.tsv'

stats data using 'layer' nooutput
layers = STATS_max
stats data using 'update' nooutput
last = STATS_max
level(c, u) = strcol('clip') eq c && strcol('begin') eq 'he' && column('update') == u && column('seed') == 0 && column('norm') > 0 ? column('norm') : NaN

do for [kind in FORMATS] {
    eval figure(kind, 'gradient_norms', 900, 420)
    set multiplot layout 1,2 margins 0.09,0.985,0.15,0.90 spacing 0.09
    set logscale y
    set format y "1e%L"
    set xrange [0:layers]
    set xlabel 'layer, from the input (0) to the last hidden one'
    set ylabel 'norm of the gradient by the activations' offset 1
    do for [u in sprintf('1 %d', last)] {
        if (u eq '1') { set title 'after one update'; set key off } else { set title sprintf('after %d updates', last); unset ylabel; set key bottom right }
        plot data using 'layer':(level('0.1', u)) with linespoints lc rgb ORANGE lw 2.5 pt 4 ps 0.8 title 'clipped, c = 0.1', \
             data using 'layer':(level('0.01', u)) with linespoints lc rgb PINK lw 2.5 pt 8 ps 0.8 title 'c = 0.01', \
             data using 'layer':(level('0.001', u)) with linespoints lc rgb GREY lw 2.5 pt 10 ps 0.8 title 'c = 0.001', \
             data using 'layer':(level('penalty', u)) with linespoints lc rgb BLUE lw 2.5 pt 6 ps 0.8 title 'gradient penalty'
    }
    unset multiplot
    unset output
    unset logscale; set format y '%g'; set xrange [*:*]; set yrange [*:*]
}
