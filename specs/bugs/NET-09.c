// SPDX-License-Identifier: GPL-2.0-or-later
// A guest's socket device is found in the hash table and used after the lock is let go.
// @source drivers/vhost/vsock.c v4.19: vhost_vsock_get(), vhost_transport_send_pkt(), vhost_vsock_dev_release()
// @bug NET-09 834e772c8db0 (v4.20) vhost/vsock: fix use-after-free in network stack callers
// @expect all: violation (use after free)
// @expect[FIX_NET_09] all: safe
#include <ringtail.h>

#define VHOST_VSOCK_DEFAULT_HOST_CID 2

struct vhost_vsock {
	struct hlist_node hash;
	spinlock_t send_pkt_list_lock;
	struct list_head send_pkt_list;
	u32 guest_cid;
};

struct virtio_vsock_pkt {
	struct list_head list;
	struct { __le64 dst_cid; } hdr;
};

static DEFINE_SPINLOCK(vhost_vsock_lock);
static DEFINE_READ_MOSTLY_HASHTABLE(vhost_vsock_hash, 1);
static struct vhost_vsock *opened;

INIT
{
	struct vhost_vsock *vsock = kvzalloc(sizeof(*vsock), GFP_KERNEL | __GFP_RETRY_MAYFAIL);

	spin_lock_init(&vsock->send_pkt_list_lock);
	INIT_LIST_HEAD(&vsock->send_pkt_list);
	vsock->guest_cid = 3;
	hash_add_rcu(vhost_vsock_hash, &vsock->hash, vsock->guest_cid);
	opened = vsock;
}

static struct vhost_vsock *__vhost_vsock_get(u32 guest_cid)
{
	struct vhost_vsock *vsock;

	hash_for_each_possible_rcu(vhost_vsock_hash, vsock, hash, guest_cid) {
		u32 other_cid = vsock->guest_cid;

		if (other_cid == 0)
			continue;
		if (other_cid == guest_cid)
			return vsock;
	}
	return NULL;
}

static int vhost_transport_send_pkt(struct virtio_vsock_pkt *pkt)
{
	struct vhost_vsock *vsock;

#ifdef FIX_NET_09
	rcu_read_lock();
	vsock = __vhost_vsock_get(le64_to_cpu(pkt->hdr.dst_cid));
#else
	spin_lock_bh(&vhost_vsock_lock);
	vsock = __vhost_vsock_get(le64_to_cpu(pkt->hdr.dst_cid));
	spin_unlock_bh(&vhost_vsock_lock);
#endif
	if (!vsock) {
#ifdef FIX_NET_09
		rcu_read_unlock();
#endif
		kfree(pkt);
		return -ENODEV;
	}
	spin_lock_bh(&vsock->send_pkt_list_lock);
	list_add_tail(&pkt->list, &vsock->send_pkt_list);
	spin_unlock_bh(&vsock->send_pkt_list_lock);
#ifdef FIX_NET_09
	rcu_read_unlock();
#endif
	return 0;
}

static void vhost_vsock_dev_release(struct vhost_vsock *vsock)
{
	spin_lock_bh(&vhost_vsock_lock);
	if (vsock->guest_cid)
		hash_del_rcu(&vsock->hash);
	spin_unlock_bh(&vhost_vsock_lock);
#ifdef FIX_NET_09
	synchronize_rcu();
#endif
	spin_lock_bh(&vsock->send_pkt_list_lock);
	while (!list_empty(&vsock->send_pkt_list)) {
		struct virtio_vsock_pkt *pkt;

		pkt = list_first_entry(&vsock->send_pkt_list, struct virtio_vsock_pkt, list);
		list_del_init(&pkt->list);
		kfree(pkt);
	}
	spin_unlock_bh(&vsock->send_pkt_list_lock);
	kvfree(vsock);
}

THREAD(send)
{
	struct virtio_vsock_pkt *pkt = kzalloc(sizeof(*pkt), GFP_KERNEL);

	pkt->hdr.dst_cid = cpu_to_le64(3);
	vhost_transport_send_pkt(pkt);
}

THREAD(release) { vhost_vsock_dev_release(opened); }
