// SPDX-License-Identifier: Apache-2.0
// What is chosen, what is written down, and what is given back.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pisces/give.h"
#include "pisces/test/rig.h"

#define MIB UINT64_C(0x100000)

static const char iomem[] = "00000000-00000fff : Reserved\n"
			    "00001000-0009fbff : System RAM\n"
			    "0009fc00-000fffff : Reserved\n"
			    "00100000-4fffffff : System RAM\n"
			    "  01000000-01e01d31 : Kernel code\n"
			    "50000000-57ffffff : Reserved\n"
			    "58000000-7ffdffff : System RAM\n"
			    "fee00000-fee00fff : Local APIC\n";

static void numbers(const struct host_taken *t, unsigned int *ret)
{
	for (unsigned int i = 0; i < t->cpus; i++) {
		ret[i] = t->cpu[i].number;
		assert_int_equal(t->cpu[i].apic_id, 10 * ret[i]);
	}
}

static void test_last_cpus(void **state)
{
	struct host_taken t;
	struct rig r;
	struct err e;
	unsigned int n[HOST_TAKEN_MAX] = { 0 };

	(void)state;
	rig_open(&r);
	rig_cpus(&r, 4, 1);
	assert_int_equal(host_choose_cpus(r.root, 2, NULL, &t, &e), 0);
	numbers(&t, n);
	assert_int_equal(t.cpus, 2);
	assert_int_equal(t.used, 2);
	assert_int_equal(n[0], 3);
	assert_int_equal(n[1], 2);
	assert_int_equal(host_choose_cpus(r.root, 3, NULL, &t, &e), 0);
	assert_int_equal(host_choose_cpus(r.root, 4, NULL, &t, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "can give 3 CPUs"));
	rig_close(&r);
}

static void test_whole_cores(void **state)
{
	const unsigned int seven[] = { 7, 2 }, four[] = { 4 }, gone[] = { 9 };
	struct host_taken t;
	struct rig r;
	struct err e;
	unsigned int n[HOST_TAKEN_MAX] = { 0 };

	(void)state;
	rig_open(&r);
	rig_cpus(&r, 8, 2); /* 0 and 4, 1 and 5, 2 and 6, 3 and 7 */
	assert_int_equal(host_choose_cpus(r.root, 1, NULL, &t, &e), 0);
	numbers(&t, n);
	assert_int_equal(t.cpus, 2);
	assert_int_equal(t.used, 1);
	assert_int_equal(n[0] + n[1], 3 + 7);
	assert_int_equal(host_choose_cpus(r.root, 6, NULL, &t, &e), 0);
	assert_int_equal(t.cpus, 6);
	assert_int_equal(host_choose_cpus(r.root, 7, NULL, &t, &e), -EINVAL);

	assert_int_equal(host_choose_cpus(r.root, 2, seven, &t, &e), 0);
	numbers(&t, n);
	assert_int_equal(t.cpus, 4);
	assert_int_equal(n[0], 7);
	assert_int_equal(n[1], 2);
	assert_int_equal(n[2] + n[3], 3 + 6);
	assert_int_equal(host_choose_cpus(r.root, 1, four, &t, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "CPU 4 cannot be taken"));
	assert_true(host_choose_cpus(r.root, 1, gone, &t, &e) < 0);
	rig_close(&r);
}

static void test_reserved_memory(void **state)
{
	struct host_range range[HOST_RANGES_MAX];
	struct rig r;

	(void)state;
	rig_open(&r);
	assert_int_equal(host_reserved(r.root, range), 0);
	rig_put(&r, "proc/cmdline",
		"quiet memmap=64M$0x60000000,1G$4G memmap=1M@2M xmemmap=1M$1M "
		"memmap=$ memmap=0$1M memmap=8M$16M\n");
	assert_int_equal(host_reserved(r.root, range), 3);
	assert_int_equal(range[0].start, 0x60000000);
	assert_int_equal(range[0].size, 64 * MIB);
	assert_int_equal(range[1].start, 4096 * MIB);
	assert_int_equal(range[2].size, 8 * MIB);
	rig_close(&r);
}

static void test_ram(void **state)
{
	struct host_range low = { 0x10000, 0x10000 };
	struct host_range edge = { 0x4ff00000, 2 * MIB };
	struct host_range none = { 0x50000000, 128 * MIB };
	struct rig r;

	(void)state;
	rig_open(&r);
	assert_int_equal(host_ram(r.root, &low), low.size); /* not known */
	rig_put(&r, "proc/iomem", iomem);
	assert_int_equal(host_ram(r.root, &low), low.size);
	assert_int_equal(host_ram(r.root, &edge), MIB);
	assert_int_equal(host_ram(r.root, &none), 0);
	assert_int_equal(host_advise(r.root, 64 * MIB), 0x7be00000);
	assert_int_equal(host_advise(r.root, 4096 * MIB), 0);
	rig_close(&r);
}

