// SPDX-License-Identifier: Apache-2.0
// Unit tests of what Minnow lets its program give to Linux, on real memory.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* Guest code is in no host library. NOLINTBEGIN(bugprone-suspicious-include) */
#define iovec    kernel_iovec
#define messages kernel_messages
#include "hrt/kernel/linux/argument.c"
#undef iovec
#undef messages
#include "hrt/kernel/linux/command.c"
/* NOLINTEND(bugprone-suspicious-include) */

/* Two pages to read and write, one to read, one that nothing may touch. */
#define PAGES 4
static unsigned char *memory;

static bool allows(uintptr_t address, size_t size, unsigned int rights)
{
	uintptr_t from = (uintptr_t)memory;
	size_t pages = rights & ARG_WRITE ? 2 : 3;

	return address >= from && size <= pages * PAGE &&
	       address - from <= pages * PAGE - size;
}

static bool copy(void *to, uintptr_t address, size_t size)
{
	if (!allows(address, size, ARG_READ))
		return false;
	memcpy(to, (const void *)address, size);
	return true;
}

static bool text(uintptr_t address, size_t max, size_t *ret_length)
{
	for (*ret_length = 0; *ret_length < max; ++*ret_length) {
		char c;

		if (!copy(&c, address + *ret_length, 1))
			return false;
		if (!c)
			break;
	}
	return true;
}

static const struct argument_space space = { allows, copy, text };

static int set_up(void **state)
{
	(void)state;
	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	return munmap(memory, PAGES * PAGE);
}

static uint64_t at(size_t offset)
{
	return (uintptr_t)memory + offset;
}

/* -EFAULT when Linux is given nowhere instead of a pointer. */
static int check_all(const struct argument kinds[ARGUMENTS],
		     uint64_t arg[ARGUMENTS])
{
	int r = argument_check(&space, kinds, arg);

	for (int i = 0; !r && i < ARGUMENTS; i++)
		if (arg[i] == ARGUMENT_NOWHERE)
			r = -EFAULT;
	return r;
}

/* A call of up to three arguments, the one in question first. */
static int check(struct argument kind, uint64_t a, uint64_t b)
{
	struct argument kinds[ARGUMENTS] = { kind };
	uint64_t arg[ARGUMENTS] = { a, b };

	return check_all(kinds, arg);
}

static void test_fixed(void **state)
{
	const struct argument in = IN(144), out = OUT(144), opt = OPT_OUT(144);

	(void)state;
	assert_int_equal(check(in, at(0), 0), 0);
	assert_int_equal(check(in, at(3 * PAGE - 144), 0), 0);
	assert_int_equal(check(in, at(3 * PAGE - 143), 0), -EFAULT);
	assert_int_equal(check(out, at(2 * PAGE - 144), 0), 0);
	assert_int_equal(check(out, at(2 * PAGE - 143), 0), -EFAULT);
	assert_int_equal(check(in, 0, 0), -EFAULT);
	assert_int_equal(check(opt, 0, 0), 0);
	assert_int_equal(check(opt, 8, 0), -EFAULT);
	assert_int_equal(check(in, UINT64_MAX - 8, 0), -EFAULT);
}

static void test_text(void **state)
{
	const struct argument path = PATH, optional = OPT_PATH;
	const struct argument name = TEXT_PART(16);

	(void)state;
	memcpy(memory, "/etc/passwd", sizeof("/etc/passwd"));
	assert_int_equal(check(path, at(0), 0), 0);
	assert_int_equal(check(path, 0, 0), -EFAULT);
	assert_int_equal(check(optional, 0, 0), 0);
	/* Up to the end of what there is, with and without its NUL. */
	memset(memory, 'x', 3 * PAGE);
	memory[3 * PAGE - 1] = 0;
	assert_int_equal(check(path, at(3 * PAGE - 5), 0), 0);
	memory[3 * PAGE - 1] = 'x';
	assert_int_equal(check(path, at(3 * PAGE - 5), 0), -EFAULT);
	/* 4095 bytes and the NUL are a path, one more is not. */
	memory[4095] = 0;
	assert_int_equal(check(path, at(0), 0), 0);
	memory[4095] = 'x';
	memory[4096] = 0;
	assert_int_equal(check(path, at(0), 0), -ENAMETOOLONG);
	assert_int_equal(check(name, at(0), 0), 0);
}

