// SPDX-License-Identifier: GPL-2.0-or-later
// The kernels that the model was first written from (migration of 2.6.18, AIO of 3.6, madvise of 4.5), a row
// a sentence: what their sources do, as results that are allowed or refused. Rows are numbered within their
// call, so that one that is lost is missed. What changed since is in changes_test.cpp.
#include <gtest/gtest.h>

#include "tests/kernel/aio_calls.h"
#include "tests/kernel/allowed.h"

namespace ringtail::kernel {
namespace {

namespace aio = aio_tests;
using aio::Aio;
using aio::nowhere;
using aio::with;
constexpr std::uint64_t P = kPageSize;
constexpr std::uint64_t kPages = 0x7f8000000000, kNodes = 0x7f8000100000, kStatus = 0x7f8000200000;
constexpr Version kMigration{2, 6, 18}, kAio{3, 6, 0}, kMadvise{4, 5, 0};

struct Sentence {
  const char* call;
  int number;
  const char* says;
  std::function<std::string()> seen;
  const char* expected;
};

void PrintTo(const Sentence& s, std::ostream* os) { *os << s.says; }

// --- move_pages

Prepare nodes_of(std::vector<int> nodes, PageState s = anonymous(), std::uint64_t caps = ~std::uint64_t{0}) {
  return [=](Driver& d) {
    area(s, 4, nodes)(d);
    d.world.learned.numa_answers = true;
    d.world.profile.host.caps = caps;
  };
}
const Prepare kTwo = nodes_of({0, 1}), kNobody = nodes_of({0, 1}, anonymous(), 0);

Call move(std::vector<std::uint64_t> pages, std::vector<std::int32_t> nodes, std::vector<std::int32_t> status,
          std::uint64_t flags = 2, std::uint64_t pid = 0) {
  const bool query = nodes.empty();
  Call c = call_of(Sys::move_pages, {pid, pages.size(), kPages, query ? 0 : kNodes, kStatus, flags}, 0);
  c.pages = {std::move(pages), List<std::uint64_t>::State::complete};
  if (!query) c.nodes = {std::move(nodes), List<std::int32_t>::State::complete};
  if (!status.empty()) c.status = {std::move(status), List<std::int32_t>::State::complete};
  return c;
}
std::function<std::string()> moved(Prepare setup, Call c, std::vector<std::int64_t> values = {0, 1, 2, 3}) {
  return [=] { return allowed(kMigration, setup, c, values); };
}
// The statuses that a page may get: asked for, or moved to node 1.
std::function<std::string()> statuses(Prepare setup, bool moves, Address page = kArea) {
  return [=] {
    std::string text;
    for (const std::int32_t s :
         {0, 1, 7, -ENOENT, -EFAULT, -EACCES, -EBUSY, -EAGAIN, -EIO, -EINVAL, -ENOMEM, -EPERM}) {
      const Call c = move({page}, moves ? std::vector<std::int32_t>{1} : std::vector<std::int32_t>{}, {s});
      if (run_in(kMigration, setup, c, 0).kind != Verdict::Kind::conforms) continue;
      text += (text.empty() ? "" : " ") + (s < 0 ? errno_name(-s) : std::to_string(s));
    }
    return text;
  };
}

// --- madvise

std::function<std::string()> advised(int advice, Prepare setup, Address start = kArea,
                                     std::uint64_t length = 4 * P) {
  return [=] {
    return allowed(kMadvise, setup,
                   call_of(Sys::madvise, {start, length, static_cast<std::uint64_t>(advice)}, 0));
  };
}
PageState file() { return with(anonymous(), kFile); }
PageState shmem() { return with(with(file(), kShared), kShmem); }
PageState hugetlb() { return with(file(), kHugetlb); }
PageState locked() { return with(anonymous(), kLocked); }
PageState device() { return with(file(), kSpecial); }
// `first` for four pages, a hole of four, `second` for four.
Prepare around_hole(PageState first, PageState second) {
  return [=](Driver& d) {
    area(first)(d);
    d.world.find(1)->mm->space.assign({kArea + 8 * P, kArea + 12 * P}, second);
  };
}
Prepare swap(PageState s) {
  return [=](Driver& d) { area(s)(d), d.world.profile.host.swap_kib = 1024; };
}

// --- AIO

std::function<std::string()> done(std::function<std::string(Aio&)> run, Version v = kAio) {
  return [=] {
    Host host;
    host.cpus = 2;
    host.aio_max_nr = 65536;
    Aio a(v, host);
    return run(a);
  };
}
std::function<std::string()> setup(std::uint64_t nr, std::int64_t result) {
  return done([=](Aio& a) { return a.run(aio::setup_call(nr, aio::kRing, result)); });
}
std::function<std::string()> submitted(std::vector<Iocb> iocbs, std::int64_t result) {
  return done([=](Aio& a) { return a.setup(8, aio::kRing), a.submit(iocbs, result); });
}
Iocb opened(Iocb cb, const char* path) {
  cb.path = path;
  return cb;
}
std::string in_turn(std::initializer_list<std::string> seen) {
  return fmt::format("{}", fmt::join(seen, ", "));
}
// Reads of 8 bytes with data 1 and 2 are in flight.
void two(Aio& a) { a.setup(8, aio::kRing), a.submit({aio::read_of(1, 8), aio::read_of(2, 8)}, 2); }
std::function<std::string()> reaped(Call c) {
  return done([=](Aio& a) { return two(a), a.run(c); });
}
Iocb usb() { return aio::iocb(1, 0, 3, 8, "/dev/ep1"); }

const Sentence kSentences[] = {
    {"move_pages", 1, "flags come first", moved(kNobody, move({kArea}, {9}, {0}, 4 | 8, ~0ull)), "EINVAL"},
    {"move_pages", 2, "then who may move all", moved(kNobody, move({kArea}, {9}, {0}, 4, ~0ull)), "EPERM"},
    {"move_pages", 3, "then whether there is such a process", moved(kTwo, move({kArea}, {9}, {0}, 2, ~0ull)),
     "ESRCH"},
    {"move_pages", 4, "then whether it has memory and belongs to the caller",
     moved(kTwo, move({kArea}, {0}, {0}, 2, 4711)), "0 1 EPERM ENOENT ESRCH ENOMEM EACCES ENODEV EINVAL"},
    {"move_pages", 5, "then the number of pages",
     moved(kTwo, call_of(Sys::move_pages, {0, ~0ull / 24, ~0ull, ~0ull, kStatus, 2}, 0)), "E2BIG"},
    {"move_pages", 6, "arrays are read before anything moves",
     moved(kTwo, call_of(Sys::move_pages, {0, 1, 0xffff800000000000, kNodes, kStatus, 2}, 0)),
     "ENOENT EFAULT"},
    {"move_pages", 7, "all nodes are checked before anything moves",
     moved(kTwo, move({kArea, kArea + P}, {1, 9}, {1, 1})), "ENOENT ENOMEM EACCES ENODEV"},
    {"move_pages", 8, "a query checks flags too", moved(kTwo, move({kArea}, {}, {0}, 8)), "EINVAL"},
    {"move_pages", 9, "a query returns 0", moved(kTwo, move({kArea}, {}, {0})), "0"},
    {"move_pages", 10, "pages that were not migrated are counted",
     moved(kTwo, move({kArea, kArea + P}, {1, 1}, {1, 1})), "0 1 2 ENOENT ENOMEM EACCES ENODEV"},
    {"move_pages", 11, "of a query: the node, or nothing there", statuses(kTwo, false), "0 1 ENOENT"},
    {"move_pages", 12, "no VMA at or above, or a hole, which is not detected",
     statuses(kTwo, false, kArea + 8 * P), "ENOENT EFAULT"},
    {"move_pages", 13, "of a move: the node, or what stood in the way", statuses(kTwo, true),
     "0 1 ENOENT EACCES EBUSY EAGAIN EIO EINVAL ENOMEM"},
    {"move_pages", 14, "an address twice: off the list already",
     [] {
       return broken(kMigration, kTwo, move({kArea, kArea}, {1, 1}, {1, -EBUSY}), 0) + "|" +
              broken(kMigration, kTwo, move({kArea, kArea}, {1, 1}, {1, -EPERM}), 0);
     },
     "|move_pages.status-error"},
    {"move_pages", 15, "addresses need not be aligned", statuses(kTwo, false, kArea + 5), "0 1 ENOENT"},

    {"madvise", 1, "unknown advice, before the address", advised(7, area(anonymous()), kArea + 1), "EINVAL"},
    {"madvise", 2, "an address that is not a page's", advised(4, area(anonymous()), kArea + 1), "EINVAL"},
    {"madvise", 3, "a length that rounds to none", advised(4, area(anonymous()), kArea, ~0ull), "EINVAL"},
    {"madvise", 4, "an end that wraps", advised(4, area(anonymous()), kArea, ~0ull - kArea), "EINVAL"},
    {"madvise", 5, "no length", advised(4, area(anonymous()), 0, 0), "0"},
    {"madvise", 6, "a length is rounded up", advised(4, area(anonymous()), kArea + 3 * P, P + 1), "ENOMEM"},
    {"madvise", 7, "a hole is remembered", advised(4, around_hole(anonymous(), anonymous()), kArea, 12 * P),
     "ENOMEM"},
    {"madvise", 8, "a VMA's error wins over it",
     advised(4, around_hole(anonymous(), locked()), kArea, 12 * P), "EINVAL"},
    {"madvise", 9, "and over a hole that it has not come to",
     advised(4, around_hole(locked(), anonymous()), kArea, 12 * P), "EINVAL"},
    {"madvise", 10, "a split that fails is EAGAIN",
     advised(16, [](Driver& d) { area(anonymous())(d), d.world.find(1)->mm->whole = false; }), "0 EAGAIN"},
    {"madvise", 11, "NORMAL", advised(0, area(anonymous())), "0"},
    {"madvise", 12, "RANDOM", advised(1, area(device())), "0"},
    {"madvise", 13, "SEQUENTIAL", advised(2, area(locked())), "0"},
    {"madvise", 14, "WILLNEED of a file", advised(3, area(file())), "0"},
    {"madvise", 15, "WILLNEED of shared memory", advised(3, area(shmem())), "0"},
    {"madvise", 16, "WILLNEED without a file: CONFIG_SWAP", advised(3, area(anonymous())), "0 EBADF"},
    {"madvise", 17, "DONTNEED", advised(4, area(file())), "0"},
    {"madvise", 18, "DONTNEED of locked memory", advised(4, area(locked())), "EINVAL"},
    {"madvise", 19, "DONTNEED of hugetlb", advised(4, area(hugetlb())), "EINVAL"},
    {"madvise", 20, "DONTNEED of what has no pages", advised(4, area(device())), "0 EINVAL"},
    {"madvise", 21, "REMOVE", advised(9, area(shmem())), "0 EPERM"},
    {"madvise", 22, "REMOVE of locked memory", advised(9, area(with(shmem(), kLocked))), "EINVAL"},
    {"madvise", 23, "REMOVE without a file", advised(9, area(anonymous())), "EINVAL"},
    {"madvise", 24, "REMOVE of a private file", advised(9, area(file())), "EACCES"},
    {"madvise", 25, "REMOVE of a file: what its file system says", advised(9, area(with(file(), kShared))),
     "0 EPERM EINTR EIO ENOMEM ENODEV EINVAL EOPNOTSUPP"},
    {"madvise", 26, "DONTFORK", advised(10, area(device())), "0"},
    {"madvise", 27, "DOFORK", advised(11, area(anonymous())), "0"},
    {"madvise", 28, "DOFORK of a device", advised(11, area(device())), "0 EINVAL"},
    {"madvise", 29, "MERGEABLE: CONFIG_KSM", advised(12, area(anonymous())), "0 EINVAL"},
    {"madvise", 30, "UNMERGEABLE: CONFIG_KSM", advised(13, area(anonymous())), "0 EINVAL"},
    {"madvise", 31, "HUGEPAGE: CONFIG_TRANSPARENT_HUGEPAGE", advised(14, area(anonymous())), "0 EINVAL"},
    {"madvise", 32, "NOHUGEPAGE: CONFIG_TRANSPARENT_HUGEPAGE", advised(15, area(anonymous())), "0 EINVAL"},
    {"madvise", 33, "DONTDUMP", advised(16, area(device())), "0"},
    {"madvise", 34, "DODUMP", advised(17, area(anonymous())), "0"},
    {"madvise", 35, "DODUMP of a device", advised(17, area(device())), "EINVAL"},
    {"madvise", 36, "FREE", advised(8, area(anonymous())), "0"},
    {"madvise", 37, "FREE of a file", advised(8, swap(file())), "EINVAL"},
    {"madvise", 38, "FREE of a file without swap is DONTNEED", advised(8, area(file())), "0 EINVAL"},
    {"madvise", 39, "FREE of shared memory", advised(8, swap(shmem())), "EINVAL"},
    {"madvise", 40, "FREE of locked memory", advised(8, area(locked())), "EINVAL"},
    {"madvise", 41, "FREE of hugetlb", advised(8, area(hugetlb())), "EINVAL"},
    {"madvise", 42, "HWPOISON comes before all, and asks for CAP_SYS_ADMIN",
     advised(
         100, [](Driver& d) { area(anonymous())(d), d.world.profile.host.caps = 0; }, kArea + 1),
     "EPERM EINVAL"},
    {"madvise", 43, "SOFT_OFFLINE likewise",
     advised(
         101, [](Driver& d) { area(anonymous())(d), d.world.profile.host.caps = 0; }, kArea + 1),
     "EPERM EINVAL"},

    {"io_setup", 1, "nowhere to write the id", done([](Aio& a) {
       return in_turn(
           {a.run(aio::call(Sys::io_setup, {1, 0}, -14)), a.run(aio::call(Sys::io_setup, {1, 0}, 0))});
     }),
     "exactly, diverges io_setup.fault"},
    {"io_setup", 2, "no events", setup(0, 0), "diverges io_setup.zero"},
    {"io_setup", 3, "an id that is not 0", setup(1, -EINVAL), "conforms"},
    {"io_setup", 4, "more events than 256 MiB", setup(8388609, -EAGAIN), "diverges io_setup.huge"},
    {"io_setup", 5, "more iocbs than 256 MiB", setup(8388608, -EINVAL), "conforms"},
    {"io_setup", 6, "more than aio-max-nr", setup(65537, 0), "diverges io_setup.limit"},
    {"io_setup", 7, "more than aio-max-nr in all, of what was asked for", done([](Aio& a) {
       return in_turn({a.setup(65535, aio::kRing), a.setup(1, aio::kRing + 0x40000000),
                       a.setup(1, aio::kRing + 0x50000000)});
     }),
     "conforms, conforms, diverges io_setup.total"},
    {"io_setup", 8, "no memory", setup(1, -ENOMEM), "conforms"},
    {"io_setup", 9, "the id is where the ring is mapped",
     done([](Aio& a) { return a.setup(1, aio::kRing + 8); }), "diverges io_setup.id"},

    {"io_submit", 1, "a negative number", done([](Aio& a) {
       a.setup(8, aio::kRing);
       return a.run(aio::call(Sys::io_submit, {aio::kRing, ~0ull, 0}, -EINVAL));
     }),
     "exactly"},
    {"io_submit", 2, "an array out of reach, before the context", done([](Aio& a) {
       return a.run(aio::call(Sys::io_submit, {aio::kRing, 1, ~0ull}, -EINVAL));
     }),
     "diverges io_submit.array"},
    {"io_submit", 3, "no such context", done([](Aio& a) { return a.submit({aio::read_of(1, 8)}, 1); }),
     "diverges io_submit.context"},
    {"io_submit", 4, "nothing to do", submitted({}, 0), "exactly"},
    {"io_submit", 5, "in order, up to the first failure", submitted({aio::read_of(1, 8), nowhere()}, 2),
     "diverges io_submit.prefix"},
    {"io_submit", 6, "which is told when it is the first",
     submitted({nowhere(), aio::read_of(1, 8)}, -EFAULT), "exactly"},
    {"io_submit", 7, "reserved fields", submitted({with(aio::read_of(1, 8), &Iocb::rw_flags, 1)}, 1),
     "diverges iocb.reserved1"},
    {"io_submit", 8, "a negative length", submitted({aio::read_of(1, 1ull << 63)}, 1),
     "diverges iocb.overflow"},
    {"io_submit", 9, "a bad descriptor", submitted({with(aio::read_of(1, 8), &Iocb::fildes, ~0ull)}, 1),
     "diverges iocb.descriptor"},
    {"io_submit", 10, "no slot", done([](Aio& a) {
       a.setup(3, aio::kRing), a.submit({aio::read_of(1, 8), aio::read_of(2, 8)}, 2);
       return a.submit({aio::sync_of(3)}, -EAGAIN);
     }),
     "conforms"},
    {"io_submit", 11, "of as many as were asked for", done([](Aio& a) {
       a.setup(3, aio::kRing), a.submit({aio::read_of(1, 8)}, 1);
       return a.submit({aio::sync_of(2)}, -EAGAIN);
     }),
     "diverges io_submit.result"},
    {"io_submit", 12, "a bad eventfd",
     submitted({with(with(aio::read_of(1, 8), &Iocb::flags, 1), &Iocb::resfd, ~0ull)}, 1),
     "diverges iocb.resfd"},
    {"io_submit", 13, "a key that cannot be stored",
     submitted({with(aio::read_of(1, 8), &Iocb::address, 0xffff800000000000)}, -EFAULT), "conforms"},
    {"io_submit", 14, "a descriptor of the wrong mode", done([](Aio& a) {
       Call open = aio::call(Sys::openat, {~std::uint64_t{99}, 0, 0, 0}, 3);
       open.path = "/srv/file";
       a.setup(8, aio::kRing), a.run(open);
       return in_turn({a.submit({aio::write_of(1, 8)}, -EBADF), a.submit({aio::write_of(1, 8)}, 1)});
     }),
     "conforms, diverges iocb.mode"},
    {"io_submit", 15, "a buffer out of reach",
     submitted({with(aio::read_of(1, 8), &Iocb::buf, 0xffffffff81000000)}, 1), "diverges iocb.buffer"},
    {"io_submit", 16, "an operation that the file does not have",
     submitted({opened(aio::read_of(1, 8), "/dev/ep1")}, -EINVAL), "conforms"},
    {"io_submit", 17, "no-ops", submitted({aio::iocb(1, 6, 3, 8)}, 1), "diverges iocb.opcode"},
    {"io_submit", 18, "preadx", submitted({aio::iocb(1, 4, 3, 8)}, 1), "diverges iocb.opcode"},
    {"io_submit", 19, "an absurd number is cut, not refused",
     done(
         [](Aio& a) {
           a.setup(8, aio::kRing);
           return a.run(aio::call(Sys::io_submit, {aio::kRing, ~0ull >> 1, 0x7ffc0000}, 1));
         },
         {4, 18, 0}),
     "conforms"},
    {"io_submit", 20, "what goes wrong later is the event's",
     reaped(aio::read_call(1, 8, {aio::event(1, -EIO)})), "conforms"},

    {"io_getevents", 1, "no such context", done([](Aio& a) { return a.read(0, 8, {}); }),
     "diverges io_getevents.context"},
    {"io_getevents", 2, "more awaited than asked for", reaped(aio::read_call(2, 1, {aio::event(1, 8)})),
     "diverges io_getevents.range"},
    {"io_getevents", 3, "a negative number awaited", reaped(aio::read_call(-1, 1, {aio::event(1, 8)})),
     "diverges io_getevents.range"},
    {"io_getevents", 4, "a timeout that cannot be read, when it waits",
     reaped(aio::call(Sys::io_getevents, {aio::kRing, 1, 8, 0x7ffc0000, ~0xffull}, -EFAULT)), "conforms"},
    {"io_getevents", 5, "and not when it does not",
     reaped(aio::call(Sys::io_getevents, {aio::kRing, 1, 8, 0x7ffc0000, ~0xffull}, 1)), "conforms"},
    {"io_getevents", 6, "no more than asked for",
     reaped(aio::read_call(1, 1, {aio::event(1, 8), aio::event(2, 8)})), "diverges io_getevents.nr"},
    {"io_getevents", 7, "fewer than awaited only in time or at a signal", reaped(aio::read_call(1, 8, {})),
     "diverges io_getevents.min_nr"},
    {"io_getevents", 8, "a signal when there is nothing",
     reaped(aio::failed(aio::read_call(1, 8, {}), EINTR)), "conforms"},
    {"io_getevents", 9, "the context goes while it waits", done([](Aio& a) {
       two(a), a.begin(aio::read_call(1, 8, {}), 2), a.run(aio::destroy_call(aio::kRing));
       return a.end(aio::failed(aio::read_call(1, 8, {}), EINVAL), 2);
     }),
     "conforms"},
    {"io_getevents", 10, "nowhere to write events",
     reaped(aio::call(Sys::io_getevents, {aio::kRing, 1, 8, ~0xffull, 0}, -EFAULT)), "conforms"},
    {"io_getevents", 11, "none awaited, none there", reaped(aio::read_call(0, 8, {})), "conforms"},

    {"io_cancel", 1, "a key that cannot be read",
     reaped(aio::call(Sys::io_cancel, {aio::kRing, 0, 0}, -EFAULT)), "exactly"},
    {"io_cancel", 2, "no such context", done([](Aio& a) { return a.run(aio::cancel_call(usb(), 0)); }),
     "diverges io_cancel.context"},
    {"io_cancel", 3, "nothing to cancel is EINVAL, whatever its comment says", done([](Aio& a) {
       two(a);
       return in_turn({a.run(aio::cancel_call(aio::read_of(1, 8), -EINVAL)),
                       a.run(aio::cancel_call(aio::read_of(1, 8), -EINPROGRESS))});
     }),
     "exactly, diverges io_cancel.request"},
    {"io_cancel", 4, "the event is the caller's, and not in the ring", done([](Aio& a) {
       a.setup(8, aio::kRing), a.submit({usb()}, 1);
       return in_turn({a.run(aio::cancel_call(usb(), 0)), a.read(1, 1, {aio::event(1, 8)})});
     }),
     "conforms, diverges io_event.request"},

    {"io_destroy", 1, "no such context", done([](Aio& a) { return a.run(aio::destroy_call(aio::kRing)); }),
     "diverges io_destroy.context"},
    {"io_destroy", 2, "not twice", done([](Aio& a) {
       return a.setup(8, aio::kRing), a.run(aio::destroy_call(aio::kRing)),
              a.run(aio::destroy_call(aio::kRing));
     }),
     "diverges io_destroy.context"},
    {"io_destroy", 3, "waits, so that no event comes later", done([](Aio& a) {
       two(a), a.run(aio::destroy_call(aio::kRing)), a.setup(8, aio::kRing);
       return a.read(1, 8, {aio::event(1, 8)});
     }),
     "diverges io_event.request"},
};

class Seeds : public testing::TestWithParam<Sentence> {};

TEST_P(Seeds, DoAsTheirSourcesSay) { EXPECT_EQ(GetParam().seen(), GetParam().expected) << GetParam().says; }

INSTANTIATE_TEST_SUITE_P(Rows, Seeds, testing::ValuesIn(kSentences), [](const auto& info) {
  return fmt::format("{}_{}", info.param.call, info.param.number);
});

TEST(SeedRows, AreNumberedWithoutAGap) {
  const char* call = "";
  int number = 0;
  for (const Sentence& s : kSentences) {
    if (std::string(call) != s.call) call = s.call, number = 0;
    EXPECT_EQ(s.number, ++number) << s.call;
  }
}

}  // namespace
}  // namespace ringtail::kernel
