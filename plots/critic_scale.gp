# Values of clipped critics, and what division by the scale found on the first pair makes of them, over W.
load 'plots/style.gp'
data = folder.'/critic_scale.tsv'
NAMES = "'moved by 1' '1.5 times as large' 'the grid'"
index_of(s) = sum [k = 1:words(NAMES)] (word(NAMES, k) eq s ? k : 0)
spread(n) = 0.45 * (real(int(n) % 37) / 37 - 0.5)    # so that points do not hide one another
positive(x) = x > 0 ? x : NaN

do for [kind in FORMATS] {
    eval figure(kind, 'critic_scale', 900, 400)
    set multiplot layout 1,2 margins 0.09,0.985,0.14,0.88 spacing 0.1
    set logscale y
    set xrange [0.5:3.5]
    set xtics ('moved' 1, 'larger' 2, 'the grid' 3)
    set xlabel 'the ring of Gaussians against …' offset 0,0.3
    set key bottom left samplen 1.6
    set format y "1e%L"
    set ylabel 'critic''s value' offset 0.5
    set title 'as trained: any value at all'
    plot for [k = 1:3] data using (index_of(strcol('pair')) == k ? k : NaN):'W':(0.42) with xerrorbars pt 0 lw 2.5 lc rgb BLUE title (k == 1 ? 'exact W' : ''), \
         data using (index_of(strcol('pair'))+spread($0)):(positive(column('value'))) with points pt 7 ps 0.4 lc rgb ORANGE title 'a critic'
    set format y '%g'; set ytics (0.01, 0.1, 0.5, 1, 2); set yrange [*:3]
    set ylabel 'corrected value over W' offset 1
    set title 'corrected: neither the same, nor W'
    plot 1 with lines lw 2.5 lc rgb BLUE title 'exact W', \
         data using (index_of(strcol('pair'))+spread($0)):(positive(column('corrected') / column('W'))) with points pt 7 ps 0.4 lc rgb ORANGE title 'a critic'
    unset multiplot
    unset output
    unset logscale; set yrange [*:*]; set format y '%g'; set ytics auto
}
