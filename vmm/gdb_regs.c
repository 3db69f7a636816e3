// SPDX-License-Identifier: Apache-2.0
// The registers that gdb sees (GDB manual, G.5.15 "x86 Features").
#include "vmm/gdb_regs.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

struct reg_row {
	const char *name;
	const char *type; /* as in the description */
	uint8_t size;     /* bytes */
};

struct feature {
	const char *name;
	const char *types; /* what its registers need */
	const struct reg_row *reg;
	unsigned int regs;
};

static const struct reg_row core[] = {
	{ "rax", "int64", 8 },
	{ "rbx", "int64", 8 },
	{ "rcx", "int64", 8 },
	{ "rdx", "int64", 8 },
	{ "rsi", "int64", 8 },
	{ "rdi", "int64", 8 },
	{ "rbp", "data_ptr", 8 },
	{ "rsp", "data_ptr", 8 },
	{ "r8", "int64", 8 },
	{ "r9", "int64", 8 },
	{ "r10", "int64", 8 },
	{ "r11", "int64", 8 },
	{ "r12", "int64", 8 },
	{ "r13", "int64", 8 },
	{ "r14", "int64", 8 },
	{ "r15", "int64", 8 },
	{ "rip", "code_ptr", 8 },
	{ "eflags", "i386_eflags", 4 },
	{ "cs", "int32", 4 },
	{ "ss", "int32", 4 },
	{ "ds", "int32", 4 },
	{ "es", "int32", 4 },
	{ "fs", "int32", 4 },
	{ "gs", "int32", 4 },
	{ "st0", "i387_ext", 10 },
	{ "st1", "i387_ext", 10 },
	{ "st2", "i387_ext", 10 },
	{ "st3", "i387_ext", 10 },
	{ "st4", "i387_ext", 10 },
	{ "st5", "i387_ext", 10 },
	{ "st6", "i387_ext", 10 },
	{ "st7", "i387_ext", 10 },
	{ "fctrl", "int\" group=\"float", 4 },
	{ "fstat", "int\" group=\"float", 4 },
	{ "ftag", "int\" group=\"float", 4 },
	{ "fiseg", "int\" group=\"float", 4 },
	{ "fioff", "int\" group=\"float", 4 },
	{ "foseg", "int\" group=\"float", 4 },
	{ "fooff", "int\" group=\"float", 4 },
	{ "fop", "int\" group=\"float", 4 },
};

static const struct reg_row sse[] = {
	{ "xmm0", "vec128", 16 },
	{ "xmm1", "vec128", 16 },
	{ "xmm2", "vec128", 16 },
	{ "xmm3", "vec128", 16 },
	{ "xmm4", "vec128", 16 },
	{ "xmm5", "vec128", 16 },
	{ "xmm6", "vec128", 16 },
	{ "xmm7", "vec128", 16 },
	{ "xmm8", "vec128", 16 },
	{ "xmm9", "vec128", 16 },
	{ "xmm10", "vec128", 16 },
	{ "xmm11", "vec128", 16 },
	{ "xmm12", "vec128", 16 },
	{ "xmm13", "vec128", 16 },
	{ "xmm14", "vec128", 16 },
	{ "xmm15", "vec128", 16 },
	{ "mxcsr", "int\" group=\"vector", 4 },
};

static const struct reg_row segments[] = {
	{ "fs_base", "int64", 8 },
	{ "gs_base", "int64", 8 },
};

static const struct reg_row control[] = {
	{ "cr0", "int64\" group=\"system", 8 },
	{ "cr2", "int64\" group=\"system", 8 },
	{ "cr3", "int64\" group=\"system", 8 },
	{ "cr4", "int64\" group=\"system", 8 },
	{ "cr8", "int64\" group=\"system", 8 },
	{ "efer", "int64\" group=\"system", 8 },
};

static const char flags[] = "<flags id=\"i386_eflags\" size=\"4\">"
			    "<field name=\"CF\" start=\"0\" end=\"0\"/>"
			    "<field name=\"\" start=\"1\" end=\"1\"/>"
			    "<field name=\"PF\" start=\"2\" end=\"2\"/>"
			    "<field name=\"AF\" start=\"4\" end=\"4\"/>"
			    "<field name=\"ZF\" start=\"6\" end=\"6\"/>"
			    "<field name=\"SF\" start=\"7\" end=\"7\"/>"
			    "<field name=\"TF\" start=\"8\" end=\"8\"/>"
			    "<field name=\"IF\" start=\"9\" end=\"9\"/>"
			    "<field name=\"DF\" start=\"10\" end=\"10\"/>"
			    "<field name=\"OF\" start=\"11\" end=\"11\"/>"
			    "</flags>";

static const char vectors[] =
	"<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
	"<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
	"<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"
	"<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"
	"<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"
	"<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"
	"<union id=\"vec128\">"
	"<field name=\"v4_float\" type=\"v4f\"/>"
	"<field name=\"v2_double\" type=\"v2d\"/>"
	"<field name=\"v16_int8\" type=\"v16i8\"/>"
	"<field name=\"v8_int16\" type=\"v8i16\"/>"
	"<field name=\"v4_int32\" type=\"v4i32\"/>"
	"<field name=\"v2_int64\" type=\"v2i64\"/>"
	"<field name=\"uint128\" type=\"uint128\"/>"
	"</union>";

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct feature features[] = {
	{ "org.gnu.gdb.i386.core", flags, core, COUNT(core) },
	{ "org.gnu.gdb.i386.sse", vectors, sse, COUNT(sse) },
	{ "org.gnu.gdb.i386.segments", "", segments, COUNT(segments) },
	{ "diver.control", "", control, COUNT(control) },
};

bool gdb_regs_find(uint64_t number, size_t *offset, size_t *size)
{
	size_t at = 0;

	for (size_t f = 0; f < COUNT(features); f++)
		for (unsigned int i = 0; i < features[f].regs; i++) {
			*offset = at;
			*size = features[f].reg[i].size;
			at += *size;
			if (number-- == 0)
				return true;
		}
	return false;
}

uint8_t gdb_regs_abridged(uint32_t tags)
{
	uint8_t abridged = 0;

	for (unsigned int i = 0; i < 8; i++)
		if ((tags >> (2 * i) & 3) != 3)
			abridged |= (uint8_t)(1u << i);
	return abridged;
}

struct text {
	char *at;
	size_t room;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t,
						      const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->at, t->room, fmt, ap);
	va_end(ap);
	assert(n >= 0 && (size_t)n < t->room);
	t->at += n;
	t->room -= (size_t)n;
}

void gdb_regs_xml(char *to)
{
	struct text t = { .at = to, .room = GDB_XML_MAX };

	add(&t, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM "
		"\"gdb-target.dtd\"><target>"
		"<architecture>i386:x86-64</architecture><osabi>none</osabi>");
	for (size_t f = 0; f < COUNT(features); f++) {
		add(&t, "<feature name=\"%s\">%s", features[f].name,
		    features[f].types);
		for (unsigned int i = 0; i < features[f].regs; i++)
			add(&t, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"/>",
			    features[f].reg[i].name,
			    features[f].reg[i].size * 8u,
			    features[f].reg[i].type);
		add(&t, "</feature>");
	}
	add(&t, "</target>");
}
