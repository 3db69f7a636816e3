// SPDX-License-Identifier: Apache-2.0
// Just enough of x86 decoding to say what a faulting instruction was doing.
#include "cli/insn.h"

#include <string.h>

#include "base/x86.h"

#define NONE 0xffu /* not a register */

/* The bytes still to be read. */
struct cursor {
	const uint8_t *code;
	size_t n;
	bool ran_out;
};

struct prefixes {
	bool long_mode;
	bool size16;
	bool addr32;
	uint8_t rex;
};

static uint8_t next(struct cursor *c)
{
	if (c->n == 0) {
		c->ran_out = true;
		return 0;
	}
	c->n--;
	return *c->code++;
}

static int32_t next_disp(struct cursor *c, unsigned int bytes)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < bytes; i++)
		value |= (uint32_t)next(c) << (8 * i);
	return bytes == 1 ? (int8_t)value : (int32_t)value;
}

/* Opcode maps of Intel SDM 2D A.3: which opcodes have a ModRM byte? */
static bool has_modrm(uint32_t opcode, bool long_mode)
{
	uint8_t low = (uint8_t)opcode;

	if (opcode >= 0x10000) /* 0f38 and 0f3a */
		return true;
	if (opcode >= 0x100)
		return !((low >= 0x04 && low <= 0x0c) || low == 0x0e ||
			 (low >= 0x30 && low <= 0x37) || low == 0x77 ||
			 (low >= 0x80 && low <= 0x8f) ||
			 (low >= 0xa0 && low <= 0xa2) ||
			 (low >= 0xa8 && low <= 0xaa) ||
			 (low >= 0xc8 && low <= 0xcf));
	if (low < 0x40)
		return (low & 7) < 4;
	return low == 0x63 || low == 0x69 || low == 0x6b ||
	       (low >= 0x80 && low <= 0x8f) || low == 0xc0 || low == 0xc1 ||
	       low == 0xc6 || low == 0xc7 || (low >= 0xd0 && low <= 0xd3) ||
	       (low >= 0xd8 && low <= 0xdf) || low == 0xf6 || low == 0xf7 ||
	       low == 0xfe || low == 0xff || (!long_mode && low == 0x62);
}

static uint64_t gpr(const struct cpu_regs *regs, unsigned int reg)
{
	return reg == NONE ? 0 : regs->gpr[reg & 15];
}

/* Memory operand of a ModRM byte (Intel SDM 2A 2.1.5, 2.2.1.3). */
static void decode_memory(struct cursor *c, const struct cpu_regs *regs,
			  const struct prefixes *p, struct insn *ret)
{
	unsigned int base = ret->rm & 7;
	unsigned int index = NONE;
	unsigned int scale = 0;
	int32_t disp = 0;

	if (base == 4) {
		uint8_t sib = next(c);

		base = sib & 7;
		index = ((sib >> 3) & 7) | ((p->rex & 2) ? 8 : 0);
		if (index == 4)
			index = NONE;
		scale = sib >> 6;
	}
	if (ret->mod == 0 && base == 5) {
		if (p->long_mode && (ret->rm & 7) == 5)
			return; /* RIP-relative */
		disp = next_disp(c, 4);
		base = NONE;
	} else {
		base |= (p->rex & 1) ? 8 : 0;
		if (ret->mod == 1)
			disp = next_disp(c, 1);
		else if (ret->mod == 2)
			disp = next_disp(c, 4);
	}
	ret->addr = gpr(regs, base) + (gpr(regs, index) << scale) +
		    (uint64_t)(int64_t)disp;
	if (!p->long_mode || p->addr32)
		ret->addr &= 0xffffffffu;
	ret->has_addr = true;
}

static void read_prefixes(struct cursor *c, struct prefixes *p,
			  struct insn *ret)
{
	for (; c->n > 0; c->n--, c->code++) {
		uint8_t b = *c->code;

		if (b == 0x66)
			p->size16 = true;
		else if (b == 0x67)
			p->addr32 = true;
		else if (b == 0xf2 || b == 0xf3)
			ret->prefix = b;
		else if (b != 0x2e && b != 0x36 && b != 0x3e && b != 0x26 &&
			 b != 0x64 && b != 0x65 && b != 0xf0)
			break;
	}
	if (p->size16 && !ret->prefix)
		ret->prefix = 0x66;
	if (p->long_mode && c->n > 0 && (*c->code & 0xf0) == 0x40)
		p->rex = next(c);
}

