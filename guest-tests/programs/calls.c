// SPDX-License-Identifier: ISC
// What Linux says to arguments that are wrong, or right at the edge: whoever
// forwards a call has to say the same.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096

/* Two pages to read and write, one to read, one without rights. */
static char *memory;
static char *volatile nowhere = (char *)8, *volatile null;

#define TRY(call)                                                            \
	do {                                                                 \
		long got;                                                    \
		errno = 0;                                                   \
		got = (long)(call);                                          \
		printf("%s = %ld %s\n", #call, got, strerrorname_np(errno)); \
	} while (0)

static void files(void)
{
	static char path[PATH_MAX + 1];
	struct stat status;
	char *edge = memory + 2 * PAGE;
	int zero = open("/dev/zero", O_RDWR), file = memfd_create("x", 0);

	TRY(read(zero, null, 10));
	TRY(read(zero, nowhere, 1));
	TRY(read(zero, nowhere, 0));
	TRY(read(zero, edge, 1));
	TRY(read(zero, edge - 100, 100));
	TRY(read(-1, nowhere, 10));
	TRY(write(file, memory, 3 * PAGE));
	TRY(write(file, memory + 3 * PAGE, 1));
	TRY(pwrite(file, edge, PAGE + 1, 0));
	TRY(pread(file, edge - 10, 11, 0));
	TRY(pread(file, memory, 10, -1));
	TRY(open(null, O_RDONLY));
	TRY(open(nowhere, O_RDONLY));
	TRY(open("", O_RDONLY));
	memset(path, '/', PATH_MAX);
	TRY(open(path, O_RDONLY | O_DIRECTORY));
	path[PATH_MAX - 1] = '\0';
	TRY(close(open(path, O_RDONLY | O_DIRECTORY)));
	memset(memory + PAGE, '/', 2);
	memset(edge - 8, 'n', 8);
	TRY(access(edge - 8, R_OK)); /* its NUL is in the page behind */
	TRY(stat("/", (struct stat *)(void *)null));
	TRY(syscall(SYS_stat, "/", edge));
	TRY(stat("/", (struct stat *)(void *)(edge - sizeof(status))));
	TRY(fstat(-1, &status));
	TRY(fcntl(zero, F_GETFL) & O_ACCMODE);
	TRY(fcntl(zero, F_GETLK, nowhere));
	TRY(fcntl(zero, 1234567));
	TRY(ioctl(zero, TIOCGWINSZ, nowhere));
	TRY(ioctl(file, FIONREAD, nowhere));
	TRY(ioctl(file, 0x1234567, 0));
	TRY(getcwd(memory, 1));
	TRY(prctl(PR_SET_NAME, "a name that is longer than sixteen"));
	TRY(prctl(PR_GET_NAME, memory));
	puts(memory);
	TRY(prctl(123456));
	TRY(syscall(1000));
	TRY(syscall(SYS_uname, edge));
	close(zero);
	close(file);
}

static void vectors(void)
{
	struct iovec good[2] = { { memory, 10 }, { memory + PAGE, 20 } };
	struct iovec bad[2] = { { nowhere, 10 }, { memory, 10 } };
	struct msghdr message = { .msg_iov = good, .msg_iovlen = 2 };
	struct sockaddr_un name;
	socklen_t size = (socklen_t)-1;
	int pair[2], zero = open("/dev/zero", O_RDWR);

	TRY(readv(zero, good, 2));
	TRY(readv(zero, bad, 2));
	TRY(syscall(SYS_readv, zero, good, -1));
	TRY(syscall(SYS_readv, zero, good, 1025));
	TRY(readv(zero, (struct iovec *)(void *)nowhere, 1));
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)(void *)nowhere));
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	TRY(sendmsg(pair[0], &message, 0));
	TRY(recvmsg(pair[1], &message, 0));
	message.msg_iov = bad;
	TRY(sendmsg(pair[0], &message, 0));
	TRY(sendmsg(pair[0], (struct msghdr *)(void *)nowhere, 0));
	TRY(getsockname(pair[0], (void *)&name, &size));
	size = sizeof(name);
	TRY(getsockname(pair[0], (void *)&name, &size));
	TRY(size);
	TRY(getsockname(pair[0], (void *)nowhere, &size));
	TRY(connect(pair[0], (void *)nowhere, 16));
	TRY(connect(pair[0], (void *)&name, (socklen_t)-1));
	TRY(sendto(pair[0], "x", 1, 0, NULL, 0));
	TRY(recvfrom(pair[1], memory, 1, 0, NULL, NULL));
	TRY(setsockopt(pair[0], SOL_SOCKET, SO_RCVBUF, nowhere, 4));
	close(pair[0]);
	close(pair[1]);
	close(zero);
}

