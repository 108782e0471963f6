// SPDX-License-Identifier: GPL-2.0-or-later
// What each AIO call may return, by what is known and by kernel version.
#include <gtest/gtest.h>

#include "tests/kernel/aio_calls.h"

namespace ringtail::kernel::aio_tests {
namespace {

constexpr Version k2_6_18{2, 6, 18}, k3_6{3, 6, 0}, k3_10{3, 10, 0}, k4_9{4, 9, 0}, k4_14{4, 14, 0},
    k4_19{4, 19, 0}, k5_10{5, 10, 0}, k6_1{6, 1, 0};
constexpr std::uint64_t kWild = 0xdead000;

struct Row {
  const char* name;
  Version version;
  std::string (*run)(Aio&);
  const char* expected;
};

class Table : public testing::TestWithParam<Row> {};
TEST_P(Table, Holds) {
  Host host;
  host.cpus = 2;
  host.aio_max_nr = 65536;
  Aio a(GetParam().version, host);
  EXPECT_EQ(GetParam().run(a), GetParam().expected);
}
std::string name_of_row(const testing::TestParamInfo<Row>& info) {
  std::string name;
  for (const char c : std::string(info.param.name))
    name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

#define SETUP(nr, result) [](Aio& a) { return a.run(setup_call(nr, kRing, result)); }

constexpr Row kSetup[] = {
    {"makes a context", k6_1, SETUP(1, 0), "conforms"},
    {"of no events", k6_1, SETUP(0, -22), "conforms"},
    {"of no events cannot succeed", k6_1, SETUP(0, 0), "diverges io_setup.zero"},
    {"of more than the limit", k6_1, SETUP(65537, -11), "conforms"},
    {"of more than the limit cannot succeed", k6_1, SETUP(65537, 0), "diverges io_setup.limit"},
    {"of too many", k6_1, SETUP(4194305, -22), "conforms"},
    {"of too many fails before the limit is looked at", k6_1, SETUP(4194305, -11), "diverges io_setup.huge"},
    {"of half of that is against the limit only", k6_1, SETUP(4194304, 0), "diverges io_setup.limit"},
    {"of 2 to the 31 wraps to none", k6_1, SETUP(0x80000000, 0), "diverges io_setup.wraps"},
    {"of the largest unsigned", k6_1, SETUP(0xffffffff, -22), "conforms"},
    {"before the doubling takes twice as many", k3_6, SETUP(8388608, 0), "diverges io_setup.limit"},
    {"before the doubling too many", k3_6, SETUP(8388609, -11), "diverges io_setup.huge"},
    {"of the upper half of a register is not looked at", k6_1, SETUP(0x100000001, 0), "conforms"},
    {"may lack memory", k6_1, SETUP(1, -12), "conforms"},
    {"may find aio-nr used up", k6_1, SETUP(1, -11), "conforms"},
    {"has no such error", k6_1, SETUP(1, -9), "diverges io_setup.result"},
    {"returns 0", k6_1, SETUP(1, 1), "diverges io_setup.result"},
    {"gives the address of a mapping", k6_1, [](Aio& a) { return a.setup(1, kRing + 8); },
     "diverges io_setup.id"},
    {"gives no context that is there", k6_1, [](Aio& a) { return a.setup(1, kRing), a.setup(1, kRing); },
     "diverges io_setup.again"},
    {"gives the address of a destroyed one again", k6_1,
     [](Aio& a) { return a.setup(1, kRing), a.run(destroy_call(kRing)), a.setup(1, kRing); }, "conforms"},
    {"cannot exceed aio-max-nr in all", k6_1,
     [](Aio& a) { return a.setup(40000, kRing), a.setup(40000, kOther); }, "diverges io_setup.total"},
    {"counts only contexts that are there", k6_1,
     [](Aio& a) { return a.setup(40000, kRing), a.run(destroy_call(kRing)), a.setup(40000, kOther); },
     "conforms"},
    {"does not write to nowhere", k6_1,
     [](Aio& a) {
       return a.run(call(Sys::io_setup, {1, 0}, 0));
     },
     "diverges io_setup.fault"},
    {"fails on nowhere", k6_1,
     [](Aio& a) {
       return a.run(call(Sys::io_setup, {1, 0}, -14));
     },
     "exactly"},
    {"fails on an address of the kernel", k6_1,
     [](Aio& a) {
       return a.run(call(Sys::io_setup, {1, 0xffffffff81000000}, -14));
     },
     "exactly"},
};
INSTANTIATE_TEST_SUITE_P(Setup, Table, testing::ValuesIn(kSetup), name_of_row);

constexpr Row kDestroy[] = {
    {"destroys", k6_1, [](Aio& a) { return a.setup(1, kRing), a.run(destroy_call(kRing)); }, "exactly"},
    {"knows what is there", k6_1, [](Aio& a) { return a.setup(1, kRing), a.run(destroy_call(kRing, -22)); },
     "diverges io_destroy.result"},
    {"refuses what is not", k6_1, [](Aio& a) { return a.run(destroy_call(kWild, -22)); }, "exactly"},
    {"cannot destroy what is not", k6_1, [](Aio& a) { return a.run(destroy_call(kWild)); },
     "diverges io_destroy.context"},
    {"cannot destroy twice", k6_1,
     [](Aio& a) { return a.setup(1, kRing), a.run(destroy_call(kRing)), a.run(destroy_call(kRing)); },
     "diverges io_destroy.context"},
    {"takes requests in flight along", k6_1,
     [](Aio& a) {
       a.setup(1, kRing), a.submit({read_of(1, 8)}, 1), a.run(destroy_call(kRing)), a.setup(1, kRing);
       return a.read(1, 1, {event(1, 8)});
     },
     "diverges io_event.request"},
};
INSTANTIATE_TEST_SUITE_P(Destroy, Table, testing::ValuesIn(kDestroy), name_of_row);

#define SUBMIT(result, ...) [](Aio& a) { return a.setup(8, kRing), a.submit({__VA_ARGS__}, result); }

const Row kSubmit[] = {
    {"takes one", k6_1, SUBMIT(1, read_of(1, 8)), "conforms"},
    {"takes at most all", k6_1, SUBMIT(2, read_of(1, 8)), "diverges io_submit.nr"},
    {"takes at least one", k6_1, SUBMIT(0, read_of(1, 8)), "diverges io_submit.nr"},
    {"of none returns none", k6_1, SUBMIT(0), "exactly"},
    {"of none does not fail", k6_1, SUBMIT(-14), "diverges io_submit.result"},
    {"of none in no context", k6_1, [](Aio& a) { return a.submit({}, 0); }, "diverges io_submit.context"},
    {"of a negative number", k6_1, [](Aio& a) { return a.run(call(Sys::io_submit, {kRing, ~0ull, 0}, -22)); }, "exactly"},
    {"in no context", k6_1, [](Aio& a) { return a.submit({read_of(1, 8)}, -22); }, "exactly"},
    {"cannot work in no context", k6_1, [](Aio& a) { return a.submit({read_of(1, 8)}, 1); }, "diverges io_submit.context"},
    {"cannot work in a destroyed context", k6_1,
     [](Aio& a) { return a.setup(8, kRing), a.run(destroy_call(kRing)), a.submit({read_of(1, 8)}, 1); },
     "diverges io_submit.context"},
    {"in a ring of which a part was moved", k6_1,
     [](Aio& a) {
       a.setup(1000, kRing);
       a.run(call(Sys::mremap, {kRing + 4096, 4096, 4096, 3, kOther}, static_cast<std::int64_t>(kOther)));
       return a.run(submit_call({nowhere()}, -14, kOther));
     },
     "conforms"},
    {"in a page of a ring that stands", k6_1,
     [](Aio& a) { return a.setup(1000, kRing), a.run(submit_call({nowhere()}, -14, kRing + 4096)); },
     "diverges io_submit.context"},
    {"of a null iocb", k6_1, SUBMIT(-14, nowhere()), "exactly"},
    {"of a null iocb cannot work", k6_1, SUBMIT(1, nowhere()), "diverges iocb.pointer"},
    {"stops at a null iocb", k6_1, SUBMIT(1, read_of(1, 8), nowhere()), "conforms"},
    {"does not go past a null iocb", k6_1, SUBMIT(2, read_of(1, 8), nowhere()), "diverges io_submit.prefix"},
    {"of a bad descriptor", k6_1, SUBMIT(-9, with(read_of(1, 8), &Iocb::fildes, ~0ull)), "conforms"},
    {"of a bad descriptor cannot work", k6_1, SUBMIT(1, with(read_of(1, 8), &Iocb::fildes, ~0ull)),
     "diverges iocb.descriptor"},
    {"of a negative length", k6_1, SUBMIT(1, read_of(1, 1ull << 63)), "diverges iocb.overflow"},
    {"looks at the length before the descriptor", k6_1,
     SUBMIT(-9, with(read_of(1, 1ull << 63), &Iocb::fildes, ~0ull)), "diverges iocb.overflow"},
    {"has slots for what was asked", k6_1, SUBMIT(-11, read_of(1, 8)), "diverges io_submit.result"},
    {"of a no-op", k6_1, SUBMIT(1, iocb(1, 6, 3, 8)), "diverges iocb.opcode"},
    {"of preadx", k6_1, SUBMIT(1, iocb(1, 4, 3, 8)), "diverges iocb.opcode"},
    {"of an operation that never was", k6_1, SUBMIT(1, iocb(1, 99, 3, 8)), "diverges iocb.opcode"},
    {"of fsync on a file", k6_1, SUBMIT(1, sync_of(1)), "conforms"},
    {"of fsync with a length", k6_1, SUBMIT(1, with(sync_of(1), &Iocb::nbytes, 8)), "diverges iocb.fsync-fields"},
    {"of fsync on a pipe", k6_1, SUBMIT(1, with(iocb(1, 2, 4, 0, "pipe:[7]"), &Iocb::buf, 0)), "diverges iocb.fsync-none"},
    {"of poll", k6_1, SUBMIT(1, poll_of(1, 1)), "conforms"},
    {"of poll for more than 16 bits", k6_1, SUBMIT(1, poll_of(1, 0x10001)), "diverges iocb.poll-mask"},
    {"of poll with an offset", k6_1, SUBMIT(1, with(poll_of(1, 1), &Iocb::offset, 1)), "diverges iocb.poll-fields"},
    {"of poll before there was one", k4_14, SUBMIT(1, poll_of(1, 1)), "diverges iocb.no-poll"},
    {"of poll when there was one", k4_19, SUBMIT(1, poll_of(1, 1)), "conforms"},
    {"of vectors before there were any", k2_6_18, SUBMIT(1, iocb(1, 7, 3, 1)), "diverges iocb.no-vectors"},
    {"of vectors", k3_6, SUBMIT(1, iocb(1, 7, 3, 1)), "conforms"},
    {"of a number of vectors that wraps", k6_1, SUBMIT(1, iocb(1, 7, 3, 1 + (1ull << 32))), "conforms"},
    {"of more vectors than UIO_MAXIOV", k6_1, SUBMIT(1, iocb(1, 7, 3, 1025)), "diverges iocb.vector"},
    {"of flags before there were any", k4_9, SUBMIT(1, with(read_of(1, 8), &Iocb::rw_flags, 8)), "diverges iocb.reserved1"},
    {"of flags that are known", k5_10, SUBMIT(1, with(read_of(1, 8), &Iocb::rw_flags, 8)), "conforms"},
    {"of flags that are not yet known", k5_10, SUBMIT(1, with(read_of(1, 8), &Iocb::rw_flags, 0x40)),
     "diverges iocb.rw-flags"},
    {"of flags that no kernel knows", k6_1, SUBMIT(1, with(read_of(1, 8), &Iocb::rw_flags, 0x10000)),
     "diverges iocb.rw-flags"},
    {"into the kernel's memory", k6_1, SUBMIT(1, with(read_of(1, 8), &Iocb::buf, 0xffffffff81000000)),
     "diverges iocb.buffer"},
    {"with a bad eventfd", k6_1, SUBMIT(1, with(with(read_of(1, 8), &Iocb::flags, 1), &Iocb::resfd, ~0ull)),
     "diverges iocb.resfd"},
    {"reserves fields that nobody records", k6_1, SUBMIT(-22, read_of(1, 8)), "conforms"},
    {"has no such error", k6_1, SUBMIT(-4, read_of(1, 8)), "diverges io_submit.result"},
    {"may be full", k6_1,
     [](Aio& a) {
       a.setup(2, kRing), a.submit({read_of(1, 8), read_of(2, 8)}, 2);
       return a.submit({read_of(3, 8)}, -11);
     },
     "conforms"},
    {"of the array's pointer alone", k6_1,
     [](Aio& a) { return a.setup(2, kRing), a.run(call(Sys::io_submit, {kRing, 1, 0x7ffc0000}, 1)); }, "conforms"},
    {"of an array in the kernel", k6_1,
     [](Aio& a) { return a.setup(2, kRing), a.run(call(Sys::io_submit, {kRing, 1, ~0ull}, 1)); }, "diverges iocb.pointer"},
    {"of an array in the kernel fails before the context is looked at", k4_9,
     [](Aio& a) { return a.run(call(Sys::io_submit, {kRing, 1, ~0ull}, -22)); }, "diverges io_submit.array"},
    {"of an array in the kernel fails after the context is looked at", k6_1,
     [](Aio& a) { return a.run(call(Sys::io_submit, {kRing, 1, ~0ull}, -14)); }, "diverges io_submit.context"},
};
INSTANTIATE_TEST_SUITE_P(Submit, Table, testing::ValuesIn(kSubmit), name_of_row);

// A context with requests 1 (a read of 8 bytes), 2 (a write of 512) and 3 (a poll for POLLIN).
void three(Aio& a) { a.setup(8, kRing), a.submit({read_of(1, 8), write_of(2, 512), poll_of(3, 1)}, 3); }
void two(Aio& a) { a.setup(8, kRing), a.submit({read_of(1, 8), write_of(2, 512)}, 2); }
#define READ(least, most, ...) [](Aio& a) { return three(a), a.read(least, most, {__VA_ARGS__}); }
IoEvent second(IoEvent e) { return e.res2 = Word::of(1), e; }

// An io_pgetevents that need not wait.
Call masked(std::uint64_t size, SignalMask mask, std::int64_t result) {
  Call c = call(Sys::io_pgetevents, {kRing, 0, 8, 0x7ffc0000, 0}, result);
  c.arg[5] = Word::unknown();
  c.outs.items = {size, static_cast<std::uint64_t>(mask)};
  c.outs.state = List<std::uint64_t>::State::complete;
  if (result >= 0) c.events.state = List<IoEvent>::State::complete;
  return c;
}

const Row kGetevents[] = {
    {"reads one", k6_1, READ(1, 8, event(1, 8)), "conforms"},
    {"reads all in any order", k6_1, READ(3, 8, event(3, 1), event(1, 0), event(2, -5)), "conforms"},
    {"reads no more than asked for", k6_1, READ(1, 1, event(1, 8), event(2, 512)),
     "diverges io_getevents.nr"},
    {"reads none without waiting", k6_1, READ(0, 8), "conforms"},
    {"waits for one", k6_1, READ(1, 8), "diverges io_getevents.min_nr"},
    {"waits no longer than the timeout", k6_1,
     [](Aio& a) { return three(a), a.run(timed(read_call(1, 8, {}), 5)); }, "conforms"},
    {"reads fewer than min_nr at a signal", k6_1, READ(2, 8, event(1, 8)),
     "conforms with a signal, or io_getevents.min_nr"},
    {"reads fewer than min_nr in time", k6_1,
     [](Aio& a) { return three(a), a.run(timed(read_call(2, 8, {event(1, 8)}), 5)); }, "conforms"},
    {"knows no such request", k6_1, READ(1, 8, event(9, 8)), "diverges io_event.request"},
    {"completes a request once", k6_1, READ(1, 8, event(1, 8), event(1, 8)), "diverges io_event.request"},
    {"completes a request once in all", k6_1,
     [](Aio& a) { return three(a), a.read(1, 8, {event(1, 8)}), a.read(1, 8, {event(1, 8)}); },
     "diverges io_event.request"},
    {"gives no more bytes than asked for", k6_1, READ(1, 8, event(1, 9)), "diverges io_event.res"},
    {"gives no mask that was not asked for", k6_1, READ(1, 8, event(3, 4)), "diverges io_event.res"},
    {"gives errors and hang-ups unasked", k6_1, READ(1, 8, event(3, 0x18)), "conforms"},
    {"polls until something is there", k6_1, READ(1, 8, event(3, 0)), "diverges io_event.res"},
    {"gives errors that there are", k6_1, READ(1, 8, event(1, -512)), "diverges io_event.res"},
    {"gives no second result", k6_1, READ(1, 8, second(event(1, 8))), "diverges io_event.res2"},
    {"gave files no second result before either", k5_10, READ(1, 8, second(event(1, 8))),
     "diverges io_event.res2"},
    {"gave endpoints a second result before", k5_10,
     [](Aio& a) {
       a.setup(8, kRing), a.submit({iocb(1, 0, 3, 8, "/dev/usb-ffs/adb/ep1")}, 1);
       return a.read(1, 8, {second(event(1, 8))});
     },
     "conforms"},
    {"gave who knows what a second result before", k5_10,
     [](Aio& a) {
       a.setup(8, kRing), a.submit({iocb(1, 0, 3, 8)}, 1);
       return a.read(1, 8, {second(event(1, 8))});
     },
     "conforms"},
    {"gives up when the timeout is over", k6_1,
     [](Aio& a) {
       return three(a), a.run_for(1'000'000'001, timed(read_call(2, 8, {event(1, 8)}), 1'000'000'000));
     },
     "conforms"},
    {"gives up no sooner", k6_1,
     [](Aio& a) {
       return three(a), a.run_for(400'000'001, timed(read_call(2, 8, {event(1, 8)}), 1'000'000'000));
     },
     "conforms with a signal, or io_getevents.timeout"},
    {"gives up no sooner with nothing", k6_1,
     [](Aio& a) { return three(a), a.run_for(400'000'001, timed(read_call(1, 8, {}), 1'000'000'000)); },
     "conforms with a signal, or io_getevents.timeout"},
    {"has read enough before the timeout", k6_1,
     [](Aio& a) {
       return three(a), a.run_for(400'000'001, timed(read_call(1, 8, {event(1, 8)}), 1'000'000'000));
     },
     "conforms"},
    {"took whole milliseconds, which are perhaps seconds", k6_1,
     [](Aio& a) { return three(a), a.run_for(400'000'000, timed(read_call(1, 8, {}), 1'000'000'000)); },
     "conforms"},
    {"timed by ticks", k6_1,
     [](Aio& a) { return three(a), a.run_for(985'000'001, timed(read_call(1, 8, {}), 1'000'000'000)); },
     "conforms"},
    {"returns a number", k6_1,
     [](Aio& a) {
       return three(a), a.run(call(Sys::io_getevents, {kRing, 1, 8, 0x7ffc0000, 0}, -70000));
     },
     "diverges io_getevents.nr"},
    {"gives an iocb's address", k6_1, READ(1, 8, event(1, 8, 0)), "diverges io_event.obj"},
    {"range min", k6_1, [](Aio& a) { return three(a), a.run(failed(read_call(2, 1, {}), 22)); }, "exactly"},
    {"range min cannot work", k6_1, READ(2, 1, event(1, 8)), "diverges io_getevents.range"},
    {"range negative", k6_1, READ(-1, 8, event(1, 8)), "diverges io_getevents.range"},
    {"range of none", k6_1, READ(0, 0), "conforms"},
    {"in no context", k6_1, [](Aio& a) { return a.run(failed(read_call(1, 1, {}), 22)); }, "exactly"},
    {"cannot work in no context", k6_1, [](Aio& a) { return a.read(0, 1, {}); },
     "diverges io_getevents.context"},
    {"cannot work in a destroyed context", k6_1,
     [](Aio& a) { return three(a), a.run(destroy_call(kRing)), a.read(0, 1, {}); },
     "diverges io_getevents.context"},
    {"knows the context that is there", k6_1,
     [](Aio& a) { return three(a), a.run(failed(read_call(1, 1, {}), 22)); }, "diverges io_getevents.result"},
    {"may be interrupted", k6_1, [](Aio& a) { return three(a), a.run(failed(read_call(1, 1, {}), 4)); },
     "conforms"},
    {"has no such error", k6_1, [](Aio& a) { return three(a), a.run(failed(read_call(1, 1, {}), 11)); },
     "diverges io_getevents.result"},
    {"returns as many as it writes", k6_1,
     [](Aio& a) {
       three(a);
       Call c = read_call(1, 8, {event(1, 8)});
       c.out.value = 2;
       return a.run(c);
     },
     "diverges io_getevents.events"},
    {"of events nobody recorded", k6_1,
     [](Aio& a) {
       return three(a), a.run(call(Sys::io_getevents, {kRing, 1, 8, 0x7ffc0000, 0}, 3));
     },
     "conforms"},
    {"of events nobody recorded are no more than requests", k6_1,
     [](Aio& a) {
       return three(a), a.run(call(Sys::io_getevents, {kRing, 1, 8, 0x7ffc0000, 0}, 4));
     },
     "diverges io_event.request"},
    {"faults on events in the kernel", k6_1,
     [](Aio& a) {
       return three(a), a.run(call(Sys::io_getevents, {kRing, 1, 8, ~0xffull, 0}, -14));
     },
     "conforms"},
    {"reads a bad timeout before it looks for the context", k6_1,
     [](Aio& a) {
       return a.run(call(Sys::io_getevents, {kRing, 1, 8, 0x7ffc0000, ~0xffull}, -22));
     },
     "diverges io_getevents.timeout-fault"},
    {"looked for the context before it read the timeout", k4_14,
     [](Aio& a) {
       return a.run(call(Sys::io_getevents, {kRing, 1, 8, 0x7ffc0000, ~0xffull}, -14));
     },
     "diverges io_getevents.context"},
    {"of a signal mask looks at the size first", k6_1,
     [](Aio& a) { return three(a), a.run(masked(16, SignalMask::unreadable, -14)); },
     "diverges io_pgetevents.sigmask-size"},
    {"refuses another size", k6_1, [](Aio& a) { return three(a), a.run(masked(4, SignalMask::readable, 0)); },
     "diverges io_pgetevents.sigmask-size"},
    {"refuses it before it looks for the context", k6_1,
     [](Aio& a) { return a.run(masked(4, SignalMask::readable, -22)); }, "exactly"},
    {"faults on a mask that cannot be read", k6_1,
     [](Aio& a) { return three(a), a.run(masked(8, SignalMask::unreadable, 0)); },
     "diverges io_pgetevents.sigmask-fault"},
    {"does not on one that can", k6_1,
     [](Aio& a) { return a.setup(8, kRing), a.run(masked(8, SignalMask::readable, -14)); },
     "diverges io_getevents.result"},
    {"asks for no size without a mask", k6_1,
     [](Aio& a) { return three(a), a.run(masked(4, SignalMask::none, -22)); },
     "diverges io_getevents.result"},
    {"with a signal mask, before there was one", k4_14,
     [](Aio& a) {
       return three(a), a.run(call(Sys::io_pgetevents, {kRing, 1, 8, 0x7ffc0000, 0, 0}, 1));
     },
     "diverges io_pgetevents.unknown"},
};
INSTANTIATE_TEST_SUITE_P(Getevents, Table, testing::ValuesIn(kGetevents), name_of_row);

const Row kCancel[] = {
    {"a poll", k6_1, [](Aio& a) { return three(a), a.run(cancel_call(poll_of(3, 1), -115)); }, "conforms"},
    {"a poll that is over", k6_1,
     [](Aio& a) { return three(a), a.read(1, 1, {event(3, 1)}), a.run(cancel_call(poll_of(3, 1), -115)); },
     "diverges io_cancel.request"},
    {"a poll is never done at once", k6_1,
     [](Aio& a) { return three(a), a.run(cancel_call(poll_of(3, 1), 0)); }, "diverges io_cancel.request"},
    {"a read", k6_1, [](Aio& a) { return two(a), a.run(cancel_call(read_of(1, 8), -115)); },
     "diverges io_cancel.request"},
    {"a read fails", k6_1, [](Aio& a) { return two(a), a.run(cancel_call(read_of(1, 8), -22)); }, "exactly"},
    {"a read, in an iocb that may have been that of the poll", k6_1,
     [](Aio& a) { return three(a), a.run(cancel_call(read_of(1, 8), -115)); }, "conforms"},
    {"a poll comes through the ring", k6_1,
     [](Aio& a) { return three(a), a.run(cancel_call(poll_of(3, 1), -115)), a.read(1, 1, {event(3, 0)}); },
     "conforms"},
    {"in no context", k6_1, [](Aio& a) { return a.run(cancel_call(poll_of(3, 1), -115)); },
     "diverges io_cancel.context"},
    {"of a key that no iocb has", k6_1,
     [](Aio& a) { return three(a), a.run(cancel_call(with(poll_of(3, 1), &Iocb::key, 7), -115)); },
     "diverges io_cancel.key"},
    {"of nowhere", k6_1,
     [](Aio& a) {
       return three(a), a.run(call(Sys::io_cancel, {kRing, 0, 0}, -14));
     },
     "exactly"},
    {"of nowhere cannot work", k6_1,
     [](Aio& a) {
       return three(a), a.run(call(Sys::io_cancel, {kRing, 0, 0}, -115));
     },
     "diverges io_cancel.fault"},
    {"before 3.11 gave the event itself", k3_6,
     [](Aio& a) {
       a.setup(8, kRing), a.submit({iocb(1, 0, 3, 8, "/dev/ep1")}, 1);
       return a.run(cancel_call(iocb(1, 0, 3, 8, "/dev/ep1"), 0));
     },
     "conforms"},
    {"before 3.11 left none in the ring", k3_6,
     [](Aio& a) {
       a.setup(8, kRing), a.submit({iocb(1, 0, 3, 8, "/dev/ep1")}, 1),
           a.run(cancel_call(iocb(1, 0, 3, 8, "/dev/ep1"), 0));
       return a.read(1, 1, {event(1, 8)});
     },
     "diverges io_event.request"},
    {"before 3.11 was not in progress", k3_10,
     [](Aio& a) {
       a.setup(8, kRing), a.submit({iocb(1, 0, 3, 8, "/dev/ep1")}, 1);
       return a.run(cancel_call(iocb(1, 0, 3, 8, "/dev/ep1"), -115));
     },
     "diverges io_cancel.request"},
};
INSTANTIATE_TEST_SUITE_P(Cancel, Table, testing::ValuesIn(kCancel), name_of_row);

}  // namespace
}  // namespace ringtail::kernel::aio_tests
