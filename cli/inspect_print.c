// SPDX-License-Identifier: Apache-2.0
// diver inspect: the tables, and the same as JSON.
#include <inttypes.h>

#include "cli/inspect.h"
#include "cli/json.h"
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

static void put_points(struct json *j, const char *name,
		       const struct inspect_points *points)
{
	json_open(j, name, '[');
	for (unsigned int i = 0; i < points->count; i++)
		json_string(j, NULL, points->text[i]);
	json_close(j, ']');
}

static void put_protocol(struct json *j, const struct protocol *p,
			 const struct probe *found)
{
	json_open(j, NULL, '{');
	json_string(j, "name", p->name);
	json_string(j, "title", p->title);
	json_string(j, "verdict", verdicts[found->verdict]);
	json_string(j, "found", found->why);
	if (found->verdict == PROBE_OFFERED) {
		json_hex(j, "lo", found->lo);
		json_hex(j, "hi", found->hi);
		json_bool(j, "relocatable", found->relocatable);
	}
	json_close(j, '}');
}

static void put_mode(struct json *j, const struct inspect_mode *m)
{
	json_open(j, NULL, '{');
	json_string(j, "name", m->name);
	json_bool(j, "runs", !m->obstacles.count);
	put_points(j, "obstacles", &m->obstacles);
	json_close(j, '}');
}

void inspect_print_json(FILE *out, const struct inspection *in)
{
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_string(&j, "file", in->name);
	json_number(&j, "size", in->size);
	json_string(&j, "format", in->format);
	json_hex(&j, "entry", in->entry);
	json_string(&j, "boot", in->chosen ? in->chosen->name : NULL);
	json_string(&j, "refusal", in->chosen ? NULL : in->refusal.msg);
	json_open(&j, "protocols", '[');
	for (unsigned int i = 0; protocols[i]; i++)
		put_protocol(&j, protocols[i], &in->found[i]);
	json_close(&j, ']');
	json_open(&j, "modes", '[');
	for (unsigned int i = 0; i < INSPECT_MODES; i++)
		put_mode(&j, &in->mode[i]);
	json_close(&j, ']');
	put_points(&j, "needs", &in->needs);
	json_close(&j, '}');
	putc('\n', out);
}
