/* SPDX-License-Identifier: Apache-2.0 */
/* Words to and from whoever sits in front of the machine. */
#ifndef MINNOW_CONSOLE_H
#define MINNOW_CONSOLE_H

#include <dive.h>

/**
 * console_init() - answer the host's doorbell; once
 */
void console_init(void);

/**
 * console_print() - formatted standard output, whole lines from each thread
 * @format: as dive_printf()
 *
 * In a thread.
 */
void console_print(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/**
 * console_log() - formatted messages, which are no output
 * @format: as dive_printf()
 *
 * In a thread.
 */
void console_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * console_rung() - the host's doorbell has come
 *
 * For whoever takes over its interrupt.
 */
void console_rung(void);

/**
 * console_read_line() - a line of standard input
 * @line: written, without the newline; what is too long is lost
 * @size: bytes there
 *
 * In a thread of the first CPU, where the doorbell comes; it sleeps meanwhile.
 * The host's terminal echoes and edits.
 *
 * Return: false at the end of the input.
 */
bool console_read_line(char *line, size_t size);

#endif
