// SPDX-License-Identifier: Apache-2.0
// While a kernel runs: look, move bytes, and end it when it is time.
#include "pisces/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "contract/dive/cpu.h"

/* It is looked at all the time after something moved, later less often. */
#define SPINS    200u
#define LOOKS    1000u
#define LOOK_MS  1
#define REST_MS  5
#define GRACE_NS (2 * NS_PER_S)
#define NMI_NS   (NS_PER_S / 20)
#define LAST_NS  (NS_PER_S / 10)

static uint32_t load(const uint32_t *field)
{
	return __atomic_load_n(field, __ATOMIC_ACQUIRE);
}

static int attach_ring(struct kernel *k, enum contract_ring which,
		       struct ring_end *end, struct err *e)
{
	uint64_t length = DIVE_RING_HEADER + (uint64_t)k->board.ring_size;
	struct dive_ring *ring = gmem_ptr(&k->mem, k->area.ring[which], length);

	if (!ring || !ring_attach(end, ring, length))
		return err_set(e, -EINVAL, "the loader left no ring %d", which);
	return 0;
}

int kernel_attach(struct kernel *k, struct err *e)
{
	struct pump *p = &k->pump;
	int rc;

	k->control = gmem_ptr(&k->mem, k->area.control, DIVE_CONTROL_SIZE);
	p->in_fd = k->config->in_fd;
	p->out[PUMP_STDOUT].fd = k->config->out_fd;
	p->out[PUMP_CONSOLE].fd = k->config->console_fd;
	rc = attach_ring(k, CONTRACT_STDOUT, &p->out[PUMP_STDOUT].ring, e);
	if (!rc)
		rc = attach_ring(k, CONTRACT_CONSOLE,
				 &p->out[PUMP_CONSOLE].ring, e);
	if (!rc)
		rc = attach_ring(k, CONTRACT_STDIN, &p->in, e);
	return rc;
}

/* Interrupt the CPU that the kernel named, if it is one of its own. */
static void ring(const struct kernel *k)
{
	uint32_t vector = load(&k->control->irq_vector);
	uint32_t apic_id = load(&k->control->irq_apicid);

	if (vector < 32 || vector > 254)
		return;
	for (unsigned int i = 0; i < k->board.cpus; i++)
		if (k->board.apic_id[i] == apic_id)
			apic_send(&k->apic, apic_id, APIC_FIXED(vector));
}

static void stop(struct kernel *k, enum stop_reason reason, uint32_t status,
		 const char *channel)
{
	if (k->report->reason != STOP_NONE)
		return;
	k->report->reason = reason;
	k->report->status = status;
	k->report->channel = channel;
}

static bool handles_shutdown(const struct kernel *k)
{
	return load(&k->control->handles_shutdown) == 1;
}

/* First request: let the kernel end by itself. Second: end it. */
static void on_end_signal(struct kernel *k, int signal)
{
	bool first = k->signal == 0;

	k->signal = signal;
	if (!first || !handles_shutdown(k)) {
		stop(k, STOP_SIGNAL, (uint32_t)signal, "");
		return;
	}
	__atomic_store_n(&k->control->request, DIVE_REQUEST_SHUTDOWN,
			 __ATOMIC_RELEASE);
	k->grace_ns = clock_now_ns() + GRACE_NS;
	ring(k);
}

/* Has the kernel ended? The status is written before the state. */
static void check_end(struct kernel *k)
{
	for (unsigned int i = 0; i < k->board.cpus; i++) {
		if (load(&contract_crash(&k->mem, &k->area, i)->state) ==
		    DIVE_CRASH_NONE)
			continue;
		k->report->cpu = i;
		stop(k, STOP_EXCEPTION, 0, "crash page");
		return;
	}
	if (load(&k->control->state) == DIVE_STATE_STOPPED)
		stop(k, STOP_EXIT, load(&k->control->status), "control page");
}

static void report_crash(struct kernel *k)
{
	struct exit_report *r = k->report;

	contract_report_crash(&k->mem, &k->area, r);
	r->regs_real = true;
	/* Nobody records it; the report follows page tables by it. */
	r->regs.efer = DIVE_ENTRY_EFER;
}

