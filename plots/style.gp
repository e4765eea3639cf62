# The look of every figure: `load 'plots/style.gp'` after `folder` is set.
# Colours: Okabe and Ito's set, told apart by colour-blind eyes and in grey.

if (!exists('folder')) folder = 'plots/quick'

BLUE = '#0072B2'; ORANGE = '#D55E00'; GREEN = '#009E73'; PINK = '#CC79A7'; SKY = '#56B4E9'; GREY = '#777777'

set datafile separator tab
set datafile commentschars '#'
set datafile missing 'nan'
set encoding utf8
set border 3 lw 1.2 lc rgb '#444444'
set tics nomirror out scale 0.6 tc rgb '#222222'
set grid lw 0.6 lc rgb '#CCCCCC'
set key noautotitle Left reverse samplen 1.6 spacing 1.25 width -2

set style line 1 lc rgb BLUE   lw 3
set style line 2 lc rgb ORANGE lw 3
set style line 3 lc rgb GREEN  lw 3
set style line 4 lc rgb PINK   lw 3
set style line 11 lc rgb BLUE   pt 6 ps 0.6 lw 1.5
set style line 12 lc rgb ORANGE pt 4 ps 0.6 lw 1.5
set style line 13 lc rgb GREEN  pt 8 ps 0.6 lw 1.5

# A figure is drawn twice, as SVG for the page and as PNG at double size for the README:
#   do for [kind in FORMATS] { eval figure(kind, 'NAME', WIDTH, HEIGHT); plot ...; unset output }
FORMATS = 'svg png'
figure(kind, name, width, height) = kind eq 'png' \
    ? sprintf("set terminal pngcairo noenhanced size %d,%d font 'DejaVu Sans,24' fontscale 1 linewidth 2 pointscale 2; set output '%s/%s.png'", 2*width, 2*height, folder, name) \
    : sprintf("set terminal svg noenhanced size %d,%d font 'DejaVu Sans,12' background '#FFFFFF'; set output '%s/%s.svg'", width, height, folder, name)
