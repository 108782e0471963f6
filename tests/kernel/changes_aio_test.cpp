// SPDX-License-Identifier: GPL-2.0-or-later
// Changes of AIO.
#include "tests/kernel/aio_calls.h"
#include "tests/kernel/change.h"

namespace ringtail::kernel {
namespace {

namespace aio = aio_tests;
constexpr std::uint64_t P = kPageSize;

Seen events(std::function<std::string(aio::Aio&)> run) {
  return [=](Version v) {
    aio::Aio a(v);
    return run(a);
  };
}

Call flagged(Iocb cb, std::uint64_t rw_flags, std::int64_t result) {
  cb.rw_flags = Word::of(rw_flags);
  return aio::submit_call({cb}, result);
}

// io_destroy with a request in flight, another context at the address, and an event of the request there.
std::string destroyed_in_flight(Version v) {
  aio::Aio a(v);
  a.setup(4, aio::kRing), a.submit({aio::read_of(1, 8)}, 1);
  std::string text = a.run(aio::destroy_call(aio::kRing));
  text += ", " + a.setup(4, aio::kRing);
  return text + ", " + a.read(1, 1, {aio::event(1, 8)});
}

const Change kAio[] = {
    {"an eventfd that is told of completions",
     "9c3060bedd84",
     {2, 6, 21},
     {2, 6, 22},
     events([](aio::Aio& a) {
       a.setup(4, aio::kRing);
       Iocb cb = aio::read_of(1, 8);
       cb.flags = Word::of(1), cb.resfd = Word::of(~std::uint64_t{0});
       return a.submit({cb}, 1);
     }),
     "conforms",
     "diverges iocb.resfd"},
    {"a successful io_cancel is in progress",
     "bec68faaf3ba",
     {3, 10, 0},
     {3, 11, 0},
     events([](aio::Aio& a) {
       a.setup(4, aio::kRing), a.submit({aio::iocb(1, 0, 3, 8)}, 1);
       return a.run(aio::cancel_call(aio::iocb(1, 0, 3, 8), -EINPROGRESS));
     }),
     "diverges io_cancel.request",
     "conforms"},
    {"io_destroy does not wait, which no call shows",
     "723be6e39d14",
     {3, 10, 0},
     {3, 11, 0},
     destroyed_in_flight,
     "exactly, conforms, diverges io_event.request",
     "exactly, conforms, diverges io_event.request"},
    {"io_destroy waits again, which no call shows either",
     "e02ba72aabfa",
     {3, 15, 0},
     {3, 16, 0},
     destroyed_in_flight,
     "exactly, conforms, diverges io_event.request",
     "exactly, conforms, diverges io_event.request"},
    {"the ring cannot be executed",
     "22f6b4d34fcf",
     {4, 7, 0},
     {4, 8, 0},
     [](Version v) {
       aio::Aio a(v);
       a.setup(4, aio::kRing);
       const Tri exec = a.world.find(1)->mm->space.at(aio::kRing).test(kExec);
       return std::string(exec == Tri::no ? "no" : "perhaps");
     },
     "perhaps",
     "no"},
    {"vectors",
     "eed4e51fb60c",
     {2, 6, 18},
     {2, 6, 19},
     events([](aio::Aio& a) {
       a.setup(4, aio::kRing);
       Iocb cb = aio::iocb(1, 7, 3, 1, "/srv/file");
       cb.iov = {{{Word::of(kArea), Word::of(8)}}, List<Iovec>::State::complete};
       return a.submit({cb}, 1);
     }),
     "diverges iocb.no-vectors",
     "conforms"},
    {"the ring has room for twice as many",
     "e1bdd5f27a5b",
     {3, 9, 0},
     {3, 10, 0},
     events([](aio::Aio& a) {  // whether something may lie in its third page
       a.setup(128, aio::kRing);
       return a.run(
           call_of(Sys::mmap, {0, P, 3, 0x22, ~0ull, 0}, static_cast<std::int64_t>(aio::kRing + 2 * P)));
     }),
     "conforms",
     "diverges mmap.address-free"},
    {"what counts in aio-nr is what was asked for",
     "2a8a98673c13",
     {4, 13, 0},
     {4, 14, 0},
     [](Version v) {
       Host host;
       host.cpus = 2, host.aio_max_nr = 65536;
       aio::Aio a(v, host);
       a.setup(65530, aio::kRing);
       return a.setup(1, aio::kRing + 0x40000000);
     },
     "diverges io_setup.total",
     "conforms"},
    {"one of two io_destroys loses",
     "fb2d44838320",
     {3, 15, 0},
     {3, 16, 0},
     events([](aio::Aio& a) {
       a.setup(4, aio::kRing);
       a.begin(aio::destroy_call(aio::kRing), 2);
       a.begin(aio::destroy_call(aio::kRing), 3);
       a.end(aio::destroy_call(aio::kRing), 2);
       return a.end(aio::destroy_call(aio::kRing), 3);
     }),
     "conforms",
     "diverges io_destroy.once"},
    {"a context moves with its ring",
     "e4a0d3e720e7",
     {3, 18, 0},
     {3, 19, 0},
     events([](aio::Aio& a) {
       constexpr std::uint64_t kThere = aio::kRing + 0x100000;
       a.setup(4, aio::kRing), a.submit({aio::read_of(1, 8)}, 1);
       a.run(call_of(Sys::mremap, {aio::kRing, P, P, 3, kThere}, static_cast<std::int64_t>(kThere)));
       // At the old address there is none; at the new one its requests are.
       return a.read(0, 1, {}) + ", " + a.run(aio::read_call(1, 1, {aio::event(2, 8)}, kThere));
     }),
     "diverges io_getevents.context, conforms",
     "diverges io_getevents.context, diverges io_event.request"},
    {"slots of events that were read in user space come back",
     "d856f32a86b2",
     {3, 16, 0},
     {3, 17, 0},
     events([](aio::Aio& a) {  // which nobody sees, so that there may be one or not
       a.setup(1, aio::kRing), a.submit({aio::read_of(1, 8)}, 1);
       return a.submit({aio::read_of(2, 8)}, 1) + ", " + a.submit({aio::read_of(3, 8)}, -EAGAIN);
     }),
     "conforms, conforms",
     "conforms, conforms"},
    {"io_getevents is woken less often, to the same result",
     "71eb6b6b0ba9",
     {6, 7, 0},
     {6, 8, 0},
     events([](aio::Aio& a) {
       a.setup(4, aio::kRing), a.submit({aio::read_of(1, 8), aio::read_of(2, 8)}, 2);
       return a.read(2, 4, {aio::event(1, 8)}) + ", " + a.read(1, 4, {aio::event(2, 8)});
     }),
     "conforms with a signal, or io_getevents.min_nr, conforms",
     "conforms with a signal, or io_getevents.min_nr, conforms"},
    {"a cancelled request comes through the ring",
     "bec68faaf3ba",
     {3, 10, 0},
     {3, 11, 0},
     events([](aio::Aio& a) {
       a.setup(4, aio::kRing), a.submit({aio::iocb(1, 0, 3, 8)}, 1);
       return a.run(aio::cancel_call(aio::iocb(1, 0, 3, 8), 0));
     }),
     "conforms",
     "diverges io_cancel.request"},
    {"flags of each request",
     "9830f4be159b",
     {4, 12, 0},
     {4, 13, 0},
     events([](aio::Aio& a) {
       a.setup(4, aio::kRing);
       return a.run(flagged(aio::read_of(1, 8), 1, 1));
     }),
     "diverges iocb.reserved1",
     "conforms"},
    {"fsync",
     "a3c0d439e4d9",
     {4, 17, 0},
     {4, 18, 0},
     events([](aio::Aio& a) {
       a.setup(4, aio::kRing);
       return a.run(aio::failed(aio::submit_call({aio::sync_of(1)}, 0), EINVAL));
     }),
     "conforms",
     "conforms"},
    {"io_pgetevents",
     "7a074e96dee6",
     {4, 17, 0},
     {4, 18, 0},
     events([](aio::Aio& a) {
       a.setup(4, aio::kRing);
       Call c = aio::read_call(0, 1, {});
       c.sys = Sys::io_pgetevents;
       c.arg[5] = Word::of(0);
       return a.run(c);
     }),
     "diverges io_pgetevents.unknown",
     "conforms"},
    {"poll",
     "bfe4037e722e",
     {4, 17, 0},
     {4, 19, 0},
     events([](aio::Aio& a) {
       a.setup(4, aio::kRing);
       return a.submit({aio::poll_of(1, 1)}, 1);
     }),
     "diverges iocb.no-poll",
     "conforms"},
    {"the second result is 0",
     "6b19b766e8f0",
     {5, 15, 0},
     {5, 16, 0},
     events([](aio::Aio& a) {
       a.setup(4, aio::kRing), a.submit({aio::iocb(1, 0, 3, 8, "/dev/usb-ffs/adb/ep1")}, 1);
       IoEvent e = aio::event(1, 8);
       e.res2 = Word::of(1);
       return a.read(1, 1, {e});
     }),
     "conforms",
     "diverges io_event.res2"},
};

INSTANTIATE_TEST_SUITE_P(Aio, Changes, testing::ValuesIn(kAio), name_of_change);

}  // namespace
}  // namespace ringtail::kernel
