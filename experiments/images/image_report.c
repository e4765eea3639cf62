#include "image_report.h"

#include "experiments/common/contract.h"
#include "files.h"
#include "nets/file.h"
#include "run_folder.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GRIDS = 12, FRAMES = 120, POINTS = 1000, SECONDS = 20 };

// ---- gnuplot ----

void report_open(Report *r, const char *folder, const char *program, const char *settings,
                 bool plots) {
    *r = (Report){folder, program, settings, plots};
    if (!plots || system("command -v gnuplot >/dev/null 2>&1") == 0) return;
    fprintf(stderr, "%s: no loss.svg and samples.gif: gnuplot is not installed\n", program);
    r->plots = false;
}

// A text between single quotes of gnuplot.
static const char *quoted(const char *string) {
    const char *result = "'";
    for (; *string; string++) result = text("%s%s%c", result, *string == '\'' ? "'" : "", *string);
    return text("%s'", result);
}

// True if gnuplot takes the script and ends well. Ctrl-C is for the training to see, not for
// gnuplot; and a gnuplot that ends without reading is no reader that went away.
static bool run_gnuplot(const char *script) {
    struct sigaction before;
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, &before);
    FILE *gnuplot = popen("trap '' INT TERM; exec gnuplot 2>/dev/null", "w");
    if (gnuplot) fputs(script, gnuplot);
    bool well = gnuplot && pclose(gnuplot) == 0;
    sigaction(SIGPIPE, &before, NULL);
    return well;
}

// Draws into a temporary file, and puts that into its place. Where gnuplot fails, training goes on
// without.
static void draw(Report *r, const char *name, const char *script) {
    const char *path = text("%s/%s", r->folder, name);
    const char *temporary = text("%s.%ld.tmp", path, (long)getpid());
    if (run_gnuplot(text("set output %s\n%sunset output\n", quoted(temporary), script)) &&
        rename(temporary, path) == 0)
        return;
    unlink(temporary);
    fprintf(stderr, "%s: gnuplot could not draw %s: going on without plots\n", r->program, path);
    r->plots = false;
}

static const char curves[] =
    "set terminal svg noenhanced size 900,%d font 'DejaVu Sans,12' background '#FFFFFF'\n"
    "set datafile separator tab; set datafile commentschars '#'; set datafile missing 'nan'\n"
    "set border 3 lc rgb '#444444'; set tics nomirror; set grid lc rgb '#CCCCCC'\n"
    "set lmargin 11; set rmargin 27; set key at graph 1.03,1 left top Left reverse; set xrange "
    "[0:%g]\n"
    "set multiplot layout %d,1\n";

typedef struct {
    const char *column, *title, *colour;
    Metric metric;
    bool negative; // drawn as minus what the table has
} Curve;

// Panels over the step: the title, what is measured, then its curves.
static const struct {
    const char *title, *axis;
    Curve curve[2];
} panels[] = {
    {"Critic on training and on held-out images, penalty left out",
     "minus the loss",
     {{"training_loss", "training", "#0072B2", METRIC_TRAINING, true},
      {"validation_loss", "held out", "#D55E00", METRIC_VALIDATION, true}}},
    {"Losses",
     "loss",
     {{"critic_loss", "critic", "#0072B2", METRIC_CRITIC_LOSS, false},
      {"generator_loss", "generator", "#D55E00", METRIC_GENERATOR_LOSS, false}}},
    {"Norm of the critic's gradient at x̂",
     "norm",
     {{"norm_max", "largest of the batch", "#56B4E9", METRIC_NORM_MAX, false},
      {"norm_mean", "mean", "#009E73", METRIC_NORM_MEAN, false}}},
};
enum { PANELS = sizeof panels / sizeof *panels };

// True where a column has numbers, and so can be drawn.
static bool measured(const Metrics *m, Metric metric) {
    size_t k = 0;
    while (k < m->count && isnan(m->row[k][metric])) k++;
    return k < m->count;
}

static const char *panel_script(const Metrics *m, int p, const char *xlabel) {
    const char *script = text("set title \"%s\"; set ylabel '%s'; set xlabel '%s'\nplot ",
                              panels[p].title, panels[p].axis, xlabel);
    for (const Curve *c = panels[p].curve; c < panels[p].curve + 2; c++)
        script =
            text("%s%s using 'step':(%scolumn('%s')) every %zu with lines lw 2 lc rgb '%s' "
                 "title '%s'%s",
                 script, quoted(m->path), c->negative ? "-" : "", c->column, m->count / POINTS + 1,
                 c->colour, c->title, c == panels[p].curve ? ", " : "\n");
    return script;
}

static void draw_curves(Report *r, const Metrics *m) {
    const char *script = "";
    int count = 0;
    if (!r->plots || m->count < 3) return;
    for (int p = PANELS - 1; p >= 0; p--) // from the last, below which the axis has its name
        if (measured(m, panels[p].curve[0].metric))
            script = text("%s%s", panel_script(m, p, count++ ? "" : "step"), script);
    double last = m->row[m->count - 1][METRIC_STEP];
    script = text("%s%sunset multiplot\n", text(curves, 250 * count, last, count), script);
    if (count > 0) draw(r, "loss.svg", script);
}

// Every k-th of `count` so that at most `most` are left, the last among them.
static size_t stride_for(size_t count, size_t most) {
    return (count + most - 1) / most;
}