/* An NMI comes to the stub's crash page: so it can be said where a CPU was. */
static void look_where(struct kernel *k)
{
	struct exit_report *r = k->report;
	const uint32_t *state = &contract_crash(&k->mem, &k->area, 0)->state;
	const struct timespec step = { .tv_nsec = LOOK_MS * 1000000 };
	uint64_t until = clock_now_ns() + NMI_NS;

	r->cpu = 0;
	apic_send(&k->apic, k->board.apic_id[0], APIC_NMI);
	while (load(state) == DIVE_CRASH_NONE && clock_now_ns() < until)
		nanosleep(&step, NULL);
	if (load(state) == DIVE_CRASH_NONE)
		return;
	report_crash(k);
	r->crash = (struct cpu_crash){ .valid = false };
}

static void check_time(struct kernel *k)
{
	uint64_t now = clock_now_ns();

	if (k->config->timeout_ns &&
	    now - k->start_ns >= k->config->timeout_ns) {
		stop(k, STOP_TIMEOUT, 0, "");
		if (k->report->reason == STOP_TIMEOUT)
			look_where(k);
	}
	if (k->grace_ns && now >= k->grace_ns)
		stop(k, STOP_SIGNAL, (uint32_t)k->signal, "");
}

static void check_signals(struct kernel *k, int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == sizeof(info))
		on_end_signal(k, (int)info.ssi_signo);
}

static void check_outputs(struct kernel *k)
{
	for (unsigned int i = 0; i < PUMP_OUTS && k->signal != SIGPIPE; i++)
		if (k->pump.out[i].error)
			on_end_signal(k, SIGPIPE);
}

void kernel_serve(struct kernel *k, int signals)
{
	unsigned int idle = 0;

	while (k->report->reason == STOP_NONE) {
		int wait_ms = idle < SPINS   ? 0
			      : idle < LOOKS ? LOOK_MS
					     : REST_MS;
		bool moved = pump_turn(&k->pump, signals, wait_ms);

		if (moved && pump_rings(&k->pump))
			ring(k);
		idle = moved ? 0 : idle + 1;
		check_end(k);
		check_signals(k, signals);
		check_outputs(k);
		check_time(k);
	}
	if (k->report->reason == STOP_EXCEPTION)
		report_crash(k);
	k->report->phase_ns[PHASE_STOPPED] = clock_now_ns();
}

/*
 * What the kernel says of its end does not count when its output was lost. Of
 * a reader that left it is told, and may have obeyed: then it does count.
 */
static void judge_output(struct kernel *k)
{
	struct exit_report *r = k->report;

	for (unsigned int i = 0; i < PUMP_OUTS; i++) {
		int error = k->pump.out[i].error;

		if (r->reason != STOP_EXIT &&
		    !(r->reason == STOP_SIGNAL && r->status == SIGPIPE))
			return;
		if (error == EPIPE && !handles_shutdown(k)) {
			r->reason = STOP_SIGNAL;
			r->status = SIGPIPE;
		} else if (error && error != EPIPE) {
			r->reason = STOP_IO;
			r->status = (uint32_t)error;
			snprintf(r->text, sizeof(r->text),
				 "cannot write the kernel's output: %s",
				 strerror(error));
		}
	}
}

void kernel_finish(struct kernel *k)
{
	struct exit_report *r = k->report;
	const struct pump_out *out = k->pump.out;
	uint64_t timeout = k->config->timeout_ns;
	uint64_t deadline = timeout ? k->start_ns + timeout : 0;

	/* Whoever sent a signal will not wait for a reader that sleeps. */
	if (r->reason == STOP_SIGNAL)
		deadline = clock_now_ns() + LAST_NS;
	pump_drain(&k->pump, deadline);
	judge_output(k);
	r->broken_ring = pump_broken(&k->pump);
	contract_report_marks(k->control, __builtin_ia32_rdtsc(),
			      k->board.tsc_khz, r);
	r->bytes_out = out[PUMP_STDOUT].bytes;
	r->bytes_console = out[PUMP_CONSOLE].bytes;
	r->bytes_in = k->pump.in_bytes;
	r->out_mid_line = r->bytes_out && out[PUMP_STDOUT].last != '\n';
	r->console_mid_line =
		r->bytes_console && out[PUMP_CONSOLE].last != '\n';
	r->phase_ns[PHASE_OUTPUT] = k->pump.first_output_ns;
	r->mem = k->mem;
	r->phase_ns[PHASE_FLUSHED] = clock_now_ns();
}
