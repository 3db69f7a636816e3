// SPDX-License-Identifier: Apache-2.0
// What is said of a package: one table of fields, three ways to write them.
#include "pkg/package.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

static bool is_text(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < 0x20 || *value == 0x7f)
			return false;
	return true;
}

static bool is_word(const char *value)
{
	return *value && strlen(value) <= 32 &&
	       value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-")] ==
		       '\0';
}

static bool is_mode(const char *value)
{
	return !strcmp(value, "fullvm") || !strcmp(value, "hrt");
}

static bool is_memory(const char *value)
{
	uint64_t size, base;

	return units_size_at(value, &size, &base, NULL) == 0;
}

static bool is_cpus(const char *value)
{
	uint64_t n;

	return units_number(value, 64, &n, NULL) == 0 && n > 0;
}

static bool is_status(const char *value)
{
	uint64_t n;

	return units_number(value, 255, &n, NULL) == 0;
}

bool package_is_path(const char *path)
{
	if (strlen(path) > PACKAGE_PATH_MAX || !is_text(path))
		return false;
	for (;;) {
		size_t n = strcspn(path, "/");

		if (n == 0 || (n == 1 && path[0] == '.') ||
		    (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (!path[n])
			return true;
		path += n + 1;
	}
}

#define OCI       "org.opencontainers.image."
#define DIVER     "dev.diver."
#define WANT_TEXT "one line of text"
#define WANT_PATH "a file below this folder, without . and .."

const struct package_row package_rows[PACKAGE_FIELDS] = {
	[PACKAGE_NAME] = { "name", OCI "title", NULL, PACKAGE_TEXT, 0, true,
			   ref_is_name,
			   "lower-case letters and digits, with . _ - between" },
	[PACKAGE_VERSION] = { "version", OCI "version", NULL, PACKAGE_TEXT, 0,
			      true, ref_is_version,
			      "a version such as 1.2 or 1.2.3-rc.1" },
	[PACKAGE_DESCRIPTION] = { "description", OCI "description", NULL,
				  PACKAGE_TEXT, 0, false, is_text, WANT_TEXT },
	[PACKAGE_LICENSE] = { "license", OCI "licenses", NULL, PACKAGE_TEXT, 0,
			      false, is_text, WANT_TEXT },
	[PACKAGE_SOURCE] = { "source", OCI "source", NULL, PACKAGE_TEXT, 0,
			     false, is_text, WANT_TEXT },
	[PACKAGE_TAGS] = { "tags", DIVER "tags", NULL, PACKAGE_LIST, ',', false,
			   is_word, "words of lower-case letters, digits, -" },
	[PACKAGE_MODES] = { "modes", DIVER "modes", "--mode=", PACKAGE_LIST,
			    ',', false, is_mode, "fullvm or hrt" },
	[PACKAGE_KERNEL] = { "kernel", DIVER "kernel", NULL, PACKAGE_TEXT, 0,
			     true, package_is_path, WANT_PATH },
	[PACKAGE_INITRD] = { "initrd", DIVER "initrd",
			     "--initrd=", PACKAGE_TEXT, 0, false,
			     package_is_path, WANT_PATH },
	[PACKAGE_BOOT] = { "boot", DIVER "boot", "--boot=", PACKAGE_TEXT, 0,
			   false, is_word, "a boot protocol of dive" },
	[PACKAGE_MEMORY] = { "memory", DIVER "memory", "--mem=", PACKAGE_TEXT,
			     0, false, is_memory, "a size such as 64M" },
	[PACKAGE_CPUS] = { "cpus", DIVER "cpus", "--cpus=", PACKAGE_NUMBER, 0,
			   false, is_cpus, "1 to 64" },
	[PACKAGE_SUCCESS] = { "success", DIVER "success", "--exit-ok=",
			      PACKAGE_NUMBER, 0, false, is_status, "0 to 255" },
	[PACKAGE_ARGS] = { "args", DIVER "args", NULL, PACKAGE_TEXT, 0, false,
			   is_text, WANT_TEXT },
	[PACKAGE_FILES] = { "files", NULL, NULL, PACKAGE_LIST, '\n', false,
			    package_is_path, WANT_PATH },
};

/* Every word of a list, or all of it. */
static bool is_good(const struct package_row *row, const char *value)
{
	char *copy, *rest, *word;
	bool good = true;

	if (strlen(value) > PACKAGE_VALUE_MAX)
		return false;
	if (!row->joint)
		return row->is_good(value);
	copy = strdup(value);
	rest = copy;
	while (copy && good &&
	       (word = strsep(&rest, (const char[]){ row->joint, '\0' })))
		good = row->is_good(word);
	free(copy);
	return copy && good;
}

int package_set(struct package *p, enum package_field field, const char *value,
		struct err *e)
{
	const struct package_row *row = &package_rows[field];

	if (!is_good(row, value))
		return err_set(e, -EINVAL, "\"%s\" is to be %s", row->name,
			       row->wants);
	free(p->value[field]);
	p->value[field] = strdup(value);
	return p->value[field] ? 0 : err_set(e, -ENOMEM, "no memory");
}

static int join(const struct doc *d, const cJSON *list, char joint, char *ret,
		struct err *e)
{
	const cJSON *item;
	size_t n = 0;

	if (!cJSON_IsArray(list) || !list->child)
		return doc_error(d, list, e,
				 "\"%s\" is to be a list of strings",
				 list->string);
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsString(item) || strchr(item->valuestring, joint))
			return doc_error(d, item, e, "\"%s\" is to be %s",
					 list->string, "a list of strings");
		n += (size_t)snprintf(ret + n, PACKAGE_VALUE_MAX + 1 - n,
				      "%s%.1s", item->valuestring,
				      item->next ? (const char[]){ joint, 0 }
						 : "");
		if (n > PACKAGE_VALUE_MAX)
			return doc_error(d, list, e, "\"%s\" is too long",
					 list->string);
	}
	return 0;
}

