# Five losses on two sets: modes found over time, one line a run, and the first seed's last samples
# with the modes that they reach and miss.
load 'plots/style.gp'
data = folder.'/mode_collapse.tsv'
samples = folder.'/mode_collapse_samples.tsv'
modes = folder.'/mode_collapse_modes.tsv'
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

    eval figure(kind, 'mode_collapse_samples', 1000, 500)
    set multiplot layout 2,5 margins 0.05,0.985,0.11,0.88 spacing 0.012,0.10
    unset xlabel; unset ylabel
    set xrange [-2.1:2.1]; set yrange [-2.1:2.1]; set size ratio -1
    set xtics nomirror -2, 1; set ytics nomirror -2, 1
    do for [s in 'ring8 grid25'] {
        do for [k = 1:5] {
            stats modes using (of(s, word(LOSSES, k), 'covered')) nooutput
            set title (s eq 'ring8' ? word(TITLES, k)."\n" : '').sprintf('%d of %d', STATS_sum, STATS_records)
            if (k == 1) { set format y '%g' } else { set format y '' }
            if (s eq 'ring8') { set format x '' } else { set format x '%g' }
            if (s eq 'grid25' && k == 1) { set label 1 '○ reached' at screen 0.36,0.03 tc rgb GREY; set label 2 '✕ missed' at screen 0.52,0.03 tc rgb 'black' } else { unset label }
            plot samples using (of(s, word(LOSSES, k), 'x')):'y' with points pt 7 ps 0.2 lc rgb (k < 4 ? ORANGE : BLUE), \
                 modes using (column('covered') == 1 ? of(s, word(LOSSES, k), 'x') : NaN):'y' with points pt 6 ps 0.8 lw 1.2 lc rgb GREY, \
                 modes using (column('covered') == 0 ? of(s, word(LOSSES, k), 'x') : NaN):'y' with points pt 2 ps 0.7 lw 2 lc rgb 'black'
        }
    }
    unset multiplot
    unset output
    unset label; set size noratio; set format x '%g'; set format y '%g'
}
