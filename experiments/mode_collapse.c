// Which modes does a generator find? Five losses on the ring of 8 and the grid of 25 Gaussians,
// several seeds each: modes covered, share of samples near one, exact W. The sources say that the
// −log D generator collapses (Arjovsky & Bottou 2017, section 2.2.2), that WGAN's did not
// (Arjovsky, Chintala & Bottou 2017, section 4.3); one says that the penalty does not beat
// clipping.
#include "experiments/common/toy_gan.h"
#include "toy/modes.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t seeds, steps, log_every, batch, look_points, critic_iters, width;
static double rate, wgan_rate, clip, lambda;

static const Setting settings[] = {
    {"seeds", SETTING_INTEGER, &seeds, "2", "5", 1, 1000, NULL, "N", "Runs of each loss and set"},
    {"steps", SETTING_INTEGER, &steps, "1800", "3000", 1, 1e9, NULL, "N",
     "Generator updates of each run"},
    {"log-every", SETTING_INTEGER, &log_every, "100", "200", 1, 1e9, NULL, "N",
     "Steps between measurements"},
    {"batch", SETTING_INTEGER, &batch, "128", NULL, 1, 65536, NULL, "N", "Points in a batch"},
    {"look-points", SETTING_INTEGER, &look_points, "512", "1024", 2, 20000, NULL, "N",
     "Generated points that are judged, and held-out ones for W"},
    {"critic-iters", SETTING_INTEGER, &critic_iters, "5", NULL, 1, 1000, NULL, "N",
     "Critic updates to one of the generator, in wgan and wgan-gp; the others take 1"},
    {"rate", SETTING_REAL, &rate, "1e-3", "5e-4", 1e-9, 10, NULL, "X",
     "Learning rate of Adam (0.5, 0.9), all losses but wgan"},
    {"wgan-rate", SETTING_REAL, &wgan_rate, "1e-3", "5e-4", 1e-9, 10, NULL, "X",
     "Learning rate of RMSProp, wgan"},
    {"clip", SETTING_REAL, &clip, "0.05", NULL, 1e-6, 1e6, NULL, "C", "Bound on wgan's weights"},
    {"lambda", SETTING_REAL, &lambda, "0.1", NULL, 1e-6, 1e6, NULL, "X", "wgan-gp's penalty"},
    {"width", SETTING_INTEGER, &width, "64", "128", 1, 65536, NULL, "N",
     "Units in each of three hidden layers, of both networks"},
    {0},
};

static const Program program = {
    .name = "mode_collapse",
    .summary = "Five GAN losses on rings and grids of Gaussians: which modes are found, how many "
               "samples are near one, and how far W is from its floor.",
    .details = "Writes mode_collapse.tsv (every run over time), mode_collapse_final.tsv (every run "
               "at its end), mode_collapse_work.tsv (wgan-gp's runs where they had done as much "
               "work as a whole one of another loss), mode_collapse_samples.tsv and "
               "mode_collapse_modes.tsv (the first seed's last samples, and the modes they "
               "reach) and the claims C20 and C42.\n\n"
               "  experiments/mode_collapse --seeds 3 --steps 2000 --clip 0.1",
    .settings = settings,
    .threads = 1,
};

// [losses]
static const char *const LOSS_NAMES[] = {"gan", "nsgan", "lsgan", "wgan", "wgan-gp"};
static const char *const SET_NAMES[] = {"ring8", "grid25"};
enum { LOSSES = 5, SETS = 2, MOST_SEEDS = 1000 };

static bool is_wasserstein(int loss) {
    return loss == GAN_WASSERSTEIN || loss == GAN_WASSERSTEIN_GP;
}

static Rule rule_of(int loss) {
    if (loss == GAN_WASSERSTEIN) return rule_default(RULE_RMSPROP, wgan_rate);
    return rule_adam(rate, 0.5, 0.9);
}

static ToyGanSettings settings_of(int loss, int64_t seed) {
    return (ToyGanSettings){
        .critic = {.architecture = mlp_line(2, 4, width, 1),
                   .loss = (GanLoss)loss,
                   .penalty = {.lambda = loss == GAN_WASSERSTEIN_GP ? lambda : 0},
                   .init = INIT_HE_NORMAL,
                   .rule = rule_of(loss),
                   .clip = loss == GAN_WASSERSTEIN ? clip : 0,
                   .batch = (size_t)batch},
        .generator = {.architecture = mlp_line(2, 4, width, 2),
                      .init = INIT_HE_NORMAL,
                      .rule = rule_of(loss),
                      .batch = (size_t)batch},
        .critic_iters = is_wasserstein(loss) ? critic_iters : 1,
        .look_points = (size_t)look_points,
        .seed = common.seed + (uint64_t)seed,
    };
}
// [/losses]