static void test_memory_is_shared_out(void **state)
{
	struct host_range want = { 0, 64 * MIB };
	struct host_taken a, b;
	struct journal j;
	struct rig r;
	struct err e;
	int lock;

	(void)state;
	rig_open(&r);
	rig_cpus(&r, 4, 1);
	rig_put(&r, "proc/iomem", iomem);
	rig_put(&r, "proc/cmdline", "quiet\n");
	lock = journal_lock(r.root, &e);
	assert_true(lock >= 0);
	assert_int_equal(give_choose(r.root, 1, NULL, &want, &a, &e), -ENOMEM);
	assert_non_null(strstr(e.msg, "there is no memory"));
	assert_non_null(strstr(e.msg, "memmap=65536K$0x7be00000"));

	rig_put(&r, "proc/cmdline", "memmap=128M$0x50000000\n");
	assert_int_equal(give_choose(r.root, 1, NULL, &want, &a, &e), 0);
	assert_int_equal(a.memory.start, 0x50000000);
	assert_int_equal(journal_create(r.root, &a, &j, &e), 0);
	assert_int_equal(give_choose(r.root, 1, NULL, &want, &b, &e), 0);
	assert_int_equal(b.memory.start, 0x54000000);
	want.start = 0x52000000;
	assert_int_equal(give_choose(r.root, 1, NULL, &want, &b, &e), -ENOMEM);
	assert_non_null(strstr(e.msg, "no free memory"));
	want.start = 0x56000000; /* past the end */
	assert_int_equal(give_choose(r.root, 1, NULL, &want, &b, &e), -ENOMEM);
	/* What Linux uses in spite of the parameter is not taken. */
	want = (struct host_range){ 0x58000000, 64 * MIB };
	rig_put(&r, "proc/cmdline", "memmap=128M$0x58000000\n");
	assert_int_equal(give_choose(r.root, 1, NULL, &want, &b, &e), -ENOMEM);
	journal_remove(r.root, &j);
	close(lock);
	rig_close(&r);
}

static void test_journal(void **state)
{
	struct host_taken t = { .cpu = { { 3, 30 }, { 7, 70 } },
				.cpus = 2,
				.memory = { 0x50000000, MIB } };
	struct journal j, found = { .fd = -1, .name = "" };
	struct host_taken back;
	struct rig r;
	struct err e;
	pid_t owner;
	int lock;

	(void)state;
	rig_open(&r);
	lock = journal_lock(r.root, &e);
	assert_true(lock >= 0);
	assert_false(journal_next(r.root, "", &found, &back, &owner));
	assert_int_equal(journal_create(r.root, &t, &j, &e), 0);
	assert_true(journal_next(r.root, "", &found, &back, &owner));
	assert_int_equal(owner, getpid());
	journal_close(&found);
	assert_false(journal_next(r.root, j.name, &found, &back, &owner));

	journal_close(&j); /* as when its owner dies */
	assert_true(journal_next(r.root, "", &found, &back, &owner));
	assert_int_equal(owner, 0);
	assert_int_equal(back.cpus, 2);
	assert_int_equal(back.cpu[1].number, 7);
	assert_int_equal(back.cpu[1].apic_id, 70);
	assert_int_equal(back.memory.start, 0x50000000);
	assert_int_equal(back.memory.size, MIB);
	journal_remove(r.root, &found);
	assert_false(journal_next(r.root, "", &found, &back, &owner));

	/* Half a line counts for nothing. */
	rig_put(&r, "run/dive/partition-9", "pid 9\ncpu 3 30\ncpu 7 7");
	assert_true(journal_next(r.root, "", &found, &back, &owner));
	assert_int_equal(back.cpus, 1);
	assert_int_equal(back.memory.size, 0);
	journal_remove(r.root, &found);
	close(lock);
	rig_close(&r);
}

/* CPUs that Linux has are left alone; nothing else was taken. */
static void test_recover(void **state)
{
	unsigned int count = 7;
	struct rig r;
	struct err e;
	int lock;

	(void)state;
	rig_open(&r);
	rig_cpus(&r, 4, 1);
	lock = journal_lock(r.root, &e);
	assert_true(lock >= 0);
	rig_put(&r, "run/dive/partition-8", "pid 8\ncpu 2 20\ncpu 3 30\n");
	rig_put(&r, "run/dive/partition-9", "pid 9\ncpu 1 10\n");
	assert_int_equal(give_recover(r.root, &count, &e), 0);
	assert_int_equal(count, 2);
	assert_int_equal(faccessat(r.root, "run/dive/partition-8", F_OK, 0),
			 -1);
	/* One that is away comes back, though nobody can be stopped here. */
	rig_put(&r, "sys/devices/system/cpu/cpu3/online", "0\n");
	rig_put(&r, "run/dive/partition-8", "pid 8\ncpu 3 30\n");
	assert_true(give_recover(r.root, &count, &e) < 0);
	assert_true(host_cpu_is_online(r.root, 3));
	assert_int_equal(give_recover(r.root, &count, &e), 0);
	assert_int_equal(count, 1);
	close(lock);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_cpus),
		cmocka_unit_test(test_whole_cores),
		cmocka_unit_test(test_reserved_memory),
		cmocka_unit_test(test_ram),
		cmocka_unit_test(test_memory_is_shared_out),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_recover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
