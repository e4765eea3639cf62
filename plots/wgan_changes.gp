# W over training and at its end, every run: WGAN, each of its four changes undone, GANs, and batch norm.
load 'plots/style.gp'
data = folder.'/wgan_changes.tsv'
final = folder.'/wgan_changes_final.tsv'
NAMES = "'wgan' 'sigmoid kept' 'log kept' 'not clipped' 'momentum 0.5' 'momentum 0.9' 'all undone' 'gan' 'wgan, batch norm' 'gan, batch norm'"
BLACK = '#000000'
COLOURS = BLUE.' '.SKY.' '.GREEN.' '.PINK." '#E69F00' ".ORANGE.' '.GREY.' '.BLACK.' '.BLUE.' '.BLACK
SHOWN = '1 6 7 8'    # over time: the others lie on the first
stats final using 'seed' nooutput
last = STATS_max
# rows of one set, variant and seed: step in column 4, W in 5
of(s, k, seed) = sprintf("< awk -F'\t' '$1 == \"%s\" && $2 == \"%s\" && $3 == %d' %s", s, word(NAMES, k), seed, data)
# ends of one set and variant: W in column 5, that of two samples in 6
ends(s, k) = sprintf("< awk -F'\t' '$1 == \"%s\" && $2 == \"%s\"' %s", s, word(NAMES, k), final)

do for [kind in FORMATS] {
    eval figure(kind, 'wgan_changes', 950, 700)
    set multiplot layout 2,2 margins 0.18,0.975,0.08,0.94 spacing 0.04,0.12
    set logscale y; set key top right samplen 1.2 maxrows 2 width 0
    set xlabel 'generator step' offset 0,0.5
    do for [s in 'ring8 swissroll'] {
        set title s eq 'ring8' ? 'ring of 8 Gaussians' : 'Swiss roll'; set title offset 0,-0.5
        set yrange [0.1:8]
        if (s eq 'ring8') { set ylabel 'exact W'; set format y '%g' } else { unset ylabel; set format y '' }
        plot for [seed = 0:last] for [k in SHOWN] of(s, int(k), seed) using 4:5 with lines lw 1.2 lc rgb word(COLOURS, int(k)) notitle, \
             for [k in SHOWN] NaN with lines lw 3 lc rgb word(COLOURS, int(k)) title word(NAMES, int(k))
    }
    unset logscale y; set logscale x; set key off; set format x '%g'; set format y '%g'; unset ylabel; unset title
    set xlabel 'exact W at the end, every run'
    set yrange [words(NAMES)+1.6:0.4]; set xrange [0.03:3]; set xtics (0.05, 0.1, 0.2, 0.5, 1, 2)
    do for [s in 'ring8 swissroll'] {
        set ytics scale 0 (' ' 1)
        if (s eq 'ring8') { do for [k = 1:words(NAMES)] { set ytics add (word(NAMES, k) k) }; set ytics add ('two data samples' words(NAMES)+1) }
        plot ends(s, 1) using 6:(words(NAMES)+1) with points pt 1 ps 0.9 lw 1.5 lc rgb GREY, \
             for [k = 1:words(NAMES)] ends(s, k) using 5:(k) with points pt (k > 8 ? 6 : 7) ps 0.7 lw 1.5 lc rgb word(COLOURS, k)
    }
    unset logscale; set xrange [*:*]; set yrange [*:*]; set format y '%g'
    set xtics auto; set ytics auto scale 0.6
    unset multiplot
    unset output
}
