# Relative error of the penalty's gradient by activation, with and without the curvature.
load 'plots/style.gp'
data = folder.'/double_backprop.tsv'
NAMES = "'ReLU' 'LeakyReLU' 'tanh' 'sigmoid' 'softplus' 'shifted softplus'"
index_of(s) = sum [k = 1:words(NAMES)] (word(NAMES, k) eq s ? k : 0)

# float's rounding, or double's where the build was one of doubles
stats data using 'error' nooutput
least = STATS_max < 1e-9 ? 1e-13 : 1e-8

do for [kind in FORMATS] {
    eval figure(kind, 'double_backprop', 760, 380)
    set logscale y
    set format y "1e%L"
    set yrange [least:10]
    set xrange [0.4:6.6]
    set xtics ('ReLU' 1, 'LeakyReLU' 2, 'tanh' 3, 'sigmoid' 4, 'softplus' 5, "shifted\nsoftplus" 6)
    set ylabel 'relative error of the weight gradient' offset 0.5
    set key at graph 0.98, graph 0.72 right
    set lmargin 10; set bmargin 3.5
    set title 'Without the curvature sweep, a smooth critic''s penalty is trained wrongly'
    plot data using (index_of(strcol('activation'))-0.1):'error' with points pt 7 ps 0.8 lc rgb BLUE title 'five sweeps', \
         data using (index_of(strcol('activation'))+0.1):'error_without' with points pt 5 ps 0.8 lc rgb ORANGE title 'four: no curvature'
    unset output
}
