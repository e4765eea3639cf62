// Critic and generator updates, Adam included, beside PyTorch's in the same run: the two take
// turns on the same threads, and each waits while the other works. Without a torch for python3,
// ours alone.
//
//     critic_step [--device cpu|cuda] [--threads N] [--precision full|tf32] [--rounds N] [--case N]
//                 [--table FILE.tsv] [--profile]
//
// --profile: ours alone, on the CPU, and where its time goes.
#include "tests/bench/profile.h"

#include "nets/gan.h"
#include "nets/init.h"
#include "nets/optimiser.h"
#include "nets/random.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Two padding pixels on every side in the image networks, which PyTorch has built in: TensorFlow's
// padding costs it a layer more for each convolution. 5x5 kernels all.
static const struct {
    const char *name, *critic, *generator;
    int batch;
} CASES[] = {
    {"MLP 2-512-512-512-1", "input 2; linear 512 relu; linear 512 relu; linear 512 relu; linear 1",
     "input 2; linear 512 relu; linear 512 relu; linear 512 relu; linear 2", 256},
    {"DCGAN 28x28x1, dim 64",
     "input 28x28x1; conv 64 k5 s2 p2 leaky 0.2; conv 128 k5 s2 p2 leaky 0.2; "
     "conv 256 k5 s2 p2 leaky 0.2; linear 1",
     "input 128; linear 4x4x256 relu; convt 128 k5 s2 p2 relu; convt 64 k5 s2 p2 o1 relu; "
     "convt 1 k5 s2 p2 o1 sigmoid",
     50},
    {"faces 64x64x3",
     "input 64x64x3; conv 64 k5 s2 p2 leaky 0.2; conv 128 k5 s2 p2 leaky 0.2; "
     "conv 256 k5 s2 p2 leaky 0.2; conv 512 k5 s2 p2 leaky 0.2; linear 1",
     "input 100; linear 4x4x512 bn eps 0.001 nogain relu; "
     "convt 256 k5 s2 p2 o1 bn eps 0.001 nogain relu; "
     "convt 128 k5 s2 p2 o1 bn eps 0.001 nogain relu; "
     "convt 64 k5 s2 p2 o1 bn eps 0.001 nogain relu; convt 3 k5 s2 p2 o1 tanh",
     64},
};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES, MOST_ROUNDS = 100 };

static struct {
    Device device;
    Precision precision;
    int threads, rounds, only; // only: one case, or −1
    FILE *table;               // what is printed, as tab-separated columns; or NULL
    bool profile;
} options = {DEVICE_CPU, PRECISION_FULL, 0, 5, -1, NULL, false};

static _Noreturn void stop(int code, const char *reason) {
    fprintf(stderr, "critic_step: %s\n", reason);
    exit(code);
}

