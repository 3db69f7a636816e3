// SPDX-License-Identifier: Apache-2.0
// diver inspect: the tables, and the same as JSON.
#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/inspect.h"
#include "cli/text.h"

#define NAME_WIDTH    12
#define VERDICT_WIDTH 10

static const char *const verdicts[] = {
	[PROBE_ABSENT] = "absent",
	[PROBE_UNUSABLE] = "unusable",
	[PROBE_OFFERED] = "offered",
};

static void print_row(FILE *out, const char *name, const char *text)
{
	fprintf(out, "%-*s", NAME_WIDTH, name);
	text_put(out, text);
	putc('\n', out);
}

static void print_protocols(FILE *out, const struct inspection *in)
{
	fprintf(out, "\n%-*s%-*s%s\n", NAME_WIDTH, "PROTOCOL", VERDICT_WIDTH,
		"VERDICT", "FOUND");
	for (unsigned int i = 0; protocols[i]; i++) {
		const struct probe *p = &in->found[i];

		fprintf(out, "%-*s%-*s", NAME_WIDTH, protocols[i]->name,
			VERDICT_WIDTH, verdicts[p->verdict]);
		text_put(out, p->why);
		if (p->verdict == PROBE_OFFERED)
			fprintf(out, ", at 0x%" PRIx64 " .. 0x%" PRIx64, p->lo,
				p->hi);
		putc('\n', out);
	}
}

static void print_choice(FILE *out, const struct inspection *in)
{
	fprintf(out, "%-*s%s, the first offered of", NAME_WIDTH, "boots by",
		in->chosen->title);
	for (unsigned int i = 0; protocols[i]; i++)
		fprintf(out, "%s %s", i ? "," : "", protocols[i]->name);
	fputs("; dive --boot chooses another\n", out);
}

void inspect_print(FILE *out, const struct inspection *in)
{
	fprintf(out, "%-*s", NAME_WIDTH, "file");
	text_put(out, in->name);
	fprintf(out, ", %" PRIu64 " bytes, %s", in->size, in->format);
	if (in->entry)
		fprintf(out, ", entry 0x%" PRIx64, in->entry);
	putc('\n', out);
	if (in->chosen)
		print_choice(out, in);
	else
		print_row(out, "refused", in->refusal.msg);
	for (unsigned int i = 0; i < in->needs.count; i++)
		print_row(out, i ? "" : "needs", in->needs.text[i]);
	print_protocols(out, in);
	fprintf(out, "\n%-*s%s\n", NAME_WIDTH, "MODE",
		"WHAT STANDS IN THE WAY");
	for (unsigned int i = 0; i < INSPECT_MODES; i++) {
		const struct inspect_mode *m = &in->mode[i];

		if (!m->obstacles.count)
			print_row(out, m->name, "nothing");
		for (unsigned int j = 0; j < m->obstacles.count; j++)
			print_row(out, j ? "" : m->name, m->obstacles.text[j]);
	}
}

/* --- JSON --------------------------------------------------------------------*/

/*
 * JSON is Unicode and a file name is bytes: each byte becomes the character
 * of its number, as in what dive writes.
 */
static cJSON *string(const char *text)
{
	char utf8[2 * 4096 + 1];
	size_t n = 0;

	for (; *text && n + 2 < sizeof(utf8); text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x80)
			utf8[n++] = (char)(0xc0 | c >> 6);
		utf8[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
	}
	utf8[n] = 0;
	return cJSON_CreateString(utf8);
}

static bool put(cJSON *to, const char *name, cJSON *item)
{
	if (item && cJSON_AddItemToObject(to, name, item))
		return true;
	cJSON_Delete(item);
	return false;
}

/* An address needs all of its 64 bits; a JSON number has 53. */
static cJSON *hex(uint64_t value)
{
	char text[19];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return cJSON_CreateString(text);
}

static cJSON *strings(const struct inspect_points *points)
{
	cJSON *list = cJSON_CreateArray();

	for (unsigned int i = 0; list && i < points->count; i++) {
		cJSON *item = string(points->text[i]);

		if (!item || !cJSON_AddItemToArray(list, item)) {
			cJSON_Delete(item);
			cJSON_Delete(list);
			return NULL;
		}
	}
	return list;
}

static cJSON *protocol_json(const struct protocol *p, const struct probe *found)
{
	cJSON *o = cJSON_CreateObject();
	bool ok = o && put(o, "name", string(p->name)) &&
		  put(o, "title", string(p->title)) &&
		  put(o, "verdict", string(verdicts[found->verdict])) &&
		  put(o, "found", string(found->why));

	if (ok && found->verdict == PROBE_OFFERED)
		ok = put(o, "lo", hex(found->lo)) &&
		     put(o, "hi", hex(found->hi)) &&
		     put(o, "relocatable",
			 cJSON_CreateBool(found->relocatable));
	if (ok)
		return o;
	cJSON_Delete(o);
	return NULL;
}

static cJSON *mode_json(const struct inspect_mode *m)
{
	cJSON *o = cJSON_CreateObject();

	if (o && put(o, "name", string(m->name)) &&
	    put(o, "runs", cJSON_CreateBool(!m->obstacles.count)) &&
	    put(o, "obstacles", strings(&m->obstacles)))
		return o;
	cJSON_Delete(o);
	return NULL;
}

static bool put_lists(cJSON *o, const struct inspection *in)
{
	cJSON *list = cJSON_AddArrayToObject(o, "protocols");
	bool ok = list != NULL;

	for (unsigned int i = 0; ok && protocols[i]; i++)
		ok = cJSON_AddItemToArray(list, protocol_json(protocols[i],
							      &in->found[i]));
	list = ok ? cJSON_AddArrayToObject(o, "modes") : NULL;
	ok = list != NULL;
	for (unsigned int i = 0; ok && i < INSPECT_MODES; i++)
		ok = cJSON_AddItemToArray(list, mode_json(&in->mode[i]));
	return ok && put(o, "needs", strings(&in->needs));
}

int inspect_print_json(FILE *out, const struct inspection *in)
{
	cJSON *o = cJSON_CreateObject();
	char *text = NULL;
	bool ok = o && put(o, "file", string(in->name)) &&
		  put(o, "size", cJSON_CreateNumber((double)in->size)) &&
		  put(o, "format", string(in->format)) &&
		  put(o, "entry", hex(in->entry)) &&
		  put(o, "boot",
		      in->chosen ? string(in->chosen->name)
				 : cJSON_CreateNull()) &&
		  put(o, "refusal",
		      in->chosen ? cJSON_CreateNull()
				 : string(in->refusal.msg)) &&
		  put_lists(o, in);

	if (ok)
		text = cJSON_PrintUnformatted(o);
	cJSON_Delete(o);
	if (!text)
		return -ENOMEM;
	fprintf(out, "%s\n", text);
	cJSON_free(text);
	return 0;
}
