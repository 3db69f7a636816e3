// SPDX-License-Identifier: Apache-2.0
// JSON that others wrote: read strictly, errors say where.
#include "pkg/doc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int say(const struct doc *d, size_t at, struct err *e, const char *why)
{
	unsigned int line = 1, column = 1;

	for (size_t i = 0; i < at && i < d->size; i++) {
		column++;
		if (d->text[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return err_set(e, -EINVAL, "%s:%u:%u: %s", d->name, line, column, why);
}

/* How many values come before @at in the text; *found when it is there. */
static size_t count_before(const cJSON *item, const cJSON *at, bool *found)
{
	size_t n = 0;

	for (; item; item = item->next) {
		if (item == at) {
			*found = true;
			return n;
		}
		n++;
		n += count_before(item->child, at, found);
		if (*found)
			return n;
	}
	return n;
}

int(doc_error)(const struct doc *d, const cJSON *at, struct err *e,
	       const char *fmt, ...)
{
	char words[sizeof(e->msg)];
	bool found = false;
	size_t n = count_before(d->root, at, &found);
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	return say(d, found && n < d->scan.count ? d->scan.begin[n] : 0, e,
		   words);
}

struct name {
	const char *text;
	const cJSON *item;
};

static int compare_names(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return strcmp(x->text, y->text);
}

/* All names sorted: a hostile object may have very many. */
static int refuse_twins(const struct doc *d, const cJSON *object, struct err *e)
{
	size_t count = (size_t)cJSON_GetArraySize(object), i = 0;
	struct name *all;
	const cJSON *item;
	int rc = 0;

	if (count < 2)
		return 0;
	all = calloc(count, sizeof(*all));
	if (!all)
		return err_set(e, -ENOMEM, "no memory");
	cJSON_ArrayForEach(item, object) all[i++] =
		(struct name){ item->string, item };
	qsort(all, count, sizeof(*all), compare_names);
	for (i = 1; i < count && rc == 0; i++)
		if (!strcmp(all[i - 1].text, all[i].text))
			rc = doc_error(d, all[i].item, e,
				       "\"%.60s\" comes twice", all[i].text);
	free(all);
	return rc;
}

static int check_names(const struct doc *d, const cJSON *item, struct err *e)
{
	int rc = cJSON_IsObject(item) ? refuse_twins(d, item, e) : 0;

	for (item = item->child; item && rc == 0; item = item->next)
		rc = check_names(d, item, e);
	return rc;
}

int doc_parse(struct doc *d, const char *name, const char *text, size_t size,
	      struct err *e)
{
	int rc;

	*d = (struct doc){ .name = name, .text = text, .size = size };
	rc = scan_text(&d->scan, text, size);
	if (rc)
		return say(d, d->scan.at, e, d->scan.why);
	d->root = cJSON_ParseWithLength(text, size);
	if (!d->root)
		rc = err_set(e, -ENOMEM, "%s: no memory to read it", name);
	else if (!cJSON_IsObject(d->root))
		rc = say(d, d->scan.begin[0], e, "an object is wanted: {...}");
	else
		rc = check_names(d, d->root, e);
	if (rc)
		doc_free(d);
	return rc;
}

void doc_free(struct doc *d)
{
	cJSON_Delete(d->root);
	free(d->scan.begin);
	*d = (struct doc){ .name = NULL };
}

int doc_string(const struct doc *d, const cJSON *object, const char *name,
	       const char **ret, struct err *e)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	*ret = NULL;
	if (!item)
		return 0;
	if (!cJSON_IsString(item))
		return doc_error(d, item, e, "\"%s\" is to be a string", name);
	*ret = item->valuestring;
	return 0;
}

int doc_integer(const struct doc *d, const cJSON *object, const char *name,
		uint64_t max, uint64_t *ret, struct err *e)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!item)
		return doc_error(d, object, e, "\"%s\" is missing", name);
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) ||
	    item->valuedouble > (double)max ||
	    item->valuedouble != (double)(uint64_t)item->valuedouble)
		return doc_error(d, item, e,
				 "\"%s\" is to be a whole number, at most %llu",
				 name, (unsigned long long)max);
	*ret = (uint64_t)item->valuedouble;
	return 0;
}

int doc_object(const struct doc *d, const cJSON *object, const char *name,
	       bool is_array, const cJSON **ret, struct err *e)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	*ret = item;
	if (item && (is_array ? !cJSON_IsArray(item) : !cJSON_IsObject(item)))
		return doc_error(d, item, e, "\"%s\" is to be an %s", name,
				 is_array ? "array" : "object");
	return 0;
}
