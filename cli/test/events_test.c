// SPDX-License-Identifier: Apache-2.0
// --trace, --stats and --timing-svg: words, tables and pictures.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "cli/events.h"
#include "cli/svg.h"

static char *text;
static size_t size;

static FILE *begin(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &size);
}

static void test_words(void **state)
{
	static const char *const bad[] = { "",     ",",        "pi",
					   "pioo", "pio,",     "PIO",
					   ",pio", "pio mmio", "exits;" };
	unsigned int bits = 0;
	struct err e;

	(void)state;
	assert_int_equal(events_parse("exits", &bits, &e), 0);
	assert_int_equal(bits, TRACE_EXITS);
	assert_int_equal(events_parse("irq,pio", &bits, &e), 0);
	assert_int_equal(bits, TRACE_EXITS | TRACE_IRQ | TRACE_PIO);
	bits = 0;
	assert_int_equal(events_parse("mmio,msr,msr", &bits, &e), 0);
	assert_int_equal(bits, TRACE_MMIO | TRACE_MSR);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(events_parse(bad[i], &bits, &e), -EINVAL);
		assert_non_null(strstr(e.msg, "write some of exits,pio"));
	}
}

static struct tally *example(void)
{
	struct tally *t = calloc(1, sizeof(*t));
	struct exit_event ev = { .kind = EXIT_PIO, .addr = 0x3f8, .write = 1 };

	assert_non_null(t);
	for (unsigned int i = 0; i < 3; i++)
		tally_add(t, &ev, 1, 2000);
	ev.addr = 0x60;
	ev.write = false;
	tally_add(t, &ev, 4096, 90000000);
	ev.kind = EVENT_MSI;
	ev.addr = 0x40;
	tally_add(t, &ev, 1, 4);
	t->guest_ns = 1234567890;
	t->untold = 5;
	return t;
}

static void test_table(void **state)
{
	struct tally *t = example();
	FILE *out = begin();

	(void)state;
	events_print(out, t, false);
	fclose(out);
	assert_string_equal(
		text,
		"event\top\taddress\tdevice\tcount\taccesses\ttotal_ns\tmedian_ns\tmax_ns\n"
		"pio\tall\t\t\t4\t4099\t90006000\t1536\t90000000\n"
		"pio\t"
		"read\t0x60\t\t1\t4096\t90000000\t90000000\t90000000\n"
		"pio\twrite\t0x3f8\t\t3\t3\t6000\t1536\t2000\n"
		"msi\tall\t\t\t1\t1\t4\t4\t4\n"
		"msi\tsend\t0x40\t\t1\t1\t4\t4\t4\n");
	out = begin();
	events_print(out, t, true);
	fclose(out);
	assert_non_null(strstr(text, "dive: 1234.567 ms in the guest and KVM, "
				     "90.006 ms in dive for it\n"));
	assert_non_null(strstr(text, "    <    2 us            3  |"
				     "########################\n"));
	assert_non_null(
		strstr(text, "    <  128 ms            1  |########\n"));
	assert_non_null(strstr(text, "events that were not traced: 5\n"));
	free(t);
}

static void test_json(void **state)
{
	struct tally *t = example();
	struct json j = { .out = begin() };

	(void)state;
	json_open(&j, NULL, '{');
	events_json(&j, t);
	json_close(&j, '}');
	fclose(j.out);
	assert_non_null(strstr(
		text,
		"{\"stats\":{\"guest_ns\":1234567890,\"dive_ns\":90006000,\"untold\":5,\"events\":[{\"event\":\"pio\",\"count\":4,\"accesses\":4099,"));
	assert_non_null(strstr(
		text,
		"{\"event\":\"pio\",\"op\":\"write\",\"address\":\"0x3f8\",\"device\":null,\"count\":3,\"accesses\":3,\"total_ns\":6000,\"median_ns\":1536,\"max_ns\":2000,\"log2_ns\":[0,0,0,0,0,0,0,0,0,0,3]}"));
	free(t);
}

static unsigned int count(const char *what)
{
	unsigned int n = 0;

	for (const char *at = text; (at = strstr(at, what)); at++)
		n++;
	return n;
}

static void test_svg(void **state)
{
	struct exit_report r = { .phase_ns = { [PHASE_START] = 1000,
					       [PHASE_IMAGE] = 501000,
					       [PHASE_VM] = 1001000,
					       [PHASE_STOPPED] = 10001000 } };
	FILE *out = begin();

	(void)state;
	r.mark_ns[3] = 5001000;
	r.mark_ns[4] = 500; /* before the beginning */
	svg_print(out, &r, "<a>&\"\x01\xff.elf");
	fclose(out);
	assert_non_null(strstr(text, ">&lt;a&gt;&amp;\"??.elf: 10.000 ms<"));
	assert_int_equal(count("height=\"18\""), 3); /* a bar for each phase */
	/* Half a millisecond of ten is 32 of 640, from the left edge at 230. */
	assert_non_null(
		strstr(text, "<rect x=\"230.0\" y=\"50\" width=\"32.0\""));
	assert_non_null(
		strstr(text, "<rect x=\"294.0\" y=\"102\" width=\"576.0\""));
	assert_int_equal(count(">mark 3</text>"), 1);
	assert_int_equal(count(">mark 4</text>"), 0);
	assert_int_equal(count("text-anchor=\"middle\" fill="),
			 6); /* 0, 2..10 */
	/* Hours, and nothing at all. */
	r.phase_ns[PHASE_FLUSHED] = UINT64_MAX / 2;
	out = begin();
	svg_print(out, &r, "long");
	fclose(out);
	assert_int_equal(count("height=\"18\""), 4);
	memset(&r, 0, sizeof(r));
	out = begin();
	svg_print(out, &r, "none");
	fclose(out);
	assert_non_null(strstr(text, "</svg>"));
	free(text);
	text = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_svg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
