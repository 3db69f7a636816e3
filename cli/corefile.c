// SPDX-License-Identifier: Apache-2.0
// The file of --core.
#include "cli/corefile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/status.h"
#include "cli/text.h"

/* A missing folder is no missing kernel: one code for all. */
static int refuse(const struct options *o, struct err *e)
{
	return err_set(e, -EINVAL, "--core: %s: %s", o->core, strerror(errno));
}

static bool is_regular(int fd, struct stat *st)
{
	return fstat(fd, st) == 0 && S_ISREG(st->st_mode);
}

int corefile_open(struct options *o, struct err *e)
{
	struct stat st;

	if (!o->core)
		return 0;
	o->run.core_fd =
		open(o->core, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (o->run.core_fd < 0)
		return refuse(o, e);
	if (!is_regular(o->run.core_fd, &st))
		return err_set(e, -EINVAL,
			       "--core: %s is not a regular file; name one",
			       o->core);
	/* An old core must not look like one of this run. */
	if (ftruncate(o->run.core_fd, 0))
		return refuse(o, e);
	return janitor_start(&o->core_janitor, o->core, true, e);
}

void corefile_write(const struct options *o, const struct fullvm *vm,
		    const struct exit_report *report, struct core_outcome *ret)
{
	*ret = (struct core_outcome){
		.tried = o->core && (status_is_crash(report->reason) ||
				     report->reason == STOP_TIMEOUT)
	};
	if (ret->tried)
		ret->rc = fullvm_core(vm, report, o->run.core_fd, &ret->e);
	/* Half a core would mislead. syscall: ftruncate */
	if (ret->rc < 0)
		(void)!ftruncate(o->run.core_fd, 0);
}

void corefile_tell(const struct options *o, const struct exit_report *report,
		   const struct core_outcome *core)
{
	if (core->rc < 0)
		text_error(&core->e);
	if (!core->tried || core->rc < 0 || o->quiet || o->json)
		return;
	if (core->rc > 0)
		fputs("dive: the core has too many mappings; some at low "
		      "addresses are missing\n",
		      stderr);
	if (report->slide && !report->virt_base)
		fprintf(stderr,
			"dive: core written; gdb -c %s -ex 'symbol-file -o "
			"0x%" PRIx64 " %s' shows it\n",
			o->core, report->slide, o->run.image);
	else
		fprintf(stderr, "dive: core written; gdb %s %s shows it\n",
			o->run.image, o->core);
}

void corefile_close(struct options *o)
{
	if (o->run.core_fd < 0)
		return;
	close(o->run.core_fd);
	o->run.core_fd = -1;
	janitor_finish(&o->core_janitor);
}
