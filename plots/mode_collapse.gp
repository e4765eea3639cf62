# Five losses on two sets: modes found over time, one line a run, and the first seed's last samples.
load 'plots/style.gp'
data = folder.'/mode_collapse.tsv'
samples = folder.'/mode_collapse_samples.tsv'
LOSSES = 'gan nsgan lsgan wgan wgan-gp'
TITLES = "'GAN' '−log D' 'least squares' 'WGAN, clipped' 'WGAN-GP'"
set_modes(s) = s eq 'ring8' ? 8 : 25
of(s, l, c) = strcol('set') eq s && strcol('loss') eq l ? column(c) : NaN

stats data using 'step' nooutput
last = STATS_max

do for [kind in FORMATS] {
    eval figure(kind, 'mode_collapse', 1000, 640)
    set multiplot layout 2,5 margins 0.07,0.985,0.10,0.90 spacing 0.025,0.16
    do for [s in 'ring8 grid25'] {
        set yrange [0:set_modes(s)*1.08]
        set ytics nomirror 0, set_modes(s) == 8 ? 2 : 5
        do for [k = 1:5] {
            if (s eq 'ring8') { set title word(TITLES, k) } else { unset title }
            if (k == 1) { set ylabel sprintf("modes found of %d", set_modes(s)) offset 0; set format y '%g' } else { unset ylabel; set format y '' }
            set xlabel 'generator step' offset 0,0.4
            set xrange [0:last]; set xtics nomirror 0, last/2, last/2
            stats data using (of(s, word(LOSSES, k), 'seed')) nooutput
            plot set_modes(s) with lines lc rgb GREY dt 2 lw 1.5, \
                 for [seed = 0:int(STATS_max)] data using (column('seed') == seed ? column('step') : NaN):(of(s, word(LOSSES, k), 'modes')) with lines lc rgb (k < 4 ? ORANGE : BLUE) lw 1.5
        }
    }
    unset multiplot
    unset output
    set format y '%g'

    eval figure(kind, 'mode_collapse_samples', 1000, 450)
    set multiplot layout 2,5 margins 0.02,0.985,0.03,0.92 spacing 0.01,0.03
    unset xlabel; unset ylabel; unset border; unset tics; unset grid
    set xrange [-2:2]; set yrange [-2:2]; set size ratio -1
    do for [s in 'ring8 grid25'] {
        do for [k = 1:5] {
            if (s eq 'ring8') { set title word(TITLES, k) } else { unset title }
            plot samples using (of(s, word(LOSSES, k), 'x')):'y' with points pt 7 ps 0.2 lc rgb (k < 4 ? ORANGE : BLUE)
        }
    }
    unset multiplot
    unset output
    set size noratio; set border 3; set tics nomirror; set grid
}
