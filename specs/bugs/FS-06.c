// SPDX-License-Identifier: GPL-2.0-or-later
// Who waits for a transaction's updates lets go of the journal's lock, and the transaction may be committed and freed meanwhile.
// @source fs/jbd2/transaction.c v5.17: jbd2_journal_lock_updates(), stop_this_handle();
//   fs/jbd2/commit.c: jbd2_journal_commit_transaction()
// @bug FS-06 cc16eecae687912238ee6efbff71ad31e2bc414e (v5.18) jbd2: fix use-after-free of transaction_t race
// @expect all: violation (use after free)
// @expect[FIX_FS_06] all: safe
#include <ringtail.h>

typedef struct transaction_s {
	atomic_t t_updates;
	int t_tid;
} transaction_t;

typedef struct journal_s {
	rwlock_t j_state_lock;
	int j_barrier_count;
	transaction_t *j_running_transaction;
	wait_queue_head_t j_wait_updates;
} journal_t;

static journal_t journal;
static transaction_t *handle_transaction;

INIT
{
	transaction_t *transaction = kzalloc(sizeof(*transaction), GFP_KERNEL);

	atomic_set(&transaction->t_updates, 1);
	rwlock_init(&journal.j_state_lock);
	init_waitqueue_head(&journal.j_wait_updates);
	journal.j_running_transaction = transaction;
	handle_transaction = transaction;
}

static void jbd2_journal_wait_updates(journal_t *journal)
{
#ifdef FIX_FS_06
	DEFINE_WAIT(wait);

	while (1) {
		transaction_t *transaction = journal->j_running_transaction;

		if (!transaction)
			break;
		prepare_to_wait(&journal->j_wait_updates, &wait, TASK_UNINTERRUPTIBLE);
		if (!atomic_read(&transaction->t_updates)) {
			finish_wait(&journal->j_wait_updates, &wait);
			break;
		}
		write_unlock(&journal->j_state_lock);
		schedule();
		finish_wait(&journal->j_wait_updates, &wait);
		write_lock(&journal->j_state_lock);
	}
#else
	transaction_t *commit_transaction = journal->j_running_transaction;

	if (!commit_transaction)
		return;
	while (atomic_read(&commit_transaction->t_updates)) {
		DEFINE_WAIT(wait);

		prepare_to_wait(&journal->j_wait_updates, &wait, TASK_UNINTERRUPTIBLE);
		if (atomic_read(&commit_transaction->t_updates)) {
			write_unlock(&journal->j_state_lock);
			schedule();
			write_lock(&journal->j_state_lock);
		}
		finish_wait(&journal->j_wait_updates, &wait);
	}
#endif
}

THREAD(freeze) /* jbd2_journal_lock_updates() */
{
	write_lock(&journal.j_state_lock);
	++journal.j_barrier_count;
	jbd2_journal_wait_updates(&journal);
	write_unlock(&journal.j_state_lock);
}

THREAD(kjournald) /* jbd2_journal_commit_transaction() */
{
	transaction_t *commit_transaction;

	write_lock(&journal.j_state_lock);
	commit_transaction = journal.j_running_transaction;
	jbd2_journal_wait_updates(&journal);
	journal.j_running_transaction = NULL;
	write_unlock(&journal.j_state_lock);
	smp_mb(); /* buffers are written and waited for */
	kfree(commit_transaction);
}

THREAD(handle) /* stop_this_handle() */
{
	if (atomic_dec_and_test(&handle_transaction->t_updates))
		wake_up(&journal.j_wait_updates);
}