static int parse_member(struct package *p, const struct doc *d,
			const cJSON *item, struct err *e)
{
	char value[PACKAGE_VALUE_MAX + 1];
	const char *text = value;
	unsigned int field = 0;
	uint64_t n;
	int rc = 0;

	while (field < PACKAGE_FIELDS &&
	       strcmp(package_rows[field].name, item->string) != 0)
		field++;
	if (field == PACKAGE_FIELDS)
		return doc_error(d, item, e, "there is no field \"%.60s\"",
				 item->string);
	switch (package_rows[field].kind) {
	case PACKAGE_TEXT:
		rc = doc_string(d, d->root, item->string, &text, e);
		break;
	case PACKAGE_NUMBER:
		rc = doc_integer(d, d->root, item->string, DOC_INTEGER_MAX, &n,
				 e);
		if (rc == 0)
			snprintf(value, sizeof(value), "%llu",
				 (unsigned long long)n);
		break;
	case PACKAGE_LIST:
		rc = join(d, item, package_rows[field].joint, value, e);
		break;
	}
	if (rc)
		return rc;
	if (!is_good(&package_rows[field], text))
		return doc_error(d, item, e, "\"%s\" is to be %s", item->string,
				 package_rows[field].wants);
	return package_set(p, field, text, e);
}

int package_parse(struct package *p, const char *name, const char *text,
		  size_t size, struct err *e)
{
	struct doc d;
	int rc;

	*p = (struct package){ .value = { NULL } };
	rc = doc_parse(&d, name, text, size, e);
	if (rc)
		return rc;
	for (const cJSON *item = d.root->child; item && rc == 0;
	     item = item->next)
		rc = parse_member(p, &d, item, e);
	doc_free(&d);
	if (rc == 0 && package_check(p, e))
		rc = err_wrap(e, "%s", name);
	if (rc)
		package_free(p);
	return rc;
}

int package_check(const struct package *p, struct err *e)
{
	for (unsigned int i = 0; i < PACKAGE_FIELDS; i++)
		if (package_rows[i].is_needed && !p->value[i])
			return err_set(e, -EINVAL, "\"%s\" is missing: %s",
				       package_rows[i].name,
				       package_rows[i].wants);
	return 0;
}

void package_ref(const struct package *p, struct ref *ret)
{
	snprintf(ret->name, sizeof(ret->name), "%s", p->value[PACKAGE_NAME]);
	snprintf(ret->version, sizeof(ret->version), "%s",
		 p->value[PACKAGE_VERSION]);
}

static bool add_list(cJSON *list, const char *value, char joint)
{
	char *copy = list ? strdup(value) : NULL, *rest = copy, *word;
	bool good = copy;

	while (good && (word = strsep(&rest, (const char[]){ joint, '\0' }))) {
		cJSON *item = cJSON_CreateString(word);

		good = item && cJSON_AddItemToArray(list, item);
		if (!good)
			cJSON_Delete(item);
	}
	free(copy);
	return good;
}

cJSON *package_json(const struct package *p)
{
	cJSON *root = cJSON_CreateObject();
	bool good = root;

	for (unsigned int i = 0; i < PACKAGE_FIELDS && good; i++) {
		const struct package_row *row = &package_rows[i];
		const char *value = p->value[i];

		if (!value)
			continue;
		if (row->kind == PACKAGE_TEXT)
			good = cJSON_AddStringToObject(root, row->name, value);
		else if (row->kind == PACKAGE_NUMBER)
			good = cJSON_AddRawToObject(root, row->name, value);
		else
			good = add_list(cJSON_AddArrayToObject(root, row->name),
					value, row->joint);
	}
	if (good)
		return root;
	cJSON_Delete(root);
	return NULL;
}

void package_free(struct package *p)
{
	for (unsigned int i = 0; i < PACKAGE_FIELDS; i++)
		free(p->value[i]);
	*p = (struct package){ .value = { NULL } };
}