static void read_opcode(struct cursor *c, const struct prefixes *p,
			struct insn *ret)
{
	ret->opcode = next(c);
	if (p->long_mode && (ret->opcode == 0xc5 || ret->opcode == 0xc4 ||
			     ret->opcode == 0x62)) {
		ret->vex = true; /* operands are not looked at */
		return;
	}
	if (ret->opcode != 0x0f)
		return;
	ret->opcode = 0x0f00u | next(c);
	if (ret->opcode == 0x0f38 || ret->opcode == 0x0f3a)
		ret->opcode = ret->opcode << 8 | next(c);
}

static bool is_byte_op(uint32_t opcode)
{
	if (opcode < 0x40)
		return !(opcode & 1);
	return opcode == 0x80 || opcode == 0x84 || opcode == 0x86 ||
	       opcode == 0x88 || opcode == 0x8a || opcode == 0xc0 ||
	       opcode == 0xc6 || opcode == 0xd0 || opcode == 0xd2 ||
	       opcode == 0xf6 || opcode == 0xfe;
}

/* Instructions whose address is not in a ModRM byte. */
static void implied_address(const struct cpu_regs *regs, struct insn *ret)
{
	switch (ret->opcode) {
	case 0xa4: /* movs */
	case 0xa5:
	case 0xaa: /* stos */
	case 0xab:
		ret->addr = regs->gpr[7];
		ret->has_addr = true;
		break;
	case 0xac: /* lods */
	case 0xad:
		ret->addr = regs->gpr[6];
		ret->has_addr = true;
		break;
	case 0xc3: /* ret */
		ret->addr = regs->gpr[4];
		ret->has_addr = true;
		break;
	default:
		break;
	}
}

void insn_decode(const struct cpu_regs *regs, const uint8_t *code, size_t n,
		 struct insn *ret)
{
	struct cursor c = { code, n < INSN_MAX ? n : INSN_MAX, false };
	struct prefixes p = { .long_mode = regs->efer & EFER_LMA };

	memset(ret, 0, sizeof(*ret));
	read_prefixes(&c, &p, ret);
	read_opcode(&c, &p, ret);
	ret->size = is_byte_op(ret->opcode) ? 1
		    : (p.rex & 8)           ? 8
		    : p.size16              ? 2
					    : 4;
	if (ret->vex) {
		ret->valid = !c.ran_out;
		return;
	}
	if (has_modrm(ret->opcode, p.long_mode)) {
		uint8_t modrm = next(&c);

		ret->has_modrm = true;
		ret->mod = modrm >> 6;
		ret->reg = ((modrm >> 3) & 7) | ((p.rex & 4) ? 8u : 0u);
		ret->rm = (modrm & 7) | ((p.rex & 1) ? 8u : 0u);
		if (ret->mod != 3)
			decode_memory(&c, regs, &p, ret);
	} else {
		implied_address(regs, ret);
	}
	ret->valid = !c.ran_out;
}

bool insn_is_sse(const struct insn *i)
{
	uint32_t low = i->opcode & 0xff;

	if (!i->valid || i->vex)
		return false;
	if (i->opcode >= 0x10000)
		return i->prefix == 0x66;
	if (i->opcode < 0x100)
		return false;
	if ((low >= 0x10 && low <= 0x17) || (low >= 0x28 && low <= 0x2f) ||
	    (low >= 0x50 && low <= 0x5f) || low == 0xc2 || low == 0xc6)
		return true;
	/* Without a prefix these are MMX, which needs no OSFXSR. */
	return i->prefix &&
	       ((low >= 0x60 && low <= 0x76) || low == 0x7c || low == 0x7d ||
		low == 0x7e || low == 0x7f || low == 0xc4 || low == 0xc5 ||
		low == 0xd0 || (low >= 0xd1 && low <= 0xfe));
}

uint64_t insn_operand(const struct insn *i, const struct cpu_regs *regs)
{
	uint64_t value = regs->gpr[i->rm & 15];

	/* Without REX, 4 .. 7 of a byte operand are ah ch dh bh: near enough
	 * for a divisor, which compilers do not put there.
	 */
	return i->size == 8 ? value
			    : value & ((UINT64_C(1) << (8 * i->size)) - 1);
}
