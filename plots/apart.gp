# Accuracy on points that the discriminator never saw against its steps: supports apart, crossing,
# and with all dimensions.
load 'plots/style.gp'
steps = folder.'/apart_steps.tsv'

stats steps using 'step' nooutput; last = STATS_max
stats steps using 'noise' nooutput; blur = STATS_max
stats steps using (strcol('pair') eq 'dcgan' ? column('space') : NaN) nooutput; pixels = STATS_max
of(pair, space, noise) = strcol('pair') eq pair && column('space') == space && column('noise') == noise ? column('held') : NaN

do for [kind in FORMATS] {
    eval figure(kind, 'apart', 800, 460)
    set title 'Supports apart: soon always right. All dimensions: never'
    set logscale x 2
    set xlabel 'steps of the discriminator'
    set ylabel 'accuracy on points held out'
    set xrange [1:last]
    set yrange [0.45:1.04]
    set xtics ('1' 1, '4' 4, '16' 16, '64' 64, '256' 256, '1024' 1024, '4096' 4096)
    set ytics ('0.5' 0.5, '0.6' 0.6, '0.7' 0.7, '0.8' 0.8, '0.9' 0.9, '1' 1)
    set rmargin 26
    set key at graph 1.02, graph 0.99 left top
    plot steps using 'step':(of('dcgan', pixels, 0)) smooth unique with lines lw 3 lc rgb GREEN title 'images, DCGAN', \
         steps using 'step':(of('mlp', pixels, 0)) smooth unique with lines lw 3 dt (6,4) lc rgb GREEN title 'images, MLP', \
         steps using 'step':(of('surfaces', 16, 0)) smooth unique with lines lw 3 lc rgb BLUE title 'surfaces in 16-D', \
         steps using 'step':(of('surfaces', 3, 0)) smooth unique with lines lw 3 lc rgb SKY title 'in 3-D: they cross', \
         steps using 'step':(of('surfaces', 2, 0)) smooth unique with lines lw 3 lc rgb PINK title 'in 2-D: they overlap', \
         steps using 'step':(of('surfaces', 16, blur)) smooth unique with lines lw 3 lc rgb ORANGE title 'in 16-D, with noise'
    unset output
}
