// SPDX-License-Identifier: Apache-2.0
// The registers that gdb sees (GDB manual, G.5.15 "x86 Features").
#include "vmm/gdb/regs.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

struct reg_row {
	const char *name;
	const char *type; /* as in the description */
	uint16_t at;      /* in struct gdb_regs */
	uint8_t size;     /* bytes */
};

/* Consecutive registers of a feature. */
struct part {
	const char *feature; /* NULL = that of the part before */
	const char *types;   /* what its registers need */
	const struct reg_row *reg;
	unsigned int regs;
};

#define AT(member) offsetof(struct gdb_regs, member)

static const struct reg_row wide[] = {
	{ "rax", "int64", AT(gpr[0]), 8 },
	{ "rbx", "int64", AT(gpr[1]), 8 },
	{ "rcx", "int64", AT(gpr[2]), 8 },
	{ "rdx", "int64", AT(gpr[3]), 8 },
	{ "rsi", "int64", AT(gpr[4]), 8 },
	{ "rdi", "int64", AT(gpr[5]), 8 },
	{ "rbp", "data_ptr", AT(gpr[6]), 8 },
	{ "rsp", "data_ptr", AT(gpr[7]), 8 },
	{ "r8", "int64", AT(gpr[8]), 8 },
	{ "r9", "int64", AT(gpr[9]), 8 },
	{ "r10", "int64", AT(gpr[10]), 8 },
	{ "r11", "int64", AT(gpr[11]), 8 },
	{ "r12", "int64", AT(gpr[12]), 8 },
	{ "r13", "int64", AT(gpr[13]), 8 },
	{ "r14", "int64", AT(gpr[14]), 8 },
	{ "r15", "int64", AT(gpr[15]), 8 },
	{ "rip", "code_ptr", AT(rip), 8 },
};

static const struct reg_row narrow[] = {
	{ "eax", "int32", AT(gpr[0]), 4 },
	{ "ecx", "int32", AT(gpr[2]), 4 },
	{ "edx", "int32", AT(gpr[3]), 4 },
	{ "ebx", "int32", AT(gpr[1]), 4 },
	{ "esp", "data_ptr", AT(gpr[7]), 4 },
	{ "ebp", "data_ptr", AT(gpr[6]), 4 },
	{ "esi", "int32", AT(gpr[4]), 4 },
	{ "edi", "int32", AT(gpr[5]), 4 },
	{ "eip", "code_ptr", AT(rip), 4 },
};

static const struct reg_row common[] = {
	{ "eflags", "i386_eflags", AT(eflags), 4 },
	{ "cs", "int32", AT(seg[0]), 4 },
	{ "ss", "int32", AT(seg[1]), 4 },
	{ "ds", "int32", AT(seg[2]), 4 },
	{ "es", "int32", AT(seg[3]), 4 },
	{ "fs", "int32", AT(seg[4]), 4 },
	{ "gs", "int32", AT(seg[5]), 4 },
	{ "st0", "i387_ext", AT(st[0]), 10 },
	{ "st1", "i387_ext", AT(st[1]), 10 },
	{ "st2", "i387_ext", AT(st[2]), 10 },
	{ "st3", "i387_ext", AT(st[3]), 10 },
	{ "st4", "i387_ext", AT(st[4]), 10 },
	{ "st5", "i387_ext", AT(st[5]), 10 },
	{ "st6", "i387_ext", AT(st[6]), 10 },
	{ "st7", "i387_ext", AT(st[7]), 10 },
	{ "fctrl", "int\" group=\"float", AT(fctrl[0]), 4 },
	{ "fstat", "int\" group=\"float", AT(fctrl[1]), 4 },
	{ "ftag", "int\" group=\"float", AT(fctrl[2]), 4 },
	{ "fiseg", "int\" group=\"float", AT(fctrl[3]), 4 },
	{ "fioff", "int\" group=\"float", AT(fctrl[4]), 4 },
	{ "foseg", "int\" group=\"float", AT(fctrl[5]), 4 },
	{ "fooff", "int\" group=\"float", AT(fctrl[6]), 4 },
	{ "fop", "int\" group=\"float", AT(fctrl[7]), 4 },
};

