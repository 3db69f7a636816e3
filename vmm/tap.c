// SPDX-License-Identifier: Apache-2.0
// A network interface of the host (Linux Documentation/networking/tuntap.rst).
#include "vmm/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_tun.h>

#define MTU_DEFAULT 1500

/* Asked of the interface, by any socket; an unknown one has the usual. */
static uint16_t find_mtu(const struct ifreq *named)
{
	struct ifreq r = *named;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc = fd < 0 ? -1 : ioctl(fd, SIOCGIFMTU, &r);

	if (fd >= 0)
		close(fd);
	return rc || r.ifr_mtu <= 0 || r.ifr_mtu > UINT16_MAX
		       ? MTU_DEFAULT
		       : (uint16_t)r.ifr_mtu;
}

static int open_interface(struct tap *tap, const char *name, struct err *e)
{
	struct ifreq r = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	if (!*name || strlen(name) >= sizeof(r.ifr_name))
		return err_set(e, -EINVAL, "'%s' is no name of an interface",
			       name);
	memcpy(r.ifr_name, name, strlen(name) + 1);
	tap->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (tap->fd < 0)
		return err_set(e, -errno, "/dev/net/tun: cannot be opened: %s",
			       strerror(errno));
	tap->is_ours = true;
	if (ioctl(tap->fd, TUNSETIFF, &r))
		return err_set(e, -errno,
			       "cannot attach to the tap interface %s: %s; "
			       "make it with 'ip tuntap add %s mode tap user "
			       "$USER'",
			       name, strerror(errno), name);
	tap->mtu = find_mtu(&r);
	return 0;
}

static int take_descriptor(struct tap *tap, int fd, struct err *e)
{
	struct ifreq r = { .ifr_flags = 0 };
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return err_set(e, -errno, "descriptor %d: %s", fd,
			       strerror(errno));
	tap->fd = fd;
	tap->mtu = ioctl(fd, TUNGETIFF, &r) ? MTU_DEFAULT : find_mtu(&r);
	return 0;
}

int tap_open(struct tap *tap, const struct run_net *from, struct err *e)
{
	int rc;

	*tap = (struct tap){ .fd = -1 };
	rc = from->tap ? open_interface(tap, from->tap, e)
		       : take_descriptor(tap, from->fd, e);
	if (rc)
		tap_close(tap);
	return rc;
}

void tap_close(struct tap *tap)
{
	if (tap->is_ours && tap->fd >= 0)
		close(tap->fd);
	tap->fd = -1;
}
