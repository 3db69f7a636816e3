// SPDX-License-Identifier: Apache-2.0
// Reads what dive --report=json has written, and believes none of it.
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/advise.h"

#define SIZE_MAX_BYTES ((size_t)2 << 20)
#define DEPTH_MAX      8
#define TSC_KHZ_MAX    100000000.0
#define RUN_NS_MAX     1e18

/* cJSON recurses as deep as the text nests. */
static bool is_shallow(const char *text, size_t size)
{
	bool inside = false;
	int depth = 0;

	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		if (inside && c == '\\')
			i++;
		else if (c == '"')
			inside = !inside;
		else if (!inside && (c == '{' || c == '['))
			depth++;
		else if (!inside && (c == '}' || c == ']'))
			depth--;
		if (depth > DEPTH_MAX)
			return false;
	}
	return true;
}

/* A whole number that a double has exactly. NaN fails every comparison. */
static bool as_number(const cJSON *item, double max, uint64_t *ret)
{
	if (!cJSON_IsNumber(item) ||
	    !(item->valuedouble >= 0 && item->valuedouble <= max))
		return false;
	*ret = (uint64_t)item->valuedouble;
	return true;
}

/* What is missing is 0. */
static bool get_number(const cJSON *object, const char *name, double max,
		       uint64_t *ret)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	*ret = 0;
	return !item || as_number(item, max, ret);
}

static void get_text(const cJSON *object, const char *name, char *ret,
		     size_t size)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	snprintf(ret, size, "%s",
		 cJSON_IsString(item) ? item->valuestring : "");
}

/* An array of words, joined by blanks. */
static void get_words(const cJSON *object, const char *name, char *ret,
		      size_t size)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, name);
	const cJSON *word;
	size_t n = 0;

	cJSON_ArrayForEach(word, list)
	{
		if (!cJSON_IsString(word) || n >= size)
			break;
		n += (size_t)snprintf(ret + n, size - n, "%s%s", n ? " " : "",
				      word->valuestring);
	}
}

static bool get_buckets(const cJSON *object, const char *name, uint32_t *ret)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, name);
	const cJSON *pair;

	cJSON_ArrayForEach(pair, list)
	{
		uint64_t bucket, count;

		if (!cJSON_IsArray(pair) ||
		    !as_number(cJSON_GetArrayItem(pair, 0), DIVE_BUCKETS - 1,
			       &bucket) ||
		    !as_number(cJSON_GetArrayItem(pair, 1), UINT32_MAX, &count))
			return false;
		ret[bucket] = (uint32_t)count;
	}
	return true;
}

static unsigned int get_how(const cJSON *object)
{
	char word[16];

	get_text(object, "how", word, sizeof(word));
	if (!strcmp(word, "syscall"))
		return DIVE_COUNT_SYSCALL;
	if (!strcmp(word, "fault"))
		return DIVE_COUNT_FAULT;
	return strcmp(word, "map") ? DIVE_COUNT_FREE : DIVE_COUNT_MAP;
}

static bool get_row(const cJSON *item, struct dive_count *c)
{
	const double max = (double)COUNTS_MAX;
	uint64_t nr, command, policy;

	*c = (struct dive_count){ .how = get_how(item) };
	if (!get_number(item, "nr", COUNTS_CALLS - 1, &nr) ||
	    !get_number(item, "command", UINT32_MAX, &command) ||
	    !get_number(item, "policy", 2, &policy) ||
	    !get_number(item, "forwarded", max, &c->forwarded) ||
	    !get_number(item, "local", max, &c->local) ||
	    !get_number(item, "refused", max, &c->refused) ||
	    !get_number(item, "failed", max, &c->failed) ||
	    !get_number(item, "channel_cycles", max, &c->channel_cycles) ||
	    !get_number(item, "linux_cycles", max, &c->linux_cycles) ||
	    !get_number(item, "local_cycles", max, &c->local_cycles) ||
	    !get_buckets(item, "channel", c->channel) ||
	    !get_buckets(item, "service", c->service))
		return false;
	c->nr = (uint32_t)nr;
	c->command = calls_command(c->nr, (uint32_t)command);
	c->policy = (uint32_t)policy;
	return true;
}

static void add(uint64_t *to, uint64_t n)
{
	*to = *to + n < COUNTS_MAX ? *to + n : COUNTS_MAX;
}

static void add_row(struct dive_count *to, const struct dive_count *c)
{
	add(&to->forwarded, c->forwarded);
	add(&to->local, c->local);
	add(&to->refused, c->refused);
	add(&to->failed, c->failed);
	add(&to->channel_cycles, c->channel_cycles);
	add(&to->linux_cycles, c->linux_cycles);
	add(&to->local_cycles, c->local_cycles);
	for (unsigned int i = 0; i < DIVE_BUCKETS; i++) {
		to->channel[i] += c->channel[i];
		to->service[i] += c->service[i];
	}
}

/* Each kind of call once: what follows relies on it. */
static void take_row(struct report *r, const struct dive_count *c)
{
	for (unsigned int i = 0; i < r->rows; i++) {
		struct dive_count *old = &r->row[i];

		if (old->how == c->how && old->nr == c->nr &&
		    old->command == c->command) {
			add_row(old, c);
			return;
		}
	}
	r->row[r->rows++] = *c;
}

double report_calls(const struct dive_count *c)
{
	return (double)c->forwarded + (double)c->local + (double)c->refused;
}

