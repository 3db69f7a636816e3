// SPDX-License-Identifier: Apache-2.0
// Linux beside the kernel: what it is given, and who has the console.
#include "cli/test/line.h"

static void test_ros(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(parse(&l, "--mode hrt --hrt-mem 32M --hrt-cpus 2 "
				   "--ros vmlinux_quiet_x=1 --ros-initrd a "
				   "--ros-initrd b --ros-mem 1G --ros-cpus 3 "
				   "k arg"),
			 0);
	assert_true(l.o.run.role == RUN_HRT);
	assert_true(l.o.run.mem_size == UINT64_C(32) << 20);
	assert_int_equal(l.o.run.cpus, 2);
	assert_string_equal(l.o.run.cmdline, "arg");
	assert_true(l.o.ros.role == RUN_ROS);
	assert_string_equal(l.o.ros.image, "vmlinux");
	assert_string_equal(l.o.ros.cmdline, "quiet x=1");
	assert_int_equal(l.o.ros.initrds, 2);
	assert_string_equal(l.o.ros.initrd[1].path, "b");
	assert_true(l.o.ros.mem_size == UINT64_C(1) << 30);
	assert_int_equal(l.o.ros.cpus, 3);
	options_free(&l.o);
}

static void test_defaults(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(parse(&l, "--mode hrt --ros first --ros vmlinux k"),
			 0);
	assert_string_equal(l.o.ros.image, "vmlinux");
	assert_string_equal(l.o.ros.cmdline, "console=ttyS0 panic=-1");
	assert_true(l.o.ros.mem_size == UINT64_C(256) << 20);
	assert_int_equal(l.o.ros.cpus, 1);
	assert_int_equal(l.o.run.in_fd, 0);
	assert_int_equal(l.o.run.out_fd, 1);
	assert_null(l.o.run.mark);
	assert_int_equal(l.o.ros.in_fd, -1);
	assert_int_equal(l.o.ros.out_fd, -1);
	assert_int_equal(l.o.ros.console_fd, -1);
	options_free(&l.o);
}

static void test_pins(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(parse(&l, "--mode hrt --cpus 2 --pin 4-5 k"), 0);
	assert_true(l.o.run.pinned);
	assert_false(l.o.ros.pinned);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--mode hrt --cpus 2 --ros-cpus 2 "
				   "--pin 4-5,1,0 k"),
			 0);
	assert_int_equal(l.o.run.pin[1], 5);
	assert_true(l.o.ros.pinned);
	assert_int_equal(l.o.ros.pin[0], 1);
	assert_int_equal(l.o.ros.pin[1], 0);
	options_free(&l.o);
	refuse("--mode hrt --cpus 2 --ros-cpus 2 --pin 4-6 k",
	       "--pin names 3 of 4 virtual CPUs; name host CPUs for the 2 of "
	       "the kernel, or for Linux's 2 too");
}

static void test_console(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(parse(&l, "--console ros --mode hrt --ros l k"), 0);
	assert_int_equal(l.o.ros.in_fd, 0);
	assert_int_equal(l.o.ros.out_fd, 1);
	assert_int_equal(l.o.ros.console_fd, 2);
	assert_null(l.o.ros.mark);
	assert_int_equal(l.o.run.in_fd, -1);
	assert_int_equal(l.o.run.out_fd, 2);
	assert_string_equal(l.o.run.mark, "hrt: ");
	options_free(&l.o);
	assert_int_equal(parse(&l, "--mode hrt --ros l --console both k"), 0);
	assert_int_equal(l.o.run.out_fd, 1);
	assert_int_equal(l.o.ros.in_fd, -1);
	assert_int_equal(l.o.ros.out_fd, 2);
	assert_string_equal(l.o.ros.mark, "ros: ");
	options_free(&l.o);
}

static void test_program(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(parse(&l, "--mode hrt --serve read=local --serve "
				   "mmap=EPERM k -- cat file"),
			 0);
	assert_true(l.o.programs);
	assert_true(l.o.window == UINT64_C(1) << 30);
	assert_string_equal(l.o.words[0], "cat");
	assert_string_equal(l.o.words[1], "file");
	assert_string_equal(l.o.run.cmdline,
			    "serve=read=local serve=mmap=EPERM cat file");
	options_free(&l.o);
	assert_int_equal(parse(&l, "--mode hrt --window 16M k"), 0);
	assert_true(l.o.window == UINT64_C(16) << 20);
	assert_null(l.o.words);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--mode hrt --keep s k"), 0);
	assert_string_equal(l.o.keep, "s");
	assert_null(l.o.words);
	assert_string_equal(l.o.run.cmdline, "programs");
	options_free(&l.o);
	assert_int_equal(parse(&l, "--attach s cat -- file"), 0);
	assert_string_equal(l.o.attach, "s");
	assert_string_equal(l.o.words[0], "cat");
	assert_string_equal(l.o.words[1], "--");
	options_free(&l.o);
	assert_int_equal(parse(&l, "--mode hrt --ros l k word"), 0);
	assert_false(l.o.programs);
	assert_true(l.o.window == 0);
	options_free(&l.o);
}

static void test_report(void **state)
{
	struct line l;

	(void)state;
	assert_int_equal(parse(&l, "--mode hrt --native --report "
				   "--report=svg:a --report=json:b k -- c"),
			 0);
	assert_true(l.o.profile.text);
	assert_string_equal(l.o.profile.svg, "a");
	assert_string_equal(l.o.profile.json, "b");
	assert_true(l.o.native);
	options_free(&l.o);
	/* Its value is not the next word. */
	assert_int_equal(parse(&l, "--mode hrt --report k json:b"), 0);
	assert_string_equal(l.o.run.image, "k");
	assert_null(l.o.profile.json);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--mode hrt --report=json: k"), -EINVAL);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--report k"), -EINVAL);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--mode hrt --report --json k"), -EINVAL);
	options_free(&l.o);
	assert_int_equal(parse(&l, "--mode hrt --native k"), -EINVAL);
	options_free(&l.o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ros),     cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_console), cmocka_unit_test(test_program),
		cmocka_unit_test(test_pins),    cmocka_unit_test(test_report),
	};

	return cmocka_run_group_tests_name("options_split", tests, NULL, NULL);
}
