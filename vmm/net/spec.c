// SPDX-License-Identifier: Apache-2.0
// What --net says.
#include "vmm/net/spec.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"

#define TEXT_MAX 1024

/* Locally administered, one station: 02, then "DIVE" and a 1. */
static const uint8_t mac_default[ETHER_ADDR_SIZE] = { 0x02, 'D', 'I',
						      'V',  'E', 1 };

static int bad_forward(const char *text, struct err *e)
{
	return err_set(
		e, -EINVAL,
		"hostfwd=%s: write tcp:HOST:PORT-:GUESTPORT, or udp:..., "
		"such as tcp:127.0.0.1:8080-:80",
		text);
}

static bool parse_port(const char *text, uint16_t *ret)
{
	uint64_t port;

	if (units_number(text, UINT16_MAX, &port, NULL) || port == 0)
		return false;
	*ret = (uint16_t)port;
	return true;
}

/* HOST or [HOST] up to the last colon; none is the loopback address. */
static bool parse_host(char *text, struct net_forward *f)
{
	const char *host = text;
	size_t length = strlen(text);
	struct in6_addr address;
	int family = AF_INET;

	if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
		family = AF_INET6;
		text[length - 1] = '\0';
		host++;
	} else if (length == 0) {
		host = "127.0.0.1";
	}
	return inet_pton(family, host, &address) == 1 &&
	       memccpy(f->host, host, 0, sizeof(f->host));
}

/* tcp:HOST:PORT-:GUESTPORT */
static int add_forward(struct net_spec *spec, char *text, struct err *e)
{
	struct net_forward *f = &spec->forward[spec->forwards];
	char copy[TEXT_MAX], *host, *port, *guest;

	if (spec->forwards == NET_FORWARDS_MAX)
		return err_set(e, -EINVAL, "more than %d hostfwd",
			       NET_FORWARDS_MAX);
	if (!memccpy(copy, text, 0, sizeof(copy)))
		return bad_forward(text, e);
	host = strchr(copy, ':');
	guest = strstr(copy, "-:");
	if (!host || !guest)
		return bad_forward(text, e);
	*host++ = '\0';
	*guest = '\0';
	guest += 2;
	port = strrchr(host, ':');
	if (!port)
		return bad_forward(text, e);
	*port++ = '\0';
	f->udp = !strcmp(copy, "udp");
	if ((!f->udp && strcmp(copy, "tcp") != 0) || !parse_host(host, f) ||
	    !parse_port(port, &f->port) || !parse_port(guest, &f->guest_port))
		return bad_forward(text, e);
	spec->forwards++;
	return 0;
}

/* Two hexadecimal digits; -1 = these are none. */
static int parse_byte(const char *text)
{
	static const char digits[] = "0123456789abcdef";
	int value = 0;

	for (int i = 0; i < 2; i++) {
		const char *d =
			text[i] ? strchr(digits,
					 tolower((unsigned char)text[i]))
				: NULL;

		if (!d)
			return -1;
		value = value * 16 + (int)(d - digits);
	}
	return value;
}

static int parse_mac(struct net_spec *spec, const char *text, struct err *e)
{
	bool good = strlen(text) == 3 * ETHER_ADDR_SIZE - 1;

	for (int i = 0; i < ETHER_ADDR_SIZE && good; i++) {
		int byte = parse_byte(text + 3 * i);

		good = byte >= 0 &&
		       text[3 * i + 2] == (i < ETHER_ADDR_SIZE - 1 ? ':' : 0);
		spec->mac[i] = (uint8_t)byte;
	}
	if (!good)
		return err_set(e, -EINVAL,
			       "mac=%s: write six numbers, such as "
			       "02:00:00:00:00:01",
			       text);
	spec->mac_given = true;
	if (spec->mac[0] & 1)
		return err_set(e, -EINVAL,
			       "mac=%s is the address of a group: the first "
			       "number must be even",
			       text);
	return 0;
}

/* FNV-1a. */
static void derive_mac(struct net_spec *spec)
{
	uint32_t hash = 2166136261;

	for (const char *c = spec->tap; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619;
	memcpy(spec->mac + ETHER_ADDR_SIZE - sizeof(hash), &hash, sizeof(hash));
}

/* The first word: what is behind the network. */
static int parse_kind(struct net_spec *spec, char *word, struct err *e)
{
	uint64_t fd;

	if (!strcmp(word, "user")) {
		spec->kind = NET_USER;
		return 0;
	}
	if (!strncmp(word, "tap=", 4) && word[4]) {
		spec->kind = NET_TAP;
		if (!memccpy(spec->tap, word + 4, 0, sizeof(spec->tap)))
			return err_set(e, -EINVAL,
				       "%s: no interface has a name so long",
				       word);
		derive_mac(spec);
		return 0;
	}
	if (!strncmp(word, "fd=", 3)) {
		spec->kind = NET_FD;
		if (units_number(word + 3, INT32_MAX, &fd, e))
			return err_wrap(e, "fd");
		spec->fd = (int)fd;
		return 0;
	}
	return err_set(e, -EINVAL,
		       "there is no network '%s'; write user, tap=NAME or fd=N",
		       word);
}

int net_spec_parse(const char *text, struct net_spec *spec, struct err *e)
{
	char copy[TEXT_MAX], *at = copy, *word;
	int rc;

	*spec = (struct net_spec){ .fd = -1 };
	memcpy(spec->mac, mac_default, sizeof(spec->mac));
	if (!memccpy(copy, text, 0, sizeof(copy)))
		return err_set(e, -EINVAL, "more than %d characters",
			       TEXT_MAX - 1);
	rc = parse_kind(spec, strsep(&at, ","), e);
	while (!rc && (word = strsep(&at, ","))) {
		if (!strncmp(word, "mac=", 4))
			rc = parse_mac(spec, word + 4, e);
		else if (!strncmp(word, "hostfwd=", 8) &&
			 spec->kind == NET_USER)
			rc = add_forward(spec, word + 8, e);
		else
			rc = err_set(e, -EINVAL,
				     "'%s' means nothing here; see man dive",
				     word);
	}
	return rc;
}
