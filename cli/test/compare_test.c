// SPDX-License-Identifier: Apache-2.0
// diver compare: sums, medians, what is told of two runs that differ.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/compare.h"

/* FIPS 180-4's examples, and every place where a block may end. */
static void test_sha256(void **state)
{
	static const struct {
		const char *text;
		unsigned int times;
		const char *sum;
	} want[] = {
		{ "", 1,
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", 1,
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "a", 1000000,
		  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	};
	uint8_t bytes[200] = { 0 };
	char got[SHA256_HEX], parts[SHA256_HEX];
	struct sha256 s;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		sha256_begin(&s);
		for (unsigned int n = 0; n < want[i].times; n++)
			sha256_add(&s, (const uint8_t *)want[i].text,
				   strlen(want[i].text));
		sha256_end(&s, got);
		assert_string_equal(got, want[i].sum);
	}
	for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
		sha256_begin(&s);
		sha256_add(&s, bytes, sizeof(bytes));
		sha256_end(&s, got);
		sha256_begin(&s);
		sha256_add(&s, bytes, cut);
		sha256_add(&s, bytes + cut, sizeof(bytes) - cut);
		sha256_end(&s, parts);
		assert_string_equal(got, parts);
	}
}

static void test_times(void **state)
{
	struct times_of t = { .run_s = { 3, 1, 2, 10 }, .runs = 4 };

	(void)state;
	assert_true(times_least(&t) == 1);
	assert_true(times_median(&t) == 2.5);
	t.runs = 3;
	assert_true(times_median(&t) == 2);
	t.runs = 1;
	assert_true(times_median(&t) == 3);
}

static char *render(const struct comparison *c, char how)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	if (how == 't')
		compare_print(out, c, 80);
	else if (how == 'j')
		compare_json(out, c, 1);
	else
		compare_svg(out, c, 1);
	fclose(out);
	return text;
}

static void expect(const struct comparison *c, char how, const char *words)
{
	char *text = render(c, how);

	if (!strstr(text, words))
		fail_msg("no '%s' in: %s", words, text);
	free(text);
}

#define LONG_NAME "the-name-of-a-program-in-some-folders one 2"

static void test_print(void **state)
{
	struct dive_count row[] = {
		{ .how = DIVE_COUNT_SYSCALL, .nr = 0, .forwarded = 40 },
		{ .how = DIVE_COUNT_MAP, .forwarded = 5 },
	};
	struct comparison c = {
		.name = "a <\x1b>",
		.native = { .run_s = { 2 }, .runs = 1 },
		.hrt = { .run_s = { 2.5 }, .runs = 1 },
		.first = { .native = { .status = 3, .sha256 = "aa" },
			   .hrt = { .status = 3,
				    .sha256 = "aa",
				    .report = { .row = row, .rows = 2 } } },
		.is_same = true,
	};

	(void)state;
	expect(&c, 't', "a <\\x1b>\n");
	expect(&c, 't', "  +25.0 %; 40 calls forwarded\n");
	expect(&c, 't', "  the same: status 3, 0 bytes, SHA-256 aa...\n");
	expect(&c, 'j', "\"same\":true,\"forwarded\":40,");
	expect(&c, 'j', "\"median_ns\":2500000000");
	expect(&c, 's', ">a &lt;?&gt;<");
	expect(&c, 's', ">2.500 s, +25.0 %<");
	memcpy(c.name, LONG_NAME, sizeof(LONG_NAME));
	expect(&c, 's', ">...f-a-program-in-some-folders one 2<");
	c.first.hrt.sha256[0] = 'b';
	c.is_same = false;
	assert_false(trial_same(&c.first.native, &c.first.hrt));
	expect(&c, 't', "DIFFERENT: native: status 3, 0 bytes, SHA-256 aa");
	expect(&c, 't', "           hrt: status 3, 0 bytes, SHA-256 ba");
	expect(&c, 's', "DIFFERENT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
