// SPDX-License-Identifier: Apache-2.0
// From the exceptions of a CPU to signals, as Linux does it for x86-64.
#include "../fpu.h"
#include "signal_state.h"

/* Vectors (Intel SDM 3A 6.3.1). */
#define VECTOR_DIVIDE     0
#define VECTOR_DEBUG      1
#define VECTOR_BREAKPOINT 3
#define VECTOR_UNDEFINED  6
#define VECTOR_NO_SEGMENT 11
#define VECTOR_STACK      12
#define VECTOR_X87        16
#define VECTOR_ALIGNMENT  17
#define VECTOR_SIMD       19

/* What a program in user mode would have in its error code. */
#define FAULT_USER 4

#define STATE_FCW   0
#define STATE_FSW   2
#define STATE_MXCSR 24

/* Which of the unmasked exceptions it was: both units have the same bits. */
static int float_code(uint32_t flags)
{
	if (flags & 1)
		return FPE_FLTINV;
	if (flags & 4)
		return FPE_FLTDIV;
	if (flags & 8)
		return FPE_FLTOVF;
	if (flags & 0x12)
		return FPE_FLTUND;
	return flags & 0x20 ? FPE_FLTRES : FPE_FLTUNK;
}

static int x87_code(void)
{
	const uint8_t *state = fpu_save();
	uint16_t control, status;

	memcpy(&control, state + STATE_FCW, sizeof(control));
	memcpy(&status, state + STATE_FSW, sizeof(status));
	return float_code(status & ~(uint32_t)control);
}

static int simd_code(void)
{
	uint32_t mxcsr;

	memcpy(&mxcsr, (const uint8_t *)fpu_save() + STATE_MXCSR,
	       sizeof(mxcsr));
	return float_code(mxcsr & ~(mxcsr >> 7));
}

static void set(siginfo_t *info, int signal, int code, uint64_t address)
{
	info->si_signo = signal;
	info->si_code = code;
	info->si_addr = (void *)address;
}

static void describe(siginfo_t *info, const struct frame *frame,
		     uint64_t address)
{
	switch (frame->vector) {
	case VECTOR_DIVIDE:
		set(info, SIGFPE, FPE_INTDIV, frame->rip);
		break;
	case VECTOR_DEBUG:
		set(info, SIGTRAP, TRAP_TRACE, frame->rip);
		break;
	case VECTOR_BREAKPOINT:
		set(info, SIGTRAP, SI_KERNEL, 0);
		break;
	case VECTOR_UNDEFINED:
		set(info, SIGILL, ILL_ILLOPN, frame->rip);
		break;
	case VECTOR_NO_SEGMENT:
	case VECTOR_STACK:
		set(info, SIGBUS, SI_KERNEL, 0);
		break;
	case VECTOR_PAGE_FAULT:
		set(info, SIGSEGV,
		    space_is_mapped(address) ? SEGV_ACCERR : SEGV_MAPERR,
		    address);
		break;
	case VECTOR_X87:
		set(info, SIGFPE, x87_code(), frame->rip);
		break;
	case VECTOR_ALIGNMENT:
		set(info, SIGBUS, BUS_ADRALN, 0);
		break;
	case VECTOR_SIMD:
		set(info, SIGFPE, simd_code(), frame->rip);
		break;
	default:
		set(info, SIGSEGV, SI_KERNEL, 0);
	}
}

void signal_fault(struct frame *frame, uint64_t address)
{
	bool is_page = frame->vector == VECTOR_PAGE_FAULT;
	struct sigframe_trap trap = { frame->vector,
				      frame->error | (is_page ? FAULT_USER : 0),
				      is_page ? address : 0 };
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	describe(&info, frame, address);
	signal_force(frame, &info, &trap);
}