// ---- one run ----

// Products of an iteration, in units of one pass of a batch forward through the critic: a pass and
// its two products backward, three batches under the penalty and its tangent; and the generator's.
static double work_of_step(const ToyGan *gan) {
    double critic = 0, generator = 0;
    const Architecture *c = &gan->critic.net.architecture, *g = &gan->generator.net.architecture;
    for (int i = 0; i < c->count; i++) critic += item_flop(&c->item[i]);
    for (int i = 0; i < g->count; i++) generator += item_flop(&g->item[i]);
    double update = gan->settings.critic.penalty.lambda > 0 ? 3 + 3 + 1 + 3 : 2 + 2 + 2;
    double iterations = (double)gan->settings.critic_iters;
    return iterations * (update + generator / critic) + 2 + 3 * generator / critic;
}

typedef struct {
    double step, work, modes, quality, w;
} Look;

static Look look(ToyGan *gan) {
    toy_gan_look(gan);
    Modes modes = modes_measure(set_mixture(gan->data->set), (size_t)look_points, gan->sample);
    return (Look){(double)gan->step, (double)gan->step * work_of_step(gan), (double)modes.covered,
                  modes.quality, toy_gan_w(gan)};
}

// All looks of a run, the first before it began.
typedef struct {
    size_t count;
    Look *look;
} Run;
static Run all_runs[SETS][LOSSES][MOST_SEEDS];
static double w_floor[SETS];

static Tsv *over_time, *at_end, *at_work, *last_samples, *last_modes;

static void write_look(Tsv *table, int set, const char *name, int64_t seed, const Look *l) {
    tsv_text(table, SET_NAMES[set]), tsv_text(table, name);
    tsv_numbers(table, 6, (double[]){(double)seed, l->step, l->work, l->modes, l->quality, l->w});
}

static void write_samples(const ToyGan *gan, int set, int loss) {
    const Mixture *m = set_mixture(gan->data->set);
    size_t n = (size_t)look_points, count[m->count + 1];
    for (size_t i = 0; i < n; i++) {
        tsv_text(last_samples, SET_NAMES[set]), tsv_text(last_samples, LOSS_NAMES[loss]);
        tsv_numbers(last_samples, 2, gan->sample + 2 * i);
    }
    modes_count(m, n, gan->sample, count);
    for (size_t k = 0; k < m->count; k++) {
        tsv_text(last_modes, SET_NAMES[set]), tsv_text(last_modes, LOSS_NAMES[loss]);
        tsv_numbers(last_modes, 4,
                    (double[]){m->mean[2 * k], m->mean[2 * k + 1], (double)count[k],
                               modes_is_covered(m, k, n, count)});
    }
}

static void run(const Backend *backend, int set, int loss, int64_t seed) {
    ToyData data = toy_data_open(SET_NAMES[set], NULL);
    ToyGanSettings chosen = settings_of(loss, seed);
    Run *r = &all_runs[set][loss][seed];
    ToyGan gan;
    toy_gan_build(&gan, backend, &data, &chosen);
    r->look = allocate((size_t)(steps / log_every) + 2, sizeof *r->look);
    w_floor[set] = toy_gan_floor(&gan);
    while (true) {
        if (gan.step % log_every == 0 || gan.step == steps) {
            if (gan.step) critic_losses(&gan.critic);
            r->look[r->count] = look(&gan);
            write_look(over_time, set, LOSS_NAMES[loss], seed, &r->look[r->count++]);
        }
        if (gan.step == steps) break;
        toy_gan_step(&gan);
    }
    write_look(at_end, set, LOSS_NAMES[loss], seed, &r->look[r->count - 1]);
    if (seed == 0) write_samples(&gan, set, loss);
    toy_gan_free(&gan), toy_data_free(&data);
}

static void run_all(const Backend *backend) {
    int64_t total = SETS * LOSSES * seeds, done = 0;
    for (int set = 0; set < SETS; set++)
        for (int loss = 0; loss < LOSSES; loss++)
            for (int64_t seed = 0; seed < seeds; seed++) {
                run(backend, set, loss, seed);
                const Run *r = &all_runs[set][loss][seed];
                progress(++done, total, "%s on %s: W %.3f", LOSS_NAMES[loss], SET_NAMES[set],
                         r->look[r->count - 1].w);
            }
}

