// Results: tables, claims, provenance, progress, and the one way to fail.
#include "contract.h"
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

extern const char build_commit[], build_flags[];

#ifdef __clang__
static const char compiler[] = __VERSION__;
#else
static const char compiler[] = "gcc " __VERSION__;
#endif

static const char *const verdict_names[] = {"HOLDS", "FAILS", "MIXED"};
static double started; // seconds, monotonic

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void *allocate(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size);
    if (!memory) fail(EXIT_RESOURCE, "out of memory: %zu × %zu bytes", count, size);
    return memory;
}

// Strings and tables live until the program ends, so they are chained and not freed.
typedef struct Kept {
    struct Kept *before;
    void *memory;
} Kept;
static Kept *kept;

static void *keep(void *memory) {
    Kept *link = allocate(1, sizeof *link);
    *link = (Kept){kept, memory};
    kept = link;
    return memory;
}

static char *format_text(const char *format, va_list arguments) {
    char *string;
    if (vasprintf(&string, format, arguments) < 0) fail(EXIT_RESOURCE, "out of memory");
    return keep(string);
}

const char *text(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *string = format_text(format, arguments);
    va_end(arguments);
    return string;
}

// ---- files: written under a temporary name, renamed at the end ----

typedef struct {
    const char *path, *temporary; // the same where path is a device or pipe
    FILE *stream;
} Output;

enum { MAX_OUTPUTS = 32 };
static Output outputs[MAX_OUTPUTS];
static volatile sig_atomic_t output_count;

static bool on_the_side(const Output *o) {
    return o->temporary != o->path;
}

static void remove_unfinished(void) {
    for (int i = 0; i < output_count; i++)
        if (on_the_side(&outputs[i])) unlink(outputs[i].temporary);
}

static void on_interrupt(int signal_number) {
    (void)signal_number;
    remove_unfinished();
    _exit(EXIT_INTERRUPT);
}

