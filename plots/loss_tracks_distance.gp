# What the critic says against the exact W, a point for every look of every run.
load 'plots/style.gp'
data = folder.'/loss_tracks_distance.tsv'
runs = folder.'/loss_tracks_distance_runs.tsv'
# the looks of one set and loss: step in column 4, estimate in 5, W in 6
of(s, l) = sprintf("< awk -F'\t' '$1 == \"%s\" && $2 == \"%s\"' %s", s, l, data)
first(s, l) = sprintf("< awk -F'\t' '$1 == \"%s\" && $2 == \"%s\" && $3 == 0' %s", s, l, data)
# of the clipping bounds the one in the middle, the larger of two
clip = system(sprintf("awk -F'\t' '$2 ~ /^wgan c=/ && !seen[$2]++ { split($2, p, \"=\"); c[++n] = p[2] } END { print c[int(n / 2) + 1] }' %s", data))
stats data using 'step' nooutput
last = STATS_max
LOSSES = "'gan' 'wgan c=".clip."' 'wgan-gp'"
TITLES = "'GAN: ½V + log 2' 'WGAN, c = ".clip."' 'WGAN-GP'"
LABELS = "'estimate of JS' 'critic value' 'critic value'"

do for [kind in FORMATS] {
    eval figure(kind, 'loss_tracks_distance', 950, 600)
    set multiplot layout 2,3 margins 0.08,0.97,0.12,0.93 spacing 0.09,0.16
    do for [k = 1:3] {
        set title word(TITLES, k)
        set xlabel 'generator step' offset 0,0.4
        set ylabel 'exact W (blue)' offset 1.5
        set logscale y
        set key off
        set xtics 0, last / 2
        plot first('ring8', word(LOSSES, k)) using 4:6 with lines lc rgb BLUE lw 2 title 'exact W', \
             first('ring8', word(LOSSES, k)) using 4:5 axes x1y2 with lines lc rgb ORANGE lw 2 title 'what the loss says'
        unset logscale y; set xtics autofreq
    }
    do for [k = 1:3] {
        unset title
        set xtics autofreq rotate by -45
        set xlabel 'exact W' offset 0,0.4
        set ylabel word(LABELS, k).' (orange)' offset 1.5
        plot of('ring8', word(LOSSES, k)) using 6:5 with points pt 7 ps 0.3 lc rgb ORANGE
    }
    set xtics norotate
    unset multiplot
    unset output
}
