// SPDX-License-Identifier: GPL-2.0-or-later
// The transport of a socket is read before the lock is taken that keeps it: connect() has let it go meanwhile.
// @source net/vmw_vsock/af_vsock.c v5.10: vsock_stream_setsockopt(), vsock_assign_transport()
// @bug NET-03 c518adafa39f37858697ac9309c6cf1805581446 (v5.11) vsock: fix the race conditions in multi-transport support
// @expect all: violation (use after free)
// @expect[FIX_NET_03] all: safe
#include <ringtail.h>

struct virtio_vsock_sock { u32 buf_alloc; };
struct vsock_sock {
	struct mutex sk_lock;
	const struct vsock_transport *transport;
	u64 buffer_size;
	struct virtio_vsock_sock *trans;
};
struct vsock_transport {
	void (*notify_buffer_size)(struct vsock_sock *vsk, u64 *val);
	void (*destruct)(struct vsock_sock *vsk);
};
#define lock_sock(sk) mutex_lock(&(sk)->sk_lock)
#define release_sock(sk) mutex_unlock(&(sk)->sk_lock)

static void virtio_transport_notify_buffer_size(struct vsock_sock *vsk, u64 *val)
{
	struct virtio_vsock_sock *vvs = vsk->trans;

	if (*val > 0xffffffffULL)
		*val = 0xffffffffULL;
	WRITE_ONCE(vvs->buf_alloc, *val);
}

static void virtio_transport_destruct(struct vsock_sock *vsk)
{
	kfree(vsk->trans);
}

static const struct vsock_transport virtio_transport = {
	.notify_buffer_size = virtio_transport_notify_buffer_size,
	.destruct = virtio_transport_destruct,
};

static struct vsock_sock vsk;
INIT
{
	mutex_init(&vsk.sk_lock);
	vsk.transport = &virtio_transport;
	vsk.trans = kzalloc(sizeof(*vsk.trans), GFP_KERNEL);
}

static void vsock_update_buffer_size(struct vsock_sock *vsk, const struct vsock_transport *transport, u64 val)
{
	if (val != vsk->buffer_size && transport && transport->notify_buffer_size)
		transport->notify_buffer_size(vsk, &val);
	vsk->buffer_size = val;
}

static int vsock_stream_setsockopt(struct vsock_sock *sk, u64 val)
{
	const struct vsock_transport *transport;

#ifndef FIX_NET_03
	transport = READ_ONCE(sk->transport);
#endif
	lock_sock(sk);
#ifdef FIX_NET_03
	transport = sk->transport;
#endif
	vsock_update_buffer_size(sk, transport, val);
	release_sock(sk);
	return 0;
}

static int vsock_connect(struct vsock_sock *vsk)
{
	lock_sock(vsk);
	if (vsk->transport) {
		vsk->transport->destruct(vsk);
		WRITE_ONCE(vsk->transport, NULL);
	}
	release_sock(vsk);
	return -ENODEV;
}

THREAD(setsockopt) { vsock_stream_setsockopt(&vsk, 8192); }
THREAD(connect) { vsock_connect(&vsk); }
