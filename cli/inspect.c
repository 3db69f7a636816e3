// SPDX-License-Identifier: Apache-2.0
// diver inspect: what an image offers, what it needs, what stands in the way.
#include "cli/inspect.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "contract/dive/note.h"

#define MIB ((uint64_t)1 << 20)

static void __attribute__((format(printf, 2, 3)))
add(struct inspect_points *to, const char *fmt, ...)
{
	va_list args;

	assert(to->count < INSPECT_POINTS_MAX);
	va_start(args, fmt);
	vsnprintf(to->text[to->count++], INSPECT_POINT_SIZE, fmt, args);
	va_end(args);
}

static void find_protocols(const struct image *img, struct inspection *in)
{
	unsigned int i = 0;

	for (; protocols[i]; i++) {
		assert(i < INSPECT_PROTOCOLS_MAX);
		protocols[i]->probe(img, &in->found[i]);
		if (!in->chosen && in->found[i].verdict == PROBE_OFFERED) {
			in->chosen = protocols[i];
			in->chosen_index = i;
		}
	}
	if (!in->chosen) {
		struct probe none;

		(void)protocol_choose(img, NULL, &none, &in->refusal);
	}
}

static void find_needs(struct inspection *in)
{
	const struct probe *p = &in->found[in->chosen_index];
	struct inspect_points *to = &in->needs;

	if (!in->chosen)
		return;
	if (in->chosen->machine == MACHINE_LEAN)
		add(to, "the lean machine: CPUs with local APICs, rings, no PC "
			"devices");
	else if (in->chosen->machine == MACHINE_SOLO5)
		add(to, "one CPU and Solo5's hypercalls: no interrupt, no "
			"device but those of its manifest");
	else
		add(to, "the PC board: PIC, IOAPIC, PIT, 16550, RTC, ACPI and "
			"MP tables, memory below 1 MiB");
	if (p->relocatable)
		add(to,
		    "%" PRIu64 " MiB of RAM for itself, linked to 0x%" PRIx64
		    " but relocatable",
		    (p->hi - p->lo + MIB - 1) / MIB, p->lo);
	else
		add(to, "RAM at 0x%" PRIx64 " .. 0x%" PRIx64 ", fixed", p->lo,
		    p->hi);
}

/* On the host's own cores and memory a kernel must take what it is given. */
static void find_pisces(const struct inspection *in, struct inspect_points *to)
{
	const struct probe *p = &in->found[in->chosen_index];

	if (in->chosen->machine == MACHINE_SOLO5) {
		add(to, "it makes hypercalls, and nobody is below it there");
	} else if (in->chosen->machine == MACHINE_PC) {
		add(to,
		    "it boots by %s, not by the kernel contract, and expects a "
		    "whole PC: PIC, PIT and RTC belong to the host",
		    in->chosen->name);
		add(to, "it starts further CPUs by INIT and SIPI itself, and "
			"would hit those of the host");
	}
	if (!p->relocatable)
		add(to,
		    "it is fixed to 0x%" PRIx64 " .. 0x%" PRIx64
		    ", which belongs to the host",
		    p->lo, p->hi);
}

static void find_obstacles(struct inspection *in)
{
	struct inspect_mode *fullvm = &in->mode[0];
	struct inspect_mode *hrt = &in->mode[1];
	struct inspect_mode *pisces = &in->mode[2];

	fullvm->name = "fullvm";
	hrt->name = "hrt";
	pisces->name = "pisces";
	for (unsigned int i = 0; i < INSPECT_MODES && !in->chosen; i++)
		add(&in->mode[i].obstacles,
		    "it offers no boot protocol that can be used");
	/* An HRT has a machine of its own beside Linux: any kernel boots. */
	if (in->chosen && in->chosen->machine != MACHINE_LEAN)
		add(&hrt->obstacles,
		    "it does not speak the contract's delegation: it would "
		    "boot beside Linux, but run no Linux program");
	if (in->chosen)
		find_pisces(in, &pisces->obstacles);
	add(&pisces->obstacles, "this version of Diver has no mode pisces yet");
}

void inspect_image(const struct image *img, struct inspection *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->name = img->name;
	ret->size = img->size;
	ret->format = !img->elf             ? "not ELF"
		      : image_is_elf64(img) ? "ELF64"
					    : "ELF32";
	ret->entry = img->elf ? image_entry(img) : 0;
	find_protocols(img, ret);
	find_needs(ret);
	find_obstacles(ret);
}

int inspect_main(int argc, char **argv, struct err *e)
{
	const char *file = NULL;
	bool json = false;
	struct inspection in;
	struct image img;
	int rc;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			json = true;
		else if (argv[i][0] == '-' || file)
			return err_set(e, -EINVAL,
				       "%s: not understood; usage: diver "
				       "inspect FILE [--json]",
				       argv[i]);
		else
			file = argv[i];
	}
	if (!file)
		return err_set(e, -EINVAL,
			       "no FILE; usage: diver inspect FILE [--json]");
	rc = image_open(&img, file, e);
	if (rc)
		return rc;
	inspect_image(&img, &in);
	if (json)
		inspect_print_json(stdout, &in);
	else
		inspect_print(stdout, &in);
	image_close(&img);
	if (in.chosen)
		return 0;
	*e = in.refusal;
	return -ENOEXEC;
}