static void check(int status, const Error *error) {
    if (status) stop(status, error->text);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// ---- ours -------------------------------------------------------------------------------------

typedef struct {
    const Backend *backend;
    Net critic, generator;
    Optimiser critic_adam, generator_adam;
    RandomSource random;
    real *t, *norms;
    double *values;
    Capture *capture[2];
} Ours;

typedef enum { CRITIC, GENERATOR } Update;
static const char *const UPDATE_NAMES[] = {"critic", "generator"};

static void build_net(Net *net, const Backend *backend, const char *line, NetUse use, int batch,
                      size_t batches) {
    Architecture architecture;
    Error error;
    check(architecture_parse(&architecture, line, &error), &error);
    check(net_build(net, backend, &architecture, use, (size_t)batch, batches, false, &error),
          &error);
}

static void *device_array(const Backend *backend, size_t bytes) {
    Error error;
    void *array = backend->alloc(bytes, &error);
    if (!array) stop(EXIT_RESOURCE, error.text);
    return array;
}

static void ours_open(Ours *o, const Backend *backend, int which) {
    Rule adam = {.kind = RULE_ADAM, .rate = 1e-4, .beta1 = 0.5, .beta2 = 0.9, .eps = 1e-8};
    int batch = CASES[which].batch;
    Error error;
    *o = (Ours){.backend = backend};
    build_net(&o->critic, backend, CASES[which].critic, NET_PENALTY, batch, 3);
    build_net(&o->generator, backend, CASES[which].generator, NET_TRAIN, batch, 1);
    check(optimiser_build(&o->critic_adam, &o->critic, adam, 0, &error), &error);
    check(optimiser_build(&o->generator_adam, &o->generator, adam, 0, &error), &error);
    check(random_open(&o->random, backend, 1, 0, &error), &error);
    net_init(&o->critic, INIT_HE_NORMAL, o->random);
    net_init(&o->generator, INIT_HE_NORMAL, o->random);
    o->t = device_array(backend, (size_t)batch * sizeof *o->t);
    o->norms = device_array(backend, (size_t)batch * sizeof *o->norms);
    o->values = device_array(backend, VALUE_COUNT * sizeof *o->values);
    size_t samples = 2 * (size_t)batch * shape_size(o->critic.architecture.input);
    random_draw_uniform(backend, o->random, samples, -1, 1, net_input(&o->critic, 0));
}

static void ours_close(Ours *o) {
    for (int update = 0; update < 2; update++) o->backend->capture_free(o->capture[update]);
    o->backend->free(o->t), o->backend->free(o->norms), o->backend->free(o->values);
    random_free(&o->random, o->backend);
    optimiser_free(&o->critic_adam, &o->critic);
    optimiser_free(&o->generator_adam, &o->generator);
    net_free(&o->critic), net_free(&o->generator);
}

static void critic_update(Ours *o) {
    random_draw_uniform(o->backend, o->random, o->critic.batch, 0, 1, o->t);
    critic_gradient(&o->critic, GAN_WASSERSTEIN_GP, (Penalty){.lambda = 10}, o->t, o->norms,
                    o->values);
    optimiser_step(&o->critic_adam, &o->critic);
}

static void generator_update(Ours *o) {
    size_t latents = o->generator.batch * shape_size(o->generator.architecture.input);
    random_draw_normal(o->backend, o->random, latents, 0, 1, net_input(&o->generator, 0));
    generator_gradient(&o->generator, &o->critic, GAN_WASSERSTEIN_GP, o->values);
    optimiser_step(&o->generator_adam, &o->generator);
}

// Seconds of `count` updates; as one graph each where the backend can do that.
static double ours_run(Ours *o, Update update, int count) {
    void (*run)(Ours *) = update == CRITIC ? critic_update : generator_update;
    o->backend->sync();
    double start = seconds();
    for (int i = 0; i < count; i++)
        if (o->capture[update])
            o->backend->capture_replay(o->capture[update]);
        else
            run(o);
    o->backend->sync();
    return seconds() - start;
}

static void ours_capture(Ours *o) {
    for (int update = 0; update < 2; update++) {
        ours_run(o, (Update)update, 1); // whatever is set up on first use is not part of the graph
        if (!o->backend->capture_begin()) continue;
        if (update == CRITIC)
            critic_update(o);
        else
            generator_update(o);
        o->capture[update] = o->backend->capture_end();
    }
}

// Products of one update, 2 per multiply-add. The critic: forward and backward of 3B rows, tangent
// of B, weights of 3B; deltas reach the input for B rows only. The generator: both forward and
// backward, its own weights, no deltas of its latents.
static double work(const Ours *o, Update update) {
    const Architecture *critic = &o->critic.architecture, *generator = &o->generator.architecture;
    double of_critic = 0, of_generator = 0, batch = (double)o->critic.batch;
    for (int i = 0; i < critic->count; i++) of_critic += item_flop(&critic->item[i]);
    for (int i = 0; i < generator->count; i++) of_generator += item_flop(&generator->item[i]);
    if (update == CRITIC) return batch * (10 * of_critic - 2 * item_flop(&critic->item[0]));
    return batch * (2 * of_critic + 3 * of_generator - item_flop(&generator->item[0]));
}

// ---- PyTorch: a process that waits for commands
// --------------------------------------------------

typedef struct {
    pid_t process; // 0: there is none
    FILE *commands, *answers;
} Peer;

static const char *peer_answer(Peer *peer) {
    static char line[400];
    if (!fgets(line, sizeof line, peer->answers)) stop(EXIT_VERDICT, "PyTorch ended early");
    line[strcspn(line, "\n")] = '\0';
    return line;
}

// On that device: many a torch knows the CPU only.
static bool peer_is_there(void) {
    return system(options.device == DEVICE_CUDA
                      ? "python3 -c 'import torch; exit(not torch.cuda.is_available())' 2>/dev/null"
                      : "python3 -c 'import torch' 2>/dev/null") == 0;
}

static void peer_start(Peer *peer) {
    if (!peer_is_there()) return;
    int to[2], from[2];
    if (pipe(to) != 0 || pipe(from) != 0) stop(EXIT_RESOURCE, "no pipe");
    char threads[20];
    snprintf(threads, sizeof threads, "%d", options.threads);
    peer->process = fork();
    if (peer->process < 0) stop(EXIT_RESOURCE, "no process");
    if (peer->process == 0) {
        dup2(to[0], STDIN_FILENO), dup2(from[1], STDOUT_FILENO);
        close(to[1]), close(from[0]);
        setenv("OMP_NUM_THREADS", threads, 1);
        execlp("python3", "python3", "tests/bench/critic_step.py", "--device",
               options.device == DEVICE_CPU ? "cpu" : "cuda", "--threads", threads, "--precision",
               options.precision == PRECISION_TF32 ? "tf32" : "full", NULL);
        _exit(EXIT_RESOURCE);
    }
    close(to[0]), close(from[1]);
    peer->commands = fdopen(to[1], "w"), peer->answers = fdopen(from[0], "r");
}

static void peer_stop(Peer *peer) {
    if (!peer->process) return;
    fclose(peer->commands), fclose(peer->answers);
    waitpid(peer->process, NULL, 0);
}

static double peer_run(Peer *peer, Update update, int count) {
    fprintf(peer->commands, "%s %d\n", UPDATE_NAMES[update], count);
    fflush(peer->commands);
    return atof(peer_answer(peer));
}

// ---- the table ----------------------------------------------------------------------------------

typedef struct {
    double run[MOST_ROUNDS]; // seconds per update
} Timing;

static int compare_doubles(const void *p, const void *q) {
    double x = *(const double *)p, y = *(const double *)q;
    return (x > y) - (x < y);
}

static double best(Timing *t) {
    qsort(t->run, (size_t)options.rounds, sizeof *t->run, compare_doubles);
    return t->run[0];
}

static double median(Timing *t) {
    best(t);
    return (t->run[options.rounds / 2] + t->run[(options.rounds - 1) / 2]) / 2;
}

// As many as take about half a second.
static int enough(double one) {
    int count = (int)(0.5 / one);
    return count < 1 ? 1 : count;
}

static void measure(Ours *ours, Peer *peer, Update update, Timing *mine, Timing *theirs) {
    int count = enough(ours_run(ours, update, 2) / 2);
    int peer_count = peer->process ? enough(peer_run(peer, update, 2) / 2) : 0;
    for (int round = 0; round < options.rounds; round++) {
        mine->run[round] = ours_run(ours, update, count) / count;
        if (peer->process) theirs->run[round] = peer_run(peer, update, peer_count) / peer_count;
    }
}

static void report(const char *name, int batch, Update update, double flop, Timing *mine,
                   Timing *theirs, bool with_peer) {
    printf("%-22s %3d %-9s %7.2f  %9.2f %9.2f %8.1f %8.0f", name, batch, UPDATE_NAMES[update],
           1e-9 * flop, 1e3 * best(mine), 1e3 * median(mine), 1 / best(mine),
           1e-9 * flop / best(mine));
    if (with_peer)
        printf("  %9.2f %9.2f %8.0f  %6.2f %6.2f", 1e3 * best(theirs), 1e3 * median(theirs),
               1e-9 * flop / best(theirs), best(theirs) / best(mine),
               median(theirs) / median(mine));
    printf("\n");
    if (options.table)
        fprintf(options.table, "%s\t%d\t%s\t%.9g\t%.9g\t%.9g\t%.9g\t%.9g\n", name, batch,
                UPDATE_NAMES[update], 1e-9 * flop, 1e3 * best(mine), 1e3 * median(mine),
                with_peer ? 1e3 * best(theirs) : NAN, with_peer ? 1e3 * median(theirs) : NAN);
}

static void run_case(const Backend *backend, Peer *peer, int which) {
    Ours ours;
    Timing mine, theirs;
    ours_open(&ours, backend, which);
    ours_capture(&ours);
    const char *layout = "";
    if (peer->process) {
        fprintf(peer->commands, "case %d|%s|%s\n", CASES[which].batch, CASES[which].critic,
                CASES[which].generator);
        fflush(peer->commands);
        layout = peer_answer(peer);
        if (strcmp(layout, "flat") != 0) printf("(PyTorch's images here: %s)\n", layout);
    }
    for (Update update = CRITIC; update <= GENERATOR; update++) {
        measure(&ours, peer, update, &mine, &theirs);
        report(CASES[which].name, CASES[which].batch, update, work(&ours, update), &mine, &theirs,
               peer->process);
        fflush(stdout);
    }
    ours_close(&ours);
}

static const char *machine(void) {
    static char model[256] = "unknown processor";
    char line[300];
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "model name : %255[^\n]", model) == 1) break;
    if (file) fclose(file);
    return model;
}

