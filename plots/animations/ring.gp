# Two games on the ring of Gaussians, side by side, and the exact W of each while it is played:
# frames of two runs of train_toy, in runs/nsgan and runs/wgan-gp. `make ring` runs and draws them.
load 'plots/style.gp'
if (!exists('runs')) runs = 'build/ring'

GAMES = "nsgan wgan-gp"
TITLES = "'GAN, −log D loss' 'WGAN-GP'"
COLOURS = ORANGE.' '.BLUE
HOLD = 15                         # extra frames at the end
samples(g) = sprintf('%s/%s/train_toy_samples.tsv', runs, word(GAMES, g))
losses(g) = sprintf('%s/%s/train_toy.tsv', runs, word(GAMES, g))

stats losses(1) using 'step' nooutput
looks = int(STATS_records); last = STATS_max; every_ = last / (looks - 1)
stats losses(1) using 'W' nooutput
highest = 1.1 * STATS_max
stats samples(1) using 'W' nooutput
n = int(STATS_records) / looks    # points in a look
# what two samples of the data themselves measure
least = real(system(sprintf("sed -n 's/.* are \\([0-9.]*\\) apart.*/\\1/p' %s/nsgan/out", runs)))

array W[2 * looks]
do for [g = 1:2] { do for [k = 1:looks] {
    stats losses(g) using 'W' every ::(k-1)::(k-1) nooutput
    W[(g - 1) * looks + k] = STATS_min
} }
set print folder.'/ring.tsv'
print '# program: train_toy'
print sprintf('# points: %d', n)
print sprintf('# floor: %.4f', least)
print "step\tnsgan\twgan_gp"
do for [k = 1:looks] { print sprintf("%d\t%.6f\t%.6f", (k - 1) * every_, W[k], W[looks + k]) }
set print

set terminal gif animate delay 12 loop 0 size 840,600 font 'DejaVu Sans,17' noenhanced
set output folder.'/ring.gif'
unset key; unset grid; set tics scale 0.5
set tmargin 0; set bmargin 0; set lmargin 0; set rmargin 0
do for [frame = 1:looks + HOLD] {
    k = frame > looks ? looks : frame
    set multiplot
    do for [g = 1:2] {
        left = g == 1 ? 0.075 : 0.56
        set origin left, 0.335; set size 0.42, 0.59
        set border 15 lc rgb '#AAAAAA'; unset tics; unset arrow; unset label
        set xrange [-2:2]; set yrange [-2:2]
        set title word(TITLES, g) offset 0,-0.4
        plot for [m = 0:7] '+' every ::::0 using (sqrt(2)*cos(m*pi/4)):(sqrt(2)*sin(m*pi/4)) with points pt 6 ps 3 lw 2 lc rgb GREY, \
             samples(g) using 'x':'y' every ::(k-1)*n::k*n-1 with points pt 7 ps 0.5 lc rgb word(COLOURS, g)
        unset title
        set origin left, 0.075; set size 0.42, 0.225
        set border 3 lc rgb '#444444'
        set xrange [0:last]; set yrange [0:highest]
        set ytics 0.5 nomirror; set xtics nomirror (sprintf('step %d', (k-1)*every_) last/2) scale 0
        set label 1 sprintf('exact W = %.2f', W[(g-1)*looks+k]) at graph 0.98, graph 0.82 right font 'DejaVu Sans,22' tc rgb word(COLOURS, g)
        set arrow 1 from graph 0, first least to graph 1, first least nohead dt 2 lc rgb GREY
        plot losses(g) using 'step':'W' every ::0::(k-1) with lines lw 4 lc rgb word(COLOURS, g)
    }
    unset multiplot
}
unset output
