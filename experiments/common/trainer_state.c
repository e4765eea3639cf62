#include "trainer_state.h"

#include "nets/checkpoint.h"
#include "nets/checksum.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// Numbers on the device that a run counts with.
typedef struct {
    const char *key;
    uint64_t *at;
} Counter;
enum { COUNTERS = 6, SETS = 6 };

static void counters_of(const Critic *critic, const Generator *generator, Counter out[COUNTERS]) {
    out[0] = (Counter){"critic.step", critic->optimiser.step};
    out[1] = (Counter){"generator.step", generator->optimiser.step};
    out[2] = (Counter){"random.latents", generator->latents.block};
    out[3] = (Counter){"random.mix", critic->mix.block};
    out[4] = (Counter){"random.noise", critic->noise.block};
    out[5] = (Counter){"random.picks", critic->picks.block};
}

// Weights and what moments the rule has. Returns how many.
static size_t sets_of(const char *const prefix[3], const Net *net, const Optimiser *optimiser,
                      NetSet *set) {
    size_t count = 0;
    set[count++] = (NetSet){prefix[0], net, net->weights, true};
    if (optimiser->m) set[count++] = (NetSet){prefix[1], net, optimiser->m, false};
    if (optimiser->v) set[count++] = (NetSet){prefix[2], net, optimiser->v, false};
    return count;
}

static size_t all_sets(const Critic *critic, const Generator *generator, NetSet set[SETS]) {
    static const char *const CRITIC[] = {"critic.", "critic.m.", "critic.v."};
    static const char *const GENERATOR[] = {"generator.", "generator.m.", "generator.v."};
    size_t count = sets_of(CRITIC, &critic->net, &critic->optimiser, set);
    return count + sets_of(GENERATOR, &generator->net, &generator->optimiser, set + count);
}

static const char *architecture_line(const Net *net) {
    int length = architecture_format(&net->architecture, NULL, 0);
    char *line = allocate((size_t)length + 1, 1);
    architecture_format(&net->architecture, line, (size_t)length + 1);
    const char *kept = text("%s", line);
    free(line);
    return kept;
}

// What must agree: both architectures and the run's settings. The caller frees the list.
static Metadata *agreed(const Critic *critic, const Generator *generator, size_t count,
                        const Metadata *setting, size_t room) {
    Metadata *list = allocate(count + 2 + room, sizeof *list);
    list[0] = (Metadata){"critic", architecture_line(&critic->net)};
    list[1] = (Metadata){"generator", architecture_line(&generator->net)};
    memcpy(list + 2, setting, count * sizeof *list);
    return list;
}

int trainer_write(const char *path, const Critic *critic, const Generator *generator, int64_t step,
                  size_t count, const Metadata *setting, Error *error) {
    Counter counter[COUNTERS];
    NetSet set[SETS];
    Metadata *list = agreed(critic, generator, count, setting, COUNTERS + 1);
    size_t entries = count + 2;
    list[entries++] = (Metadata){"step", text("%lld", (long long)step)};
    counters_of(critic, generator, counter);
    for (const Counter *c = counter; c < counter + COUNTERS; c++) {
        uint64_t value;
        critic->net.backend->download(&value, c->at, sizeof value);
        list[entries++] = (Metadata){c->key, text("%llu", (unsigned long long)value)};
    }
    size_t sets = all_sets(critic, generator, set);
    int status = checkpoint_write(path, sets, set, entries, list, error);
    free(list);
    return status;
}

void trainer_save(const char *path, const Critic *critic, const Generator *generator, int64_t step,
                  size_t count, const Metadata *setting) {
    Error error;
    int status = trainer_write(path, critic, generator, step, count, setting, &error);
    if (status) fail(status, "%s", error.text);
}

static uint64_t read_counter(const SafeTensors *file, const char *path, const char *key) {
    const char *value = safetensors_metadata(file, key);
    char *end = NULL;
    errno = 0;
    unsigned long long number = value ? strtoull(value, &end, 10) : 0;
    if (!value || value[0] < '0' || value[0] > '9' || *end || errno || number > INT64_MAX)
        fail(EXIT_DATA, "%s: __metadata__ has no count \"%s\": not a checkpoint of a training run",
             path, key);
    return number;
}

static void check_agreed(const SafeTensors *file, const char *path, size_t count,
                         const Metadata *list) {
    for (const Metadata *m = list; m < list + count; m++) {
        const char *found = safetensors_metadata(file, m->key);
        char shown[160];
        if (!found)
            fail(EXIT_DATA, "%s: __metadata__ has no \"%s\": not a checkpoint of this program",
                 path, m->key);
        if (strcmp(found, m->value) != 0)
            fail(EXIT_USAGE, "%s was trained with %s %s; this run says %s", path, m->key,
                 safetensors_shown(found, shown, sizeof shown), m->value);
    }
}

int64_t trainer_load(const char *path, Critic *critic, Generator *generator, size_t count,
                     const Metadata *setting) {
    Counter counter[COUNTERS];
    uint64_t value[COUNTERS];
    NetSet set[SETS];
    SafeTensors file;
    Error error;
    int status = checksum_read(&file, path, &error);
    if (status) fail(status, "%s", error.text);
    Metadata *list = agreed(critic, generator, count, setting, 0);
    check_agreed(&file, path, count + 2, list);
    free(list);
    int64_t step = (int64_t)read_counter(&file, path, "step");
    counters_of(critic, generator, counter);
    for (int c = 0; c < COUNTERS; c++) value[c] = read_counter(&file, path, counter[c].key);
    size_t sets = all_sets(critic, generator, set);
    status = checkpoint_read(&file, path, sets, set, false, &error);
    if (status) fail(status, "%s", error.text);
    for (int c = 0; c < COUNTERS; c++)
        critic->net.backend->upload(counter[c].at, &value[c], sizeof value[c]);
    safetensors_free(&file);
    return step;
}
