// SPDX-License-Identifier: Apache-2.0
// Tar files that nobody vouches for: what comes out of them, and what does not.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "pkg/dir.h"
#include "pkg/tar.h"

#define DIR_NAME "/tmp/dive-tar-test.XXXXXX"

static struct rig {
	char path[sizeof(DIR_NAME)];
	int outer, inner;
	int fd;
	struct archive *a;
} rig;

/* A folder with one in it that is unpacked to; what is outside is seen. */
static int begin(void **state)
{
	(void)state;
	memcpy(rig.path, DIR_NAME, sizeof(DIR_NAME));
	if (!mkdtemp(rig.path))
		return -1;
	rig.outer = open(rig.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rig.inner = dir_make(rig.outer, "inner", NULL);
	rig.fd = memfd_create("tar", MFD_CLOEXEC);
	rig.a = archive_write_new();
	archive_write_set_format_pax_restricted(rig.a);
	return rig.fd < 0 || archive_write_open_fd(rig.a, rig.fd);
}

static int end(void **state)
{
	(void)state;
	close(rig.fd);
	close(rig.inner);
	close(rig.outer);
	return dir_wipe(AT_FDCWD, rig.path, NULL);
}

static void put(const char *path, mode_t type, const char *target,
		const char *text)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, path);
	archive_entry_set_perm(entry, 04777);
	archive_entry_set_size(entry, (la_int64_t)strlen(text));
	archive_entry_set_uid(entry, 12345);
	archive_entry_set_filetype(entry, type);
	if (type == AE_IFLNK)
		archive_entry_set_symlink(entry, target);
	else if (target)
		archive_entry_set_hardlink(entry, target);
	if (type == AE_IFCHR || type == AE_IFBLK)
		archive_entry_set_rdev(entry, makedev(1, 3));
	assert_int_equal(archive_write_header(rig.a, entry), ARCHIVE_OK);
	archive_write_data(rig.a, text, strlen(text));
	archive_entry_free(entry);
}

static void file(const char *path, const char *text)
{
	put(path, AE_IFREG, NULL, text);
}

static int unpack(struct tar_limits left, struct err *e)
{
	archive_write_close(rig.a);
	archive_write_free(rig.a);
	lseek(rig.fd, 0, SEEK_SET);
	return tar_unpack(rig.fd, rig.inner, &left, e);
}

static void refused(const char *why)
{
	struct err e = { .code = 0 };
	unsigned int count = 0;
	DIR *dir;

	assert_int_equal(unpack((struct tar_limits)TAR_LIMITS, &e), -EINVAL);
	assert_string_equal(e.msg, why);
	/* ".", ".." and the folder that was unpacked to. */
	dir = fdopendir(dup(rig.outer));
	while (readdir(dir))
		count++;
	closedir(dir);
	assert_int_equal(count, 3);
}

static void test_files(void **state)
{
	struct stat st;
	char *text;
	size_t size;

	(void)state;
	put("./", AE_IFDIR, NULL, "");
	put("dir/", AE_IFDIR, NULL, "");
	file("./dir/a", "one");
	file("deep/er/b", "two");
	file("empty", "");
	assert_int_equal(unpack((struct tar_limits)TAR_LIMITS, NULL), 0);
	assert_int_equal(dir_read(rig.inner, "dir/a", 9, &text, &size, NULL),
			 0);
	assert_string_equal(text, "one");
	free(text);
	assert_int_equal(
		dir_read(rig.inner, "deep/er/b", 9, &text, &size, NULL), 0);
	assert_string_equal(text, "two");
	free(text);
	/* Neither set-user-ID nor the owner that it says. */
	assert_int_equal(fstatat(rig.inner, "dir/a", &st, 0), 0);
	assert_int_equal(st.st_mode & 07000, 0);
	assert_int_equal(st.st_mode & 0700, 0700);
	assert_int_equal(st.st_uid, geteuid());
}