static const struct reg_row sse[] = {
	{ "xmm0", "vec128", AT(xmm[0]), 16 },
	{ "xmm1", "vec128", AT(xmm[1]), 16 },
	{ "xmm2", "vec128", AT(xmm[2]), 16 },
	{ "xmm3", "vec128", AT(xmm[3]), 16 },
	{ "xmm4", "vec128", AT(xmm[4]), 16 },
	{ "xmm5", "vec128", AT(xmm[5]), 16 },
	{ "xmm6", "vec128", AT(xmm[6]), 16 },
	{ "xmm7", "vec128", AT(xmm[7]), 16 },
};

static const struct reg_row more_sse[] = {
	{ "xmm8", "vec128", AT(xmm[8]), 16 },
	{ "xmm9", "vec128", AT(xmm[9]), 16 },
	{ "xmm10", "vec128", AT(xmm[10]), 16 },
	{ "xmm11", "vec128", AT(xmm[11]), 16 },
	{ "xmm12", "vec128", AT(xmm[12]), 16 },
	{ "xmm13", "vec128", AT(xmm[13]), 16 },
	{ "xmm14", "vec128", AT(xmm[14]), 16 },
	{ "xmm15", "vec128", AT(xmm[15]), 16 },
};

static const struct reg_row sse_control[] = {
	{ "mxcsr", "int\" group=\"vector", AT(mxcsr), 4 },
};

static const struct reg_row segments[] = {
	{ "fs_base", "int64", AT(base[0]), 8 },
	{ "gs_base", "int64", AT(base[1]), 8 },
};

static const struct reg_row control[] = {
	{ "cr0", "int64\" group=\"system", AT(cr[0]), 8 },
	{ "cr2", "int64\" group=\"system", AT(cr[1]), 8 },
	{ "cr3", "int64\" group=\"system", AT(cr[2]), 8 },
	{ "cr4", "int64\" group=\"system", AT(cr[3]), 8 },
	{ "cr8", "int64\" group=\"system", AT(cr[4]), 8 },
	{ "efer", "int64\" group=\"system", AT(cr[5]), 8 },
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

#define PART(feature, types, rows)                                     \
	{                                                              \
		feature, types, rows, sizeof(rows) / sizeof((rows)[0]) \
	}

static const struct part wide_parts[] = {
	PART("org.gnu.gdb.i386.core", flags, wide),
	PART(NULL, "", common),
	PART("org.gnu.gdb.i386.sse", vectors, sse),
	PART(NULL, "", more_sse),
	PART(NULL, "", sse_control),
	PART("org.gnu.gdb.i386.segments", "", segments),
	PART("diver.control", "", control),
	{ NULL, NULL, NULL, 0 },
};

static const struct part narrow_parts[] = {
	PART("org.gnu.gdb.i386.core", flags, narrow),
	PART(NULL, "", common),
	PART("org.gnu.gdb.i386.sse", vectors, sse),
	PART(NULL, "", sse_control),
	PART("diver.control", "", control),
	{ NULL, NULL, NULL, 0 },
};

static const struct part *parts(enum gdb_width width)
{
	return width == GDB_WIDE ? wide_parts : narrow_parts;
}

bool gdb_regs_find(enum gdb_width width, uint64_t number, size_t *offset,
		   size_t *size)
{
	for (const struct part *p = parts(width); p->reg; p++) {
		if (number < p->regs) {
			*offset = p->reg[number].at;
			*size = p->reg[number].size;
			return true;
		}
		number -= p->regs;
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

void gdb_regs_xml(enum gdb_width width, char *to)
{
	struct text t = { .at = to, .room = GDB_XML_MAX };

	add(&t,
	    "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM "
	    "\"gdb-target.dtd\"><target><architecture>i386%s</architecture>"
	    "<osabi>none</osabi>",
	    width == GDB_WIDE ? ":x86-64" : "");
	for (const struct part *p = parts(width); p->reg; p++) {
		if (p->feature)
			add(&t, "<feature name=\"%s\">%s", p->feature,
			    p->types);
		for (unsigned int i = 0; i < p->regs; i++)
			add(&t, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"/>",
			    p->reg[i].name, p->reg[i].size * 8u,
			    p->reg[i].type);
		if (!p[1].reg || p[1].feature)
			add(&t, "</feature>");
	}
	add(&t, "</target>");
}