static void head_table(const char *model, const char *ours, const char *theirs) {
    fprintf(options.table,
            "# machine: %s, %ld cores\n# ours: %s\n# theirs: %s\n# rounds: %d\n"
            "network\tbatch\tupdate\tgflop\tours_ms\tours_median_ms\ttheirs_ms\ttheirs_median_ms\n",
            model, sysconf(_SC_NPROCESSORS_ONLN), ours, theirs, options.rounds);
}

static void print_heading(const Backend *backend, Peer *peer) {
    printf("machine: %s, %ld cores\nours: %s, gcc %s\n", machine(), sysconf(_SC_NPROCESSORS_ONLN),
           backend->description, __VERSION__);
    const char *theirs = peer->process                   ? peer_answer(peer)
                         : options.device == DEVICE_CUDA ? "python3 has no torch with CUDA here"
                                                         : "python3 has no torch here";
    printf("theirs: %s\n", theirs);
    if (options.table) head_table(machine(), backend->description, theirs);
    printf("%d alternating rounds; ms per update, updates/s and GFLOP/s of the best; x: their "
           "time over ours, best and median\n\n",
           options.rounds);
    printf("%-22s %3s %-9s %7s  %9s %9s %8s %8s  %9s %9s %8s  %6s %6s\n", "network", "B", "update",
           "GFLOP", "best ms", "median", "per s", "GFLOP/s", "torch ms", "median", "GFLOP/s",
           "x best", "x med");
}

