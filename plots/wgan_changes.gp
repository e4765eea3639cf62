# W over training, WGAN and each of its four changes undone.
load 'plots/style.gp'
data = folder.'/wgan_changes.tsv'
NAMES = "'wgan' 'sigmoid kept' 'log kept' 'not clipped' 'momentum kept' 'gan, all undone'"
COLOURS = BLUE.' '.SKY.' '.GREEN.' '.PINK.' '.ORANGE.' '.GREY
# rows of one set and variant, first seed: step in column 4, W in 5
of(s, v) = sprintf("< awk -F'\t' '$1 == \"%s\" && $2 == \"%s\" && $3 == 0' %s", s, v, data)

do for [kind in FORMATS] {
    eval figure(kind, 'wgan_changes', 950, 420)
    set multiplot layout 1,2 margins 0.07,0.97,0.14,0.90 spacing 0.08
    set logscale y
    set xlabel 'generator step' offset 0,0.3
    do for [s in 'ring8 swissroll'] {
        set title s eq 'ring8' ? 'ring of 8 Gaussians' : 'Swiss roll'
        if (s eq 'ring8') { set ylabel 'exact W (log scale)' offset 1; set key off } else { unset ylabel; set key top right maxrows 3 }
        plot for [k = 1:words(NAMES)] of(s, word(NAMES, k)) using 4:5 with lines lw 2 lc rgb word(COLOURS, k) title word(NAMES, k)
    }
    unset multiplot
    unset output
}