// ---- what comes of it ----

// The last look of a run with at most so much work.
static const Look *look_at(const Run *r, double work) {
    const Look *last = r->look;
    for (size_t k = 1; k < r->count && r->look[k].work <= work; k++) last = &r->look[k];
    return last;
}

static const Look *last_look(const Run *r) {
    return look_at(r, INFINITY);
}

static Summary spread(const Run *runs, double (*of)(const Look *)) {
    Summary summary = {0};
    for (int64_t k = 0; k < seeds; k++) summary_add(&summary, of(last_look(&runs[k])));
    return summary;
}

static double modes_of(const Look *l) {
    return l->modes;
}

static double quality_of(const Look *l) {
    return l->quality;
}

static double w_of(const Look *l) {
    return l->w;
}

static size_t modes_in(int set) {
    SetKind kind = SET_RING8;
    set_find(SET_NAMES[set], &kind);
    return set_mixture(kind)->count;
}

static void print_table(void) {
    printf("%-8s %-8s │ %-18s │ %-20s │ %s\n", "set", "loss", "modes (range)", "near a mode",
           "W (range)");
    for (int set = 0; set < SETS; set++) {
        for (int loss = 0; loss < LOSSES; loss++) {
            const Run *runs = all_runs[set][loss];
            Summary m = spread(runs, modes_of), q = spread(runs, quality_of),
                    w = spread(runs, w_of);
            printf("%-8s %-8s │ %4.1f of %2zu (%g–%g) │ %5.3f (%.3f–%.3f) │ %.3f (%.3f–%.3f)\n",
                   SET_NAMES[set], LOSS_NAMES[loss], m.mean, modes_in(set), m.low, m.high, q.mean,
                   q.low, q.high, w.mean, w.low, w.high);
        }
        printf("%-8s floor of W, two samples of the data: %.3f\n", SET_NAMES[set], w_floor[set]);
    }
    putchar('\n');
}

// Runs that cover every mode with W more than three times its floor.
static int64_t misleading_runs(void) {
    int64_t count = 0;
    for (int set = 0; set < SETS; set++)
        for (int loss = 0; loss < LOSSES; loss++)
            for (int64_t k = 0; k < seeds; k++) {
                const Look *l = last_look(&all_runs[set][loss][k]);
                count += l->modes == (double)modes_in(set) && l->w > 3 * w_floor[set];
            }
    return count;
}

// Modes that a loss's runs on one set miss, and how many of the runs miss some.
typedef struct {
    int64_t modes, runs;
} Missed;

static Missed missed(int set, int loss) {
    Missed m = {0, 0};
    for (int64_t k = 0; k < seeds; k++) {
        int64_t lost = (int64_t)(modes_in(set) - last_look(&all_runs[set][loss][k])->modes);
        m.modes += lost, m.runs += lost > 0;
    }
    return m;
}

// One loss collapses and the other does not only where the first misses more: runs that have learnt
// nothing miss all modes under each.
static bool shows_collapse(const Missed m[LOSSES]) {
    bool shows = m[GAN_NONSATURATING].modes > m[GAN_WASSERSTEIN_GP].modes;
    for (int loss = 0; loss < LOSSES; loss++) shows &= m[GAN_WASSERSTEIN_GP].modes <= m[loss].modes;
    return shows;
}

static Verdict verdict_collapse(Missed m[SETS][LOSSES]) {
    int shown = 0;
    for (int set = 0; set < SETS; set++) shown += shows_collapse(m[set]);
    return shown == SETS ? HOLDS : shown ? MIXED : FAILS;
}

static void judge_collapse(void) {
    Missed m[SETS][LOSSES];
    const char *list = "";
    for (int set = 0; set < SETS; set++) {
        list = text("%s%s%s", list, *list ? "; " : "", SET_NAMES[set]);
        for (int loss = 0; loss < LOSSES; loss++) {
            m[set][loss] = missed(set, loss);
            list = text("%s%s %s %lld in %lld", list, loss ? "," : "", LOSS_NAMES[loss],
                        (long long)m[set][loss].modes, (long long)m[set][loss].runs);
        }
    }
    claim(&(Claim){
        .id = "C20",
        .statement = "the −log D GAN loses modes in some runs, WGAN-GP the fewest of all losses",
        .measured = text("modes missed, in how many runs of %lld: %s; all modes but W over 3 "
                         "floors in %lld runs of %lld",
                         (long long)seeds, list, (long long)misleading_runs(),
                         (long long)(SETS * LOSSES * seeds)),
        .expected = "on both sets wgan-gp fewer than nsgan, and no more than any other",
        .tolerance = "none",
        .seeds = seeds,
        .verdict = verdict_collapse(m),
        .known = HOLDS,
    });
}

