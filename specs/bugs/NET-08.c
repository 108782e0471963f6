// SPDX-License-Identifier: GPL-2.0-or-later
// The version of a packet socket changes while its ring is made: the ring's timer outlives the socket.
// @source net/packet/af_packet.c v4.8: packet_setsockopt(), packet_set_ring(), packet_release()
// @bug NET-08 84ac7260236a49c79eede91617700174c2c19b0c (v4.9) packet: fix race condition in packet_set_ring
// @expect all: violation (use after free)
// @expect[FIX_NET_08] all: safe
#include <ringtail.h>
#include <timer.h>

enum tpacket_versions { TPACKET_V1, TPACKET_V2, TPACKET_V3 };

struct tpacket_kbdq_core {
	struct timer_list retire_blk_timer;
	int delete_blk_timer;
};

struct packet_sock {
	struct mutex sk_lock;
	spinlock_t queue_lock;
	refcount_t f_count;	/* of its file */
	int tp_version;
	struct {
		char **pg_vec;
		struct tpacket_kbdq_core prb_bdqc;
	} rx_ring;
};

static struct packet_sock *sock;
static char *block;

#define lock_sock(po) mutex_lock(&(po)->sk_lock)
#define release_sock(po) mutex_unlock(&(po)->sk_lock)

INIT
{
	sock = kzalloc(sizeof(*sock), GFP_KERNEL);
	mutex_init(&sock->sk_lock);
	spin_lock_init(&sock->queue_lock);
	refcount_set(&sock->f_count, 2);
	sock->tp_version = TPACKET_V3;
}

static void prb_retire_rx_blk_timer_expired(struct timer_list *t)
{
	struct packet_sock *po = from_timer(po, t, rx_ring.prb_bdqc.retire_blk_timer);

	spin_lock(&po->queue_lock);
	if (!po->rx_ring.prb_bdqc.delete_blk_timer)
		mod_timer(t, jiffies + 1);
	spin_unlock(&po->queue_lock);
}

static void prb_shutdown_retire_blk_timer(struct packet_sock *po)
{
	struct tpacket_kbdq_core *pkc = &po->rx_ring.prb_bdqc;

	spin_lock_bh(&po->queue_lock);
	pkc->delete_blk_timer = 1;
	spin_unlock_bh(&po->queue_lock);
	del_timer_sync(&pkc->retire_blk_timer);
}

static int packet_set_ring(struct packet_sock *po, char **pg_vec, int closing)
{
	int err = 0;

#ifdef FIX_NET_08
	lock_sock(po);
#endif
	if (pg_vec) {
		err = -EBUSY;
		if (unlikely(READ_ONCE(po->rx_ring.pg_vec)))
			goto out;
		err = 0;
		switch (READ_ONCE(po->tp_version)) {
		case TPACKET_V3:
			timer_setup(&po->rx_ring.prb_bdqc.retire_blk_timer, prb_retire_rx_blk_timer_expired, 0);
			add_timer(&po->rx_ring.prb_bdqc.retire_blk_timer);
			break;
		default:
			break;
		}
	}
	spin_lock_bh(&po->queue_lock);
	WRITE_ONCE(po->rx_ring.pg_vec, pg_vec);
	spin_unlock_bh(&po->queue_lock);
	if (closing && READ_ONCE(po->tp_version) > TPACKET_V2)
		prb_shutdown_retire_blk_timer(po);
out:
#ifdef FIX_NET_08
	release_sock(po);
#endif
	return err;
}

static int packet_set_version(struct packet_sock *po, int val)
{
	int ret = -EBUSY;

#ifdef FIX_NET_08
	lock_sock(po);
#endif
	if (!READ_ONCE(po->rx_ring.pg_vec)) {
		WRITE_ONCE(po->tp_version, val);
		ret = 0;
	}
#ifdef FIX_NET_08
	release_sock(po);
#endif
	return ret;
}

static void fput(struct packet_sock *po)
{
	if (!refcount_dec_and_test(&po->f_count))
		return;
	if (po->rx_ring.pg_vec)
		packet_set_ring(po, NULL, 1);
	kfree(po);
}

THREAD(set_ring)
{
	packet_set_ring(sock, &block, 0);
	fput(sock);
}

THREAD(set_version)
{
	packet_set_version(sock, TPACKET_V1);
	fput(sock);
}

IRQ(softirq) { run_timers(); }