// A reader or a terminal that went away ends the program as it would without us.
static void on_hang_up(int signal_number) {
    remove_unfinished();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static volatile sig_atomic_t interrupts;

static void on_first_interrupt(int signal_number) {
    if (interrupts++) on_interrupt(signal_number);
}

// As nohup has it.
static bool outlives_terminal(void) {
    struct sigaction now;
    return sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void interrupt_wait(void) {
    struct sigaction action = {.sa_handler = on_first_interrupt, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (!outlives_terminal()) sigaction(SIGHUP, &action, NULL);
}

bool interrupted(void) {
    return interrupts > 0;
}

static void watch_for_signals(void) {
    static const struct {
        int number;
        void (*handler)(int);
    } watched[] = {{SIGINT, on_interrupt},
                   {SIGTERM, on_interrupt},
                   {SIGHUP, on_hang_up},
                   {SIGPIPE, on_hang_up}};
    for (size_t k = 0; k < sizeof watched / sizeof *watched; k++)
        if (!(watched[k].number == SIGHUP && outlives_terminal()))
            sigaction(watched[k].number, &(struct sigaction){.sa_handler = watched[k].handler},
                      NULL);
}

// The temporary name is this process's own and must be new: no file of the user's is written over.
static FILE *output_open(const char *path) {
    if (output_count == MAX_OUTPUTS) fail(EXIT_RESOURCE, "more than %d result files", MAX_OUTPUTS);
    Output *o = &outputs[output_count];
    struct stat s;
    bool special = stat(path, &s) == 0 && !S_ISREG(s.st_mode);
    o->path = path;
    o->temporary = special ? path : text("%s.%ld.tmp", path, (long)getpid());
    o->stream = fopen(o->temporary, special ? "w" : "wx");
    if (!o->stream && errno == EEXIST) fail(EXIT_USAGE, "two results would be written to %s", path);
    if (!o->stream) fail(EXIT_RESOURCE, "cannot write %s: %s", path, strerror(errno));
    output_count++;
    return o->stream;
}

bool same_file(const char *a, const char *b) {
    struct stat s, t;
    if (!a || !b) return false;
    if (strcmp(a, b) == 0) return true;
    return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

static void outputs_finish(void) {
    for (int i = 0; i < output_count; i++) {
        errno = 0;
        bool written = fflush(outputs[i].stream) == 0 && !ferror(outputs[i].stream);
        if (fclose(outputs[i].stream) != 0 || !written)
            fail(EXIT_RESOURCE, "cannot write %s: %s", outputs[i].path, strerror(errno));
    }
    for (int i = 0; i < output_count; i++)
        if (on_the_side(&outputs[i]) && rename(outputs[i].temporary, outputs[i].path) != 0)
            fail(EXIT_RESOURCE, "cannot write %s: %s", outputs[i].path, strerror(errno));
    output_count = 0;
}

void make_folder(const char *path) {
    char *partial = (char *)text("%s", path);
    for (char *slash = strchr(partial + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash) *slash = '\0';
        struct stat s;
        bool there = stat(partial, &s) == 0 && S_ISDIR(s.st_mode);
        if (!there && mkdir(partial, 0777) != 0 && errno != EEXIST)
            fail(EXIT_RESOURCE, "cannot make the folder %s: %s", path, strerror(errno));
        if (!slash) break;
        *slash = '/';
    }
    struct stat s;
    if (stat(path, &s) == 0 && !S_ISDIR(s.st_mode))
        fail(EXIT_RESOURCE, "cannot write into %s: %s", path, strerror(ENOTDIR));
    if (access(path, W_OK | X_OK) != 0)
        fail(EXIT_RESOURCE, "cannot write into %s: %s", path, strerror(errno));
}

void report_begin(void) {
    started = now();
    if (fcntl(STDOUT_FILENO, F_GETFD) < 0 || fcntl(STDERR_FILENO, F_GETFD) < 0)
        fail(EXIT_RESOURCE, "stdout or stderr is closed: there is nowhere to print");
    if (common.out && !program->prepare) make_folder(common.out);
    atexit(remove_unfinished);
    watch_for_signals();
    signal(SIGXFSZ, SIG_IGN); // a file over the size limit is an error like a full disk
}

_Noreturn void fail(int exit_code, const char *format, ...) {
    va_list arguments;
    char *line = NULL;
    va_start(arguments, format);
    fflush(stdout);
    if (vasprintf(&line, format, arguments) < 0) line = NULL;
    va_end(arguments);
    for (char *c = line; c && *c; c++) // names of files and words from them may hold anything
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    fprintf(stderr, "%s: %s\n", program->name, line ? line : "out of memory");
    exit(exit_code);
}

double require_finite(double x, const char *what) {
    if (!isfinite(x))
        fail(EXIT_NONFINITE, "%s is %s", what, isnan(x) ? "not a number" : "infinite");
    return x;
}

// ---- tables ----

struct Tsv {
    FILE *stream;
    const char *head; // the row of names, with its line end
    size_t columns, filled;
};

static void write_settings(FILE *stream) {
    fprintf(stream, "# program: %s\n# preset: %s\n# seed: %llu\n", program->name,
            common.preset == PRESET_PAPER ? "paper" : "quick", (unsigned long long)common.seed);
    for (size_t k = 0; program->settings && program->settings[k].name; k++)
        if (setting_in_force(k))
            fprintf(stream, "# %s: %s\n", program->settings[k].name, setting_in_force(k));
}

static const char *table_path(const char *suffix) {
    return text("%s/%s%s%s.tsv", common.out, program->name, *suffix ? "_" : "", suffix);
}

Tsv *tsv_open(const char *suffix, const char *columns) {
    return tsv_create(table_path(suffix), columns);
}

Tsv *tsv_create(const char *path, const char *columns) {
    Tsv *t = keep(allocate(1, sizeof *t));
    t->stream = output_open(path);
    write_settings(t->stream);
    char *head = (char *)text("%s\n", columns);
    t->head = head;
    t->columns = 1;
    for (; *head; head++)
        if (*head == ' ') *head = '\t', t->columns++;
    fputs(t->head, t->stream);
    return t;
}

void tsv_continue(Tsv *t, const char *suffix, double last) {
    FILE *old = fopen(table_path(suffix), "r");
    char *line = NULL;
    size_t room = 0;
    bool ours = false;
    while (old && getline(&line, &room, old) > 0)
        if (ours && strchr(line, '\n') && strtod(line, NULL) <= last)
            fputs(line, t->stream);
        else if (strcmp(line, t->head) == 0)
            ours = true;
    free(line);
    if (old) fclose(old);
}

void tsv_text(Tsv *t, const char *value) {
    t->filled = (t->filled + 1) % t->columns;
    fprintf(t->stream, "%s%c", value, t->filled ? '\t' : '\n');
}

void tsv_numbers(Tsv *t, size_t count, const double *values) {
    char cell[32];
    for (size_t k = 0; k < count; k++) {
        snprintf(cell, sizeof cell, "%.*g", program->tool ? 17 : 9, values[k] + 0.0);
        tsv_text(t, isnan(values[k]) ? "nan" : cell);
    }
}

// ---- claims ----

static FILE *claims;
static bool verdict_differs;

void claim(const Claim *c) {
    bool quick = common.preset == PRESET_QUICK, differs = c->verdict != c->known;
    printf("%s %s%s  %s. Measured %s; expected %s; tolerance %s; %lld seed%s.%s%s\n", c->id,
           verdict_names[c->verdict], quick ? " (quick)" : "", c->statement, c->measured,
           c->expected, c->tolerance, (long long)c->seeds, c->seeds == 1 ? "" : "s",
           differs ? " The book says " : "", differs ? text("%s.", verdict_names[c->known]) : "");
    verdict_differs |= differs;
    if (!claims) {
        claims = output_open(text("%s/%s.claims.tsv", common.out, program->name));
        write_settings(claims);
        fputs("id\tmeasured\texpected\ttolerance\tseeds\tverdict\tstatement\tprogram\n", claims);
    }
    fprintf(claims, "%s\t%s\t%s\t%s\t%lld\t%s\t%s\t%s\n", c->id, c->measured, c->expected,
            c->tolerance, (long long)c->seeds, verdict_names[c->verdict], c->statement,
            program->name);
}

// ---- provenance ----

static const char *device = "cpu";

void provenance_device(const char *description) {
    device = text("%s", description);
}

static const char *processor(void) {
    FILE *info = fopen("/proc/cpuinfo", "r");
    char line[512];
    const char *model = "unknown processor";
    while (info && fgets(line, sizeof line, info))
        if (strncmp(line, "model name", 10) == 0 && strstr(line, ": ")) {
            line[strcspn(line, "\n")] = '\0';
            model = text("%s", strstr(line, ": ") + 2);
            break;
        }
    if (info) fclose(info);
    return model;
}

static void write_provenance(void) {
    FILE *f = output_open(text("%s/%s.provenance", common.out, program->name));
    time_t clock = time(NULL);
    char date[32];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime(&clock));
    struct utsname system;
    uname(&system);
    fprintf(f, "date: %s\ncommit: %s\ncommand: %s\n", date, build_commit, command_line);
    fprintf(f, "machine: %s, %ld cores, %s %s\n", processor(), sysconf(_SC_NPROCESSORS_ONLN),
            system.sysname, system.machine);
    fprintf(f, "device: %s\ncompiler: %s\nflags: %s\nlibc: glibc %s\n", device, compiler,
            build_flags, gnu_get_libc_version());
    fprintf(f, "wall time: %.2f s\n", now() - started);
}

int experiment_end(void) {
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout))
        fail(EXIT_RESOURCE, "cannot write the results to stdout: %s", strerror(errno));
    if (common.out) write_provenance();
    outputs_finish();
    return verdict_differs && common.preset == PRESET_PAPER ? EXIT_VERDICT : EXIT_OK;
}

// ---- progress ----

void progress(int64_t done, int64_t total, const char *format, ...) {
    static double shown, first;
    static int64_t first_done, last_done, last_total;
    double t = now();
    if (shown == 0) shown = t;
    bool another = done < last_done || total != last_total; // loop has begun
    if (first == 0 || another) first = t, first_done = done;
    last_done = done, last_total = total;
    bool terminal = isatty(STDERR_FILENO), last = done >= total;
    if (common.quiet || (t - shown < (terminal ? 0.1 : 10) && !(last && terminal))) return;
    shown = t;
    char values[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(values, sizeof values, format, arguments);
    va_end(arguments);
    double rate = t > first ? (double)(done - first_done) / (t - first) : 0;
    fprintf(stderr, "%s%s: %lld/%lld  %s  %.3g/s", terminal ? "\r" : "", program->name,
            (long long)done, (long long)total, values, rate);
    if (rate > 0 && !last) fprintf(stderr, "  %.0f s left", (double)(total - done) / rate);
    fputs(terminal ? (last ? "\033[K\n" : "\033[K") : "\n", stderr);
}
