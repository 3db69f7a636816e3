// SPDX-License-Identifier: Apache-2.0
// diver ls and info: what there is in registry and store.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/packages.h"
#include "cli/text.h"
#include "pkg/store.h"

#define COLUMNS    4 /* and the description */
#define NAME_WIDTH 13
#define CELL_SIZE  160

static const char *const heads[] = { "NAME", "VERSION", "SIZE", "MODES" };

struct list {
	struct release *release;
	size_t count;
};

static void list_free(struct list *l)
{
	for (size_t i = 0; i < l->count; i++)
		release_free(&l->release[i]);
	free(l->release);
}

static int add(struct list *l, const struct release *release, struct err *e)
{
	struct release *more =
		reallocarray(l->release, l->count + 1, sizeof(*more));

	if (!more)
		return err_set(e, -ENOMEM, "no memory");
	l->release = more;
	more[l->count++] = *release;
	return 0;
}

/* One that is damaged does not hide the others; the last of them is told. */
static int add_read(struct list *l, int rc, struct release *release,
		    struct err *e)
{
	if (rc == 0 && add(l, release, e)) {
		release_free(release);
		return -ENOMEM;
	}
	return rc;
}

static int compare_releases(const void *a, const void *b)
{
	const struct release *x = a, *y = b;
	int c = strcmp(x->package.value[PACKAGE_NAME],
		       y->package.value[PACKAGE_NAME]);

	return c ? c
		 : ref_compare(y->package.value[PACKAGE_VERSION],
			       x->package.value[PACKAGE_VERSION]);
}

static int list_published(struct list *ret, struct err *e)
{
	struct descriptor d;
	struct layout l;
	struct release release;
	struct ref ref;
	const cJSON *item;
	int rc = layout_open(&l, false, e), bad = 0;

	if (rc)
		return rc;
	cJSON_ArrayForEach(item, l.manifests)
	{
		if (!layout_entry(&l, item, &ref, &d))
			continue;
		rc = add_read(ret, release_read(&release, &l, &d, &ref, e),
			      &release, e);
		if (rc)
			bad = err_wrap(e, "%s@%s", ref.name, ref.version);
	}
	layout_close(&l);
	if (ret->count)
		qsort(ret->release, ret->count, sizeof(*ret->release),
		      compare_releases);
	return bad;
}

static int list_pulled(struct list *ret, struct err *e)
{
	int store = store_open(false, e), bad = 0, rc;
	struct ref *ref = NULL;
	struct release release;
	size_t count = 0;

	if (store < 0)
		return store;
	rc = store_list(store, &ref, &count, e);
	for (size_t i = 0; i < count && rc == 0; i++)
		if (add_read(ret, store_read(store, &ref[i], &release, e),
			     &release, e))
			bad = e->code;
	free(ref);
	close(store);
	return rc ? rc : bad;
}

static void cell(const struct release *release, unsigned int column, char *ret)
{
	const struct package *p = &release->package;
	uint64_t size = packages_size(release);

	if (column == 2 && size >= 10 << 20)
		snprintf(ret, CELL_SIZE, "%" PRIu64 "M", size >> 20);
	else if (column == 2)
		snprintf(ret, CELL_SIZE, "%" PRIu64 "K", (size + 1023) >> 10);
	else
		snprintf(ret, CELL_SIZE, "%s",
			 column == 0               ? p->value[PACKAGE_NAME]
			 : column == 1             ? p->value[PACKAGE_VERSION]
			 : p->value[PACKAGE_MODES] ? p->value[PACKAGE_MODES]
						   : "fullvm");
}

/* For people: what does not fit is cut off. */
static void print_table(FILE *out, const struct list *l)
{
	unsigned int width[COLUMNS], used = 0, room = text_columns(out);
	char text[CELL_SIZE];

	for (unsigned int c = 0; c < COLUMNS; c++) {
		width[c] = (unsigned int)strlen(heads[c]);
		for (size_t i = 0; i < l->count; i++) {
			cell(&l->release[i], c, text);
			if (strlen(text) > width[c])
				width[c] = (unsigned int)strlen(text);
		}
		fprintf(out, "%-*s  ", (int)width[c], heads[c]);
		used += width[c] + 2;
	}
	fputs("DESCRIPTION\n", out);
	for (size_t i = 0; i < l->count; i++) {
		const char *about =
			l->release[i].package.value[PACKAGE_DESCRIPTION];

		for (unsigned int c = 0; c < COLUMNS; c++) {
			cell(&l->release[i], c, text);
			fprintf(out, "%-*s  ", (int)width[c], text);
		}
		snprintf(text, sizeof(text), "%.*s",
			 used < room ? (int)(room - used) : 0,
			 about ? about : "");
		text_put(out, text);
		putc('\n', out);
	}
}

