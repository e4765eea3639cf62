# Values of clipped critics before and after division by the scale found on the first pair.
load 'plots/style.gp'
data = folder.'/critic_scale.tsv'
NAMES = "'moved by 1' '1.5 times as large' 'the grid'"
index_of(s) = sum [k = 1:words(NAMES)] (word(NAMES, k) eq s ? k : 0)
spread(n) = 0.35 * (real(int(n) % 37) / 37 - 0.5)    # so that points do not hide one another

do for [kind in FORMATS] {
    eval figure(kind, 'critic_scale', 900, 400)
    set multiplot layout 1,2 margins 0.09,0.985,0.14,0.88 spacing 0.1
    set logscale y; set format y "1e%L"
    set xrange [0.5:3.5]
    set xtics ('moved' 1, 'larger' 2, 'the grid' 3)
    set xlabel 'the ring of Gaussians against …' offset 0,0.3
    set ylabel 'critic''s value' offset 0.5
    set title 'as trained: any value at all'
    set key off
    plot data using (index_of(strcol('pair'))+spread($0)):'value' with points pt 7 ps 0.4 lc rgb ORANGE title 'critics', \
         for [k = 1:3] data using (index_of(strcol('pair')) == k ? k : NaN):'W' with points pt 2 ps 1.6 lw 2.5 lc rgb BLUE title k == 1 ? 'exact W' : ''
    unset logscale; set format y '%g'; set yrange [0:*]
    set ylabel 'value / scale of the first pair'
    set title 'corrected: they agree, but not on W'
    set key top right
    plot data using (index_of(strcol('pair'))+spread($0)):'corrected' with points pt 7 ps 0.4 lc rgb ORANGE title 'critics', \
         for [k = 1:3] data using (index_of(strcol('pair')) == k ? k : NaN):'W' with points pt 2 ps 1.6 lw 2.5 lc rgb BLUE title k == 1 ? 'exact W' : ''
    unset multiplot
    unset output
    set yrange [*:*]; set format y '%g'
}
