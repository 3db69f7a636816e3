// SPDX-License-Identifier: Apache-2.0
// diver: everything around running a kernel, one verb each.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/advise.h"
#include "cli/compare.h"
#include "cli/inspect.h"
#include "cli/options.h"
#include "cli/packages.h"
#include "cli/partition.h"
#include "cli/status.h"
#include "cli/text.h"
#include "cli/without.h"

/**
 * struct verb - a command of diver
 * @name: as typed
 * @usage: what follows the name
 * @summary: one line of the help
 * @run: 0 or -errno with the reason in its struct err
 */
struct verb {
	const char *name;
	const char *usage;
	const char *summary;
	int (*run)(int argc, char **argv, struct err *e);
};

static const struct verb verbs[] = {
	{ "inspect", "FILE [--json]",
	  "what a kernel offers, what it needs, in which modes it runs",
	  inspect_main },
	{ "advise", "REPORT...",
	  "which calls of a program a kernel should serve next", advise_main },
	{ "compare", "-- PROGRAM...",
	  "programs in Linux itself, and on a kernel beside it", compare_main },
	{ "without", "-- PROGRAM...", "which calls a program would do without",
	  without_main },
	{ "partition", "release --all",
	  "give back what a dive --mode pisces has left that was killed",
	  partition_main },
	{ "publish", "[DIR]",
	  "put the package of a folder in the local registry", publish_main },
	{ "pull", "NAME[@VERSION]", "put it where dive NAME finds it",
	  pull_main },
	{ "ls", "[--registry]", "which packages are pulled, or published",
	  ls_main },
	{ "info", "NAME[@VERSION]", "all that is said of a package",
	  info_main },
	{ "rm", "NAME[@VERSION]", "remove what was pulled, or published",
	  rm_main },
	{ "gc", "[--check]", "remove or check the files of the local registry",
	  gc_main },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(FILE *out)
{
	fputs("usage: diver VERB [arguments]\n\n", out);
	for (size_t i = 0; i < VERBS; i++)
		fprintf(out, "  %-9s %-20s %s\n", verbs[i].name, verbs[i].usage,
			verbs[i].summary);
	fputs("\nTo run a kernel: dive FILE. More: man diver.\n", out);
}

static int run(int argc, char **argv, struct err *e)
{
	if (argc < 2) {
		print_help(stderr);
		return err_set(e, -EINVAL, "no verb");
	}
	/* Behind a verb, too: there is one page for all of them. */
	if (!strcmp(argv[argc - 1], "--help") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return 0;
	}
	for (size_t i = 0; i < VERBS; i++)
		if (!strcmp(argv[1], verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1, e);
	if (!strcmp(argv[1], "--version")) {
		puts("diver " DIVE_VERSION);
		return 0;
	}
	return err_set(e, -EINVAL, "%s: no such verb; diver --help lists them",
		       argv[1]);
}

int main(int argc, char **argv)
{
	struct err e = { .code = 0 };
	int status = 0;

	if (run(argc, argv, &e) < 0) {
		fputs("diver: ", stderr);
		text_put(stderr, e.msg);
		putc('\n', stderr);
		status = status_of_error(&e);
	}
	if (fflush(stdout) != 0 && status == 0)
		status = STATUS_FAILED;
	return status;
}
