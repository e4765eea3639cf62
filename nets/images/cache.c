#include "cache.h"
#include "hash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// As it lies at the start of the file; pixels and labels follow.
typedef struct {
    char magic[8];
    uint32_t version, order; // `order` tells the machine's order of bytes
    uint64_t key, digest;    // of the settings and the source; of what follows
    uint64_t count, skipped;
    uint32_t height, width, channels, classes, labelled, zero;
    uint64_t zeros[6];
    uint64_t check; // hash of all before
} Header;
_Static_assert(sizeof(Header) == 128, "pixels begin at a multiple of 64 bytes");

static const char MAGIC[8] = {'e', 'm', 'i', 'm', 'a', 'g', 'e', 's'};
enum { VERSION = 2, ORDER = 0x01020304, MAX_SIDE = 4096 };

static uint64_t header_hash(const Header *header) {
    return hash_bytes(HASH_EMPTY, header, sizeof *header - sizeof(uint64_t), 1);
}

static size_t image_size(const ImageSet *set) {
    return (size_t)set->height * (size_t)set->width * (size_t)set->channels;
}

static uint64_t digest_of(const ImageSet *set, int threads) {
    uint64_t shape[] = {set->count,
                        (uint64_t)set->height,
                        (uint64_t)set->width,
                        (uint64_t)set->channels,
                        (uint64_t)set->classes,
                        set->labels != NULL};
    uint64_t digest = hash_bytes(HASH_EMPTY, shape, sizeof shape, 1);
    digest = hash_bytes(digest, set->pixels, set->count * image_size(set), threads);
    return set->labels ? hash_bytes(digest, set->labels, set->count, threads) : digest;
}

static void print_digest(ImageSet *set, uint64_t digest) {
    snprintf(set->digest, sizeof set->digest, "%016llx", (unsigned long long)digest);
}

// ---- Reading ----------------------------------------------------------------------------------

static bool header_holds(const Header *h, size_t size, uint64_t key) {
    if (memcmp(h->magic, MAGIC, sizeof MAGIC) != 0 || h->version != VERSION || h->order != ORDER ||
        h->key != key || h->check != header_hash(h))
        return false;
    if (h->height < 1 || h->height > MAX_SIDE || h->width < 1 || h->width > MAX_SIDE ||
        (h->channels != 1 && h->channels != 3) || h->labelled > 1 || h->classes > 256)
        return false;
    uint64_t each = (uint64_t)h->height * h->width * h->channels + h->labelled;
    uint64_t content = size - sizeof *h;
    return h->count > 0 && content % each == 0 && content / each == h->count;
}

bool cache_check(ImageSet *set, const void *bytes, size_t size, uint64_t key, int threads) {
    Header h;
    *set = (ImageSet){0};
    if (size < sizeof h) return false;
    memcpy(&h, bytes, sizeof h);
    if (!header_holds(&h, size, key)) return false;
    *set = (ImageSet){.count = h.count,
                      .skipped = h.skipped,
                      .height = (int)h.height,
                      .width = (int)h.width,
                      .channels = (int)h.channels,
                      .classes = (int)h.classes,
                      .pixels = (const uint8_t *)bytes + sizeof h};
    if (h.labelled) set->labels = set->pixels + set->count * image_size(set);
    print_digest(set, h.digest);
    for (size_t i = 0; set->labels && i < set->count; i++)
        if (set->labels[i] >= set->classes) return false;
    return digest_of(set, threads) == h.digest;
}

bool cache_open(ImageSet *set, const char *path, uint64_t key, int threads) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    struct stat about;
    void *map = MAP_FAILED;
    if (fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0)
        map = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (map == MAP_FAILED) return false;
    bool whole = cache_check(set, map, (size_t)about.st_size, key, threads);
    set->map = map, set->map_size = (size_t)about.st_size;
    if (!whole) cache_close(set);
    return whole;
}

void cache_close(ImageSet *set) {
    if (set->map) munmap(set->map, set->map_size);
    *set = (ImageSet){0};
}

// ---- Where ------------------------------------------------------------------------------------

static bool make_folders(char *path) {
    for (char *slash = path + 1; *slash; slash++) {
        if (*slash != '/') continue;
        *slash = 0;
        bool made = mkdir(path, 0777) == 0 || errno == EEXIST || access(path, X_OK) == 0;
        *slash = '/';
        if (!made) return false;
    }
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

static char *user_folder(void) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *folder = NULL;
    int made = -1;
    if (cache && cache[0] == '/') // a relative one is to be ignored
        made = asprintf(&folder, "%s/earthmover", cache);
    else if (home && home[0])
        made = asprintf(&folder, "%s/.cache/earthmover", home);
    return made < 0 ? NULL : folder;
}

// …-KEY.images.PID.tmp, as cache_path() and map_file() have it.
static bool is_left_over(const char *name) {
    const char *middle = strstr(name, ".images.");
    if (!middle || middle - name < 17 || middle[-17] != '-') return false;
    const char *process = middle + strlen(".images.");
    size_t digits = strspn(process, "0123456789");
    return strspn(middle - 16, "0123456789abcdef") == 16 && digits > 0 &&
           strcmp(process + digits, ".tmp") == 0;
}

