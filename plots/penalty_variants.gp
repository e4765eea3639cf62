# Slopes of penalised critics between two points, beside their closed forms; and generators trained
# with several weights.
load 'plots/style.gp'
data = folder.'/penalty_variants_lines.tsv'
trained = folder.'/penalty_variants.tsv'
theta = real(system(sprintf("sed -n 's/^# theta: //p' %s", data)))
slope(c, s) = strcol('place') eq 'points' && strcol('critic') eq c && strcol('sides') eq s ? column('slope') : NaN

do for [kind in FORMATS] {
    eval figure(kind, 'penalty_variants', 980, 430)
    set multiplot layout 1,3 margins 0.06,0.985,0.15,0.90 spacing 0.07
    set logscale x
    set xlabel 'weight λ of the penalty' offset 0,0.3
    set xrange [0.07:15]
    set yrange [-2:7]
    do for [s in 'two one'] {
        set title sprintf('%s-sided: slope between two points', s)
        if (s eq 'two') { set ylabel 'slope of the critic' offset 1; set key top right } else { unset ylabel; set key off }
        plot 1 + theta / (2 * x) with lines lc rgb GREY lw 2 title '1 + θ/(2λ)', \
             (s eq 'two' && theta < 2 * x ? -1 + theta / (2 * x) : NaN) with lines lc rgb PINK lw 2 title '−1 + θ/(2λ), wrong', \
             data using 'lambda':(slope('linear', s)) with points pt 6 ps 0.8 lw 1.5 lc rgb BLUE title 'linear critics', \
             data using (column('lambda')*1.12):(slope('tanh', s)) with points pt 8 ps 0.8 lw 1.5 lc rgb ORANGE title 'tanh', \
             data using (column('lambda')*0.9):(slope('relu', s)) with points pt 4 ps 0.8 lw 1.5 lc rgb GREEN title 'ReLU'
    }
    set title 'generators on the ring'
    set ylabel 'exact W at the end' offset 1
    set yrange [0:*]
    set key top left
    plot trained using 'lambda':(strcol('sides') eq 'two' ? column('W') : NaN) with points pt 7 ps 0.8 lc rgb BLUE title 'two-sided', \
         trained using (column('lambda')*1.12):(strcol('sides') eq 'one' ? column('W') : NaN) with points pt 5 ps 0.8 lc rgb ORANGE title 'one-sided'
    unset multiplot
    unset output
}