// ---- the profile --------------------------------------------------------------------------------

static void profile_heading(const Backend *backend) {
    double block = 1e-9 * block_rate(options.threads);
    printf("machine: %s\nours: %s\nthe products' block in the first cache: %.0f GFLOP/s\n\n"
           "%-22s %3s %-9s %9s %8s %7s %8s %8s %9s\n",
           machine(), backend->description, block, "network", "B", "update", "products", "packing",
           "arrays", "waiting", "samples", "GFLOP/s");
    if (options.table)
        fprintf(options.table,
                "# machine: %s\n# ours: %s\n# block_gflops: %.4g\n"
                "network\tbatch\tupdate\tgflop\tproducts\tpacking\tarrays\twaiting\tsamples\t"
                "product_gflops\n",
                machine(), backend->description, block);
}

// Samples of `rounds` seconds. The rate is that of the products alone, of all threads, by the
// processor's time that went into them.
static void profile_update(Ours *ours, int which, Update update) {
    double share[PARTS], start = seconds(), spent;
    int updates = 0;
    ours_run(ours, update, 2);
    profile_start();
    spent = processor_seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (; seconds() - start < options.rounds; updates++) ours_run(ours, update, 1);
    spent = processor_seconds(CLOCK_PROCESS_CPUTIME_ID) - spent;
    size_t count = profile_stop(share);
    double flop = 1e-9 * work(ours, update);
    double rate = options.threads * flop * updates / (share[PRODUCTS] * spent);
    printf("%-22s %3d %-9s %7.1f%% %6.1f%% %7.1f%% %7.1f%% %8zu %9.0f\n", CASES[which].name,
           CASES[which].batch, UPDATE_NAMES[update], 100 * share[PRODUCTS], 100 * share[PACKING],
           100 * share[ARRAYS], 100 * share[WAITING], count, rate);
    if (options.table)
        fprintf(options.table, "%s\t%d\t%s\t%.9g\t%.4f\t%.4f\t%.4f\t%.4f\t%zu\t%.4g\n",
                CASES[which].name, CASES[which].batch, UPDATE_NAMES[update], flop, share[PRODUCTS],
                share[PACKING], share[ARRAYS], share[WAITING], count, rate);
}

