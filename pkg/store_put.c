// SPDX-License-Identifier: Apache-2.0
// The versions of packages that have been pulled: making one appear.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/place.h"
#include "pkg/dir.h"
#include "pkg/store.h"
#include "pkg/store_place.h"
#include "pkg/tar.h"

static int unpack(const struct layout *l, const struct release *release,
		  int files, struct err *e)
{
	struct tar_limits left = TAR_LIMITS;
	int rc = 0;

	for (unsigned int i = 0; i < release->layers && rc == 0; i++) {
		int fd = layout_blob(l, &release->layer[i], e);

		if (fd < 0)
			return fd;
		rc = tar_unpack(fd, files, &left, e);
		close(fd);
	}
	return rc;
}

/* What dive will open. No link was unpacked, so none is followed. */
static int check_file(int files, const char *path, struct err *e)
{
	struct stat st;

	if (path && (fstatat(files, path, &st, AT_SYMLINK_NOFOLLOW) ||
		     !S_ISREG(st.st_mode)))
		return err_set(e, -EINVAL,
			       "%s is to be a file of the package, and is not",
			       path);
	return 0;
}

/* One value of dive: of a list the first word. */
static void print_option(FILE *out, unsigned int field, const char *value,
			 const char *files)
{
	const struct package_row *row = &package_rows[field];
	int n = row->joint
			? (int)strcspn(value, (const char[]){ row->joint, 0 })
			: (int)strlen(value);

	if (field == PACKAGE_INITRD)
		fprintf(out, "%s%s/%s\n", row->option, files, value);
	else
		fprintf(out, "%s%.*s\n", row->option, n, value);
}

/* See pulled_words() of dive. */
static void print_options(FILE *out, const struct package *p, const char *files)
{
	const char *args = p->value[PACKAGE_ARGS];

	for (unsigned int i = 0; i < PACKAGE_FIELDS; i++)
		if (package_rows[i].option && p->value[i])
			print_option(out, i, p->value[i], files);
	fprintf(out, "%s/%s\n", files, p->value[PACKAGE_KERNEL]);
	if (args && args[strspn(args, " ")])
		fputs("--\n", out);
	while (args && *(args += strspn(args, " "))) {
		size_t n = strcspn(args, " ");

		fprintf(out, "%.*s\n", (int)n, args);
		args += n;
	}
}

static int write_options(int dir, const struct package *p, struct err *e)
{
	char *below = NULL, *files = NULL, *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int rc;

	if (asprintf(&below, "store/%s/%s/files", p->value[PACKAGE_NAME],
		     p->value[PACKAGE_VERSION]) < 0)
		below = NULL;
	files = below ? place_data(below, e) : NULL;
	if (out && files)
		print_options(out, p, files);
	if (!out || fclose(out) || !files)
		rc = err_set(e, -ENOMEM, "no memory for the options");
	else if (strchr(files, '\n'))
		rc = err_set(e, -EINVAL,
			     "the store is in a folder with a line feed in its "
			     "name");
	else
		rc = dir_write(dir, "options", text, size, e);
	free(text);
	free(files);
	free(below);
	return rc;
}

static int write_fields(int dir, const struct package *p, struct err *e)
{
	cJSON *root = package_json(p);
	char *text = root ? cJSON_PrintUnformatted(root) : NULL;
	int rc = text ? dir_write(dir, PACKAGE_FILE, text, strlen(text), e)
		      : err_set(e, -ENOMEM, "no memory");

	cJSON_free(text);
	cJSON_Delete(root);
	return rc;
}

static int fill(int dir, const struct layout *l, const struct release *release,
		struct err *e)
{
	const struct package *p = &release->package;
	int files = dir_make(dir, "files", e);
	int rc;

	if (files < 0)
		return files;
	rc = unpack(l, release, files, e);
	if (rc == 0)
		rc = check_file(files, p->value[PACKAGE_KERNEL], e);
	if (rc == 0)
		rc = check_file(files, p->value[PACKAGE_INITRD], e);
	close(files);
	if (rc == 0)
		rc = write_fields(dir, p, e);
	if (rc == 0)
		rc = write_options(dir, p, e);
	if (rc == 0)
		rc = dir_write(dir, "manifest.json", release->text,
			       release->manifest.size, e);
	/* Files and folders, as many as there are. */
	if (rc == 0 && syncfs(dir))
		rc = err_set(e, -errno, "the store: %s", strerror(errno));
	return rc;
}

/* From one moment to the next. What was there goes where the new one was. */
static int show(int store, const struct ref *ref, struct err *e)
{
	int dir = dir_make(store, ref->name, e);
	int rc = 0;

	if (dir < 0)
		return dir;
	if (renameat2(store, STORE_NEW, dir, ref->version, RENAME_NOREPLACE)) {
		if (errno != EEXIST || renameat2(store, STORE_NEW, dir,
						 ref->version, RENAME_EXCHANGE))
			rc = -errno;
	}
	if (rc == 0 && fsync(dir))
		rc = -errno;
	close(dir);
	if (rc)
		return err_set(e, rc, "%s@%s: %s", ref->name, ref->version,
			       strerror(-rc));
	rc = store_set_newest(store, ref->name, e);
	if (rc == 0 && fsync(store))
		rc = err_set(e, -errno, "the store: %s", strerror(errno));
	return rc;
}

int store_put(int store, const struct layout *l, const struct release *release,
	      struct err *e)
{
	struct ref ref = { .name = "" };
	int dir = dir_make(store, STORE_NEW, e);
	int rc;

	if (dir < 0)
		return dir;
	package_ref(&release->package, &ref);
	rc = fill(dir, l, release, e);
	close(dir);
	if (rc == 0)
		rc = show(store, &ref, e);
	/* The old one, or what there is of the new one. */
	if (dir_wipe(store, STORE_NEW, rc ? NULL : e) && rc == 0)
		rc = -EIO;
	return rc;
}
