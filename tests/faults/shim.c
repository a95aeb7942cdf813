/* Stands between a program and the C library for every file under one folder: writes down what it does to the
 * disk, counts it, makes an operation fail, slows syncs, or kills the program at an operation. See README.md.
 *
 *   FAULTS_FOLDER   the folder that is watched (its absolute path)
 *   FAULTS_CONTROL  a file of struct control, read and written live by the test (may be absent)
 *   FAULTS_TRACE    where operations are written down (may be absent)
 *
 * Files named …-shm are left alone: SQLite rebuilds them and never syncs them. What is read and what is mapped
 * into memory is not seen. gcc -shared -fPIC -O2 -o shim.so shim.c -ldl
 */
#define _GNU_SOURCE
#define _LARGEFILE64_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WRITES = 1, SYNCS = 2, NAMES = 4, GROWING = 8, OPENS = 16 };

struct control {
    int64_t countdown; /* 0: nothing fails; n: the n-th operation of `kinds` from now on */
    int64_t error;     /* errno to fail with; negative: the program is killed there instead */
    int64_t lasting;   /* all later ones fail as well */
    int64_t kinds;     /* WRITES (write, truncate, allocate), SYNCS, NAMES (create, unlink, rename);
                          GROWING: of the writes only those that make a file longer; OPENS of any kind, but
                          of lock files: they are empty, so no bad block can be theirs */
    int64_t delay_ms;  /* before each sync */
    int64_t writes, bytes, syncs, names, failed; /* counted since the start; `failed` on purpose */
};

#define FILES 4096
static char *watched[FILES]; /* by descriptor: the path within the folder */
static char folder[PATH_MAX];
static size_t folder_length;
static int trace = -1;
static struct control nothing, *control = &nothing;
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

__attribute__((constructor)) static void begin(void) {
    const char *where = getenv("FAULTS_FOLDER"), *to = getenv("FAULTS_TRACE"), *by = getenv("FAULTS_CONTROL");
    if (!where) return;
    if (!realpath(where, folder)) snprintf(folder, sizeof folder, "%s", where); /* it is made later */
    folder_length = strlen(folder);
    if (to) {
        int opened = REAL(open)(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        trace = fcntl(opened, F_DUPFD_CLOEXEC, 500); /* out of the program's way */
        REAL(close)(opened);
    }
    if (by) {
        int opened = REAL(open)(by, O_RDWR | O_CLOEXEC);
        if (opened >= 0) {
            void *at = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, opened, 0);
            if (at != MAP_FAILED) control = at;
            REAL(close)(opened);
        }
    }
}

/* The path within the folder, or NULL when it is none of ours. The result belongs to the caller. */
static char *ours(const char *path) {
    if (!folder_length || strncmp(path, folder, folder_length)) return NULL;
    const char *rest = path + folder_length;
    if (*rest && *rest != '/') return NULL;
    size_t length = strlen(rest);
    if (length >= 4 && !strcmp(rest + length - 4, "-shm")) return NULL;
    return strdup(*rest ? rest + 1 : ".");
}

static char *ours_by_name(int at, const char *path) {
    char whole[2 * PATH_MAX], parent[PATH_MAX], link[64];
    if (*path == '/')
        snprintf(whole, sizeof whole, "%s", path);
    else if (at == AT_FDCWD) {
        if (!getcwd(parent, sizeof parent)) return NULL;
        snprintf(whole, sizeof whole, "%s/%s", parent, path);
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t n = readlink(link, parent, sizeof parent - 1);
        if (n < 0) return NULL;
        parent[n] = 0;
        snprintf(whole, sizeof whole, "%s/%s", parent, path);
    }
    char *slash = strrchr(whole, '/');
    *slash = 0;
    if (!realpath(*whole ? whole : "/", parent)) return NULL;
    char out[2 * PATH_MAX];
    snprintf(out, sizeof out, "%s/%s", parent, slash + 1);
    return ours(out);
}

static char *ours_by_descriptor(int descriptor) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return NULL;
    path[n] = 0;
    return ours(path);
}

struct __attribute__((packed)) head {
    uint8_t kind;
    uint16_t path, second;
    uint32_t data;
    int64_t offset;
};

