// The command line: one table of settings makes the parser, the help and the head of every file.
#include "contract.h"
#include "state.h"

#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const Program *program;
char *command_line;
Common common;

enum { KEY_FIRST = 0x1000, KEY_HELP = 0x2000, KEY_VERSION };

static int64_t seed_value, thread_count;
static int device_choice, preset_choice;

static Setting standard[] = {
    {"seed", SETTING_INTEGER, &seed_value, "0", NULL, 0, 9e18, NULL, "N",
     "Where every random number comes from"},
    {"device", SETTING_CHOICE, &device_choice, "auto", NULL, 0, 0, "auto|cpu|cuda", "DEVICE",
     "Where networks are trained: auto, cpu or cuda"},
    {"preset", SETTING_CHOICE, &preset_choice, "quick", NULL, 0, 0, "quick|paper", "PRESET",
     "Defaults that show the effect soon, or those of the sources: quick or paper"},
    {"out", SETTING_TEXT, &common.out, NULL, NULL, 0, 0, NULL, "DIR", "Folder of the results"},
    {"threads", SETTING_INTEGER, &thread_count, NULL, NULL, 1, 1024, NULL, "N",
     "Threads to compute with"},
    {"quiet", SETTING_FLAG, &common.quiet, NULL, NULL, 0, 0, NULL, NULL, "No progress on stderr"},
};
enum { STANDARD_COUNT = sizeof standard / sizeof *standard };

static size_t own_count;
static const char **given; // text from the command line by setting, own ones first; NULL: none

// Text that Program.prepare recommends, and from where.
typedef struct {
    const char *value, *where;
} Recommended;
static Recommended *recommended;

static const Setting *setting_at(size_t index) {
    return index < own_count ? &program->settings[index] : &standard[index - own_count];
}

static size_t setting_count(void) {
    return own_count + STANDARD_COUNT;
}

static size_t setting_index(const char *name, size_t length) {
    size_t k = 0;
    while (k < setting_count() &&
           (strncmp(setting_at(k)->name, name, length) != 0 || setting_at(k)->name[length] != '\0'))
        k++;
    return k;
}

bool setting_given(const char *name) {
    size_t k = setting_index(name, strlen(name));
    return k < setting_count() && given[k];
}

const char *setting_text(const char *name) {
    return setting_in_force(setting_index(name, strlen(name)));
}

static const char *setting_default(const Setting *s) {
    return common.preset == PRESET_PAPER && s->paper ? s->paper : s->quick;
}

const char *setting_in_force(size_t index) {
    if (given[index]) return given[index];
    return recommended[index].value ? recommended[index].value : setting_default(setting_at(index));
}

bool setting_recommend(const char *name, const char *value, const char *where) {
    size_t k = setting_index(name, strlen(name));
    if (k < setting_count()) recommended[k] = (Recommended){text("%s", value), text("%s", where)};
    return k < setting_count();
}

// ---- values ----

const char *setting_place(const char *name) {
    size_t k = setting_index(name, strlen(name));
    bool from_file = !given[k] && recommended[k].value;
    return from_file ? text("%s: %s", recommended[k].where, name) : text("--%s", name);
}

static _Noreturn void refuse(const Setting *s, const char *value, const char *accepted) {
    fail(EXIT_USAGE, "%s: '%s' is not accepted; give %s", setting_place(s->name), value, accepted);
}

static void parse_integer(const Setting *s, const char *value) {
    char *end;
    errno = 0;
    long long v = strtoll(value, &end, 10);
    if (*value == '\0' || isspace((unsigned char)*value) || *end != '\0' || errno ||
        (double)v < s->min || (double)v > s->max)
        refuse(s, value, text("a whole number from %.0f to %.0f", s->min, s->max));
    *(int64_t *)s->value = v;
}

// The number at `at`, a part of `value` that ends with it or with `separator`.
static double parse_number(const Setting *s, const char *value, const char *at, char separator,
                           char **end) {
    double v = strtod(at, end);
    bool whole = *end != at && !isspace((unsigned char)*at) && (!**end || **end == separator);
    if (!whole || !(v >= s->min && v <= s->max))
        refuse(s, value,
               text("%s from %.10g to %.10g", separator ? "numbers" : "a number", s->min, s->max));
    return v + 0.0; // -0 becomes 0
}

