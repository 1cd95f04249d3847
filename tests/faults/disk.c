/* Stands before the C library's calls that change files below a folder: the n-th of them fails, or ends the process.

   Loaded by LD_PRELOAD, so that Python, SQLite and whatever else writes go through it. `faults_arm` begins to count;
   `error` is the errno that the call fails with, or 0 for a kill, of which a write leaves its first half. With `from_on`
   all later calls fail too, but those that give room back, as on a full disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[PATH_MAX];
static long count, at;
static int error, from_on;

void faults_arm(const char *path, long n, int number, int persistent) {
    strncpy(folder, path, sizeof folder - 1);
    count = 0, at = n, error = number, from_on = persistent;
}

long faults_count(void) { return count; }

static int inside(const char *path) {
    return folder[0] && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int inside_fd(int fd) {
    char link[64], path[PATH_MAX];
    if (!folder[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return inside(path);
}

/* Whether this call is the one; a kill does not return, unless the caller asks for it. */
static int due(int takes_room) {
    count++;
    if (count < at || (count > at && !from_on) || (from_on && !takes_room)) return 0;
    if (error) {
        errno = error;
        return 1;
    }
    return count == at;
}

static void end(void) {
    if (!error) {
        kill(getpid(), SIGKILL);
        pause();
    }
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define REFUSE(condition, takes_room) if ((condition) && due(takes_room)) { end(); return -1; }

#define OPEN(name, ...) \
    mode_t mode = 0; \
    if (flags & O_CREAT) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } \
    REAL(name); \
    REFUSE((flags & O_CREAT) && inside(path), 1) \
    return real(__VA_ARGS__, mode)

int open(const char *path, int flags, ...) { OPEN(open, path, flags); }
int open64(const char *path, int flags, ...) { OPEN(open64, path, flags); }
int openat(int base, const char *path, int flags, ...) { OPEN(openat, base, path, flags); }
int openat64(int base, const char *path, int flags, ...) { OPEN(openat64, base, path, flags); }

#define WRITE(half, whole) \
    if (inside_fd(fd) && due(1)) { if (!error && half) end(); end(); return -1; } \
    return whole

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    WRITE(real(fd, data, size / 2) >= 0, real(fd, data, size));
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t to) {
    REAL(pwrite);
    WRITE(real(fd, data, size / 2, to) >= 0, real(fd, data, size, to));
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t to) {
    REAL(pwrite64);
    WRITE(real(fd, data, size / 2, to) >= 0, real(fd, data, size, to));
}
ssize_t writev(int fd, const struct iovec *parts, int number) {
    REAL(writev);
    WRITE(1, real(fd, parts, number));
}

int fsync(int fd) { REAL(fsync); REFUSE(inside_fd(fd), 0) return real(fd); }
int fdatasync(int fd) { REAL(fdatasync); REFUSE(inside_fd(fd), 0) return real(fd); }
int ftruncate(int fd, off_t size) { REAL(ftruncate); REFUSE(inside_fd(fd), size > 0) return real(fd, size); }
int ftruncate64(int fd, off64_t size) { REAL(ftruncate64); REFUSE(inside_fd(fd), size > 0) return real(fd, size); }
int rename(const char *from, const char *to) { REAL(rename); REFUSE(inside(to), 1) return real(from, to); }
int renameat(int a, const char *from, int b, const char *to) {
    REAL(renameat);
    REFUSE(inside(to), 1)
    return real(a, from, b, to);
}
int unlink(const char *path) { REAL(unlink); REFUSE(inside(path), 0) return real(path); }
int unlinkat(int base, const char *path, int flags) { REAL(unlinkat); REFUSE(inside(path), 0) return real(base, path, flags); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); REFUSE(inside(path), 1) return real(path, mode); }
int rmdir(const char *path) { REAL(rmdir); REFUSE(inside(path), 0) return real(path); }
