// The contract that every program of experiments/ keeps: flags, files, verdicts, exit codes.
//
// A program describes itself (Program), lists its settings (Setting) and then reads as its story:
//
//     experiment_begin(&program, argc, argv);   flags parsed, output folder there
//     Tsv *t = tsv_open("", "theta W JS");      OUT/NAME.tsv, written on the side
//     tsv_numbers(t, 3, (double[]){...});       rows
//     claim(&(Claim){...});                     one line on stdout, one row in OUT/NAME.claims.tsv
//     return experiment_end();                  files renamed into place, provenance, exit code
//
// Nothing is half written: files appear under their names only at experiment_end, or not at all.
#ifndef CONTRACT_H
#define CONTRACT_H

#include "kernels/device.h"
#include "kernels/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { PRESET_QUICK, PRESET_PAPER } Preset;

// ---- settings ----

typedef enum {
    SETTING_INTEGER, // int64_t
    SETTING_REAL,    // double
    SETTING_REALS,   // Reals: comma-separated
    SETTING_CHOICE,  // int: the index of one of `choices`
    SETTING_TEXT,    // const char *
    SETTING_FLAG     // bool: takes no value
} SettingType;

typedef struct {
    size_t count;
    double *at;
} Reals;

// One setting of a program, a flag `--name`. Its default is text, parsed as the user's would be;
// `paper` differs from `quick` where the published setting takes longer.
typedef struct {
    const char *name;
    SettingType type;
    void *value;             // where it goes; of the type that `type` says
    const char *quick;       // default at --preset quick; NULL: none
    const char *paper;       // default at --preset paper; NULL: as quick
    double min, max;         // accepted range of numbers, ends included
    const char *choices;     // SETTING_CHOICE: "l2|l1|sql2"
    const char *placeholder; // the value's name in --help; NULL: the choices
    const char *help;        // one sentence; the default is added to it
} Setting;

typedef struct {
    const char *name;      // the program's and its files' name
    const char *summary;   // --help: what it shows
    const char *details;   // --help: what to look at, after the flags
    const char *arguments; // --help: names of the arguments, or NULL where it takes none
    size_t argument_count;
    const char *alone;       // a setting that, where given, does without the arguments; or NULL
    const Setting *settings; // ends with {0}
    bool tool;               // writes files only where --out is given, prints no claims
    int threads;             // --threads unless given; 0: one per core. Small networks gain nothing
                             // from a second thread, and with one the bytes are every machine's
    // Called once it is known what the command line gives, before values are parsed; or NULL. It
    // may recommend values, and set common.out. Such a program makes the folder of its results
    // itself: make_folder().
    void (*prepare)(void);
    const char *folder; // the folder that it sets, for --help; or NULL
} Program;

// What the common flags say, for the program to read.
typedef struct {
    uint64_t seed;
    Device device;
    Preset preset;
    const char *out; // folder of the results; NULL for a tool without --out
    int threads;
    bool quiet;
    char **arguments; // argument_count of them
} Common;
extern Common common;

// Parses the command line, prints --help and --version, makes the output folder.
// Ends the program with EXIT_USAGE and one line where a flag or value is not accepted.
void experiment_begin(const Program *program, int argc, char **argv);

// True where the command line, not a default, set the flag `--name`.
bool setting_given(const char *name);

// A value for `--name` that goes before its default and gives way to the command line, as one from
// a recipe does. `where`, FILE:LINE, is named instead of the flag if the value is not accepted; a
// flag without a value takes yes or no. For Program.prepare. False where there is no such setting.
bool setting_recommend(const char *name, const char *value, const char *where);

// Where the value of `--name` comes from, for a message that refuses it: "--name", or "FILE:LINE:
// name" where it was recommended.
const char *setting_place(const char *name);

// The text of `--name` that is in force: given, recommended or default; NULL where it has none.
const char *setting_text(const char *name);

// The value of `--name` as it was understood, in its only spelling: 1e-4 and 0.0001 are the same
// text. A flag is yes or no. NULL for a text that has none.
const char *setting_value(const char *name);

// ---- results ----

// A table in OUT/NAME.tsv, or OUT/NAME_suffix.tsv where `suffix` is not empty. `columns` is a
// list of names with blanks between. The head of the file lists the settings. A row ends by
// itself when every column has its cell.
typedef struct Tsv Tsv;
Tsv *tsv_open(const char *suffix, const char *columns);
Tsv *tsv_create(const char *path, const char *columns);      // the same, at a place of the user's
void tsv_numbers(Tsv *, size_t count, const double *values); // %.9g, a tool's %.17g; inf, -inf, nan
void tsv_text(Tsv *, const char *value);                     // without tab or line end

// For a run that goes on: the rows of the table that stands in OUT/NAME[_suffix].tsv from before,
// as far as their first cell is at most `last`. Nothing where there is none with these columns.
void tsv_continue(Tsv *, const char *suffix, double last);

typedef enum { HOLDS, FAILS, MIXED } Verdict;

typedef struct {
    const char *id;        // C01
    const char *statement; // what the source says
    const char *measured, *expected, *tolerance;
    int64_t seeds;   // independent repetitions behind `measured`
    Verdict verdict; // as measured
    Verdict known;   // as the book says it is
} Claim;

// Prints the claim and keeps it for OUT/NAME.claims.tsv.
void claim(const Claim *);

// printf into a string that lives until the program ends; for claims.
const char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Where the networks of this run lived, with its library versions (Backend.description), for
// OUT/NAME.provenance; unless said, "cpu".
void provenance_device(const char *description);

// Progress on stderr: `done` of `total` steps and the values in `format`, rate and time left.
// Redrawn in place on a terminal; elsewhere one line every ten seconds; nothing with --quiet.
void progress(int64_t done, int64_t total, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// From now on a first SIGINT, SIGTERM or SIGHUP (if not ignored, as under nohup) only makes
// interrupted() true: for a program that finishes its step, saves its state, calls experiment_end()
// and returns EXIT_INTERRUPT. A second one ends it.
void interrupt_wait(void);
bool interrupted(void);

// Makes a folder and those above it; ends the program with EXIT_RESOURCE where it cannot be
// written.
void make_folder(const char *path);

// True where both names lead to one file.
bool same_file(const char *a, const char *b);

// Puts the files into place, writes the provenance, returns the exit code.
int experiment_end(void);

// Prints "NAME: message" on stderr and ends the program; unfinished files are removed.
_Noreturn void fail(int exit_code, const char *format, ...) __attribute__((format(printf, 2, 3)));

// x, or the end of the program, with EXIT_NONFINITE and a line that says `what`, where it is
// infinite or NaN: for every number that a network has a part in, before it is written or judged.
double require_finite(double x, const char *what);

// calloc that fails with EXIT_RESOURCE instead of returning NULL.
void *allocate(size_t count, size_t size);

#endif