static void profile_case(const Backend *backend, int which) {
    Ours ours;
    ours_open(&ours, backend, which);
    for (Update update = CRITIC; update <= GENERATOR; update++)
        profile_update(&ours, which, update);
    ours_close(&ours);
}

// ---- the command line ---------------------------------------------------------------------------

static int number(const char *text, int least, int most) {
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < least || value > most) stop(EXIT_USAGE, "bad number");
    return (int)value;
}

static void parse(int argc, char **argv) {
    static const struct option flags[] = {
        {"device", required_argument, NULL, 'd'},    {"threads", required_argument, NULL, 't'},
        {"precision", required_argument, NULL, 'p'}, {"rounds", required_argument, NULL, 'r'},
        {"case", required_argument, NULL, 'c'},      {"table", required_argument, NULL, 'o'},
        {"profile", no_argument, NULL, 'P'},         {0}};
    for (int flag; (flag = getopt_long(argc, argv, "", flags, NULL)) != -1;) {
        if (flag == 'd' && (!device_find(optarg, &options.device) || options.device == DEVICE_AUTO))
            stop(EXIT_USAGE, "--device: give cpu or cuda");
        if (flag == 'p' && strcmp(optarg, "full") != 0 && strcmp(optarg, "tf32") != 0)
            stop(EXIT_USAGE, "--precision: give full or tf32");
        if (flag == 'p')
            options.precision = strcmp(optarg, "tf32") == 0 ? PRECISION_TF32 : PRECISION_FULL;
        if (flag == 't') options.threads = number(optarg, 1, 1024);
        if (flag == 'r') options.rounds = number(optarg, 1, MOST_ROUNDS);
        if (flag == 'o' && !(options.table = fopen(optarg, "w")))
            stop(EXIT_RESOURCE, strerror(errno));
        if (flag == 'c') options.only = number(optarg, 0, CASE_COUNT - 1);
        if (flag == 'P') options.profile = true;
        if (flag == '?') exit(EXIT_USAGE);
    }
    if (options.profile && options.device != DEVICE_CPU)
        stop(EXIT_USAGE, "--profile knows the CPU only");
    if (options.threads == 0) options.threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
}

// OpenBLAS reads this variable before main() and would take slower kernels: start again without.
static void without_core_type(char **argv) {
    if (!getenv("OPENBLAS_CORETYPE")) return;
    unsetenv("OPENBLAS_CORETYPE");
    execv("/proc/self/exe", argv);
    stop(EXIT_RESOURCE, "cannot start again without OPENBLAS_CORETYPE");
}

int main(int argc, char **argv) {
    without_core_type(argv);
    parse(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    Peer peer = {0};
    if (!options.profile) peer_start(&peer); // before this process has threads
    const Backend *backend;
    Error error;
    check(backend_open(&backend, options.device, options.threads, options.precision, &error),
          &error);
    if (options.profile)
        profile_heading(backend);
    else
        print_heading(backend, &peer);
    for (int which = 0; which < CASE_COUNT; which++) {
        if (options.only >= 0 && options.only != which) continue;
        if (options.profile)
            profile_case(backend, which);
        else
            run_case(backend, &peer, which);
    }
    backend->close();
    peer_stop(&peer);
    if (options.table && fclose(options.table) != 0) stop(EXIT_RESOURCE, strerror(errno));
    return 0;
}
