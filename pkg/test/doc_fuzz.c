// SPDX-License-Identifier: Apache-2.0
// Fuzz: whatever somebody calls a diver.json or a manifest is refused in words,
// or means the same when it is written and read again.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/release.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_words(const struct err *e)
{
	if (!memchr(e->msg, 0, sizeof(e->msg)) || !e->msg[0])
		abort();
}

static void check_package(const char *text, size_t size)
{
	struct package p, again;
	struct err e = { .code = 0 };
	cJSON *root;
	char *written;

	if (package_parse(&p, "fuzz", text, size, &e)) {
		check_words(&e);
		return;
	}
	root = package_json(&p);
	written = cJSON_PrintUnformatted(root);
	if (package_parse(&again, "again", written, strlen(written), &e))
		abort();
	for (unsigned int i = 0; i < PACKAGE_FIELDS; i++)
		if (!p.value[i] != !again.value[i] ||
		    (p.value[i] && strcmp(p.value[i], again.value[i]) != 0))
			abort();
	cJSON_free(written);
	cJSON_Delete(root);
	package_free(&again);
	package_free(&p);
}

/* @text is given away when it is good. */
static void check_manifest(char *text, size_t size)
{
	struct descriptor config;
	struct release release;
	struct err e = { .code = 0 };

	if (release_parse(&release, text, size, &config, &e)) {
		check_words(&e);
		free(text);
		return;
	}
	for (unsigned int i = 0; i < release.layers; i++)
		if (!digest_is(release.layer[i].digest))
			abort();
	if (!digest_is(config.digest))
		abort();
	release_free(&release);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	/* A copy of exactly this size, for AddressSanitizer. */
	char *text = malloc(size ? size : 1);

	if (!text)
		return 0;
	memcpy(text, bytes, size);
	check_package(text, size);
	check_manifest(text, size);
	return 0;
}
