// SPDX-License-Identifier: Apache-2.0
// LD_PRELOAD: tells on descriptor 3 when a foreign VMM first calls KVM_RUN.
#include <inttypes.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"

#define REPORT_FD 3

int ioctl(int fd, unsigned long request, ...);

/* Nothing here fails or takes a lock: other threads call it too. */
int ioctl(int fd, unsigned long request, ...)
{
	static int told;
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (request == KVM_RUN &&
	    !__atomic_exchange_n(&told, 1, __ATOMIC_RELAXED))
		dprintf(REPORT_FD,
			"{\"start_ns\":%" PRIu64 ",\"phases_ns\":{\"cpus\":0}}",
			clock_now_ns());
	return (int)syscall(SYS_ioctl, fd, request, arg);
}
