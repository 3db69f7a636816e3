/* SPDX-License-Identifier: Apache-2.0 */
/* File system device (virtio 1.2, 5.11): FUSE, served by virtiofsd. */
#ifndef VMM_VIRTIO_FS_H
#define VMM_VIRTIO_FS_H

#include <linux/virtio_fs.h>

#include "vmm/virtio/vhost.h"

#define FS_TAG_MAX 36 /* without a NUL */

/**
 * struct fs - a shared directory
 * @vhost: the device; first
 * @config: its configuration space
 */
struct fs {
	struct vhost vhost;
	struct virtio_fs_config config;
};

/**
 * fs_init() - a device without a daemon
 * @fs: overwritten; vhost_connect() comes next
 * @mem: borrowed
 * @tag: by which the guest mounts it, 1 to FS_TAG_MAX bytes; copied
 *
 * Without a daemon, or when it has gone, every request gets EIO.
 */
void fs_init(struct fs *fs, const struct gmem *mem, const char *tag);

#endif
