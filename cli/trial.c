// SPDX-License-Identifier: Apache-2.0
// Runs a program with dive, and looks at what it does.
#include "cli/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/beside.h"

/* Behind dive's name: mode, report, kernel, --, and what trial_run() adds. */
#define FIXED_WORDS 8

/* Relative to the directory of this program. */
static const char *const kernels[] = { "kernels/minnow.elf",
				       "../lib/dive/minnow.elf" };

int trial_find(struct trial_setup *s, struct err *e)
{
	s->dive = beside("dive");
	if (!s->dive || access(s->dive, X_OK))
		return err_set(e, -EINVAL, "there is no dive beside diver");
	s->is_given = s->kernel;
	for (unsigned int i = 0; i < 2 && !s->kernel; i++) {
		s->kernel = beside(kernels[i]);
		if (!s->kernel || access(s->kernel, R_OK) == 0)
			continue;
		free(s->kernel);
		s->kernel = NULL;
	}
	return s->kernel ? 0
			 : err_set(e, -EINVAL,
				   "there is no Minnow beside diver; name a "
				   "kernel with --kernel FILE");
}

void trial_forget(struct trial_setup *s)
{
	free(s->dive);
	s->dive = NULL;
	if (!s->is_given)
		free(s->kernel);
	s->kernel = NULL;
}

static char **make_words(const struct trial_setup *s, char *const *words,
			 const char *extra, char *report)
{
	static char mode[] = "--mode", hrt[] = "hrt", dashes[] = "--";
	unsigned int count = 0, n = 0;
	char **argv;

	while (words[count])
		count++;
	argv = calloc(FIXED_WORDS + s->options + count + 1, sizeof(*argv));
	if (!argv)
		return NULL;
	argv[n++] = s->dive;
	argv[n++] = mode;
	argv[n++] = hrt;
	for (unsigned int i = 0; i < s->options; i++)
		argv[n++] = s->option[i];
	if (extra)
		argv[n++] = (char *)(uintptr_t)extra;
	argv[n++] = report;
	argv[n++] = s->kernel;
	argv[n++] = dashes;
	memcpy(argv + n, words, count * sizeof(*argv));
	return argv;
}

/* In the child: nothing to read, everything to the pipe. */
static void become(char *const *argv, int to, bool silent)
{
	int null = open("/dev/null", O_RDWR);

	if (dup2(null, 0) == 0 && dup2(to, 1) == 1 &&
	    (!silent || dup2(null, 2) == 2)) {
		close(to);
		execv(argv[0], argv);
	}
	_exit(127);
}

static int take_output(int from, struct trial *ret)
{
	uint8_t buffer[65536];
	struct sha256 sum;
	ssize_t n;

	sha256_begin(&sum);
	while ((n = read(from, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		sha256_add(&sum, buffer, (size_t)n);
	}
	ret->bytes = sum.size;
	sha256_end(&sum, ret->sha256);
	return 0;
}

static int watch(char *const *argv, bool silent, struct trial *ret,
		 struct err *e)
{
	int ends[2], rc, status = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return err_set(e, -errno, "a pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0)
		become(argv, ends[1], silent);
	close(ends[1]);
	rc = pid < 0 ? -errno : take_output(ends[0], ret);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	ret->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
					  : WEXITSTATUS(status);
	return rc ? err_set(e, rc, "running dive: %s", strerror(-rc)) : 0;
}

int trial_run(const struct trial_setup *s, char *const *words,
	      const char *extra, struct trial *ret, struct err *e)
{
	/* Not O_CLOEXEC: dive opens it by its number. */
	int fd = memfd_create("report", 0);
	char file[32], option[64], **argv = NULL;
	int rc = fd < 0 ? -errno : 0;

	*ret = (struct trial){ .status = 0 };
	snprintf(file, sizeof(file), "/dev/fd/%d", fd);
	snprintf(option, sizeof(option), "--report=json:%s", file);
	if (rc == 0)
		argv = make_words(s, words, extra, option);
	if (!argv)
		rc = err_set(e, rc ? rc : -ENOMEM, "no memory for a program");
	else
		rc = watch(argv, s->silent, ret, e);
	if (rc == 0)
		rc = report_read(file, &ret->report, e);
	if (rc == 0 && !ret->report.is_ended) {
		report_free(&ret->report);
		rc = -ENODATA;
	}
	if (rc == -ENODATA)
		err_set(e, rc, "%s did not come to its end; dive says why",
			words[0]);
	free(argv);
	if (fd >= 0)
		close(fd);
	return rc;
}

bool trial_same(const struct trial *a, const struct trial *b)
{
	return a->status == b->status && a->bytes == b->bytes &&
	       !strcmp(a->sha256, b->sha256);
}