/* For programs. */
static void print_tabs(FILE *out, const struct list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct release *release = &l->release[i];
		const struct package *p = &release->package;

		fprintf(out, "%s\t%s\t%" PRIu64 "\t%s\t",
			p->value[PACKAGE_NAME], p->value[PACKAGE_VERSION],
			packages_size(release),
			p->value[PACKAGE_MODES] ? p->value[PACKAGE_MODES]
						: "fullvm");
		text_put(out, p->value[PACKAGE_DESCRIPTION]
				      ? p->value[PACKAGE_DESCRIPTION]
				      : "");
		putc('\n', out);
	}
}

static int print_json(FILE *out, const struct list *l, struct err *e)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(root, "packages");
	bool good = list;

	for (size_t i = 0; i < l->count && good; i++) {
		cJSON *item = packages_object(&l->release[i]);

		good = item && cJSON_AddItemToArray(list, item);
		if (!good)
			cJSON_Delete(item);
	}
	if (!good) {
		cJSON_Delete(root);
		root = NULL;
	}
	return packages_put_json(out, root, e);
}

int ls_main(int argc, char **argv, struct err *e)
{
	struct packages_words w;
	struct list l = { .release = NULL };
	int rc = packages_parse(&w, argc, argv,
				"diver ls [--registry] [--json]", e);
	int bad;

	if (rc)
		return rc;
	bad = w.registry ? list_published(&l, e) : list_pulled(&l, e);
	/* Nothing yet is an empty list. */
	if (bad == -ENOENT && !l.count)
		bad = 0;
	if (w.json)
		rc = print_json(stdout, &l, bad ? NULL : e);
	else if (isatty(STDOUT_FILENO))
		print_table(stdout, &l);
	else
		print_tabs(stdout, &l);
	list_free(&l);
	return bad ? bad : rc;
}

/* What is published, else what is pulled. */
static int find(struct ref *ref, struct release *ret, const char **ret_where,
		struct err *e)
{
	struct descriptor d;
	struct layout l;
	int rc = layout_open(&l, false, e);
	int store;

	*ret_where = "local registry";
	if (rc == 0) {
		rc = layout_find(&l, ref, &d, e);
		if (rc == 0)
			rc = release_read(ret, &l, &d, ref, e);
		layout_close(&l);
	}
	if (rc != -ENOENT)
		return rc;
	*ret_where = "store";
	store = store_open(false, NULL);
	if (store >= 0) {
		rc = store_read(store, ref, ret, NULL);
		close(store);
	}
	return rc == -ENOENT || store < 0
		       ? err_set(e, -ENOENT,
				 "%s%s%s is neither in the local registry nor "
				 "pulled; diver ls [--registry]",
				 ref->name, ref->version[0] ? "@" : "",
				 ref->version)
		       : rc;
}

static void print_info(FILE *out, const struct release *release,
		       const char *where)
{
	for (unsigned int i = 0; i < PACKAGE_FIELDS; i++) {
		const char *value = release->package.value[i];

		if (!value)
			continue;
		fprintf(out, "%-*s", NAME_WIDTH, package_rows[i].name);
		text_put(out, value);
		putc('\n', out);
	}
	fprintf(out, "%-*s%" PRIu64 " bytes\n%-*s%s\n%-*s%s\n", NAME_WIDTH,
		"size", packages_size(release), NAME_WIDTH, "digest",
		release->manifest.digest, NAME_WIDTH, "from", where);
}

int info_main(int argc, char **argv, struct err *e)
{
	static const char usage[] = "diver info NAME[@VERSION] [--json]";
	struct packages_words w;
	struct release release;
	struct ref ref;
	const char *where;
	int rc = packages_parse(&w, argc, argv, usage, e);

	if (rc == 0 && !w.word)
		rc = err_set(e, -EINVAL, "what about? usage: %s", usage);
	if (rc == 0)
		rc = ref_parse(w.word, '@', &ref, e);
	if (rc == 0)
		rc = find(&ref, &release, &where, e);
	if (rc)
		return rc;
	if (w.json)
		rc = packages_put_json(stdout, packages_object(&release), e);
	else
		print_info(stdout, &release, where);
	release_free(&release);
	return rc;
}
