// SPDX-License-Identifier: ISC
// Hypercalls that nobody should make; the argument says which.
#include "../own-solo5/hvt.h"

void start(const struct hvt_boot *boot);

HVT_NOTE_ABI;
HVT_NOTE_MANIFEST(1) = { HVT_MANIFEST(1), { { .kind = 1u << 30 } } };

static void puts_at(uint64_t data, uint64_t len)
{
	struct hvt_text a = { data, len };

	hvt_do(HVT_PUTS, &a);
}

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

void start(const struct hvt_boot *boot)
{
	uint32_t end = (uint32_t)boot->mem_size;
	struct hvt_halt halt = { .cookie = end - 511u };
	struct hvt_poll poll = { .timeout_ns = ~0ull };
	volatile uint32_t *at = NULL;

	switch (*boot->cmdline) {
	case 'a': /* text behind the memory */
		puts_at(end, 1);
		break;
	case 'b': /* ... longer than it */
		puts_at(0x100000, ~0ull);
		break;
	case 'c': /* ... whose end wraps around */
		puts_at(~0ull, 2);
		break;
	case 'd': /* arguments outside */
		hvt_out(0x500 + HVT_PUTS, 0xfffffff0);
		break;
	case 'e': /* arguments half outside */
		hvt_out(0x500 + HVT_PUTS, end - 8);
		break;
	case 'f': /* hypercall 0 */
		hvt_out(0x500, end);
		break;
	case 'g': /* of the wrong size */
		out8(0x500 + HVT_HALT, 0);
		break;
	case 'h': /* a cookie that is cut off */
		hvt_do(HVT_HALT, &halt);
		break;
	case 'i': /* sleep for ever */
		hvt_do(HVT_POLL, &poll);
		break;
	case 'j': /* sleep, and nobody can wake it */
		__asm__ volatile("hlt");
		break;
	case 'k': /* a store to what the host handed over */
		at = (volatile uint32_t *)(uintptr_t)boot;
		*at = 1;
		break;
	case 'l': /* a look at the page tables */
		__asm__("" : "=r"(at) : "0"(0x2000ull));
		hvt_exit((int32_t)*at);
		break;
	case 'm': /* a port where nothing is */
		out8(0x70, 0);
		break;
	case 'n': /* no text, nowhere */
		puts_at(~0ull, 0);
		break;
	case 'o': /* all there is */
		puts_at(0, end);
		break;
	default:
		break;
	}
	hvt_puts("still here\n");
	hvt_exit(*boot->cmdline ? -1 : 5);
}
