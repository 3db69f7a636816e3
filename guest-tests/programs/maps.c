// SPDX-License-Identifier: ISC
// mmap() and its family: what each call returns, and what is in memory then.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096ul
#define MB   (1ul << 20)

#define RW (PROT_READ | PROT_WRITE)
#define PA (MAP_PRIVATE | MAP_ANONYMOUS)

static sigjmp_buf back;
/* So that printf() allocates nothing. */
static char output[8192];
static char *const volatile nowhere = (char *)8;

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	siglongjmp(back, info->si_code);
}

/* 0, or why an access was refused: SEGV_MAPERR or SEGV_ACCERR. */
static int touch(volatile char *at, int write)
{
	int code = sigsetjmp(back, 1);

	if (code)
		return code;
	if (write)
		*at = 1;
	else
		(void)*at;
	return 0;
}

static void is(const char *what, long got)
{
	printf("%s: %ld\n", what, got);
}

static void *map(size_t size, int prot, int flags)
{
	return mmap(NULL, size, prot, flags, -1, 0);
}

/* Why a call has failed, else 0. */
static int why(const void *result)
{
	return result == MAP_FAILED ? errno : 0;
}

static int all(const char *at, size_t size, char value)
{
	for (size_t i = 0; i < size; i++)
		if (at[i] != value)
			return 0;
	return 1;
}

static void test_anonymous(void)
{
	char *a = map(5 * MB + 3 * PAGE, RW, PA), *b;

	is("anonymous zero", all(a, 5 * MB + 3 * PAGE, 0));
	memset(a, 7, 5 * MB);
	is("unmap the middle", munmap(a + MB, 2 * MB));
	is("left of it", touch(a + MB - 1, 0));
	is("in it", touch(a + MB, 0));
	is("right of it", touch(a + 3 * MB, 0));
	b = mmap(a + MB, 2 * MB, RW, PA | MAP_FIXED_NOREPLACE, -1, 0);
	is("again there", b == a + MB);
	is("zero again", all(b, 2 * MB, 0));
	is("neighbours stay", a[MB - 1] + a[3 * MB]);
	b = mmap(a + MB, PAGE, RW, PA | MAP_FIXED_NOREPLACE, -1, 0);
	is("taken", why(b));
	b = mmap(a, PAGE, RW, PA | MAP_FIXED, -1, 0);
	is("replaced", b == a && a[0] == 0 && a[PAGE] == 7);
	is("unmap all", munmap(a, 5 * MB + 3 * PAGE));
	is("unmap nothing", munmap(a, 5 * MB));
	is("gone", touch(a + 4 * MB, 0));
}

static void test_protect(void)
{
	char *a = map(6 * MB, PROT_NONE, PA | MAP_NORESERVE);

	is("none", touch(a + 3 * MB, 0));
	is("protect", mprotect(a + 3 * MB, PAGE, RW));
	is("write", touch(a + 3 * MB, 1));
	is("beside it", touch(a + 3 * MB + PAGE, 0));
	is("all", mprotect(a, 6 * MB, PROT_READ));
	is("kept", a[3 * MB]);
	is("write to read-only", touch(a + 3 * MB, 1));
	is("read", touch(a + 5 * MB, 0));
	is("writable", mprotect(a, 6 * MB, RW));
	memset(a, 9, 6 * MB);
	is("none again", mprotect(a + 2 * MB, 2 * MB, PROT_NONE));
	is("in it", touch(a + 3 * MB, 0));
	is("before it", touch(a + 2 * MB - 1, 1));
	is("back", mprotect(a + 2 * MB, 2 * MB, RW));
	is("as it was", all(a + 2 * MB, 4 * MB, 9));
	munmap(a + MB, PAGE);
	is("over a hole", mprotect(a, 2 * MB, RW) ? errno : 0);
	is("crooked", mprotect(a + 1, PAGE, RW) ? errno : 0);
	munmap(a, 6 * MB);
}

static void test_advise(void)
{
	char *a = map(8 * MB, RW, PA);

	memset(a, 5, 8 * MB);
	is("forget", madvise(a + PAGE, 6 * MB, MADV_DONTNEED));
	is("zero", all(a + PAGE, 6 * MB, 0));
	is("kept", a[PAGE - 1] + a[6 * MB + PAGE]);
	is("no such advice", madvise(a, PAGE, 12345) ? errno : 0);
	is("will need", madvise(a, PAGE, MADV_WILLNEED));
	munmap(a, 8 * MB);
	is("nothing", madvise(a, PAGE, MADV_DONTNEED) ? errno : 0);
}

