// SPDX-License-Identifier: Apache-2.0
// The end of a run: output, signals, and what the report says of it.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "vmm/kind.h"
#include "vmm/observe.h"

#define LAST_WORDS_NS (NS_PER_S / 10)

void machine_finish(struct machine *m)
{
	struct exit_report *r = m->report;
	struct vcpu *cpu = &m->cpu[r->cpu];

	r->phase_ns[PHASE_STOPPED] = clock_now_ns();
	devices_stop(m);
	streams_stop(&m->streams);
	observe_close(m);
	tty_leave(&m->tty);
	watch_end(m);
	r->regs_real = vcpu_regs(cpu, &r->regs) == 0;
	if (r->reason == STOP_TRIPLE_FAULT && r->regs.rip == 0xfff0 &&
	    r->regs.cs_base == 0xffff0000) {
		r->regs = cpu->snapshot;
		r->regs_real = cpu->stepping; /* then it is just before it */
		r->snapshot_age_ns =
			r->phase_ns[PHASE_STOPPED] - cpu->snapshot_ns;
	}
	kind_finish(m);
	for (unsigned int i = 0; i < m->board.cpus; i++)
		for (unsigned int k = 0; k < EXIT_KINDS; k++)
			r->exits[k] += m->cpu[i].exits[k];
	r->events_count = cpu->event_next < REPORT_EVENTS_MAX
				  ? cpu->event_next
				  : REPORT_EVENTS_MAX;
	for (unsigned int i = 0; i < r->events_count; i++)
		r->events[i] =
			cpu->events[(cpu->event_next - r->events_count + i) %
				    REPORT_EVENTS_MAX];
}

/*
 * What the kernel says of its end does not count when its output was lost. Of
 * a reader that left it is told, and may have obeyed: then it does count.
 */
static void judge_output(struct machine *m)
{
	struct exit_report *r = m->report;
	bool ended = r->reason == STOP_EXIT || r->reason == STOP_POWEROFF ||
		     r->reason == STOP_RESET ||
		     ((r->reason == STOP_SIGNAL || r->reason == STOP_KILLED) &&
		      r->status == SIGPIPE);

	for (unsigned int i = 0; i < m->streams.outs && ended; i++) {
		const struct out_stream *out = &m->streams.out[i];

		if (out->error == EPIPE && !lean_handles_shutdown(m) &&
		    !m->config->program) {
			r->reason = STOP_SIGNAL;
			r->status = SIGPIPE;
		} else if (out->error && out->error != EPIPE && !out->is_log) {
			r->reason = STOP_IO;
			r->status = (uint32_t)out->error;
			snprintf(r->text, sizeof(r->text),
				 "cannot write the kernel's output: %s",
				 strerror(out->error));
			return;
		}
	}
}

void machine_flush(struct machine *m, const sigset_t *signals)
{
	struct exit_report *r = m->report;
	uint64_t timeout = m->config->timeout_ns;
	uint64_t deadline = timeout ? m->watch.start_ns + timeout : 0;
	sigset_t blocked = *signals;

	/* Whoever sent a signal will not wait for a reader that sleeps. */
	if (r->reason == STOP_SIGNAL || r->reason == STOP_OTHER)
		deadline = clock_now_ns() + LAST_WORDS_NS;
	/* From here on a signal ends dive at once, as it does any filter. */
	watch_ours(&blocked);
	pthread_sigmask(SIG_SETMASK, &blocked, NULL);
	streams_drain(&m->streams, deadline);
	watch_forget();
	pthread_sigmask(SIG_SETMASK, signals, NULL);
	judge_output(m);
	r->bytes_out = m->streams.out[0].bytes;
	r->bytes_console = m->streams.out[1].bytes;
	r->bytes_in = m->streams.in.bytes;
	r->out_mid_line = r->bytes_out && m->streams.out[0].last != '\n';
	r->console_mid_line =
		r->bytes_console && m->streams.out[1].last != '\n';
	r->phase_ns[PHASE_OUTPUT] = atomic_load(&m->streams.first_output_ns);
	r->mem = m->mem;
	r->phase_ns[PHASE_FLUSHED] = clock_now_ns();
}