static void test_buffer(void **state)
{
	const struct argument in = READS(1), count = ARRAY_OUT(1, 12);
	const struct argument polled = ARRAY_IO(1, sizeof(struct pollfd));

	(void)state;
	assert_int_equal(check(in, at(0), 3 * PAGE), 0);
	assert_int_equal(check(in, at(0), 3 * PAGE + 1), -EFAULT);
	assert_int_equal(check(in, 0, 0), 0);
	assert_int_equal(check(in, 0, 1), -EFAULT);
	assert_int_equal(check(in, at(0), UINT64_MAX), -EFAULT);
	/* An int has 32 bits; Linux refuses what is negative. */
	assert_int_equal(check(count, at(0), 0xffffffff00000001), 0);
	assert_int_equal(check(count, 0, 0xffffffff), 0);
	assert_int_equal(check(count, at(0), 0x7fffffff), -EFAULT);
	assert_int_equal(check(polled, at(2 * PAGE - 16), 2), 0);
	assert_int_equal(check(polled, at(2 * PAGE - 16), 3), -EFAULT);
}

/* Linux moves the bytes that are there. */
static void test_part(void **state)
{
	const struct argument kinds[ARGUMENTS] = { FD, WRITES_PART(2), VALUE };
	uint64_t arg[ARGUMENTS] = { 0, at(0), 2 * PAGE };

	(void)state;
	assert_int_equal(check_all(kinds, arg), 0);
	assert_int_equal(arg[2], 2 * PAGE);
	arg[2] = 100000;
	assert_int_equal(check_all(kinds, arg), 0);
	assert_int_equal(arg[2], 2 * PAGE);
	arg[1] = at(PAGE + 100);
	arg[2] = UINT64_MAX;
	assert_int_equal(check_all(kinds, arg), 0);
	assert_int_equal(arg[2], PAGE - 100);
	arg[1] = at(2 * PAGE);
	arg[2] = 1;
	assert_int_equal(check_all(kinds, arg), -EFAULT);
}

static void test_vector(void **state)
{
	const struct argument in = VECTOR_IN(1), out = VECTOR_OUT(1);
	struct iovec *pieces = (void *)memory;

	(void)state;
	pieces[0] = (struct iovec){ memory + PAGE, 100 };
	pieces[1] = (struct iovec){ NULL, 0 };
	pieces[2] = (struct iovec){ memory + 2 * PAGE, PAGE };
	assert_int_equal(check(in, at(0), 3), 0);
	assert_int_equal(check(out, at(0), 2), 0);
	assert_int_equal(check(out, at(0), 3), -EFAULT);
	pieces[2].iov_len++;
	assert_int_equal(check(in, at(0), 3), -EFAULT);
	pieces[1] = (struct iovec){ NULL, 1 };
	assert_int_equal(check(in, at(0), 2), -EFAULT);
	assert_int_equal(check(in, at(3 * PAGE - 16), 2), -EFAULT);
	/* EINVAL is Linux's to say. */
	assert_int_equal(check(in, 0, PIECES_MAX + 1), 0);
	assert_int_equal(check(in, 0, UINT64_MAX), 0);
}

static void test_message(void **state)
{
	const struct argument in = MESSAGE_IN, out = MESSAGE_OUT;
	struct msghdr *message = (void *)memory;
	struct iovec *piece = (void *)(memory + 256);

	(void)state;
	assert_int_equal(sizeof(*message), sizeof(struct message));
	*piece = (struct iovec){ memory + 2 * PAGE, 10 };
	*message = (struct msghdr){ .msg_iov = piece, .msg_iovlen = 1 };
	assert_int_equal(check(in, at(0), 0), 0);
	assert_int_equal(check(out, at(0), 0), -EFAULT);
	piece->iov_base = memory + PAGE;
	assert_int_equal(check(out, at(0), 0), 0);
	message->msg_name = memory + 2 * PAGE - 15;
	message->msg_namelen = sizeof(struct sockaddr_in);
	assert_int_equal(check(in, at(0), 0), 0);
	assert_int_equal(check(out, at(0), 0), -EFAULT);
	message->msg_name = NULL;
	message->msg_control = memory + 3 * PAGE;
	message->msg_controllen = 1;
	assert_int_equal(check(in, at(0), 0), -EFAULT);
	message->msg_controllen = 0;
	assert_int_equal(check(in, at(0), 0), 0);
	message->msg_iovlen = SIZE_MAX;
	assert_int_equal(check(in, at(0), 0), 0);
}