// What is left of writers that were killed: a living one holds the lock on its file.
static void sweep(const char *folder) {
    DIR *files = opendir(folder);
    if (!files) return;
    for (struct dirent *entry; (entry = readdir(files));) {
        if (!is_left_over(entry->d_name)) continue;
        int file = openat(dirfd(files), entry->d_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (file < 0) continue;
        if (flock(file, LOCK_EX | LOCK_NB) == 0) unlinkat(dirfd(files), entry->d_name, 0);
        close(file);
    }
    closedir(files);
}

char *cache_path(const char *folder, const char *name, uint64_t key, Error *why) {
    char *at = folder ? strdup(folder) : user_folder(), *path = NULL;
    if (!at) {
        error_set(why, EXIT_RESOURCE, "no folder for it: neither XDG_CACHE_HOME nor HOME is set");
        return NULL;
    }
    if (make_folders(at)) {
        const char *slash = strrchr(name, '/');
        if (asprintf(&path, "%s/%.40s-%016llx.images", at, slash ? slash + 1 : name,
                     (unsigned long long)key) < 0)
            path = NULL;
        sweep(at);
    } else {
        error_set(why, EXIT_RESOURCE, "cannot make %s: %s", at, strerror(errno));
    }
    free(at);
    return path;
}

// ---- Writing ----------------------------------------------------------------------------------

// All blocks are taken at once: a full disk is told now, and not by a signal while filling in.
static int map_file(CacheRoom *room, ImageSet *set, const char *path) {
    if (asprintf(&room->temporary, "%s.%ld.tmp", path, (long)getpid()) < 0) {
        room->temporary = NULL;
        return ENOMEM;
    }
    room->file = open(room->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (room->file < 0) return errno;
    if (flock(room->file, LOCK_EX | LOCK_NB) != 0) return errno;
    int reason = posix_fallocate(room->file, 0, (off_t)set->map_size);
    if (reason) return reason;
    set->map = mmap(NULL, set->map_size, PROT_READ | PROT_WRITE, MAP_SHARED, room->file, 0);
    return set->map == MAP_FAILED ? errno : 0;
}

static void close_file(CacheRoom *room, bool remove) {
    if (room->file >= 0 && remove) unlink(room->temporary);
    if (room->file >= 0) close(room->file);
    free(room->temporary);
    room->file = -1, room->temporary = NULL;
}

int cache_room(CacheRoom *room, ImageSet *set, bool labelled, const char *path, Error *error) {
    *room = (CacheRoom){.file = -1};
    uint64_t each = image_size(set) + labelled;
    if (set->count > (SIZE_MAX / 2) / each) return error_set(error, EXIT_RESOURCE, "out of memory");
    set->map_size = sizeof(Header) + set->count * each;
    int reason = path ? map_file(room, set, path) : 0;
    if (reason) {
        error_set(&set->uncached, EXIT_RESOURCE, "cannot write %s: %s", path, strerror(reason));
        close_file(room, true);
    }
    if (room->file < 0)
        set->map =
            mmap(NULL, set->map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (set->map == MAP_FAILED) {
        set->map = NULL;
        return error_set(error, EXIT_RESOURCE, "out of memory: the images take %zu bytes",
                         set->map_size);
    }
    set->pixels = room->pixels = (uint8_t *)set->map + sizeof(Header);
    if (labelled) set->labels = room->labels = room->pixels + set->count * image_size(set);
    return 0;
}

static void write_header(ImageSet *set, uint64_t key, int threads) {
    Header h = {.version = VERSION,
                .order = ORDER,
                .key = key,
                .digest = digest_of(set, threads),
                .count = set->count,
                .skipped = set->skipped,
                .height = (uint32_t)set->height,
                .width = (uint32_t)set->width,
                .channels = (uint32_t)set->channels,
                .classes = (uint32_t)set->classes,
                .labelled = set->labels != NULL};
    memcpy(h.magic, MAGIC, sizeof MAGIC);
    h.check = header_hash(&h);
    memcpy(set->map, &h, sizeof h);
    print_digest(set, h.digest);
}

void cache_keep(CacheRoom *room, ImageSet *set, const char *path, uint64_t key, int threads) {
    size_t pixels = set->count * image_size(set);
    write_header(set, key, threads);
    size_t size = sizeof(Header) + pixels + (set->labels ? set->count : 0);
    bool kept = room->file >= 0 && ftruncate(room->file, (off_t)size) == 0 &&
                rename(room->temporary, path) == 0;
    if (room->file >= 0 && !kept)
        error_set(&set->uncached, EXIT_RESOURCE, "cannot write %s: %s", path, strerror(errno));
    close_file(room, !kept);
    mprotect(set->map, set->map_size, PROT_READ);
}

void cache_drop(CacheRoom *room, ImageSet *set) {
    close_file(room, true);
    cache_close(set);
}