static void parse_reals(const Setting *s, const char *value) {
    Reals *list = s->value;
    *list = (Reals){0, allocate(strlen(value) + 1, sizeof(double))};
    char *end;
    for (const char *at = value;; at = end + 1) {
        list->at[list->count++] = parse_number(s, value, at, ',', &end);
        if (*end == '\0') return;
    }
}

static void parse_choice(const Setting *s, const char *value) {
    size_t length = strlen(value);
    int index = 0;
    for (const char *c = s->choices; c; c = strchr(c, '|'), index++) {
        c += *c == '|';
        if (strcspn(c, "|") == length && length && strncmp(c, value, length) == 0) {
            *(int *)s->value = index;
            return;
        }
    }
    refuse(s, value, text("one of %s", s->choices));
}

static void parse_setting(const Setting *s, const char *value) {
    char *end;
    switch (s->type) {
    case SETTING_INTEGER:
        parse_integer(s, value);
        break;
    case SETTING_REAL:
        *(double *)s->value = parse_number(s, value, value, '\0', &end);
        break;
    case SETTING_REALS:
        parse_reals(s, value);
        break;
    case SETTING_CHOICE:
        parse_choice(s, value);
        break;
    case SETTING_TEXT:
        if (*value == '\0') refuse(s, value, "a text that is not empty");
        *(const char **)s->value = value;
        break;
    case SETTING_FLAG:
        if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0) refuse(s, value, "yes or no");
        *(bool *)s->value = *value == 'y';
        break;
    }
}

// As short as it can be and still read back the same.
static const char *shortest(double value) {
    const char *digits;
    int count = 6;
    do digits = text("%.*g", count++, value);
    while (strtod(digits, NULL) != value);
    return digits;
}

static const char *chosen(const Setting *s) {
    const char *c = s->choices;
    for (int k = *(int *)s->value; k > 0; k--) c = strchr(c, '|') + 1;
    return text("%.*s", (int)strcspn(c, "|"), c);
}

const char *setting_value(const char *name) {
    const Setting *s = setting_at(setting_index(name, strlen(name)));
    switch (s->type) {
    case SETTING_INTEGER:
        return text("%lld", (long long)*(int64_t *)s->value);
    case SETTING_REAL:
        return shortest(*(double *)s->value);
    case SETTING_REALS: {
        const Reals *list = s->value;
        const char *all = "";
        for (size_t k = 0; k < list->count; k++)
            all = text("%s%s%s", all, k ? "," : "", shortest(list->at[k]));
        return all;
    }
    case SETTING_CHOICE:
        return chosen(s);
    case SETTING_FLAG:
        return *(bool *)s->value ? "yes" : "no";
    default:
        return *(const char **)s->value;
    }
}

// ---- argp ----

// argp takes "--thet" for "--theta" and "-q" for nothing at all: only whole names are accepted.
static void refuse_abbreviations(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (argv[i][0] != '-') continue;
        if (argv[i][1] != '-')
            fail(EXIT_USAGE, "%s: options are long here, --name VALUE; see --help", argv[i]);
        const char *name = argv[i] + 2;
        size_t length = strcspn(name, "="), k = setting_index(name, length);
        bool listed = k < setting_count();
        if (!listed && strcmp(name, "help") != 0 && strcmp(name, "version") != 0)
            fail(EXIT_USAGE, "--%.*s: no such option; see --help", (int)length, name);
        bool takes_value = listed && setting_at(k)->type != SETTING_FLAG;
        if (!takes_value && name[length] == '=')
            fail(EXIT_USAGE, "--%.*s takes no value", (int)length, name);
        if (takes_value && name[length] != '=' && ++i == argc)
            fail(EXIT_USAGE, "--%s needs a value", name);
    }
}

static void print_version(void) {
    extern const char build_commit[];
    printf("%s (earthmover), commit %s\n", program->name, build_commit);
    exit(EXIT_OK);
}

