// SPDX-License-Identifier: ISC
// Exchanges numbers with the other machine through the window: answers, or asks
// when its arguments begin with a number of rounds. Both sleep meanwhile.
#include <dive.h>

#define HELLO 0x4e455645u
#define END   UINT32_MAX

/* Each on a line of its own. The asker writes @request. */
struct exchange {
	_Alignas(64) uint32_t hello;
	_Alignas(64) uint32_t request;
	_Alignas(64) uint32_t answer;
};

static uint32_t load(const uint32_t *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

/* Bytes first, then the bell. */
static void tell(uint32_t *to, uint32_t value)
{
	__atomic_store_n(to, value, __ATOMIC_RELEASE);
	dive_window_ring();
}

/* Until it is another than @old, or exactly @want if that is not @old. */
static uint32_t wait_for(const uint32_t *from, uint32_t old, uint32_t want)
{
	uint32_t now;

	for (;;) {
		dive_irq_off();
		now = load(from);
		if (want == old ? now != old : now == want)
			break;
		dive_wait();
	}
	dive_irq_on();
	return now;
}

static int answer(struct exchange *x)
{
	uint32_t count = 0, request = load(&x->request);

	if (request == 0)
		request = wait_for(&x->request, 0, 0);
	while (request != END) {
		count++;
		tell(&x->answer, request * 2 + 1);
		request = wait_for(&x->request, request, request);
	}
	dive_printf("%u answers\n", count);
	tell(&x->answer, END);
	return 0;
}

static int ask(struct exchange *x, uint32_t rounds)
{
	uint64_t start = dive_now_us();

	for (uint32_t i = 1; i <= rounds; i++) {
		tell(&x->request, i);
		wait_for(&x->answer, 0, i * 2 + 1);
	}
	dive_printf("%u rounds, %lu us each\n", rounds,
		    (dive_now_us() - start) / (rounds ? rounds : 1));
	tell(&x->request, END);
	wait_for(&x->answer, 0, END);
	return 0;
}

int dive_main(const struct dive_boot *boot)
{
	struct exchange *x = (void *)(uintptr_t)boot->window.start;
	uint32_t rounds = 0;

	if (boot->window.size < sizeof(*x)) {
		dive_printf("no window\n");
		return 1;
	}
	for (const char *at = boot->args; *at >= '0' && *at <= '9'; at++)
		rounds = rounds * 10 + (uint32_t)(*at - '0');
	if (rounds)
		return ask(x, rounds);
	dive_log("window of %lu bytes at 0x%lx, found 0x%x\n",
		 boot->window.size, boot->window.start, load(&x->hello));
	__atomic_store_n(&x->hello, HELLO, __ATOMIC_RELEASE);
	return answer(x);
}