static void draw_animation(Report *r) {
    int64_t *steps;
    size_t count = files_numbered(text("%s/samples", r->folder), ".png", &steps);
    size_t stride = stride_for(count, FRAMES);
    const char *script = "set terminal gif animate delay 10 loop 0 size 560,600 font 'DejaVu "
                         "Sans,11' noenhanced\nunset key; unset tics; unset border\n"
                         "set size ratio -1; set margins 1,1,1,2\n";
    for (size_t k = count ? (count - 1) % stride : 0; k < count; k += stride)
        script = text("%sset title 'step %lld'\nplot %s binary filetype=png with rgbimage\n",
                      script, (long long)steps[k], quoted(run_samples(r->folder, steps[k])));
    free(steps);
    if (count > 1) draw(r, "samples.gif", script);
}

// ---- the page ----

static void put_escaped(FILE *page, const char *string) {
    for (; *string; string++) switch (*string) {
        case '<':
            fputs("&lt;", page);
            break;
        case '&':
            fputs("&amp;", page);
            break;
        default:
            fputc(*string, page);
        }
}

static void put_base64(FILE *page, const unsigned char *bytes, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        unsigned word = (unsigned)bytes[i] << 16;
        if (left > 1) word |= (unsigned)bytes[i + 1] << 8;
        if (left > 2) word |= bytes[i + 2];
        fputc(digits[word >> 18], page), fputc(digits[word >> 12 & 63], page);
        fputc(left > 1 ? digits[word >> 6 & 63] : '=', page);
        fputc(left > 2 ? digits[word & 63] : '=', page);
    }
}

static void put_picture(FILE *page, const char *path, const char *caption) {
    size_t size;
    Error error;
    void *bytes = file_read(path, &size, &error);
    if (!bytes) return;
    fprintf(page, "<figure><img alt=\"%s\" src=\"data:image/png;base64,", caption);
    put_base64(page, bytes, size);
    fprintf(page, "\"><figcaption>%s</figcaption></figure>\n", caption);
    free(bytes);
}

static void put_curves(FILE *page, const Report *r, const Metrics *metrics) {
    const char *path = text("%s/loss.svg", r->folder);
    Error error;
    size_t size;
    char *svg = r->plots && metrics->count >= 3 ? file_read(path, &size, &error) : NULL;
    if (!svg) return;                                 // nothing to draw yet
    const char *start = memmem(svg, size, "<svg", 4); // after the XML declaration
    fputs("<h2>Curves</h2>\n", page);
    if (start) fwrite(start, 1, size - (size_t)(start - svg), page);
    free(svg);
}

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<style>body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "figure{display:inline-block;margin:0 1rem 1rem 0;vertical-align:top}"
    "img{image-rendering:pixelated;max-width:100%;height:auto;background:#fff}"
    "figcaption{color:#555}pre{overflow-x:auto;background:#f4f4f4;padding:1rem}"
    "svg{max-width:100%;height:auto}</style>\n";

static void put_page(FILE *page, const Report *r, const Metrics *metrics, int64_t step,
                     int64_t steps, const char *state) {
    int64_t *grid;
    size_t count = files_numbered(text("%s/samples", r->folder), ".png", &grid);
    size_t stride = stride_for(count, GRIDS);
    fputs(head, page);
    if (!state) fprintf(page, "<meta http-equiv=\"refresh\" content=\"%d\">\n", SECONDS);
    const char *slash = strrchr(r->folder, '/'), *name = slash && slash[1] ? slash + 1 : r->folder;
    fputs("<title>", page), put_escaped(page, name);
    fprintf(page, ", step %lld</title></head><body>\n<h1>", (long long)step);
    put_escaped(page, name);
    fprintf(page, "</h1>\n<p>%s. Step %lld of %lld, ", r->program, (long long)step,
            (long long)steps);
    put_escaped(page, state ? state : "training");
    fputs(".</p>\n", page);
    if (count > 0)
        put_picture(page, run_samples(r->folder, grid[count - 1]),
                    text("Samples, step %lld", (long long)grid[count - 1]));
    put_picture(page, text("%s/reals.png", r->folder), "Images of the data");
    put_curves(page, r, metrics);
    fputs("<h2>The same latents over time</h2>\n", page);
    for (size_t k = count ? (count - 1) % stride : 0; k < count; k += stride)
        put_picture(page, run_samples(r->folder, grid[k]), text("step %lld", (long long)grid[k]));
    fputs("<h2>Settings</h2>\n<pre>", page);
    put_escaped(page, r->settings);
    fputs("</pre>\n</body></html>\n", page);
    free(grid);
}

int report_write(Report *r, const Metrics *metrics, int64_t step, int64_t steps, const char *state,
                 Error *error) {
    char *bytes;
    size_t size;
    draw_curves(r, metrics);
    if (state && r->plots) draw_animation(r);
    FILE *page = open_memstream(&bytes, &size);
    if (!page) return error_set(error, EXIT_RESOURCE, "out of memory");
    put_page(page, r, metrics, step, steps, state);
    if (fclose(page) != 0) return error_set(error, EXIT_RESOURCE, "out of memory");
    int status = file_write(text("%s/report.html", r->folder), 1, &(FilePart){bytes, size}, error);
    free(bytes);
    return status;
}
