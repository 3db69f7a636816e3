// SPDX-License-Identifier: ISC
// A small printf.
#include "dive.h"

/* Where the characters go; counts them all, keeps what fits. */
struct out {
	char *at;
	size_t size;
	size_t count;
};

struct spec {
	bool left;
	bool zero;
	unsigned int width;
	unsigned int precision;
	int length; /* bytes of the argument */
};

static void put(struct out *out, char c)
{
	if (out->count + 1 < out->size)
		out->at[out->count] = c;
	out->count++;
}

static void put_padded(struct out *out, const struct spec *spec,
		       const char *text, size_t length)
{
	size_t pad = spec->width > length ? spec->width - length : 0;

	if (spec->zero && !spec->left && length && *text == '-') {
		put(out, *text++);
		length--;
	}
	for (size_t i = 0; !spec->left && i < pad; i++)
		put(out, spec->zero ? '0' : ' ');
	for (size_t i = 0; i < length; i++)
		put(out, text[i]);
	for (size_t i = 0; spec->left && i < pad; i++)
		put(out, ' ');
}

static void put_number(struct out *out, const struct spec *spec, uint64_t value,
		       unsigned int base, bool negative)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	if (negative)
		digits[--at] = '-';
	put_padded(out, spec, digits + at, sizeof(digits) - at);
}

static void put_signed(struct out *out, const struct spec *spec, int64_t value)
{
	uint64_t magnitude = (uint64_t)value;

	put_number(out, spec, value < 0 ? -magnitude : magnitude, 10,
		   value < 0);
}

static void put_string(struct out *out, const struct spec *spec,
		       const char *text)
{
	size_t length = 0;

	while (length < spec->precision && text[length])
		length++;
	put_padded(out, spec, text, length);
}

static unsigned int read_number(const char **format)
{
	unsigned int value = 0;

	while (**format >= '0' && **format <= '9')
		value = value * 10 + (unsigned int)(*(*format)++ - '0');
	return value;
}

/* Everything between '%' and the conversion. */
static struct spec read_spec(const char **format, va_list *args)
{
	struct spec spec = { .precision = ~0u, .length = sizeof(int) };

	for (;; (*format)++) {
		if (**format == '-')
			spec.left = true;
		else if (**format == '0')
			spec.zero = true;
		else
			break;
	}
	spec.width = read_number(format);
	if (**format == '.') {
		(*format)++;
		if (**format == '*') {
			(*format)++;
			spec.precision = (unsigned int)va_arg(*args, int);
		} else {
			spec.precision = read_number(format);
		}
	}
	for (;; (*format)++) {
		if (**format == 'l' || **format == 'z')
			spec.length = sizeof(long);
		else if (**format != 'h')
			return spec;
	}
}

static void convert(struct out *out, const char **format, va_list *args)
{
	struct spec spec = read_spec(format, args);
	char c = *(*format)++;

	switch (c) {
	case 'd':
	case 'i':
		put_signed(out, &spec,
			   spec.length == sizeof(long) ? va_arg(*args, long)
						       : va_arg(*args, int));
		break;
	case 'u':
	case 'x':
		put_number(out, &spec,
			   spec.length == sizeof(long)
				   ? va_arg(*args, unsigned long)
				   : va_arg(*args, unsigned int),
			   c == 'x' ? 16 : 10, false);
		break;
	case 'p':
		put_number(out, &spec, (uintptr_t)va_arg(*args, void *), 16,
			   false);
		break;
	case 's':
		put_string(out, &spec, va_arg(*args, const char *));
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		put_padded(out, &spec, &c, 1);
		break;
	case '\0':
		(*format)--;
		break;
	default:
		put(out, c);
	}
}

size_t dive_vsnprintf(char *buffer, size_t size, const char *format,
		      va_list args)
{
	struct out out = { .at = buffer, .size = size };
	va_list copy;

	va_copy(copy, args);
	while (*format) {
		if (*format == '%') {
			format++;
			convert(&out, &format, &copy);
		} else {
			put(&out, *format++);
		}
	}
	va_end(copy);
	if (size)
		buffer[out.count < size ? out.count : size - 1] = '\0';
	return out.count;
}

/* More than this in one call is cut off. */
#define LINE_MAX 512

long dive_printf(const char *format, ...)
{
	char line[LINE_MAX];
	va_list args;
	size_t size;

	va_start(args, format);
	size = dive_vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return dive_write(line, size < LINE_MAX ? size : LINE_MAX - 1);
}

long dive_log(const char *format, ...)
{
	char line[LINE_MAX];
	va_list args;
	size_t size;

	va_start(args, format);
	size = dive_vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return dive_console_write(line, size < LINE_MAX ? size : LINE_MAX - 1);
}