static void test_parent(void **state)
{
	(void)state;
	file("../evil", "x");
	refused("'../evil' is no name for a file of a package");
}

static void test_parent_inside(void **state)
{
	(void)state;
	put("a/", AE_IFDIR, NULL, "");
	file("a/../../evil", "x");
	refused("'a/../../evil' is no name for a file of a package");
}

static void test_absolute(void **state)
{
	char path[96];

	(void)state;
	snprintf(path, sizeof(path), "%s/evil", rig.path);
	file(path, "x");
	snprintf(path, sizeof(path),
		 "'%s/evil' is no name for a file of a package", rig.path);
	refused(path);
}

static void test_symlink(void **state)
{
	(void)state;
	put("link", AE_IFLNK, "..", "");
	file("link/evil", "x");
	refused("link is neither a regular file nor a folder");
}

/* Had somebody made one, it would still not be followed. */
static void test_symlink_before(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(symlinkat("..", rig.inner, "link"), 0);
	file("link/evil", "x");
	assert_int_equal(unpack((struct tar_limits)TAR_LIMITS, &e), -EINVAL);
	assert_int_equal(faccessat(rig.outer, "evil", F_OK, 0), -1);
}

static void test_hardlink(void **state)
{
	(void)state;
	file("a", "x");
	put("b", AE_IFREG, "/etc/passwd", "");
	refused("b is neither a regular file nor a folder");
}

static void test_device(void **state)
{
	(void)state;
	put("null", AE_IFCHR, NULL, "");
	refused("null is neither a regular file nor a folder");
}

static void test_fifo(void **state)
{
	(void)state;
	put("pipe", AE_IFIFO, NULL, "");
	refused("pipe is neither a regular file nor a folder");
}

static void test_twice(void **state)
{
	(void)state;
	file("a", "one");
	file("./a", "two");
	refused("a is there twice");
}

static void test_file_as_folder(void **state)
{
	(void)state;
	file("a", "one");
	file("a/b", "two");
	refused("the folder of a/b: File exists");
}

static void test_too_large(void **state)
{
	struct err e;

	(void)state;
	file("a", "12345");
	file("b", "6");
	assert_int_equal(unpack((struct tar_limits){ 5, 10 }, &e), -EFBIG);
	assert_string_equal(e.msg, "the package is too large");
}

static void test_too_many(void **state)
{
	struct err e;

	(void)state;
	file("a/b/c", "");
	assert_int_equal(unpack((struct tar_limits){ 5, 2 }, &e), -EFBIG);
	assert_string_equal(e.msg, "the package has too many files");
}

static void test_truncated(void **state)
{
	struct err e;

	(void)state;
	file("a", "12345");
	archive_write_close(rig.a);
	archive_write_free(rig.a);
	assert_int_equal(ftruncate(rig.fd, 514), 0);
	lseek(rig.fd, 0, SEEK_SET);
	assert_int_equal(tar_unpack(rig.fd, rig.inner,
				    &(struct tar_limits)TAR_LIMITS, &e),
			 -EINVAL);
}

static void test_other_bytes(void **state)
{
	struct err e;

	(void)state;
	archive_write_free(rig.a);
	assert_int_equal(ftruncate(rig.fd, 0), 0);
	assert_int_equal(pwrite(rig.fd, "no tar file", 11, 0), 11);
	lseek(rig.fd, 0, SEEK_SET);
	assert_int_equal(tar_unpack(rig.fd, rig.inner,
				    &(struct tar_limits)TAR_LIMITS, &e),
			 -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_files),          TEST(test_parent),
		TEST(test_parent_inside),  TEST(test_absolute),
		TEST(test_symlink),        TEST(test_symlink_before),
		TEST(test_hardlink),       TEST(test_device),
		TEST(test_fifo),           TEST(test_twice),
		TEST(test_file_as_folder), TEST(test_too_large),
		TEST(test_too_many),       TEST(test_truncated),
		TEST(test_other_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