static void waiting(void)
{
	struct pollfd polled = { .fd = 0 };
	struct timeval zero = { 0 };
	struct timespec none = { 0 };
	struct epoll_event event = { .events = EPOLLIN };
	fd_set set;
	int epoll = epoll_create1(0);

	FD_ZERO(&set);
	TRY(poll(NULL, 0, 0));
	TRY(poll((void *)nowhere, 1, 0));
	TRY(poll(&polled, 1, 0) >= 0);
	TRY(ppoll(&polled, 0, &none, NULL));
	TRY(syscall(SYS_ppoll, &polled, 0, nowhere, NULL, 8));
	TRY(select(64, &set, NULL, NULL, &zero));
	TRY(select(64, (void *)nowhere, NULL, NULL, &zero));
	TRY(select(-1, NULL, NULL, NULL, &zero));
	TRY(epoll_ctl(epoll, EPOLL_CTL_ADD, 0, (void *)nowhere));
	TRY(epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &event));
	TRY(epoll_wait(epoll, (void *)nowhere, 1, 0));
	TRY(epoll_wait(epoll, &event, 0, 0));
	TRY(syscall(SYS_epoll_wait, epoll, &event, -1, 0));
	close(epoll);
}

static volatile sig_atomic_t came;

static void on_signal(int signal)
{
	came = signal;
}

/* A signal that is blocked but for the time of waiting. */
static void masks(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked, none, now;

	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaction(SIGUSR1, &action, NULL);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	kill(getpid(), SIGUSR1);
	TRY(came);
	TRY(ppoll(NULL, 0, &(struct timespec){ 5, 0 }, &none));
	TRY(came);
	sigprocmask(SIG_SETMASK, NULL, &now);
	TRY(sigismember(&now, SIGUSR1));
	came = 0;
	kill(getpid(), SIGUSR1);
	TRY(pselect(0, NULL, NULL, NULL, &(struct timespec){ 0, 1000 },
		    &blocked));
	TRY(came);
	TRY(pselect(0, NULL, NULL, NULL, &(struct timespec){ 5, 0 }, &none));
	TRY(came);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void self(void)
{
	static char path[PATH_MAX], other[PATH_MAX];
	char own[64];
	unsigned char magic[4] = { 0 };
	int fd = open("/proc/self/exe", O_RDONLY);
	struct utsname name;

	TRY(readlink("/proc/self/exe", path, sizeof(path)) > 0);
	puts(path);
	TRY(readlink("/proc/self/exe", other, 5));
	puts(other);
	snprintf(own, sizeof(own), "/proc/%d/exe", getpid());
	TRY(readlink(own, other, sizeof(other)) > 0);
	TRY(strcmp(path, other));
	TRY(read(fd, magic, 4));
	TRY(memcmp(magic, "\177ELF", 4));
	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	TRY(readlink(own, other, sizeof(other)) > 0);
	TRY(strcmp(path, other));
	close(fd);
	TRY(getpid() == gettid());
	TRY(getuid() == geteuid());
	TRY(uname(&name));
	puts(name.sysname);
	TRY(close(3));
	TRY(dup2(0, 100));
	TRY(close(100));
}

int main(void)
{
	memory = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
	mprotect(memory + 2 * PAGE, PAGE, PROT_READ);
	mprotect(memory + 3 * PAGE, PAGE, PROT_NONE);
	setvbuf(stdout, NULL, _IOFBF, 65536);
	files();
	vectors();
	waiting();
	masks();
	self();
	return 0;
}
