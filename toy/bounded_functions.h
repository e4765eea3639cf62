// Continuous functions on the line with |f| ≤ 1, from tame to rough: test functions of weak
// convergence. A law in the plane is tested through its first coordinate.
#ifndef TOY_BOUNDED_FUNCTIONS_H
#define TOY_BOUNDED_FUNCTIONS_H

#include <stddef.h>

typedef struct {
    const char *name;
    double lipschitz; // the smallest L with |f(x) − f(y)| ≤ L |x − y|; +infinity where none is
    double (*value)(double x);
} BoundedFunction;

enum { BOUNDED_FUNCTION_COUNT = 9 };
extern const BoundedFunction bounded_functions[BOUNDED_FUNCTION_COUNT];

#endif