// ---- does the penalty beat clipping? ----

typedef struct {
    Summary ours, other; // W
    bool trained;        // every run to at most half of the W that it began with
} Pair;

static void add(Pair *pair, Summary *w, const Run *r, const Look *l) {
    summary_add(w, l->w);
    pair->trained &= l->w <= r->look[0].w / 2;
}

// Ours and other's runs at their ends, or where both had done as much work as a whole run of the
// cheaper loss.
static Pair pair_of(const Run *ours, const Run *other, bool equal_work) {
    Pair pair = {.trained = true};
    for (int64_t k = 0; k < seeds; k++) {
        double least = fmin(last_look(&ours[k])->work, last_look(&other[k])->work);
        double work = equal_work ? least : INFINITY;
        add(&pair, &pair.ours, &ours[k], look_at(&ours[k], work));
        add(&pair, &pair.other, &other[k], look_at(&other[k], work));
    }
    return pair;
}

// Every run of ours below every one of the other.
static bool is_better(const Pair *pair) {
    return pair->trained && summary_compare(&pair->ours, &pair->other) < 0;
}

// That one does not beat the other is shown only where both have trained.
static Verdict verdict_penalty(size_t count, const Pair *pair) {
    size_t trained = 0, better = 0;
    for (size_t k = 0; k < count; k++) trained += pair[k].trained, better += is_better(&pair[k]);
    if (trained == count && !better) return HOLDS;
    return better == trained ? FAILS : MIXED;
}

static const char *pairs_text(const Pair *pair) {
    const char *list = "";
    for (int set = 0; set < SETS; set++) {
        const Summary *o = &pair[set].ours, *c = &pair[set].other;
        list = text("%s%s%s %.3f to %.3f, %.3f to %.3f", list, set ? "; " : "", SET_NAMES[set],
                    o->low, o->high, c->low, c->high);
    }
    return list;
}

// wgan-gp beside another loss on every set, first at equal steps, then at equal work.
static void pairs_with(int other, Pair pair[2 * SETS]) {
    for (int set = 0; set < SETS; set++)
        for (int equal_work = 0; equal_work < 2; equal_work++)
            pair[SETS * equal_work + set] =
                pair_of(all_runs[set][GAN_WASSERSTEIN_GP], all_runs[set][other], equal_work);
}

// The looks at wgan-gp that equal work compares.
static void write_equal_work(int other) {
    for (int set = 0; set < SETS; set++)
        for (int64_t k = 0; k < seeds; k++) {
            double work = last_look(&all_runs[set][other][k])->work;
            write_look(at_work, set, LOSS_NAMES[other], k,
                       look_at(&all_runs[set][GAN_WASSERSTEIN_GP][k], work));
        }
}

static void judge_penalty(void) {
    Pair clipped[2 * SETS], gan[2 * SETS];
    pairs_with(GAN_WASSERSTEIN, clipped), pairs_with(GAN, gan);
    int below = 0;
    for (int k = 0; k < 2 * SETS; k++) below += summary_compare(&gan[k].ours, &gan[k].other) < 0;
    claim(&(Claim){
        .id = "C42",
        .statement = "WGAN-GP does not beat WGAN with clipping in practice",
        .measured = text("W of wgan-gp, wgan: %s; at equal work: %s; wgan-gp below the saturating "
                         "gan in %d pairs of %d",
                         pairs_text(clipped), pairs_text(clipped + SETS), below, 2 * SETS),
        .expected = "both trained, and wgan-gp not below wgan in any of the four pairs",
        .tolerance = "the ranges over seeds must not meet",
        .seeds = seeds,
        .verdict = verdict_penalty(2 * SETS, clipped),
        .known = MIXED,
    });
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    const Backend *backend = trainer_backend();
    over_time = tsv_open("", "set loss seed step work modes quality W");
    at_end = tsv_open("final", "set loss seed step work modes quality W");
    at_work = tsv_open("work", "set against seed step work modes quality W");
    last_samples = tsv_open("samples", "set loss x y");
    last_modes = tsv_open("modes", "set loss x y points covered");
    run_all(backend);
    backend->close();
    print_table();
    judge_collapse();
    judge_penalty();
    write_equal_work(GAN_WASSERSTEIN), write_equal_work(GAN);
    return experiment_end();
}
