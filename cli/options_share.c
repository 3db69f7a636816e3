// SPDX-License-Identifier: Apache-2.0
// --share DIR[:GUESTTAG][:ro]
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

#define TAG_MAX     36 /* of the device's configuration */
#define TAG_DEFAULT "share"

/* What is behind the last colon, cut off; NULL when that belongs to DIR. */
static char *cut_last(char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon || strchr(colon, '/'))
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static int check_tag(const struct options *o, const char *tag, struct err *e)
{
	if (!*tag || strlen(tag) > TAG_MAX)
		return err_set(e, -EINVAL,
			       "the guest's tag must have 1 to %d characters",
			       TAG_MAX);
	for (unsigned int i = 0; i < o->run.shares; i++)
		if (!strcmp(o->run.share[i].tag, tag))
			return err_set(e, -EINVAL,
				       "the tag '%s' is taken; write DIR:TAG",
				       tag);
	return 0;
}

int options_set_share(struct options *o, char *arg, struct err *e)
{
	struct run_share share = { .tag = TAG_DEFAULT };
	char *dir, *tag;
	int r;

	if (o->run.shares == RUN_SHARES_MAX)
		return err_set(e, -EINVAL, "more than %d directories",
			       RUN_SHARES_MAX);
	dir = strdup(arg);
	if (!dir)
		return err_set(e, -ENOMEM,
			       "no memory for the name of a "
			       "directory");
	tag = cut_last(dir);
	share.readonly = tag && !strcmp(tag, "ro");
	if (share.readonly)
		tag = cut_last(dir);
	if (tag)
		share.tag = tag;
	share.dir = dir;
	r = check_tag(o, share.tag, e);
	if (r == 0 && !*dir)
		r = err_set(e, -EINVAL, "the name of the directory is empty");
	if (r < 0)
		free(dir);
	else
		o->run.share[o->run.shares++] = share;
	return r;
}

void options_free_shares(struct options *o)
{
	for (unsigned int i = 0; i < o->run.shares; i++)
		free((void *)(uintptr_t)o->run.share[i].dir);
	o->run.shares = 0;
}
