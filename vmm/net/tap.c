// SPDX-License-Identifier: Apache-2.0
// A cable to a tap interface of the host.
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm/net/ether.h"

#define HEADER_MAX sizeof(struct virtio_net_hdr_mrg_rxbuf)
#define PIECES_MAX 512u

struct tap {
	struct ether ether; /* first: one is the other */
	bool owned;         /* close the descriptor */
	size_t header;      /* bytes before each frame, IFF_VNET_HDR */
	size_t have;        /* of a frame not dropped yet, 0 = none */
	uint8_t in[HEADER_MAX + ETHER_FRAME_MAX];
};

static struct tap *of(struct ether *c)
{
	return (struct tap *)c;
}

/* A full queue or an interface that is down loses frames, as cables do. */
static bool is_loss(int error)
{
	return error == EAGAIN || error == EINTR || error == EIO ||
	       error == ENOBUFS || error == ENOMEM || error == EINVAL;
}

static int tap_send(struct ether *c, const struct iovec *frame,
		    unsigned int pieces, size_t size)
{
	static const uint8_t zero[HEADER_MAX];
	struct iovec v[PIECES_MAX + 1];

	(void)size;
	if (pieces > PIECES_MAX)
		return 0;
	v[0] = (struct iovec){ (void *)(uintptr_t)zero, of(c)->header };
	memcpy(v + 1, frame, pieces * sizeof(v[0]));
	/* syscall: writev */
	if (writev(c->fd, v, (int)pieces + 1) < 0 && !is_loss(errno))
		return -errno;
	return 0;
}

static int tap_peek(struct ether *c, const uint8_t **frame, size_t *size)
{
	struct tap *t = of(c);

	while (t->have < t->header + ETHER_FRAME_MIN) {
		/* syscall: read */
		ssize_t n = read(c->fd, t->in, sizeof(t->in));

		if (n == 0)
			return -ENOTCONN;
		if (n < 0 && errno != EINTR)
			/* Down is not gone: it may come up again. */
			return errno == EIO ? -EAGAIN : -errno;
		t->have = n > 0 ? (size_t)n : 0;
	}
	*frame = t->in + t->header;
	*size = t->have - t->header;
	return 0;
}

static void tap_drop(struct ether *c)
{
	of(c)->have = 0;
}

static void tap_close(struct ether *c)
{
	if (of(c)->owned)
		close(c->fd);
	free(of(c));
}

/* Asked of the interface, by any socket; false = there is none. */
static bool find_mtu(const struct ifreq *named, uint16_t *ret)
{
	struct ifreq r = *named;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc = fd < 0 ? -1 : ioctl(fd, SIOCGIFMTU, &r);

	if (fd >= 0)
		close(fd);
	if (rc)
		return false;
	*ret = r.ifr_mtu <= 0 || r.ifr_mtu > UINT16_MAX ? 0
							: (uint16_t)r.ifr_mtu;
	return true;
}

static int new_cable(int fd, bool owned, size_t header, struct ether **ret,
		     struct err *e)
{
	static const struct ether_ops ops = {
		.send = tap_send,
		.peek = tap_peek,
		.drop = tap_drop,
		.close = tap_close,
	};
	struct tap *t = malloc(sizeof(*t));

	if (!t)
		return err_set(e, -ENOMEM, "no memory for the network");
	/* Not the buffer: what is never used is never there. */
	t->ether = (struct ether){ .ops = &ops, .fd = fd };
	t->owned = owned;
	t->header = header;
	t->have = 0;
	*ret = &t->ether;
	return 0;
}

static int refuse(const char *name, int error, struct err *e)
{
	if (error == EPERM)
		return err_set(e, -error,
			       "tap %s belongs to somebody else: make it with "
			       "'ip tuntap add %s mode tap user NAME'",
			       name, name);
	if (error == EBUSY)
		return err_set(e, -error, "tap %s is in use", name);
	return err_set(e, -error, "cannot use tap %s: %s", name,
		       strerror(error));
}

int ether_tap(const char *name, struct ether **ret, struct err *e)
{
	struct ifreq r = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	uint16_t mtu;
	int fd, rc;

	/* An unknown one would be made, and go with us. */
	if (!memccpy(r.ifr_name, name, 0, IFNAMSIZ) || !find_mtu(&r, &mtu))
		return err_set(e, -EINVAL,
			       "there is no tap %s: make it with 'ip tuntap "
			       "add %s mode tap' and 'ip link set %s up'",
			       name, name, name);
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_set(e, -errno, "cannot open /dev/net/tun: %s",
			       strerror(errno));
	rc = ioctl(fd, TUNSETIFF, &r) ? refuse(name, errno, e)
				      : new_cable(fd, true, 0, ret, e);
	if (rc) {
		close(fd);
		return rc;
	}
	(*ret)->mtu = mtu;
	(*ret)->is_tap = true;
	return 0;
}

/* Without a tap: pipes and datagram sockets carry frames as well. */
static bool carries_frames(int fd)
{
	socklen_t size = sizeof(int);
	struct stat st;
	int type;

	if (fstat(fd, &st))
		return false;
	return S_ISFIFO(st.st_mode) ||
	       (S_ISSOCK(st.st_mode) &&
		getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
		type != SOCK_STREAM);
}

/* Header bytes before each frame, -errno. */
static int check_tap(int fd, const struct ifreq *r, struct err *e)
{
	int header = 0;

	/* IFF_NO_PI cannot be asked: IFF_NOFILTER has the same bit here. */
	if (!(r->ifr_flags & IFF_TAP))
		return err_set(
			e, -EINVAL,
			"descriptor %d is a tun, not a tap: open it with "
			"IFF_TAP",
			fd);
	if ((r->ifr_flags & IFF_VNET_HDR) &&
	    (ioctl(fd, TUNGETVNETHDRSZ, &header) ||
	     ioctl(fd, TUNSETOFFLOAD, 0) || header < 0 ||
	     header > (int)HEADER_MAX))
		return err_set(e, -EINVAL,
			       "descriptor %d has a virtio header that cannot "
			       "be left empty",
			       fd);
	return header;
}

int ether_tap_fd(int fd, struct ether **ret, struct err *e)
{
	int flags = fcntl(fd, F_GETFL), header = 0, rc;
	struct ifreq r = { .ifr_flags = 0 };
	bool tap;

	if (flags < 0)
		return err_set(e, -EINVAL, "descriptor %d is not open", fd);
	tap = ioctl(fd, TUNGETIFF, &r) == 0;
	if (tap)
		header = check_tap(fd, &r, e);
	else if (!carries_frames(fd))
		header = err_set(e, -EINVAL,
				 "descriptor %d is not a tap, a pipe or a "
				 "datagram socket",
				 fd);
	if (header < 0)
		return header;
	if (fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return err_set(e, -errno, "descriptor %d: %s", fd,
			       strerror(errno));
	rc = new_cable(fd, false, (size_t)header, ret, e);
	if (!rc && tap) {
		(void)find_mtu(&r, &(*ret)->mtu);
		(*ret)->is_tap = header == 0;
	}
	return rc;
}