static int compare_rows(const void *a, const void *b)
{
	const struct dive_count *x = a, *y = b;
	double n = report_calls(x), m = report_calls(y);

	if (n != m)
		return n < m ? 1 : -1;
	if (x->nr != y->nr)
		return x->nr < y->nr ? -1 : 1;
	return x->command < y->command ? -1 : x->command > y->command;
}

static int get_rows(const cJSON *root, struct report *r, struct err *e)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "counts");
	const cJSON *item;
	struct dive_count c;

	/* A program of Linux's may have run others on the kernel, or none. */
	r->has_counts = list && !(r->native && !list->child);
	if (!r->has_counts)
		return 0;
	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > DIVE_COUNTS_MAX)
		return err_set(e, -EINVAL,
			       "\"counts\" is no array of at most %d entries",
			       DIVE_COUNTS_MAX);
	r->row = calloc(DIVE_COUNTS_MAX, sizeof(r->row[0]));
	if (!r->row)
		return err_set(e, -ENOMEM, "no memory for a report");
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsObject(item) || !get_row(item, &c))
			return err_set(e, -EINVAL,
				       "an entry of \"counts\" has what is no "
				       "number, or is too large");
		if (c.how != DIVE_COUNT_FREE)
			take_row(r, &c);
	}
	qsort(r->row, r->rows, sizeof(r->row[0]), compare_rows);
	return 0;
}

static int get_report(const cJSON *root, struct report *r, struct err *e)
{
	const double max = (double)COUNTS_MAX;
	uint64_t version, khz, load_ns, run_ns, status, channels;

	if (!cJSON_IsObject(root) ||
	    !get_number(root, "dive_report", max, &version) || !version)
		return err_set(e, -EINVAL,
			       "this is no report; dive --report=json:FILE "
			       "writes one");
	if (version != REPORT_VERSION)
		return err_set(e, -EINVAL,
			       "it is of version %llu, this diver reads %d; "
			       "use a dive and a diver of one build",
			       (unsigned long long)version, REPORT_VERSION);
	if (!get_number(root, "tsc_khz", TSC_KHZ_MAX, &khz) ||
	    !get_number(root, "load_ns", RUN_NS_MAX, &load_ns) ||
	    !get_number(root, "run_ns", RUN_NS_MAX, &run_ns) ||
	    !get_number(root, "status", 255, &status) ||
	    !get_number(root, "channels", DIVE_CHANNELS_MAX, &channels) ||
	    !get_number(root, "bad", DIVE_COUNTS_MAX, &r->bad) ||
	    !get_number(root, "partner_wakes", max, &r->total.partner_wakes) ||
	    !get_number(root, "partner_faults", max,
			&r->total.partner_faults) ||
	    !get_number(root, "call_wakes", max, &r->total.call_wakes) ||
	    !get_number(root, "call_spins", max, &r->total.call_spins))
		return err_set(e, -EINVAL,
			       "a member has what is no number, or is out of "
			       "range");
	r->status = (unsigned int)status;
	r->total.channels = (uint32_t)channels;
	r->load_s = (double)load_ns / 1e9;
	r->run_s = (double)run_ns / 1e9;
	/* Not known of a kernel that does not delegate. */
	r->tsc_hz = khz ? (double)khz * 1e3 : 1e9;
	r->native =
		cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "native"));
	r->is_ended =
		cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "ended"));
	get_words(root, "program", r->program, sizeof(r->program));
	get_text(root, "cpu", r->cpu, sizeof(r->cpu));
	return get_rows(root, r, e);
}

int report_parse(const char *text, size_t size, struct report *ret,
		 struct err *e)
{
	cJSON *root;
	int rc;

	*ret = (struct report){ .row = NULL };
	if (size > SIZE_MAX_BYTES || !is_shallow(text, size))
		return err_set(e, -EINVAL,
			       "too large or too deep for a report");
	root = cJSON_ParseWithLength(text, size);
	if (!root)
		return err_set(e, -EINVAL, "this is not JSON");
	rc = get_report(root, ret, e);
	cJSON_Delete(root);
	if (rc)
		report_free(ret);
	return rc;
}

/* All of it, up to the limit and one byte. */
static int read_all(int fd, char *to, size_t *size)
{
	ssize_t n;

	*size = 0;
	while (*size <= SIZE_MAX_BYTES) {
		n = read(fd, to + *size, SIZE_MAX_BYTES + 1 - *size);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		*size += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int report_read(const char *path, struct report *ret, struct err *e)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC)
				   : STDIN_FILENO;
	char *text = NULL;
	size_t size = 0;
	int rc;

	*ret = (struct report){ .row = NULL };
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	text = malloc(SIZE_MAX_BYTES + 1);
	rc = text ? read_all(fd, text, &size) : -ENOMEM;
	if (fd != STDIN_FILENO)
		close(fd);
	if (rc)
		err_set(e, rc, "%s: %s", path, strerror(-rc));
	else if (size == 0)
		rc = err_set(e, -ENODATA, "%s: it is empty", path);
	else
		rc = report_parse(text, size, ret, e);
	free(text);
	if (rc == -EINVAL)
		(void)err_wrap(e, "%s", path);
	return rc;
}

void report_free(struct report *r)
{
	free(r->row);
	r->row = NULL;
	r->rows = 0;
}
