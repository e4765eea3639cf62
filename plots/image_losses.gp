# Four losses, three generators, one critic without batch norm: the Fréchet distance over steps and
# over work, a thin line each run; and what the first seed's runs make.
load 'plots/style.gp'
data = folder.'/image_losses.tsv'
final = folder.'/image_losses_final.tsv'
lines = folder.'/image_losses_lines.tsv'
samples = folder.'/image_losses_samples.tsv'
LOSSES = 'gan nsgan wgan wgan-gp'
NAMES = "'GAN' 'GAN, −log D' 'WGAN, clipped' 'WGAN-GP'"
COLOURS = "#777777 #D55E00 #56B4E9 #0072B2"
NETS = 'dcgan no-bn mlp'
TITLES = "'DCGAN, batch norm' 'without batch norm' 'plain MLP'"
real_line = real(system(sprintf("awk -F'\t' '$1 == \"real\" { print $2 }' %s", lines)))
of(n, l, s) = sprintf("< awk -F'\t' '$1 == \"%s\" && $2 == \"%s\" && $3 == %d' %s", word(NETS, n), word(LOSSES, l), s, data)
mean(n, l, x) = sprintf("< awk -F'\t' '$1 == \"%s\" && $2 == \"%s\" { if (!n[$4]++) at[++looks] = $4; x[$4] = $%d; sum[$4] += $6 } END { for (i = 1; i <= looks; i++) print x[at[i]] \"\t\" sum[at[i]] / n[at[i]] }' %s", word(NETS, n), word(LOSSES, l), x, data)
picture(n, l) = sprintf("< awk -F'\t' '$1 == \"%s\" && $2 == \"%s\"' %s | cut -f 4-", word(NETS, n), word(LOSSES, l), samples)
stats data using 'seed' nooutput
seeds = int(STATS_max) + 1
stats data using 'frechet' nooutput
top = STATS_max
budget(n) = real(system(sprintf("awk -F'\t' '$1 == \"%s\" && $2 == \"wgan\" && $5 + 0 > m { m = $5 } END { print m }' %s", word(NETS, n), data)))
steps = real(system(sprintf("awk -F'\t' '$2 == \"wgan\" && $4 + 0 > m { m = $4 } END { print m + 0 }' %s", data)))

do for [kind in FORMATS] {
    eval figure(kind, 'image_losses', 1050, 760)
    set multiplot layout 2,3 margins 0.075,0.975,0.145,0.95 spacing 0.02,0.125
    set logscale y; set yrange [real_line/1.5:top*1.5]
    do for [row = 1:2] {
        do for [n = 1:3] {
            if (row == 1) { set title word(TITLES, n) } else { unset title }
            set xlabel (row == 1 ? 'generator step' : 'products, share of WGAN’s') offset 0,0.4
            last = row == 1 ? steps : 1
            set xrange [0:last]; set xtics nomirror 0, last/(row == 1 ? 3.0 : 2.0), row == 1 && n < 3 ? 0.9*last : last
            if (n == 1) { set ylabel 'Fréchet distance' offset 0.5; set format y '%g' } else { unset ylabel; set format y '' }
            if (row == 2 && n == 2) { set key at screen 0.53, screen 0.02 bottom center maxrows 1 samplen 1.2 width 1 } else { unset key }
            per = row == 1 ? 1 : budget(n)
            at = row == 1 ? 4 : 5
            plot real_line with lines lc rgb '#444444' dt 2 lw 1.5 title 'real images', \
                 for [l = 1:4] for [s = 0:seeds-1] of(n, l, s) using (column(at)/per):6 with lines lc rgb word(COLOURS, l) lw 0.6 notitle, \
                 for [l = 1:4] mean(n, l, at) using ($1/per):2 with lines lc rgb word(COLOURS, l) lw 3 title word(NAMES, l)
        }
    }
    unset multiplot
    unset output
}

unset xlabel; unset border; unset tics; unset grid; unset colorbox; unset logscale
set xrange [*:*] noextend; set yrange [*:*] noextend reverse; set size ratio -1
set palette gray; set cbrange [0:255]
do for [kind in FORMATS] {
    eval figure(kind, 'image_losses_samples', 800, 460)
    set multiplot layout 3,4 margins 0.13,0.99,0.02,0.93 spacing 0.01,0.02
    do for [n = 1:3] {
        do for [l = 1:4] {
            if (n == 1) { set title word(NAMES, l) } else { unset title }
            if (l == 1) { set label 1 word("'batch norm' 'without' 'MLP'", n) at graph -0.05, graph 0.5 right } else { unset label 1 }
            plot picture(n, l) matrix with image
        }
    }
    unset multiplot
    unset output
    unset title
}
