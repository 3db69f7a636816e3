// SPDX-License-Identifier: Apache-2.0
// diver publish, pull, rm and gc: what changes registry and store.
#include "cli/packages.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cli/text.h"
#include "pkg/collect.h"
#include "pkg/publish.h"
#include "pkg/store.h"

static bool take_option(struct packages_words *w, const char *word)
{
	if (!strcmp(word, "--json"))
		w->json = true;
	else if (!strcmp(word, "--registry"))
		w->registry = true;
	else if (!strcmp(word, "--check"))
		w->check = true;
	else
		return false;
	return true;
}

static bool has_capital(const char *text)
{
	while (*text && !isupper((unsigned char)*text))
		text++;
	return *text;
}

int packages_parse(struct packages_words *w, int argc, char **argv,
		   const char *usage, struct err *e)
{
	*w = (struct packages_words){ .word = NULL };
	for (int i = 1; i < argc; i++) {
		bool is_option = argv[i][0] == '-';

		if (is_option ? !strstr(usage, argv[i]) ||
					!take_option(w, argv[i])
			      : w->word || !has_capital(usage))
			return err_set(e, -EINVAL,
				       "%s: not understood; usage: %s", argv[i],
				       usage);
		if (!is_option)
			w->word = argv[i];
	}
	return 0;
}

uint64_t packages_size(const struct release *release)
{
	uint64_t size = 0;

	/* Each is at most 2^53, and there are few. */
	for (unsigned int i = 0; i < release->layers; i++)
		size += release->layer[i].size;
	return size;
}

cJSON *packages_object(const struct release *release)
{
	cJSON *root = package_json(&release->package);

	if (root &&
	    cJSON_AddStringToObject(root, "digest", release->manifest.digest) &&
	    cJSON_AddNumberToObject(root, "size",
				    (double)packages_size(release)))
		return root;
	cJSON_Delete(root);
	return NULL;
}

/* The text is UTF-8: strings of JSON documents are checked. */
static void put_ascii(FILE *out, const char *text)
{
	while (*text) {
		unsigned char c = (unsigned char)*text++;
		unsigned int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
		uint32_t code = c & (0x3fu >> more);

		if (c < 0x7f) {
			putc(c, out);
			continue;
		}
		for (code = c == 0x7f ? c : code;
		     ((unsigned char)*text & 0xc0) == 0x80; text++)
			code = code << 6 | ((unsigned char)*text & 0x3f);
		if (code >= 0x10000) {
			fprintf(out, "\\u%04" PRIx32,
				0xd7c0 + (code >> 10 & 0x7ff));
			code = 0xdc00 | (code & 0x3ff);
		}
		fprintf(out, "\\u%04" PRIx32, code);
	}
}

int packages_put_json(FILE *out, cJSON *root, struct err *e)
{
	char *text = root ? cJSON_PrintUnformatted(root) : NULL;

	cJSON_Delete(root);
	if (!text)
		return err_set(e, -ENOMEM, "no memory");
	put_ascii(out, text);
	putc('\n', out);
	cJSON_free(text);
	return 0;
}

/* Tells what was done, and releases @release. */
static int tell(struct release *release, bool json, const char *words,
		struct err *e)
{
	int rc = 0;

	if (json)
		rc = packages_put_json(stdout, packages_object(release), e);
	else
		printf("%s@%s %s\n", release->package.value[PACKAGE_NAME],
		       release->package.value[PACKAGE_VERSION], words);
	release_free(release);
	return rc;
}

int publish_main(int argc, char **argv, struct err *e)
{
	struct packages_words w;
	struct release release;
	int rc = packages_parse(&w, argc, argv, "diver publish [DIR] [--json]",
				e);

	if (rc == 0)
		rc = publish_folder(w.word ? w.word : ".", &release, e);
	return rc ? rc : tell(&release, w.json, "is in the local registry", e);
}

int pull_main(int argc, char **argv, struct err *e)
{
	static const char usage[] = "diver pull NAME[@VERSION] [--json]";
	struct packages_words w;
	struct release release;
	struct ref ref;
	int rc = packages_parse(&w, argc, argv, usage, e);

	if (rc == 0 && !w.word)
		rc = err_set(e, -EINVAL, "pull what? usage: %s", usage);
	if (rc == 0)
		rc = ref_parse(w.word, '@', &ref, e);
	if (rc == 0)
		rc = publish_pull(&ref, &release, e);
	return rc ? rc : tell(&release, w.json, "is pulled", e);
}

static int remove_pulled(const struct ref *ref, struct err *e)
{
	int store = store_open(true, e);
	int rc = store < 0 ? store : store_remove(store, ref, e);

	if (store >= 0)
		close(store);
	return rc;
}

static int remove_published(const struct ref *ref, struct err *e)
{
	struct layout l;
	int rc = layout_open(&l, true, e);

	if (rc)
		return rc;
	rc = layout_untag(&l, ref, e);
	layout_close(&l);
	return rc;
}

int rm_main(int argc, char **argv, struct err *e)
{
	static const char usage[] = "diver rm [--registry] NAME[@VERSION]";
	struct packages_words w;
	struct ref ref;
	int rc = packages_parse(&w, argc, argv, usage, e);

	if (rc == 0 && !w.word)
		rc = err_set(e, -EINVAL, "remove what? usage: %s", usage);
	if (rc == 0)
		rc = ref_parse(w.word, '@', &ref, e);
	if (rc)
		return rc;
	return w.registry ? remove_published(&ref, e) : remove_pulled(&ref, e);
}

static void tell_finding(void *arg, const char *blob, const char *what)
{
	FILE *out = arg;

	text_put(out, blob);
	fprintf(out, ": %s\n", what);
}

int gc_main(int argc, char **argv, struct err *e)
{
	const struct collect_listener to = { tell_finding, stdout };
	struct packages_words w;
	struct layout l;
	int rc = packages_parse(&w, argc, argv, "diver gc [--check]", e);

	if (rc == 0)
		rc = layout_open(&l, !w.check, e);
	if (rc)
		return rc;
	rc = w.check ? collect_check(&l, &to, e) : collect_remove(&l, &to, e);
	layout_close(&l);
	return rc;
}