static error_t parse_option(int key, char *value, struct argp_state *state) {
    if (key >= KEY_FIRST && key < KEY_FIRST + (int)setting_count()) {
        given[key - KEY_FIRST] = value ? value : "yes";
        return 0;
    }
    switch (key) {
    case KEY_HELP:
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
        return 0;
    case KEY_VERSION:
        print_version();
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num >= program->argument_count)
            fail(EXIT_USAGE, "'%s': %s; see --help", value,
                 program->argument_count ? "one argument too many" : "takes no arguments");
        common.arguments[state->arg_num] = value;
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num < program->argument_count &&
            !(program->alone && setting_given(program->alone)))
            fail(EXIT_USAGE, "needs %s; see --help", program->arguments);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char *help_line(const Setting *s) {
    if (s->value == &common.out)
        return text("%s (default: %s)", s->help,
                    program->folder ? program->folder
                    : program->tool ? "none"
                                    : "plots/PRESET");
    if (s->value == &thread_count)
        return program->threads ? text("%s (default: %d)", s->help, program->threads)
                                : text("%s (default: one per core)", s->help);
    if (!s->quick) return s->help;
    if (!s->paper || strcmp(s->quick, s->paper) == 0)
        return text("%s (default: %s)", s->help, s->quick);
    return text("%s (default: %s; paper: %s)", s->help, s->quick, s->paper);
}

static void parse_command_line(int argc, char **argv) {
    struct argp_option *options = allocate(setting_count() + 5, sizeof *options), *o = options;
    for (size_t k = 0; k < setting_count(); k++) {
        if (k == own_count)
            *o++ = (struct argp_option){.doc = "Common to all programs:", .group = 2};
        const Setting *s = setting_at(k);
        *o++ = (struct argp_option){.name = s->name,
                                    .key = KEY_FIRST + (int)k,
                                    .arg = s->placeholder ? s->placeholder : s->choices,
                                    .doc = help_line(s),
                                    .group = k < own_count ? 1 : 2};
    }
    *o++ = (struct argp_option){.name = "help", .key = KEY_HELP, .doc = "Print this", .group = 2};
    *o++ = (struct argp_option){
        .name = "version", .key = KEY_VERSION, .doc = "Print name and commit", .group = 2};
    struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = program->arguments,
        .doc = text("%s\v%s", program->summary, program->details ? program->details : "")};
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, NULL);
    free(options);
}

static char *quoted_command_line(int argc, char **argv) {
    const char *line = text("experiments/%s", program->name);
    for (int i = 1; i < argc; i++)
        line = text(strpbrk(argv[i], " \t\n'\"$&;()<>|*?") ? "%s '%s'" : "%s %s", line, argv[i]);
    return (char *)line;
}

static void count_settings(void) {
    for (own_count = 0; program->settings && program->settings[own_count].name;) own_count++;
    given = allocate(setting_count(), sizeof *given);
    recommended = allocate(setting_count(), sizeof *recommended);
}

void experiment_begin(const Program *described, int argc, char **argv) {
    program = described;
    count_settings();
    refuse_abbreviations(argc, argv);
    common.arguments = allocate(program->argument_count + 1, sizeof(char *));
    parse_command_line(argc, argv);
    command_line = quoted_command_line(argc, argv);

    size_t preset = setting_index("preset", strlen("preset"));
    parse_setting(setting_at(preset), setting_in_force(preset));
    common.preset = (Preset)preset_choice;
    thread_count = program->threads ? program->threads : sysconf(_SC_NPROCESSORS_ONLN);
    if (!program->tool) common.out = common.preset == PRESET_PAPER ? "plots/paper" : "plots/quick";
    if (program->prepare) program->prepare();
    for (size_t k = 0; k < setting_count(); k++)
        if (setting_in_force(k)) parse_setting(setting_at(k), setting_in_force(k));
    common.seed = (uint64_t)seed_value;
    common.device = (Device)device_choice;
    common.threads = (int)thread_count;
    report_begin();
}
