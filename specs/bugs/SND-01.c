// SPDX-License-Identifier: GPL-2.0-or-later
// A sequencer port is made and deleted again before its maker has told what it is.
// @source sound/core/seq/seq_ports.c v4.13: snd_seq_create_port(), snd_seq_delete_port(), port_delete(); seq_clientmgr.c
//   snd_seq_ioctl_create_port()
// @bug SND-01 71105998845fb012937332fe2e806d443c09e026 (v4.14) ALSA: seq: Fix use-after-free at creating a port
// @expect all: violation (use after free)
// @expect[FIX_SND_01] sc, tso: safe   lkmm: violation (use after free)
// @expect[FIX_SND_01, FIX_ORDER] all: safe
// Upstream's atomic_dec() orders nothing before it: what the maker wrote may come after the kfree() of who saw the zero.
#include <ringtail.h>

typedef atomic_t snd_use_lock_t;

struct snd_seq_addr {
	unsigned char client, port;
};

struct snd_seq_client_port {
	struct snd_seq_addr addr;
	char name[4];
	unsigned int capability : 3, inactive : 1;
	struct list_head list;
	snd_use_lock_t use_lock;
};

static struct snd_seq_client {
	unsigned char number;
	struct list_head ports_list_head;
	rwlock_t ports_lock;
	struct mutex ports_mutex;
} client = {
	.number = 128,
	.ports_list_head = LIST_HEAD_INIT(client.ports_list_head),
	.ports_lock = __RW_LOCK_UNLOCKED(client.ports_lock),
	.ports_mutex = __MUTEX_INITIALIZER(client.ports_mutex),
};

#define snd_use_lock_use(lockp) atomic_inc(lockp)
#define snd_use_lock_free(lockp) atomic_dec(lockp)

static void snd_use_lock_sync(snd_use_lock_t *lockp)
{
	while (atomic_read(lockp) > 0)
		schedule_timeout_uninterruptible(1);
#ifdef FIX_ORDER
	smp_mb();
#endif
}

static struct snd_seq_client_port *snd_seq_create_port(struct snd_seq_client *c, int port)
{
	struct snd_seq_client_port *new_port = kzalloc(sizeof(*new_port), GFP_KERNEL);

	if (!new_port)
		return NULL;
	new_port->addr = (struct snd_seq_addr){ .client = c->number, .port = -1 };
	atomic_set(&new_port->use_lock, 0);
#ifdef FIX_SND_01
	snd_use_lock_use(&new_port->use_lock);
#endif
	mutex_lock(&c->ports_mutex);
	write_lock_irq(&c->ports_lock);
	list_add_tail(&new_port->list, &c->ports_list_head);
	new_port->addr.port = port;
	write_unlock_irq(&c->ports_lock);
	mutex_unlock(&c->ports_mutex);
	return new_port;
}

static void create_port(void *arg)
{
	struct snd_seq_client_port *port = snd_seq_create_port(&client, *(int *)arg);

	if (!port)
		return;
	port->capability = 5;
	port->name[0] = "midi"[0], port->name[1] = '\0';
#ifdef FIX_SND_01
#ifdef FIX_ORDER
	smp_mb__before_atomic();
#endif
	snd_use_lock_free(&port->use_lock);
#endif
}

static void delete_port(void *arg)
{
	struct snd_seq_client_port *found = NULL, *p;

	mutex_lock(&client.ports_mutex);
	write_lock_irq(&client.ports_lock);
	list_for_each_entry(p, &client.ports_list_head, list) {
		if (p->addr.port == *(int *)arg) {
			list_del(&p->list);
			found = p;
			break;
		}
	}
	write_unlock_irq(&client.ports_lock);
	mutex_unlock(&client.ports_mutex);
	if (!found)
		return;
	snd_use_lock_sync(&found->use_lock);
	kfree(found);
}

static const struct ioctl_handler {
	unsigned int cmd;
	void (*func)(void *);
} ioctl_handlers[] = {
	{ 0xc0a85320, create_port },
	{ .func = delete_port, .cmd = 0x40a85321 },
	{ 0, NULL },
};

static long snd_seq_ioctl(unsigned int cmd, int port)
{
	const struct ioctl_handler *handler;

	for (handler = ioctl_handlers; handler->cmd > 0; ++handler) {
		if (handler->cmd == cmd) {
			handler->func(&port);
			return 0;
		}
	}
	return -ENOTTY;
}

THREAD(creator) { snd_seq_ioctl(0xc0a85320, 3); }

THREAD(deleter) { snd_seq_ioctl(0x40a85321, 3); }
