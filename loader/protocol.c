// SPDX-License-Identifier: Apache-2.0
// The table of boot protocols and what they share.
#include "loader/protocol.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct protocol *const protocols[] = {
	&protocol_contract,   /* ELF note, owner "Diver" */
	&protocol_solo5,      /* ELF note, owner "Solo5" */
	&protocol_pvh,        /* ELF note, owner "Xen" */
	&protocol_multiboot2, /* header in the first 32 KiB */
	&protocol_multiboot1, /* header in the first 8 KiB */
	&protocol_linux,      /* setup header, or ELF64 with nothing else */
	NULL,
};

/* A phrase that grows; what does not fit is cut. */
struct phrase {
	char text[400];
	size_t used;
};

static void __attribute__((format(printf, 2, 3)))
phrase_add(struct phrase *p, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(p->text + p->used, sizeof(p->text) - p->used, fmt, args);
	va_end(args);
	if (n > 0)
		p->used += (size_t)n;
	if (p->used >= sizeof(p->text))
		p->used = sizeof(p->text) - 1;
}

void probe_say(struct probe *ret, enum probe_verdict verdict, const char *fmt,
	       ...)
{
	va_list args;

	*ret = (struct probe){ .verdict = verdict };
	va_start(args, fmt);
	vsnprintf(ret->why, sizeof(ret->why), fmt, args);
	va_end(args);
}

void probe_refuse(struct probe *ret, const struct err *e)
{
	probe_say(ret, e->code == -ENOENT ? PROBE_ABSENT : PROBE_UNUSABLE, "%s",
		  e->msg);
}

/* What kind of file is it, for a person who gave the wrong one? */
static const char *describe(const struct image *img)
{
	if (img->elf)
		return image_is_elf64(img) ? "an ELF64 file" : "an ELF32 file";
	if (img->head_size >= SELFMAG && !memcmp(img->head, ELFMAG, SELFMAG))
		return "a damaged ELF file, or not one for x86";
	if (img->head_size >= 2 && !memcmp(img->head, "#!", 2))
		return "a script";
	if (img->head_size >= 2 && !memcmp(img->head, "\x1f\x8b", 2))
		return "a gzip file (unpack it first)";
	return "not an ELF file";
}

static const struct protocol *refuse(const struct image *img, struct err *e)
{
	struct phrase unusable = { .text = "" }, absent = { .text = "" };

	for (size_t i = 0; protocols[i]; i++) {
		struct probe found;
		struct phrase *to;

		protocols[i]->probe(img, &found);
		to = found.verdict == PROBE_UNUSABLE ? &unusable : &absent;
		phrase_add(to, "%s%s: %s", to->used ? "; " : "",
			   protocols[i]->name, found.why);
	}
	if (unusable.used)
		err_set(e, -ENOEXEC, "%s: cannot boot here: %s", img->name,
			unusable.text);
	else
		err_set(e, -ENOEXEC, "%s: no kernel found in it: it is %s. %s",
			img->name, describe(img), absent.text);
	return NULL;
}

/* The user insists on one protocol. */
static const struct protocol *choose_named(const struct image *img,
					   const char *name,
					   struct probe *ret_probe,
					   struct err *e)
{
	struct phrase names = { .text = "" };

	for (size_t i = 0; protocols[i]; i++) {
		const struct protocol *p = protocols[i];
		struct probe found;

		phrase_add(&names, " %s", p->name);
		if (strcmp(p->name, name) != 0)
			continue;
		p->probe(img, &found);
		if (found.verdict != PROBE_OFFERED) {
			err_set(e, -ENOEXEC, "%s: cannot boot by %s: %s",
				img->name, name, found.why);
			return NULL;
		}
		*ret_probe = found;
		return p;
	}
	err_set(e, -ENOEXEC, "--boot %s: no such protocol; there are:%s", name,
		names.text);
	return NULL;
}

const struct protocol *protocol_choose(const struct image *img,
				       const char *name,
				       struct probe *ret_probe, struct err *e)
{
	if (name)
		return choose_named(img, name, ret_probe, e);
	for (size_t i = 0; protocols[i]; i++) {
		struct probe found;

		protocols[i]->probe(img, &found);
		if (found.verdict == PROBE_OFFERED) {
			*ret_probe = found;
			return protocols[i];
		}
	}
	return refuse(img, e);
}

int load_segments(const struct image *img, const struct gmem *mem,
		  uint64_t slide, struct err *e)
{
	for (size_t i = 0; i < img->elf_phnum; i++) {
		struct segment s;
		int rc = image_segment(img, i, &s, e);

		if (rc)
			return rc;
		if (s.type != PT_LOAD || s.memsz == 0)
			continue;
		if (!gmem_ptr(mem, s.paddr + slide, s.memsz))
			return err_set(e, -ENOEXEC,
				       "%s: segment %zu wants 0x%" PRIx64
				       " .. 0x%" PRIx64 ", which is not all "
				       "RAM: give it more with --mem",
				       img->name, i, s.paddr + slide,
				       s.paddr + slide + s.memsz);
		rc = image_load(img, s.offset, s.filesz, mem, s.paddr + slide,
				e);
		if (rc)
			return err_wrap(e, "segment %zu", i);
	}
	return 0;
}