static void note(char kind, const char *path, const char *second, int64_t offset, const void *data, size_t size) {
    if (trace < 0) return;
    struct head head = {kind, strlen(path), second ? strlen(second) : 0, size, offset};
    struct iovec parts[4] = {{&head, sizeof head},
                             {(void *)path, head.path},
                             {(void *)second, head.second},
                             {(void *)data, size}};
    int saved = errno;
    if (REAL(writev)(trace, parts, 4) < 0) abort();
    errno = saved;
}

/* Whether this operation must fail; errno is set. */
static int fails(int kind) {
    if (!control->countdown || !(control->kinds & kind)) return 0;
    if (control->countdown > 1) {
        control->countdown--;
        return 0;
    }
    if (control->error < 0) raise(SIGKILL);
    if (!control->lasting) control->countdown = 0;
    control->failed++;
    errno = control->error;
    return 1;
}

static int fails_to_write(int descriptor, off64_t end) {
    if (control->kinds & GROWING) {
        struct stat file;
        if (!fstat(descriptor, &file) && end <= file.st_size) return 0;
    }
    return fails(WRITES);
}

#define LOCK pthread_mutex_lock(&guard)
#define UNLOCK pthread_mutex_unlock(&guard)
static char *of(int descriptor) { return descriptor >= 0 && descriptor < FILES ? watched[descriptor] : NULL; }

static int opened(int (*open_it)(int, const char *, int, mode_t), int at, const char *path, int flags, mode_t mode) {
    if (folder_length && control->countdown && control->kinds & OPENS) {
        char *wanted = ours_by_name(at, path);
        LOCK;
        size_t length = wanted ? strlen(wanted) : 0;
        int is_lock = length >= 6 && (!strcmp(wanted + length - 5, ".lock") || !strcmp(wanted + length - 6, "/alive"));
        int no = wanted && !is_lock && fails(OPENS);
        UNLOCK;
        free(wanted);
        if (no) {
            errno = control->error;
            return -1;
        }
    }
    if (!folder_length || !(flags & (O_CREAT | O_WRONLY | O_RDWR | O_DIRECTORY))) {
        int plain = open_it(at, path, flags, mode);
        char *name = plain >= 0 && plain < FILES && folder_length ? ours_by_descriptor(plain) : NULL;
        if (name) { /* a folder may be opened without O_DIRECTORY to be synced */
            LOCK;
            free(watched[plain]);
            watched[plain] = name;
            UNLOCK;
        }
        return plain;
    }
    struct stat file;
    char *name = ours_by_name(at, path);
    int is_new = name && (flags & O_CREAT) && fstatat(at, path, &file, 0) && errno == ENOENT;
    free(name);
    LOCK;
    if (is_new && fails(NAMES)) {
        UNLOCK;
        return -1;
    }
    int got = open_it(at, path, flags, mode);
    if (got >= 0 && got < FILES && (name = ours_by_descriptor(got))) {
        free(watched[got]);
        watched[got] = name;
        if (is_new) {
            control->names++;
            note('C', name, NULL, 0, NULL, 0);
        } else if (flags & O_TRUNC)
            note('T', name, NULL, 0, NULL, 0);
    }
    UNLOCK;
    return got;
}

