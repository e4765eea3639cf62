# What the critic says beside the exact W: over a run, each on an axis of its own, and one against the
# other, a point for every look of every run.
load 'plots/style.gp'
data = folder.'/loss_tracks_distance.tsv'
runs = folder.'/loss_tracks_distance_runs.tsv'
# the looks of one set and loss, and of its first run: step in column 4, estimate in 5, W in 6
of(s, l) = sprintf("< awk -F'\t' '$1 == \"%s\" && $2 == \"%s\"' %s", s, l, data)
first(s, l) = sprintf("< awk -F'\t' '$1 == \"%s\" && $2 == \"%s\" && $3 == 0' %s", s, l, data)
# rank correlation, from the least run to the largest
rho(s, l) = system(sprintf("awk -F'\t' '$1 == \"%s\" && $2 == \"%s\" { if (!n++) a = b = $4; if ($4 < a) a = $4; if ($4 > b) b = $4 } END { t = sprintf(\"ρ = %%.2f to %%.2f\", a, b); gsub(\"-\", \"−\", t); print t }' %s", s, l, runs))
# of the clipping bounds the one in the middle, the larger of two
clip = system(sprintf("awk -F'\t' '$2 ~ /^wgan c=/ && !seen[$2]++ { split($2, p, \"=\"); c[++n] = p[2] } END { print c[int(n / 2) + 1] }' %s", data))
stats data using 'step' nooutput
last = STATS_max
LOSSES = "'nsgan' 'wgan c=".clip."' 'wgan-gp'"
TITLES = "'GAN: ½V + log 2' 'WGAN, c = ".clip.": critic value' 'WGAN-GP: critic value'"
set_name(s) = s eq 'ring8' ? 'ring' : 'Swiss roll'
# from 2 to 5 tics up to m
decade(m) = 10 ** floor(log10(m))
step_to(m) = decade(m) * (m < 2 * decade(m) ? 0.5 : m < 5 * decade(m) ? 1 : 2)
min(a, b) = a < b ? a : b

do for [kind in FORMATS] {
    eval figure(kind, 'loss_tracks_distance', 1000, 560)
    set multiplot layout 2,3 margins 0.07,0.92,0.10,0.82 spacing 0.12,0.20
    set label 9 'exact W' at screen 0.07,0.965 tc rgb BLUE
    set label 10 'what the loss says' at screen 0.17,0.965 tc rgb ORANGE
    set label 11 'ρ: rank correlation of the two, least to largest run' at screen 0.93,0.965 right
    set border 11
    set xtics 0, last / 2
    do for [s in 'ring8 swissroll'] {
        do for [k = 1:3] {
            loss = word(LOSSES, k)
            set title (s eq 'ring8' ? word(TITLES, k)."\n" : '').rho(s, loss)
            if (s eq 'ring8') { unset xlabel } else { set xlabel 'generator step' offset 0,0.4 }
            if (k == 1) { set ylabel 'exact W, '.set_name(s) tc rgb BLUE offset 1 } else { unset ylabel }
            if (k == 3) { set y2label 'critic value' tc rgb ORANGE offset -0.5 } else { unset y2label }
            set autoscale
            stats first(s, loss) using 6:5 nooutput
            set xrange [0:last]; set yrange [0:*]; set ytics nomirror 0, step_to(STATS_max_x) tc rgb BLUE
            set y2range [(k == 1 ? min(-0.05, STATS_min_y) : min(0, 1.1 * STATS_min_y)):(k == 1 ? 0.85 : STATS_max_y)]
            set y2tics nomirror 0, (k == 1 ? 0.2 : step_to(STATS_max_y)) tc rgb ORANGE
            if (k == 1) { set label 1 'log 2' at second last, log(2) right offset -0.5,0.6 tc rgb ORANGE }
            plot first(s, loss) using 4:6 with lines lc rgb BLUE lw 2, \
                 first(s, loss) using 4:5 axes x1y2 with lines lc rgb ORANGE lw 2, \
                 (k == 1 ? log(2) : NaN) axes x1y2 with lines lc rgb ORANGE lw 1 dt 2
            unset label
        }
    }
    unset multiplot
    unset output
    unset y2tics; unset y2label; set border 3; set ytics tc rgb '#222222'

    eval figure(kind, 'loss_tracks_distance_scatter', 1000, 500)
    set multiplot layout 2,4 margins 0.075,0.975,0.11,0.86 spacing 0.065,0.21
    do for [s in 'ring8 swissroll'] {
        do for [k = 1:4] {
            loss = word("'nsgan' 'nsgan long' 'wgan c=".clip."' 'wgan-gp'", k)
            title = word("'GAN' 'GAN, trained longer' 'WGAN, c = ".clip."' 'WGAN-GP'", k)
            set title (s eq 'ring8' ? title."\n" : '').rho(s, loss)
            if (s eq 'ring8') { unset xlabel } else { set xlabel 'exact W' offset 0,0.4 }
            if (k == 1) { set ylabel 'what the loss says, '.set_name(s) offset 1 } else { unset ylabel }
            set autoscale
            stats of(s, loss) using 6:5 nooutput
            set xrange [0:*]; set xtics 0, step_to(STATS_max_x)
            set yrange [(k < 3 ? min(-0.05, STATS_min_y) : min(0, 1.1 * STATS_min_y)):(k < 3 ? 0.75 : STATS_max_y)]
            set ytics 0, (k < 3 ? 0.2 : step_to(STATS_max_y))
            if (k < 3) { set label 1 'log 2' at 0, log(2) offset 0.5,-0.7 tc rgb GREY } else { unset label }
            plot (k < 3 ? log(2) : NaN) with lines lc rgb GREY lw 1 dt 2, \
                 of(s, loss) using 6:5 with points pt 7 ps 0.3 lc rgb ORANGE
        }
    }
    unset multiplot
    unset output
}
