// Failures that are the caller's to report: a line of text and the exit code it deserves.
#ifndef KERNELS_ERROR_H
#define KERNELS_ERROR_H

#include <stdarg.h>
#include <stdio.h>

// [exit_codes]
enum {
    EXIT_OK = 0,
    EXIT_VERDICT = 1,   // a verdict differs from the expected one, at --preset paper
    EXIT_USAGE = 2,     // a flag or an argument is wrong
    EXIT_DATA = 3,      // a file's content is bad
    EXIT_RESOURCE = 4,  // a file or device cannot be used, or memory is out
    EXIT_NONFINITE = 5, // a computation left the finite numbers
    EXIT_INTERRUPT = 130
};
// [/exit_codes]

typedef struct {
    char text[400]; // one line, no newline; "" when nothing failed
} Error;

// Writes the line and returns `code`, so that a function can say: return error_set(e, EXIT_DATA,
// …).
__attribute__((format(printf, 3, 4))) static inline int error_set(Error *error, int code,
                                                                  const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(error->text, sizeof error->text, format, list);
    va_end(list);
    return code;
}

#endif
