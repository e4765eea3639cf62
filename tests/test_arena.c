// Memory: one block per net, every buffer inside it and apart from the others, and no allocation in
// a step, on the device or by malloc.
#include "net_support.h"

#include <dlfcn.h>

#include "nets/arena.h"
#include "nets/init.h"
#include "nets/optimiser.h"
#include "nets/random.h"

// ---- malloc, counted --------------------------------------------------------------------------

static size_t mallocs; // of this process, libraries included

#ifdef __has_feature // clang's way to say what gcc says with __SANITIZE_ADDRESS__
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
enum { MALLOC_COUNTED = 0 };
#else
enum { MALLOC_COUNTED = 1 };
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

// Calls from inside OpenBLAS are not ours to avoid: its kernels for small matrices take a buffer
// each time.
static void count_call(const void *caller) {
    Dl_info where;
    if (!dladdr(caller, &where) || !strstr(where.dli_fname, "openblas"))
        __atomic_fetch_add(&mallocs, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t size) {
    count_call(__builtin_return_address(0));
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    count_call(__builtin_return_address(0));
    return __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) {
    count_call(__builtin_return_address(0));
    return __libc_realloc(memory, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    count_call(__builtin_return_address(0));
    return __libc_memalign(alignment, size);
}
#endif

// ---- The arena --------------------------------------------------------------------------------

START_TEST(pieces_are_aligned_and_apart) {
    _Alignas(64) char block[1024];
    Arena count = {0}, arena = {.base = block};
    static const size_t SIZES[][2] = {{1, 8}, {3, 4}, {0, 8}, {65, 1}, {64, 1}, {1, 1}};
    char *end = block;
    for (int i = 0; i < 6; i++) {
        ck_assert_ptr_null(arena_take(&count, SIZES[i][0], SIZES[i][1]));
        char *piece = arena_take(&arena, SIZES[i][0], SIZES[i][1]);
        ck_assert_uint_eq((uintptr_t)piece % 64, 0);
        ck_assert(piece >= end);
        end = piece + SIZES[i][0] * SIZES[i][1];
        ck_assert_uint_eq(arena.used, count.used);
        ck_assert(end <= block + arena.used);
    }
    ck_assert_uint_eq(arena.used, 64 + 64 + 0 + 128 + 64 + 64);
}
END_TEST

START_TEST(overflow_stays) {
    Arena arena = {0};
    arena_take(&arena, SIZE_MAX / 2, 3);
    ck_assert_uint_eq(arena.used, SIZE_MAX);
    arena_take(&arena, 1, 1);
    ck_assert_uint_eq(arena.used, SIZE_MAX);
    Arena nearly = {.used = SIZE_MAX - 100};
    arena_take(&nearly, 1, 101);
    ck_assert_uint_eq(nearly.used, SIZE_MAX);
}
END_TEST

START_TEST(too_large_a_net_is_refused) {
    Architecture a = parsed("input 65536; linear 30000; linear 1");
    Net net;
    Error error = {""};
    ck_assert_int_eq(net_build(&net, backend, &a, NET_TRAIN, SIZE_MAX / 4, 3, false, &error),
                     EXIT_RESOURCE);
    ck_assert(error.text[0] != 0);
    net_free(&net);
    net_free(&net); // twice is once
}
END_TEST

// ---- No allocation in a step --------------------------------------------------------------------

enum { BATCH = 8 };

typedef struct {
    Net *critic, *generator;
    Optimiser critic_rule, generator_rule;
    RandomSource latents, mixes;
    real *t, *norms;
    double *values;
} Training;

// One iteration as a program runs it: draws, generated samples, both half-steps.
static void iterate(Training *a) {
    size_t out = BATCH * output_size(a->generator);
    size_t latent = BATCH * input_size(a->generator);
    random_draw_normal(backend, a->latents, latent, 0, 1, net_input(a->generator, 0));
    net_forward(a->generator, (Rows){0, BATCH}, MODE_TRAIN);
    backend->copy(out, net_output(a->generator, 0), net_input(a->critic, BATCH));
    random_draw_uniform(backend, a->mixes, BATCH, 0, 1, a->t);
    critic_gradient(a->critic, GAN_WASSERSTEIN_GP, (Penalty){10, false}, a->t, a->norms, a->values);
    optimiser_step(&a->critic_rule, a->critic);
    generator_gradient(a->generator, a->critic, GAN_WASSERSTEIN_GP, a->values);
    optimiser_step(&a->generator_rule, a->generator);
}

START_TEST(a_step_allocates_nothing) {
    static const char *const CRITICS[] = {
        "input 12x12x3; conv 16 k5 s2 leaky 0.2; conv 16 k5 s2 leaky 0.2; linear 1",
        "input 12x12x3; conv 16 k5 s2 ln leaky 0.2; conv 16 k5 s2 ln tanh; linear 1"};
    Error error;
    Training a = {
        built(CRITICS[_i], NET_PENALTY, BATCH, 3),
        built("input 16; linear 3x3x16 bn relu; convt 16 k5 s2 bn relu; convt 3 k5 s2 tanh",
              NET_TRAIN, BATCH, 1),
        .t = backend->alloc(BATCH * sizeof(real), &error),
        .norms = backend->alloc(BATCH * sizeof(real), &error),
        .values = backend->alloc(VALUE_COUNT * sizeof(double), &error)};
    random_open(&a.latents, backend, 1, 1, &error);
    random_open(&a.mixes, backend, 1, 2, &error);
    net_init(a.critic, INIT_HE_NORMAL, a.latents);
    net_init(a.generator, INIT_DCGAN, a.latents);
    optimiser_build(&a.critic_rule, a.critic, rule_default(RULE_ADAM, 1e-4), 0, &error);
    optimiser_build(&a.generator_rule, a.generator, rule_default(RULE_RMSPROP, 1e-4), 0, &error);

    iterate(&a); // threads and BLAS set themselves up once
    size_t device = backend->allocations(), before = mallocs;
    for (int i = 0; i < 3; i++) iterate(&a);
    backend->sync();
    ck_assert_uint_eq(mallocs - before, 0);
    ck_assert_uint_eq(backend->allocations() - device, 0);
    ck_assert(before > 0 || !MALLOC_COUNTED);

    double values[VALUE_COUNT];
    backend->download(values, a.values, sizeof values);
    for (int i = 0; i < VALUE_COUNT; i++) ck_assert(isfinite(values[i]));
    optimiser_free(&a.critic_rule, a.critic);
    optimiser_free(&a.generator_rule, a.generator);
    random_free(&a.latents, backend);
    random_free(&a.mixes, backend);
    backend->free(a.t);
    backend->free(a.norms);
    backend->free(a.values);
}
END_TEST

// A net is one allocation on the device (scratch of convolutions apart).
START_TEST(a_net_is_one_block) {
    size_t before = backend->allocations();
    built("input 4; linear 2x2x3 bn relu; linear 5 ln tanh; linear 1", NET_TRAIN, 4, 2);
    built("input 4; linear 5 ln tanh; linear 1", NET_PENALTY, 4, 3);
    built("input 4; linear 5 relu; linear 1", NET_PENALTY, 4, 3);
    ck_assert_uint_eq(backend->allocations() - before, 3);
}
END_TEST

int main(void) {
    threads = 2;
    Suite *suite = suite_create("arena");
    TCase *tcase = fixture(suite, "arena");
    if (!MALLOC_COUNTED) puts("skipped: counting malloc (not under a sanitizer)");
    tcase_add_test(tcase, pieces_are_aligned_and_apart);
    tcase_add_test(tcase, overflow_stays);
    tcase_add_test(tcase, too_large_a_net_is_refused);
    tcase_add_loop_test(tcase, a_step_allocates_nothing, 0, 2);
    tcase_add_test(tcase, a_net_is_one_block);
    return run_suite(suite);
}
