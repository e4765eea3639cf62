// Blocks, one after the other: each thread of a block is a fiber, which runs until it must wait.
#include "emulator.h"

#include <algorithm>
#include <csetjmp>
#include <cstdarg>
#include <sys/mman.h>
#include <ucontext.h>
#include <vector>

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

void emulated_fault(const char *format, ...) {
    va_list list;
    va_start(list, format);
    fputs("emulated GPU: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    abort();
}

namespace {

enum State { READY, AT_BARRIER, IN_WARP, DONE };

// Made once, a fiber runs thread after thread of its number.
struct Fiber {
    jmp_buf at;
    bool made;
    State state;
    const char *where; // it waits
    void *brought;     // to a meeting of its warp,
    void (*work)(void *const *lanes);
};

enum { MOST_THREADS = 1024, STACK = 1 << 16, GUARD = 1 << 12 };
Fiber fiber[MOST_THREADS];
jmp_buf home; // the scheduler
ucontext_t making;
unsigned now;       // the running fiber,
unsigned low, high; // the first of its warp, the first after it
bool down;          // whether higher numbers run first
uint32_t random_bits = 1;
const EmulatedKernel *kernel;

// ---- Switching ----------------------------------------------------------------------------------
// A fiber's first entry is makecontext()'s, which saves signal masks by a system call; every other
// is a _longjmp(), which does not.

// Goes on with the next lane of the warp that can, or with the scheduler.
[[noreturn]] void run_next() {
    unsigned step = down ? ~0u : 1; // modulo 2^32
    for (now += step; now - low < high - low; now += step)
        if (fiber[now].state == READY) {
            threadIdx = {now, 0, 0};
            _longjmp(fiber[now].at, 1);
        }
    _longjmp(home, 1);
}

void leave() {
    if (_setjmp(fiber[now].at) == 0) run_next();
}

void fiber_main() {
    if (_setjmp(fiber[now].at) == 0) setcontext(&making);
    for (;;) {
        kernel->body();
        fiber[now].state = DONE;
        leave();
    }
}

void fiber_make(unsigned number) {
    void *stack = mmap(NULL, STACK + GUARD, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ucontext_t context;
    if (stack == MAP_FAILED || getcontext(&context) != 0) emulated_fault("no stack for a thread");
    mprotect(stack, GUARD, PROT_NONE);
    context.uc_stack.ss_sp = (char *)stack + GUARD;
    context.uc_stack.ss_size = STACK;
    makecontext(&context, fiber_main, 0);
    now = number;
    fiber[number].made = true;
    swapcontext(&making, &context); // as far as its _setjmp()
}

// ---- Waiting ------------------------------------------------------------------------------------

bool same_place(const char *a, const char *b) {
    return a == b || strcmp(a, b) == 0;
}

const char *state_text(const Fiber &f) {
    return f.state == DONE ? "its end" : f.where;
}

// All threads of [first, end) must have come to where the first of those that wait is.
void all_here(unsigned first, unsigned end, unsigned waiting, const char *what) {
    const Fiber &here = fiber[waiting];
    for (unsigned i = first; i < end; i++)
        if (fiber[i].state != here.state || !same_place(fiber[i].where, here.where))
            emulated_fault("%s, block %u: thread %u is at %s %s, thread %u at %s", kernel->name,
                           blockIdx.x, waiting, what, here.where, i, state_text(fiber[i]));
}

// Lets the lanes meet that wait for it; false where none does.
bool warp_meets() {
    unsigned waiting = low;
    while (waiting < high && fiber[waiting].state != IN_WARP) waiting++;
    if (waiting == high) return false;
    const char *where = fiber[waiting].where;
    if (high - low < EMULATED_WARP)
        emulated_fault("%s: a warp of less than 32 threads at %s", kernel->name, where);
    all_here(low, high, waiting, "a meeting of its warp,");
    void *brought[EMULATED_WARP];
    for (unsigned lane = 0; lane < EMULATED_WARP; lane++) {
        brought[lane] = fiber[low + lane].brought;
        fiber[low + lane].state = READY;
    }
    fiber[low].work(brought);
    return true;
}

// To the next barrier or to the end, and alone: the others see what it left, or it what they did.
void run_warp() {
    do {
        now = down ? high : low - 1;
        if (_setjmp(home) == 0) run_next();
    } while (warp_meets());
}

// Opens the barrier; false at the end of the block.
bool block_meets() {
    unsigned waiting = 0;
    while (waiting < blockDim.x && fiber[waiting].state == DONE) waiting++;
    if (waiting == blockDim.x) return false;
    all_here(0, blockDim.x, waiting, "the barrier");
    for (unsigned i = 0; i < blockDim.x; i++) fiber[i].state = READY;
    return true;
}

void run_block() {
    unsigned warps = (blockDim.x + EMULATED_WARP - 1) / EMULATED_WARP;
    for (unsigned i = 0; i < blockDim.x; i++) fiber[i].state = READY;
    do {
        random_bits = random_bits * 1664525 + 1013904223;
        down = random_bits >> 31;
        for (unsigned i = 0; i < warps; i++) {
            low = (down ? warps - 1 - i : i) * EMULATED_WARP;
            high = std::min(low + EMULATED_WARP, blockDim.x);
            run_warp();
        }
    } while (block_meets());
}

} // namespace

void emulated_barrier(const char *where) {
    fiber[now].state = AT_BARRIER, fiber[now].where = where;
    leave();
}

void emulated_together(const char *where, void *brought, void (*work)(void *const *lanes)) {
    Fiber &f = fiber[now];
    f.state = IN_WARP, f.where = where, f.brought = brought, f.work = work;
    leave();
}

// ---- Tensor cores -------------------------------------------------------------------------------

namespace {

struct Fragments {
    float *d;
    const float *a, *b;
};

// d [16][8] += a [16][8]·b [8][8], from where the lanes have it and back: lane 4·g + l.
void multiply_fragments(void *const *lanes) {
    float a[8][16], b[8][8], d[8][16]; // by columns, but b by rows
    for (int lane = 0; lane < EMULATED_WARP; lane++) {
        const Fragments *f = (const Fragments *)lanes[lane];
        int g = lane / 4, l = lane % 4;
        for (int e = 0; e < 4; e++) a[l + e / 2 * 4][g + e % 2 * 8] = f->a[e];
        for (int e = 0; e < 2; e++) b[l + e * 4][g] = f->b[e];
        for (int e = 0; e < 4; e++) d[2 * l + e % 2][g + e / 2 * 8] = f->d[e];
    }
    for (int k = 0; k < 8; k++)
        for (int column = 0; column < 8; column++)
            for (int row = 0; row < 16; row++) d[column][row] += a[k][row] * b[k][column];
    for (int lane = 0; lane < EMULATED_WARP; lane++) {
        Fragments *f = (Fragments *)lanes[lane];
        for (int e = 0; e < 4; e++) f->d[e] = d[lane % 4 * 2 + e % 2][lane / 4 + e / 2 * 8];
    }
}

} // namespace

void emulated_mma(const char *where, float (&d)[4], const float (&a)[4], const float (&b)[2]) {
    Fragments mine = {d, a, b};
    emulated_together(where, &mine, multiply_fragments);
}

// ---- A grid -------------------------------------------------------------------------------------

extern "C" {
extern char __start_emulated_shared[] __attribute__((weak)); // the linker's
extern char __stop_emulated_shared[] __attribute__((weak));
}

void emulated_run(const EmulatedKernel &all) {
    kernel = &all;
    gridDim = all.blocks, blockDim = dim3(all.threads);
    for (unsigned i = 0; i < all.threads; i++)
        if (!fiber[i].made) fiber_make(i);
    memset(__start_emulated_shared, 0xff,
           (size_t)(__stop_emulated_shared - __start_emulated_shared));
    for (unsigned z = 0; z < gridDim.z; z++)
        for (unsigned y = 0; y < gridDim.y; y++)
            for (unsigned x = 0; x < gridDim.x; x++) {
                blockIdx = {x, y, z};
                run_block();
            }
}
