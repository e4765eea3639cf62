# W after a short and a long training, by mistake; one point a run.
load 'plots/style.gp'
data = folder.'/common_mistakes.tsv'
NAMES = "'none' 'norm by axis' 't per coordinate' 't normal' 'sigmoid kept' 'penalty at real only' 'sign flipped' 'root at zero'"
# where the points run away they leave the figure, with a note of where to
EDGE = 2
row(s) = words(NAMES) + 1 - (sum [k = 1:words(NAMES)] (word(NAMES, k) eq s ? k : 0))

shown(name) = column(name) < EDGE ? column(name) : NaN
away(name) = strcol('mistake') eq 'sign flipped' ? column(name) : NaN
stats data using (away('early')) nooutput
early = STATS_mean
stats data using (away('late')) nooutput
late = STATS_mean

do for [kind in FORMATS] {
    eval figure(kind, 'common_mistakes', 820, 420)
    set logscale x
    set xrange [*:EDGE]
    set xtics (0.05, 0.1, 0.2, 0.5, 1, 2)
    set yrange [0.4:words(NAMES)+0.6]
    set ytics ()
    do for [k = 1:words(NAMES)] { set ytics add (word(NAMES, k) words(NAMES) - k + 1) }
    set lmargin 22; set bmargin 3.5
    set xlabel 'W of generated points to held-out ones (log scale)' offset 0,0.3
    set label 1 sprintf('%.0f early, %.0f at the end →', early, late) at graph 0.985, first row('sign flipped') right
    set title 'What a mistake in the penalty costs'
    set key at graph 0.98, graph 0.6 right
    plot data using (shown('early')):(row(strcol('mistake'))+0.15) with points pt 6 ps 0.7 lw 2 lc rgb ORANGE title 'early', \
         data using (shown('late')):(row(strcol('mistake'))-0.15) with points pt 7 ps 0.7 lc rgb BLUE title 'at the end'
    unset output
}
