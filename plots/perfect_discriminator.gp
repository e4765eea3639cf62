# What a fresh discriminator leaves to a frozen generator: by how their supports meet, and where
# the best answer is known.
load 'plots/style.gp'
data = folder.'/perfect_discriminator.tsv'
window = folder.'/perfect_discriminator_window.tsv'

SCENES = system("grep -q '^images' ".data." && echo images lines curve ring || echo lines curve ring")
title_of(s) = s eq 'images' ? 'Images' : s eq 'lines' ? 'Apart: parallel lines' : \
              s eq 'curve' ? 'Meeting in points: curve, line' : 'Overlapping: ring'
colour(k) = word(BLUE.' '.ORANGE.' '.GREEN, (k - 1) % 3 + 1)
array LEVEL[64]
levels = 0
do for [u in system("grep -v '^#' ".data." | cut -f2 | tail -n +2 | sort -gu")] { levels = levels + 1; LEVEL[levels] = u + 0 }

of(s, k, c) = strcol('scene') eq s && column('units') == LEVEL[k] ? column(c) : NaN
it(s, k) = strcol('scene') eq s && column('units') == LEVEL[k] && column('iteration') > 0 ? column('iteration') : NaN

do for [kind in FORMATS] {
    eval figure(kind, 'perfect_discriminator', 290 * words(SCENES) + 20, 520)
    set multiplot layout 2,words(SCENES) columnsfirst margins 0.06,0.98,0.11,0.93 spacing 0.035,0.09
    set logscale x
    set xrange [1:*] noextend
    POWERS = "set xtics ('1' 1, '10' 10, '100' 100, '1000' 1000, '10⁴' 1e4, '10⁵' 1e5)"
    do for [n = 1:words(SCENES)] {
        s = word(SCENES, n)
        set title title_of(s)
        unset logscale y
        set yrange [0.4:1.04]
        set ytics 0.5,0.25,1
        set format y (n == 1 ? '%g' : '')
        set xtics ('' 1, '' 10, '' 100, '' 1000, '' 1e4, '' 1e5)
        unset xlabel
        if (n == 1) { set ylabel 'accuracy of D' offset 1 } else { unset ylabel }
        unset key
        plot for [k = 1:levels] data using (it(s, k)):(of(s, k, 'accuracy_min')):(of(s, k, 'accuracy_max')) \
                 with filledcurves fc rgb colour(k) fs transparent solid 0.2, \
             for [k = 1:levels] data using (it(s, k)):(of(s, k, 'accuracy')) with lines lw 3 lc rgb colour(k)
        unset title
        set logscale y
        set yrange [2e-6:1e3]
        if (n == 1) { set ytics ('100' 100, '1' 1, '10⁻²' 0.01, '10⁻⁴' 1e-4, '10⁻⁶' 1e-6) } \
        else { set ytics ('' 100, '' 1, '' 0.01, '' 1e-4, '' 1e-6) }
        eval POWERS
        set xlabel 'iteration of D' offset 0,0.4
        if (n == 1) { set ylabel 'norm of the gradient to G' offset 1; set key at graph 0.04, graph 0.37 left } else { unset ylabel; unset key }
        plot for [k = 1:levels] data using (it(s, k)):(of(s, k, 'norm_min')):(of(s, k, 'norm_max')) \
                 with filledcurves fc rgb colour(k) fs transparent solid 0.2 notitle, \
             for [k = 1:levels] data using (it(s, k)):(of(s, k, 'norm')) with lines lw 3 lc rgb colour(k) \
                 title sprintf('after %g unit%s', LEVEL[k], LEVEL[k] == 1 ? '' : 's')
    }
    unset multiplot
    unset output
}

SIGMAS = system("grep -v '^#' ".window." | cut -f1 | tail -n +2 | uniq | tr '\n' ' '")
at(s, c) = column('sigma') == s + 0 && column('iteration') > 0 ? column(c) : NaN

do for [kind in FORMATS] {
    eval figure(kind, 'perfect_discriminator_window', 300 * words(SIGMAS) + 60, 340)
    set multiplot layout 1,words(SIGMAS) margins 0.075,0.97,0.16,0.89 spacing 0.035,0.1
    unset logscale y
    set logscale x
    set yrange [-1.3:1.1]
    set xlabel 'iteration of D' offset 0,0.4
    eval POWERS
    do for [n = 1:words(SIGMAS)] {
        s = word(SIGMAS, n)
        set title sprintf('σ = %s%s', s, n == 1 ? ': the densities overlap' : n == words(SIGMAS) ? ': hardly at all' : '')
        if (n == 1) { set ytics -1,0.5,1; set format y '%g'; set ylabel 'cosine, or norm by its peak' offset 1.2 } else { set format y ''; unset ylabel }
        if (n == 1) { set key at graph 0.02, graph 0.27 left samplen 1 } else { unset key }
        plot window using (at(s, 'iteration')):(at(s, 'open_90')) with fillsteps fc rgb GREEN fs transparent solid 0.25 \
                 title 'window: both large', \
             window using (at(s, 'iteration')):(at(s, 'cosine_min')):(at(s, 'cosine_max')) \
                 with filledcurves fc rgb BLUE fs transparent solid 0.2 notitle, \
             window using (at(s, 'iteration')):(at(s, 'norm_min')):(at(s, 'norm_max')) \
                 with filledcurves fc rgb ORANGE fs transparent solid 0.2 notitle, \
             window using (at(s, 'iteration')):(at(s, 'cosine')) with lines ls 1 title 'cosine with the best', \
             window using (at(s, 'iteration')):(at(s, 'norm')) with lines ls 2 title 'norm by its peak'
    }
    unset multiplot
    unset output
}