static int by_openat64(int at, const char *path, int flags, mode_t mode) {
    return REAL(openat64)(at, path, flags | O_LARGEFILE, mode);
}
#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }
int open64(const char *path, int flags, ...) { MODE return opened(by_openat64, AT_FDCWD, path, flags, mode); }
int open(const char *path, int flags, ...) { MODE return opened(by_openat64, AT_FDCWD, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE return opened(by_openat64, at, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE return opened(by_openat64, at, path, flags, mode); }

int close(int descriptor) {
    LOCK;
    if (descriptor >= 0 && descriptor < FILES) {
        free(watched[descriptor]);
        watched[descriptor] = NULL;
    }
    UNLOCK;
    return REAL(close)(descriptor);
}

ssize_t pwrite64(int descriptor, const void *data, size_t size, off64_t offset) {
    if (!of(descriptor)) return REAL(pwrite64)(descriptor, data, size, offset);
    LOCK;
    ssize_t done = -1;
    if (!fails_to_write(descriptor, offset + size) && (done = REAL(pwrite64)(descriptor, data, size, offset)) >= 0) {
        control->writes++, control->bytes += done;
        note('W', watched[descriptor], NULL, offset, data, done);
    }
    UNLOCK;
    return done;
}
ssize_t pwrite(int descriptor, const void *data, size_t size, off_t offset) { return pwrite64(descriptor, data, size, offset); }

ssize_t write(int descriptor, const void *data, size_t size) {
    if (!of(descriptor)) return REAL(write)(descriptor, data, size);
    LOCK;
    ssize_t done = -1;
    int appends = fcntl(descriptor, F_GETFL) & O_APPEND;
    off64_t offset = lseek64(descriptor, 0, appends ? SEEK_END : SEEK_CUR);
    if (!fails_to_write(descriptor, offset + size) && (done = REAL(write)(descriptor, data, size)) >= 0) {
        control->writes++, control->bytes += done;
        note('W', watched[descriptor], NULL, offset, data, done);
    }
    UNLOCK;
    return done;
}

int ftruncate64(int descriptor, off64_t size) {
    if (!of(descriptor)) return REAL(ftruncate64)(descriptor, size);
    LOCK;
    int done = -1;
    if (!fails_to_write(descriptor, size) && (done = REAL(ftruncate64)(descriptor, size)) == 0) {
        control->writes++;
        note('T', watched[descriptor], NULL, size, NULL, 0);
    }
    UNLOCK;
    return done;
}
int ftruncate(int descriptor, off_t size) { return ftruncate64(descriptor, size); }

int posix_fallocate64(int descriptor, off64_t offset, off64_t size) {
    if (!of(descriptor)) return REAL(posix_fallocate64)(descriptor, offset, size);
    LOCK;
    int done = fails_to_write(descriptor, offset + size) ? errno : REAL(posix_fallocate64)(descriptor, offset, size);
    struct stat file;
    if (!done && !fstat(descriptor, &file)) note('T', watched[descriptor], NULL, file.st_size, NULL, 0);
    UNLOCK;
    return done;
}
int posix_fallocate(int descriptor, off_t offset, off_t size) { return posix_fallocate64(descriptor, offset, size); }

static int synced(int descriptor, int (*sync_it)(int)) {
    if (!of(descriptor)) return sync_it(descriptor);
    if (control->delay_ms > 0) {
        struct timespec wait = {control->delay_ms / 1000, control->delay_ms % 1000 * 1000000};
        nanosleep(&wait, NULL);
    }
    LOCK;
    int done = -1;
    if (!fails(SYNCS) && (done = sync_it(descriptor)) == 0) {
        control->syncs++;
        note('S', watched[descriptor], NULL, 0, NULL, 0);
    }
    UNLOCK;
    return done;
}
int fsync(int descriptor) { return synced(descriptor, REAL(fsync)); }
int fdatasync(int descriptor) { return synced(descriptor, REAL(fdatasync)); }

static int unlinked(int at, const char *path, int flags) {
    char *name = flags & AT_REMOVEDIR ? NULL : ours_by_name(at, path);
    if (!name) return REAL(unlinkat)(at, path, flags);
    LOCK;
    int done = -1;
    if (!fails(NAMES) && (done = REAL(unlinkat)(at, path, flags)) == 0) {
        control->names++;
        note('U', name, NULL, 0, NULL, 0);
    }
    UNLOCK;
    free(name);
    return done;
}
int unlink(const char *path) { return unlinked(AT_FDCWD, path, 0); }
int unlinkat(int at, const char *path, int flags) { return unlinked(at, path, flags); }

int renameat(int from_at, const char *from, int to_at, const char *to) {
    char *was = ours_by_name(from_at, from), *is = ours_by_name(to_at, to);
    int done = -1;
    LOCK;
    if ((!was && !is) || !fails(NAMES)) done = REAL(renameat)(from_at, from, to_at, to);
    if (!done && was && is) {
        control->names++;
        note('R', was, is, 0, NULL, 0);
        for (int i = 0; i < FILES; i++)
            if (watched[i] && !strcmp(watched[i], was)) {
                free(watched[i]);
                watched[i] = strdup(is);
            }
    }
    UNLOCK;
    free(was);
    free(is);
    return done;
}
int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }
