# A generator's singular values at a point and over its samples; the energy outside the tangent
# directions as the cloud of latent points grows from a point to all of them.
load 'plots/style.gp'
spectra = folder.'/manifolds_spectra.tsv'
clouds = folder.'/manifolds_clouds.tsv'

stats spectra using 'k' nooutput;     samples = STATS_max
stats spectra using 'k':'local' nooutput; latent = STATS_max_x   # beyond the latent dimensions local is nan
stats clouds using 'radius' nooutput; nearest = STATS_min
of(name, after, col) = strcol('generator') eq name && column('trained') == after ? column(col) : NaN
array names = ['mlp', 'mlp', 'dcgan', 'dcgan']
array after = [0, 1, 0, 1]
array titles = ['MLP', 'MLP, trained', 'DCGAN', 'DCGAN, trained']
array colour = [BLUE, SKY, ORANGE, PINK]

do for [kind in FORMATS] {
    eval figure(kind, 'manifolds', 960, 440)
    set multiplot layout 1,2 margins 0.085,0.98,0.15,0.90 spacing 0.10
    set logscale y 10

    set title sprintf('DCGAN: %d directions at a point, more in all', latent)
    set xlabel 'k'
    set ylabel 'k-th singular value / the first' offset 0.8
    set xrange [0:samples]
    set yrange [1e-3:1.6]
    set format y '10^{%L}'
    set ytics ('1' 1, '0.1' 0.1, '0.01' 0.01, '0.001' 0.001)
    set key at graph 0.97, graph 0.96 top right
    set arrow 1 from latent, graph 0 to latent, graph 1 nohead lw 1 dt (6,6) lc rgb GREY
    plot spectra using (of('dcgan', 0, 'k')):(of('dcgan', 0, 'local')) with lines ls 1 title 'of the Jacobian', \
         spectra using (of('dcgan', 0, 'k')):(of('dcgan', 0, 'span')) with lines ls 2 title sprintf('of %d samples', samples), \
         spectra using (of('linear', 0, 'k')):(of('linear', 0, 'span')) with lines lw 2 dt (4,4) lc rgb GREY title 'samples, linear map'
    unset arrow 1

    set title sprintf('Near a point, %d directions hold nearly all', latent)
    set xlabel 'radius of the cloud of latent points'
    set ylabel sprintf('energy outside %d directions', latent) offset 0.8
    set xrange [nearest/1.3:1.3]
    set logscale x 10
    set yrange [1e-7:1]
    set xtics ('0.001' 0.001, '0.01' 0.01, '0.1' 0.1, '1' 1)
    set ytics ('10⁻⁶' 1e-6, '10⁻⁴' 1e-4, '0.01' 0.01, '1' 1)
    set key at graph 0.97, graph 0.03 bottom right
    plot for [k=1:4] clouds using (of(names[k], after[k], 'radius')):(of(names[k], after[k], 'beyond')) \
        with linespoints pt 7 ps 0.6 lw 2.5 lc rgb colour[k] title titles[k]
    unset multiplot
    unset logscale x
    set xtics autofreq
    unset output
}
