# What a GAN makes where its discriminator sees images through noise, beside real images; and how
# much fine detail it has over time, as a share of real images'.
load 'plots/style.gp'
data = folder.'/instance_noise.tsv'
lines = folder.'/instance_noise_lines.tsv'
samples = folder.'/instance_noise_samples.tsv'
KINDS = 'none weak strong annealed'
NAMES = "'no noise' 'weak noise' 'strong noise' 'falling to 0'"
SHOWN = "real blurred none weak strong annealed"
TITLES = "'real' 'real, blurred' 'no noise' 'weak noise' 'strong noise' 'falling to 0'"
COLOURS = "#777777 #56B4E9 #D55E00 #0072B2"
picture(n) = sprintf("< awk -F'\t' '$1 == \"%s\"' %s | cut -f 3-", n, samples)
line(n, c) = real(system(sprintf("awk -F'\t' '$1 == \"%s\" { print $%d }' %s", n, c, lines)))
of(k, s) = sprintf("< awk -F'\t' '$1 == \"%s\" && $2 == %d' %s", word(KINDS, k), s, data)
mean(k, c) = sprintf("< awk -F'\t' '$1 == \"%s\" { if (!n[$3]++) at[++looks] = $3; sum[$3] += $%d } END { for (i = 1; i <= looks; i++) print at[i] \"\t\" sum[at[i]] / n[at[i]] }' %s", word(KINDS, k), c, data)
stats data using 'seed' nooutput
seeds = int(STATS_max) + 1
stats data using 'step' nooutput
last = STATS_max

do for [kind in FORMATS] {
    eval figure(kind, 'instance_noise', 950, 400)
    set multiplot layout 1,2 margins 0.085,0.81,0.14,0.9 spacing 0.05,0
    set xlabel 'step' offset 0,0.4
    set xrange [0:last]; set yrange [0:1.6]; set xtics nomirror 0, last/2, last
    set key at screen 0.99, screen 0.92 top right
    do for [c = 4:5] {
        set title (c == 4 ? 'detail' : 'edges: grain taken away')
        if (c == 4) { set ylabel 'share of real images’' offset 0.5 } else { unset ylabel; unset key }
        set label 1 'real' at 0.98*last, 1.0 right offset 0,0.6 tc rgb '#444444'
        set label 2 'real, blurred' at 0.98*last, line('blurred', c - 2) right offset 0,0.6 tc rgb '#444444'
        plot 1 with lines lc rgb '#444444' dt 2 lw 1.5, \
             line('blurred', c - 2) with lines lc rgb '#444444' dt 2 lw 1.5, \
             for [k = 1:4] for [s = 0:seeds-1] of(k, s) using 3:c with lines lc rgb word(COLOURS, k) lw 0.6, \
             for [k = 1:4] mean(k, c) using 1:2 with lines lc rgb word(COLOURS, k) lw 3 title word(NAMES, k)
    }
    unset label 1; unset label 2
    unset multiplot
    unset output
}

unset xlabel; unset ylabel; unset border; unset tics; unset grid; unset key; unset colorbox; unset logscale
set xrange [*:*] noextend; set yrange [*:*] noextend reverse; set size ratio -1
set palette gray; set cbrange [0:255]
do for [kind in FORMATS] {
    eval figure(kind, 'instance_noise_samples', 950, 200)
    set multiplot layout 1,6 margins 0.01,0.99,0.02,0.86 spacing 0.008,0
    do for [k = 1:6] {
        set title word(TITLES, k)
        plot picture(word(SHOWN, k)) matrix with image
    }
    unset multiplot
    unset output
    unset title
}
