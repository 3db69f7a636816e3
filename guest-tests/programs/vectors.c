// SPDX-License-Identifier: ISC
// AVX: all 256 bits of its registers, for each thread, and in a handler's frame.
#define _GNU_SOURCE
#include <cpuid.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "check.h"

#define THREADS 4
#define ROUNDS  6
#define LOOPS   1500000L

/* Intel SDM 1, 13.4; linux/arch/x86/include/uapi/asm/sigcontext.h. */
#define MAGIC1       0x46505853
#define MAGIC2       0x46505845
#define SW_RESERVED  464
#define XSTATE_BV    512
#define XMM          160
#define FEATURES_AVX 7

struct sw_reserved {
	uint32_t magic1;
	uint32_t extended_size;
	uint64_t xfeatures;
	uint32_t xstate_size;
};

struct registers {
	uint64_t ymm[16][4];
};

enum how {
	CLOBBER,
	CHANGE,
	INITIAL,
	NO_MAGIC,
};

static volatile sig_atomic_t caught;
static enum how how;
static struct sw_reserved sw;
static uint64_t xstate_bv;
static uint32_t magic2, upper;
static struct registers found;

static void fill(struct registers *r, uint64_t seed)
{
	for (unsigned int i = 0; i < 16; i++)
		for (unsigned int j = 0; j < 4; j++)
			r->ymm[i][j] = seed << 32 | i << 8 | (j + 1);
}

#define EACH(op)                                                           \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) \
		op(11) op(12) op(13) op(14) op(15)
#define LOAD(n)  "vmovdqu 32*" #n "(%0), %%ymm" #n "\n"
#define STORE(n) "vmovdqu %%ymm" #n ", 32*" #n "(%0)\n"

/* In the registers for a while, or until @until: whatever comes in between. */
static void hold(struct registers *r, volatile sig_atomic_t *until)
{
	long loops = until ? 0 : LOOPS;

	__asm__ volatile(EACH(LOAD) "1:	decq	%1\n"
				    "	jz	2f\n"
				    "	testq	%2, %2\n"
				    "	jz	1b\n"
				    "	cmpl	$0, (%2)\n"
				    "	je	1b\n"
				    "2:\n" EACH(STORE) "vzeroupper\n"
			 : "+r"(r), "+r"(loops)
			 : "r"(until)
			 : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
			   "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
			   "xmm12", "xmm13", "xmm14", "xmm15", "memory", "cc");
}

static void *keep(void *arg)
{
	struct registers is, was;
	uintptr_t lost = 0;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		fill(&was, (uintptr_t)arg * ROUNDS + i + 1);
		is = was;
		hold(&is, NULL);
		lost += memcmp(&is, &was, sizeof(is)) != 0;
	}
	return (void *)lost;
}

static void test_threads(void)
{
	pthread_t threads[THREADS];
	uintptr_t lost = 0;
	void *result;

	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, keep, (void *)i);
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &result);
		lost += (uintptr_t)result;
	}
	check(!lost, "registers of threads that take turns");
}

static void look(uint8_t *fpu)
{
	memcpy(&sw, fpu + SW_RESERVED, sizeof(sw));
	memcpy(&xstate_bv, fpu + XSTATE_BV, sizeof(xstate_bv));
	memcpy(&magic2, fpu + sw.extended_size - sizeof(magic2),
	       sizeof(magic2));
	for (unsigned int i = 0; i < 16; i++) {
		memcpy(found.ymm[i], fpu + XMM + 16ul * i, 16);
		memcpy(found.ymm[i] + 2, fpu + upper + 16ul * i, 16);
	}
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
	uint8_t *fpu = (uint8_t *)((ucontext_t *)context)->uc_mcontext.fpregs;
	static const uint64_t value[4] = { 1, 2, 3, 4 };

	(void)signal;
	(void)info;
	look(fpu);
	__asm__ volatile("vpcmpeqd %%xmm0, %%xmm0, %%xmm0\n"
			 "vinsertf128 $1, %%xmm0, %%ymm0, %%ymm0\n"
			 "vmovaps %%ymm0, %%ymm5\n"
			 "vmovaps %%ymm0, %%ymm15\n"
			 "fninit\n" ::
				 : "xmm0", "xmm5", "xmm15");
	if (how == CHANGE) {
		memcpy(fpu + XMM + 16 * 5, value, 16);
		memcpy(fpu + upper + 16 * 5, value + 2, 16);
	} else if (how == INITIAL) {
		xstate_bv &= ~UINT64_C(4);
		memcpy(fpu + XSTATE_BV, &xstate_bv, sizeof(xstate_bv));
	} else if (how == NO_MAGIC) {
		memset(fpu + SW_RESERVED, 0, 4);
	}
	caught = 1;
}

static void *kick(void *arg)
{
	usleep(20000);
	pthread_kill(*(pthread_t *)arg, SIGUSR1);
	return NULL;
}

/* What becomes of registers over a handler. */
static struct registers interrupt(enum how with, const struct registers *was)
{
	struct registers is = *was;
	pthread_t self = pthread_self(), thread;

	how = with;
	caught = 0;
	pthread_create(&thread, NULL, kick, &self);
	hold(&is, &caught);
	pthread_join(thread, NULL);
	return is;
}

static void test_handler(void)
{
	struct sigaction action = { .sa_sigaction = on_signal,
				    .sa_flags = SA_SIGINFO };
	struct registers was, is, want;

	sigaction(SIGUSR1, &action, NULL);
	fill(&was, 77);
	is = interrupt(CLOBBER, &was);
	check(!memcmp(&is, &was, sizeof(is)), "registers behind a handler");
	check(sw.magic1 == MAGIC1 && magic2 == MAGIC2, "the frame's marks");
	check((sw.xfeatures & FEATURES_AVX) == FEATURES_AVX &&
		      (xstate_bv & ~sw.xfeatures) == 0 && (xstate_bv & 6) == 6,
	      "... what is in it");
	check(sw.extended_size == sw.xstate_size + sizeof(magic2) &&
		      sw.xstate_size >= upper + 256,
	      "... how long it is");
	check(!memcmp(&found, &was, sizeof(found)), "... the registers");

	want = was;
	for (unsigned int j = 0; j < 4; j++)
		want.ymm[5][j] = j + 1;
	is = interrupt(CHANGE, &was);
	check(!memcmp(&is, &want, sizeof(is)), "a handler changes one");

	want = was;
	for (unsigned int i = 0; i < 16; i++)
		want.ymm[i][2] = want.ymm[i][3] = 0;
	is = interrupt(INITIAL, &was);
	check(!memcmp(&is, &want, sizeof(is)), "... or says: initial values");
	is = interrupt(NO_MAGIC, &was);
	check(!memcmp(&is, &want, sizeof(is)), "... or takes the marks away");
}

int main(void)
{
	uint32_t a, c, d;

	if (!__builtin_cpu_supports("avx")) {
		printf("no AVX\n");
		return 1;
	}
	__cpuid_count(0xd, 2, a, upper, c, d);
	(void)a;
	test_threads();
	test_handler();
	return 0;
}
