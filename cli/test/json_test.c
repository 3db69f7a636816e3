// SPDX-License-Identifier: Apache-2.0
// JSON, terminal text, exit statuses: what others read from us.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "cli/json.h"
#include "cli/outcome.h"
#include "cli/status.h"
#include "cli/text.h"

static char *text;
static size_t size;

static FILE *begin(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &size);
}

static void test_json(void **state)
{
	struct json j = { .out = begin() };

	(void)state;
	json_open(&j, NULL, '{');
	json_string(&j, "a", "b\"\\\n\x1b\xff");
	json_string(&j, "none", NULL);
	json_number(&j, "n", UINT64_MAX);
	json_hex(&j, "x", 0xabc);
	json_open(&j, "list", '[');
	json_bool(&j, NULL, true);
	json_bool(&j, NULL, false);
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_close(&j, ']');
	json_open(&j, "empty", '[');
	json_close(&j, ']');
	json_close(&j, '}');
	fclose(j.out);
	assert_string_equal(
		text, "{\"a\":\"b\\\"\\\\\\u000a\\u001b\\u00ff\",\"none\":null,"
		      "\"n\":18446744073709551615,\"x\":\"0xabc\","
		      "\"list\":[true,false,{}],\"empty\":[]}");
}

static void test_text(void **state)
{
	FILE *out = begin();

	(void)state;
	text_put(out, "ok ~\x1b[31m\x7f\xc3\n");
	fclose(out);
	assert_string_equal(text, "ok ~\\x1b[31m\\x7f\\xc3\\x0a");
}

static void test_status(void **state)
{
	static const struct {
		enum stop_reason reason;
		uint32_t value;
		int status;
	} want[] = {
		{ STOP_EXIT, 0, 0 },           { STOP_EXIT, 7, 7 },
		{ STOP_EXIT, 0x12a, 0x2a },    { STOP_EXIT, 41, 0 },
		{ STOP_POWEROFF, 9, 0 },       { STOP_RESET, 9, 0 },
		{ STOP_PANICKED, 0, 134 },     { STOP_EXCEPTION, 0, 134 },
		{ STOP_TRIPLE_FAULT, 0, 134 }, { STOP_HALTED, 0, 134 },
		{ STOP_KVM, 0, 134 },          { STOP_STRICT, 0, 134 },
		{ STOP_TIMEOUT, 0, 124 },      { STOP_SIGNAL, 15, 143 },
		{ STOP_NONE, 0, 125 },
	};
	static const struct {
		int code;
		int status;
	} errors[] = {
		{ -ENOEXEC, 126 },
		{ -ENOENT, 127 },
		{ -EIO, 125 },
		{ -EACCES, 125 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct exit_report r = { .reason = want[i].reason,
					 .status = want[i].value };

		assert_int_equal(status_of_run(&r, 41), want[i].status);
		assert_int_equal(status_is_crash(r.reason),
				 want[i].status == 134);
	}
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		assert_int_equal(
			status_of_error(&(struct err){ errors[i].code, "" }),
			errors[i].status);
	for (enum stop_reason r = STOP_NONE; r <= STOP_SIGNAL; r++)
		assert_non_null(status_cause(r));
	assert_string_equal(status_cause((enum stop_reason)99), "none");
}

static void test_outcome(void **state)
{
	struct exit_report r = { .reason = STOP_EXIT,
				 .status = 0x107,
				 .channel = "port 0xf4",
				 .protocol = "pvh",
				 .phase_ns = { 100, 150, 0, 0, 0, 0, 180, 200 },
				 .mark_ns = { [3] = 170, [4] = 50 } };
	struct json j = { .out = begin() };

	(void)state;
	r.exits[EXIT_MMIO] = 5;
	json_open(&j, NULL, '{');
	outcome_run(&j, &r, 7);
	json_close(&j, '}');
	fclose(j.out);
	assert_non_null(strstr(text, "{\"cause\":\"exit\",\"status\":7,"
				     "\"code\":263,"));
	assert_non_null(strstr(text, "\"mmio\":5,"));
	assert_non_null(strstr(text, "\"phases_ns\":{\"image\":50,\"stopped\":"
				     "80,\"flushed\":100}"));
	assert_non_null(strstr(text, "\"marks_ns\":{\"3\":70}"));
	assert_non_null(strstr(text, "\"wall_ns\":100"));
	assert_null(strstr(text, "signal"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_outcome),
	};
	int failed = cmocka_run_group_tests_name("json", tests, NULL, NULL);

	free(text);
	return failed;
}
