// SPDX-License-Identifier: GPL-2.0-or-later
// Asynchronous requests as their owner sees them: what was accepted is answered once, or cancelled, and the answer that is
// read is the one that was given. Each CPU has counters of its own, with plain stores that no other CPU reads before the
// end: to keep books orders nothing, so that a missing barrier in the path stays missing.
//
// A path calls request_accepted() where a system call has told its user that the request is in, request_completed()
// where it publishes the answer, request_cancelled() where it tells somebody that there will be none, and
// request_reaped() where the user gets the answer. A spec ends with REQUESTS_INVARIANTS: when all is quiet, the sums agree.
#pragma once

#define MAX_REQUESTS 2

// What the device answers to request `id`: nobody can take another's answer, or memory that was never written, for it.
#define REQUEST_RESULT(id) (40L + (id))

static struct request_books {
	int accepted, completed, cancelled, reaped;
} request_books[NR_CPUS][MAX_REQUESTS];

#define request_book(id) (&request_books[smp_processor_id()][id])

static inline void request_accepted(long id)
{
	request_book(id)->accepted++;
}

static inline void request_completed(long id)
{
	request_book(id)->completed++;
}

static inline void request_cancelled(long id)
{
	request_book(id)->cancelled++;
}

// The event that the user got is one that the device wrote: a request's name, and that request's answer.
static inline void request_reaped(long id, long result)
{
	assert(id >= 0 && id < MAX_REQUESTS);
	assert(result == REQUEST_RESULT(id));
	request_book(id)->reaped++;
}

// What is in flight has its place in the ring beside what nobody has read yet.
static inline void requests_fit(unsigned int in_flight, unsigned int unread, unsigned int room)
{
	assert(in_flight + unread <= room);
}

static inline void requests_are_settled(void)
{
	for (int id = 0; id < MAX_REQUESTS; id++) {
		int accepted = 0, completed = 0, cancelled = 0, reaped = 0;

		for (int cpu = 0; cpu < NR_CPUS; cpu++) {
			accepted += request_books[cpu][id].accepted;
			completed += request_books[cpu][id].completed;
			cancelled += request_books[cpu][id].cancelled;
			reaped += request_books[cpu][id].reaped;
		}
		assert(completed + cancelled == accepted); /* every submitted request completes once or is cancelled */
		assert(reaped <= completed);               /* and its answer is read at most once */
	}
}

#define REQUESTS_INVARIANTS FINALLY { requests_are_settled(); }