static void test_messages(void **state)
{
	const struct argument out = MESSAGES_OUT(1);
	struct mmsghdr *messages = (void *)memory;

	(void)state;
	assert_int_equal(sizeof(*messages), sizeof(struct kernel_messages));
	memset(messages, 0, 2 * sizeof(*messages));
	assert_int_equal(check(out, at(0), 2), 0);
	messages[1].msg_hdr.msg_name = memory + 2 * PAGE;
	messages[1].msg_hdr.msg_namelen = 1;
	assert_int_equal(check(out, at(0), 1), 0);
	assert_int_equal(check(out, at(0), 2), -EFAULT);
}

static void test_sockaddr(void **state)
{
	const struct argument out = SOCKADDR(1), optional = OPT_SOCKADDR(1);
	socklen_t *size = (void *)memory;

	(void)state;
	*size = PAGE;
	assert_int_equal(check(out, at(PAGE), at(0)), 0);
	*size = PAGE + 1;
	assert_int_equal(check(out, at(PAGE), at(0)), -EFAULT);
	*size = (socklen_t)-1;
	assert_int_equal(check(out, at(PAGE), at(0)), 0);
	assert_int_equal(check(out, at(PAGE), at(2 * PAGE)), -EFAULT);
	assert_int_equal(check(optional, 0, 0), 0);
}

static void test_fdset(void **state)
{
	const struct argument kinds[ARGUMENTS] = { VALUE, FDSET };
	uint64_t arg[ARGUMENTS] = { 64, at(2 * PAGE - 8) };

	(void)state;
	assert_int_equal(check_all(kinds, arg), 0);
	arg[0] = 65;
	assert_int_equal(check_all(kinds, arg), -EFAULT);
	arg[0] = (uint64_t)-1;
	arg[1] = at(2 * PAGE);
	assert_int_equal(check_all(kinds, arg), 0);
	arg[0] = INT32_MAX;
	arg[1] = 0;
	assert_int_equal(check_all(kinds, arg), 0);
}

static int command(long nr, uint64_t number, uint64_t argument)
{
	const struct argument kinds[ARGUMENTS] = {
		FD, VALUE, { ARG_COMMAND, 0, 1, (uint16_t)nr }
	};
	uint64_t arg[ARGUMENTS] = { 1, number, argument };

	return check_all(kinds, arg);
}

static void test_command(void **state)
{
	(void)state;
	assert_int_equal(command(SYS_ioctl, TCGETS, at(2 * PAGE - 36)), 0);
	assert_int_equal(command(SYS_ioctl, TCGETS, at(2 * PAGE - 35)),
			 -EFAULT);
	assert_int_equal(command(SYS_ioctl, 1ull << 32 | TCGETS, 0), -EFAULT);
	assert_int_equal(command(SYS_ioctl, FIONBIO, at(2 * PAGE)), 0);
	assert_int_equal(command(SYS_ioctl, FIONREAD, at(2 * PAGE)), -EFAULT);
	assert_int_equal(command(SYS_ioctl, TIOCNOTTY, 0), 0);
	assert_int_equal(command(SYS_ioctl, 0x1234567, 0), -ENOTTY);
	assert_int_equal(command(SYS_fcntl, F_SETLK, at(3 * PAGE - 32)), 0);
	assert_int_equal(command(SYS_fcntl, F_GETLK, at(3 * PAGE - 32)),
			 -EFAULT);
	assert_int_equal(command(SYS_fcntl, F_GETFL, 0), 0);
	assert_int_equal(command(SYS_fcntl, 12345, 0), -EINVAL);
	assert_int_equal(command(SYS_prctl, PR_SET_THP_DISABLE, 0), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_buffer),
		cmocka_unit_test(test_part),
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_sockaddr),
		cmocka_unit_test(test_fdset),
		cmocka_unit_test(test_command),
	};

	return cmocka_run_group_tests_name("argument", tests, set_up,
					   tear_down);
}