static void test_remap(void)
{
	char *a = map(3 * MB, RW, PA), *b, *wall;

	memset(a, 3, 3 * MB);
	munmap(a + MB, 2 * MB);
	b = mremap(a, MB, 2 * MB, 0);
	is("grows in place", b == a && all(a, MB, 3) && all(a + MB, MB, 0));
	wall = mmap(a + 2 * MB, PAGE, RW, PA | MAP_FIXED, -1, 0);
	is("a wall", why(wall));
	is("cannot grow", why(mremap(a, 2 * MB, 3 * MB, 0)));
	b = mremap(a, 2 * MB, 5 * MB, MREMAP_MAYMOVE);
	is("moves", b != a && all(b, MB, 3) && all(b + MB, 4 * MB, 0));
	is("away", touch(a, 0));
	a = mremap(b, 5 * MB, PAGE, 0);
	is("shrinks", a == b && touch(b + PAGE, 0) == SEGV_MAPERR);
	b = map(2 * PAGE, PROT_READ, PA);
	a = mremap(a, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, b + PAGE);
	is("fixed", a == b + PAGE && a[5] == 3 && touch(a, 1) == 0);
	is("of nothing",
	   why(mremap((void *)(64 * MB), PAGE, 2 * PAGE, MREMAP_MAYMOVE)));
	munmap(b, 2 * PAGE);
	munmap(wall, PAGE);
}

static void test_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char text[3 * PAGE], *a;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i / PAGE + 'a');
	is("written", write(fd, text, 2 * PAGE + 100));
	a = mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE, fd, 0);
	is("copy", !memcmp(a, text, 2 * PAGE + 100) &&
			   all(a + 2 * PAGE + 100, PAGE - 100, 0));
	a[0] = 'x';
	is("private", pread(fd, text, 1, 0) == 1 && text[0] == 'a');
	munmap(a, 3 * PAGE);
	a = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
	is("shared, read only", a[0] == 'b' && a[PAGE - 1] == 'b');
	is("write to it", touch(a, 1));
	munmap(a, PAGE);
	is("crooked", why(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1)));
	close(fd);
	is("no file", why(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0)));
	fd = open("/", O_RDONLY);
	is("a folder", why(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0)));
	close(fd);
	unlink(path);
}

static void test_code(void)
{
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	char *a = map(PAGE, RW | PROT_EXEC, PA | MAP_32BIT);
	int (*function)(void);

	is("below 4 GiB", (uintptr_t)a < 1ul << 32);
	memcpy(a, code, sizeof(code));
	memcpy(&function, &a, sizeof(a));
	is("runs", function());
	is("no code any more", mprotect(a, PAGE, PROT_READ));
	if (!sigsetjmp(back, 1)) {
		function();
		is("still runs", 1);
	}
	munmap(a, PAGE);
}

static void test_calls(void)
{
	char *a = map(4 * MB, PROT_READ, PA);
	int fd = open("/dev/zero", O_RDONLY);

	is("to read-only", read(fd, a, 10) < 0 ? errno : 0);
	is("to nowhere", read(fd, nowhere, 10) < 0 ? errno : 0);
	mprotect(a, 2 * MB, RW);
	is("read", read(fd, a + MB, MB));
	is("name at nowhere", open(nowhere, O_RDONLY) < 0 ? errno : 0);
	munmap(a, 4 * MB);
	is("to what is gone", read(fd, a, 10) < 0 ? errno : 0);
	close(fd);
	is("no size", why(map(0, RW, PA)));
	is("no kind", why(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0)));
	is("too large", why(map(1ul << 62, RW, PA)));
}

static void test_brk(void)
{
	char *old = sbrk(0), *a = sbrk(3 * (intptr_t)MB);

	is("heap", a == old && all(a, 3 * MB, 0));
	memset(a, 1, 3 * MB);
	is("shrinks", sbrk(-2 * (intptr_t)MB) == old + 3 * MB);
	is("gone", touch(a + 2 * MB, 0));
	is("grows", sbrk(MB) == old + MB && all(a + MB + PAGE, MB - PAGE, 0));
	is("kept", all(a, MB, 1));
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_fault,
				    .sa_flags = SA_SIGINFO | SA_NODEFER };

	setvbuf(stdout, output, _IOFBF, sizeof(output));
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	test_brk();
	test_anonymous();
	test_protect();
	test_advise();
	test_remap();
	test_file("/tmp/maps.tmp");
	test_code();
	test_calls();
	return 0;
}
