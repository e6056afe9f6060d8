/* Counts a process's durable steps and lets it die, or lets the disk fail, at the one that was named.
 *
 * Preloaded (LD_PRELOAD). A step is a call that writes, syncs or names something on a regular file or a folder, or
 * that sends on an Internet socket. Standard streams, pipes and local sockets are no steps: through them the process
 * speaks to the test. Nothing happens before steps_arm() is called, so a parent may load it and fork.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITES = 1, SYNCS = 2, NAMES = 4, SENDS = 8 };
enum how { COUNT = 0, KILL_BEFORE = 1, KILL_AFTER = 2, KILL_HALF = 3, FAIL = 4, POWER_CUT = 5 };
enum verdict { GO, GO_THEN_DIE, HALF_THEN_DIE, REFUSE };

static struct { int how, kinds, error, disk; long at, span; } plan;
static long count;

void steps_arm(int how, int kinds, long at, long span, int error, int disk)
{
	plan.kinds = kinds;
	plan.at = at;
	plan.span = span;
	plan.error = error;
	plan.disk = disk;
	__atomic_store_n(&count, 0, __ATOMIC_SEQ_CST);
	plan.how = how;
}

long steps_count(void)
{
	return __atomic_load_n(&count, __ATOMIC_SEQ_CST);
}

__attribute__((noreturn)) static void die(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

/* ext4's own emergency stop: from here on nothing reaches the disk, what was not synced is gone. */
__attribute__((noreturn)) static void cut_power(void)
{
	unsigned int without_flushing_the_log = 2;
	ioctl(plan.disk, _IOR('X', 125, unsigned int), &without_flushing_the_log);
	die();
}

static enum verdict step(enum kind kind)
{
	if (!(plan.kinds & kind))
		return GO;
	long number = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
	if (plan.how == COUNT || number < plan.at)
		return GO;
	if (plan.how == FAIL) {
		if (number >= plan.at + plan.span || kind == SENDS)
			return GO;
		errno = plan.error;
		return REFUSE;
	}
	if (number > plan.at)
		die();  /* another thread came past while this process was dying */
	switch (plan.how) {
	case KILL_AFTER:
		return GO_THEN_DIE;
	case KILL_HALF:
		return kind == WRITES || kind == SENDS ? HALF_THEN_DIE : GO_THEN_DIE;
	case POWER_CUT:
		cut_power();
	default:
		die();
	}
	return GO;
}

/* What a descriptor is for us: 0 nothing, else the kind of a write to it. */
static int written(int fd)
{
	struct stat seen;
	struct sockaddr_storage name;
	socklen_t size = sizeof name;
	int before = errno;
	int kind = 0;
	if (fd > 2 && !fstat(fd, &seen)) {
		if (S_ISREG(seen.st_mode) || S_ISDIR(seen.st_mode))
			kind = WRITES;
		else if (S_ISSOCK(seen.st_mode) && !getsockname(fd, (struct sockaddr *)&name, &size)
			 && (name.ss_family == AF_INET || name.ss_family == AF_INET6))
			kind = SENDS;
	}
	errno = before;
	return kind;
}

#define NEXT(name) \
	static __typeof__(&name) next; \
	if (!next) \
		next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* A call on a descriptor: `all` does it whole, `half` with half of its bytes. */
#define STEP(kind, all, half) \
	do { \
		int found = (kind); \
		enum verdict verdict = found ? step(found) : GO; \
		if (verdict == REFUSE) \
			return -1; \
		if (verdict == HALF_THEN_DIE) { \
			half; \
			die(); \
		} \
		__typeof__(all) answer = all; \
		if (verdict == GO_THEN_DIE) \
			die(); \
		return answer; \
	} while (0)

ssize_t write(int fd, const void *data, size_t size)
{
	NEXT(write);
	STEP(written(fd), next(fd, data, size), next(fd, data, size / 2));
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
	NEXT(pwrite);
	STEP(written(fd), next(fd, data, size, at), next(fd, data, size / 2, at));
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
	NEXT(pwrite64);
	STEP(written(fd), next(fd, data, size, at), next(fd, data, size / 2, at));
}

ssize_t writev(int fd, const struct iovec *data, int pieces)
{
	NEXT(writev);
	STEP(written(fd), next(fd, data, pieces), next(fd, data, pieces / 2));
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
	NEXT(send);
	STEP(written(fd), next(fd, data, size, flags), next(fd, data, size / 2, flags));
}

ssize_t sendto(int fd, const void *data, size_t size, int flags, __CONST_SOCKADDR_ARG to, socklen_t length)
{
	NEXT(sendto);
	STEP(written(fd), next(fd, data, size, flags, to, length), next(fd, data, size / 2, flags, to, length));
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	NEXT(sendmsg);
	STEP(written(fd), next(fd, message, flags), (void)0);
}

static int synced(int fd)
{
	return written(fd) == WRITES ? SYNCS : 0;
}

int fsync(int fd)
{
	NEXT(fsync);
	STEP(synced(fd), next(fd), (void)0);
}

int fdatasync(int fd)
{
	NEXT(fdatasync);
	STEP(synced(fd), next(fd), (void)0);
}

int ftruncate(int fd, off_t size)
{
	NEXT(ftruncate);
	STEP(written(fd), next(fd, size), (void)0);
}

int ftruncate64(int fd, off64_t size)
{
	NEXT(ftruncate64);
	STEP(written(fd), next(fd, size), (void)0);
}

int rename(const char *from, const char *to)
{
	NEXT(rename);
	STEP(NAMES, next(from, to), (void)0);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	NEXT(renameat);
	STEP(NAMES, next(from_folder, from, to_folder, to), (void)0);
}

int unlink(const char *name)
{
	NEXT(unlink);
	STEP(NAMES, next(name), (void)0);
}

int unlinkat(int folder, const char *name, int flags)
{
	NEXT(unlinkat);
	STEP(NAMES, next(folder, name, flags), (void)0);
}

int mkdir(const char *name, mode_t mode)
{
	NEXT(mkdir);
	STEP(NAMES, next(name, mode), (void)0);
}

int rmdir(const char *name)
{
	NEXT(rmdir);
	STEP(NAMES, next(name), (void)0);
}
