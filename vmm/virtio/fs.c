// SPDX-License-Identifier: Apache-2.0
// File system device (virtio 1.2, 5.11): FUSE, served by virtiofsd.
#include "vmm/virtio/fs.h"

#include <assert.h>
#include <errno.h>
#include <linux/fuse.h>
#include <linux/virtio_ids.h>
#include <string.h>

#include "vmm/virtio/iov.h"

#define QUEUES    2 /* urgent messages, and requests: all the C daemon takes */
#define PCI_CLASS 0x0180 /* mass storage of another kind */

/* Only who expects an answer left room for one (FORGET does not). */
static uint32_t refuse(const struct virtq_chain *chain)
{
	struct iov in = { chain->iov, chain->readable };
	struct iov out = { chain->iov + chain->readable, chain->writable };
	struct fuse_in_header question;
	struct fuse_out_header answer = { .len = sizeof(answer),
					  .error = -EIO };

	if (iov_take(&in, &question, sizeof(question)) < sizeof(question) ||
	    iov_size(&out) < sizeof(answer))
		return 0;
	answer.unique = question.unique;
	return (uint32_t)iov_put(&out, &answer, sizeof(answer));
}

void fs_init(struct fs *fs, const struct gmem *mem, const char *tag)
{
	static const struct virtio_ops ops = {
		.name = "fs",
		.id = VIRTIO_ID_FS,
		.pci_class = PCI_CLASS,
		.start = vhost_start,
		.stop = vhost_stop,
		.serve = vhost_serve,
	};
	size_t length = strlen(tag);

	assert(length > 0 && length <= FS_TAG_MAX);
	vhost_init(&fs->vhost, &ops, mem, QUEUES);
	fs->vhost.refuse = refuse;
	fs->config = (struct virtio_fs_config){ .num_request_queues = 1 };
	memcpy(fs->config.tag, tag, length);
	fs->vhost.dev.config = &fs->config;
	fs->vhost.dev.config_size = sizeof(fs->config);
}
