// SPDX-License-Identifier: GPL-2.0-or-later
// What changed between kernels, one named row a change: the last version that behaved as before, the first
// that does not, and what the model allows on each. What never changed has its rows with the call's own
// tests.
#include <gtest/gtest.h>

#include "tests/kernel/aio_calls.h"
#include "tests/kernel/allowed.h"

namespace ringtail::kernel {
namespace {

namespace aio = aio_tests;
constexpr std::uint64_t P = kPageSize;
constexpr std::uint64_t kPages = 0x7f8000000000, kNodes = 0x7f8000100000, kStatus = 0x7f8000200000;

using Seen = std::function<std::string(Version)>;

struct Change {
  const char* what;
  const char* commit;
  Version last, first;
  Seen seen;
  const char *before, *after;
};

void PrintTo(const Change& c, std::ostream* os) { *os << c.what; }

// --- what is seen

Prepare pages_of(PageState s, std::vector<int> nodes) {
  return [=](Driver& d) {
    area(s, 4, nodes)(d);
    d.world.learned.numa_answers = true;
  };
}
const Prepare kOneNode = pages_of(anonymous(), {0}), kTwoNodes = pages_of(anonymous(), {0, 1});
PageState absent() { return with(anonymous(), kPresent, false); }
PageState file() { return with(anonymous(), kFile); }
PageState shmem() { return with(with(file(), kShared), kShmem); }
PageState hugetlb() { return with(file(), kHugetlb); }

Call move(std::vector<std::uint64_t> pages, std::vector<std::int32_t> nodes,
          std::vector<std::int32_t> status) {
  const bool query = nodes.empty();
  Call c = call_of(Sys::move_pages, {0, pages.size(), kPages, query ? 0 : kNodes, kStatus, 2}, 0);
  c.pages = {std::move(pages), List<std::uint64_t>::State::complete};
  if (!query) c.nodes = {std::move(nodes), List<std::int32_t>::State::complete};
  if (!status.empty()) c.status = {std::move(status), List<std::int32_t>::State::complete};
  return c;
}

Seen results(Prepare setup, Call c, std::vector<std::int64_t> values = {0}) {
  return [=](Version v) { return allowed(v, setup, c, values); };
}

// The statuses that may be told of a page that is asked for, or moved to node 0.
Seen statuses(Prepare setup, bool moves, Address page = kArea) {
  return [=](Version v) {
    std::string text;
    for (const std::int32_t s : {0, 1, -ENOENT, -EFAULT, -EACCES, -EBUSY, -EAGAIN, -EIO}) {
      const Call c = move({page}, moves ? std::vector<std::int32_t>{0} : std::vector<std::int32_t>{}, {s});
      if (run_in(v, setup, c, 0).kind == Verdict::Kind::conforms)
        text += (text.empty() ? "" : " ") + (s < 0 ? errno_name(-s) : std::to_string(s));
    }
    return text;
  };
}

Seen advice(int value, PageState s, std::uint64_t pages = 4) {
  return results(area(s, pages),
                 call_of(Sys::madvise, {kArea, pages * P, static_cast<std::uint64_t>(value)}, 0));
}
// madvise(0, 0, advice), by which programs ask whether there is such advice.
Seen probe(int value) {
  return results(area(anonymous()), call_of(Sys::madvise, {0, 0, static_cast<std::uint64_t>(value)}, 0));
}

Seen remote(int value, std::uint64_t pages, std::uint64_t mapped, std::uint64_t caps = ~std::uint64_t{0}) {
  return [=](Version v) {
    Call c = call_of(Sys::process_madvise, {9, 0x7f7000000000, 2, static_cast<std::uint64_t>(value), 0}, 0);
    c.iov = {{{Word::of(kArea), Word::of(P)}, {Word::of(kArea + P), Word::of((pages - 1) * P)}},
             List<Iovec>::State::complete};
    c.fd = {Word::of(9), "pid:1"};
    const Prepare setup = [=](Driver& d) {
      area(anonymous(), mapped)(d);
      d.world.profile.host.caps = caps;
    };
    return allowed(v, setup, c, {0, static_cast<std::int64_t>(P), static_cast<std::int64_t>(pages * P)});
  };
}

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

// process_madvise of a page of a process that the capture does not show: what it may answer of those two.
Seen elsewhere(int value) {
  return [=](Version v) {
    Call c = call_of(Sys::process_madvise, {9, 0x7f7000000000, 1, static_cast<std::uint64_t>(value), 0}, 0);
    c.iov = {{{Word::of(kArea), Word::of(P)}}, List<Iovec>::State::complete};
    c.fd = {Word::of(9), "pid:4711"};
    const bool works = run_in(v, area(anonymous()), c, P).kind == Verdict::Kind::conforms;
    return std::string(works ? "4096" : "EINVAL");
  };
}

// io_destroy with a request in flight, another context at the address, and an event of the request there.
std::string destroyed_in_flight(Version v) {
  aio::Aio a(v);
  a.setup(4, aio::kRing), a.submit({aio::read_of(1, 8)}, 1);
  std::string text = a.run(aio::destroy_call(aio::kRing));
  text += ", " + a.setup(4, aio::kRing);
  return text + ", " + a.read(1, 1, {aio::event(1, 8)});
}

const Change
    kChanges[] =
        {
            // move_pages(2)
            {"nothing to migrate is no error",
             "e78bbfa82624",
             {2, 6, 27},
             {2, 6, 28},
             results(kOneNode, move({kArea}, {0}, {0})),
             "0 ENOENT ENOMEM",
             "0 ENOMEM"},
            {"E2BIG went away",
             "3140a2273009",
             {2, 6, 28},
             {2, 6, 29},
             results(kOneNode, call_of(Sys::move_pages, {0, ~std::uint64_t{0} / 24, 0, 0, kStatus, 2}, 0)),
             "E2BIG",
             "EFAULT"},
            {"a node out of range is ENODEV",
             "6f5a55f1a6c5",
             {2, 6, 32},
             {2, 6, 33},
             results(kOneNode, move({kArea}, {5000}, {0})),
             "ENODEV",
             "ENODEV"},
            {"an address below a VMA is EFAULT",
             "70384dc6dcc6",
             {2, 6, 36},
             {2, 6, 37},
             statuses(kOneNode, false, kArea - P),
             "ENOENT EFAULT",
             "EFAULT"},
            {"no page is EFAULT",
             "d899844e9c98",
             {4, 2, 0},
             {4, 3, 0},
             statuses(pages_of(absent(), {0}), true),
             "ENOENT",
             "EFAULT"},
            {"no page is ENOENT again",
             "7dff875c9436",
             {6, 11, 0},
             {6, 12, 0},
             statuses(pages_of(absent(), {0}), true),
             "EFAULT",
             "ENOENT"},
            {"pages that could not be moved are counted",
             "a49bd4d71637",
             {4, 16, 0},
             {4, 17, 0},
             results(kTwoNodes, move({kArea, kArea + P}, {1, 1}, {1, 1}), {0, 1, 2, 3}),
             "0 ENOMEM EACCES ENODEV",
             "0 1 2 ENOMEM EACCES ENODEV"},
            {"the uids decided who may ask, now ptrace does",
             "197e7e521384",
             {4, 12, 0},
             {4, 13, 0},
             results(
                 [](Driver& d) {
                   kOneNode(d);
                   d.world.profile.host.caps = 0;
                 },
                 call_of(Sys::move_pages, {99, 1, kPages, 0, kStatus, 0}, 0)),
             "0 EPERM ESRCH EACCES EFAULT EINVAL",
             "0 EPERM ESRCH EACCES EFAULT EINVAL"},
            {"what is behind a run that does not go through has no status",
             "a49bd4d71637",
             {4, 16, 0},
             {4, 17, 0},
             [](Version v) {  // of a call that says that one page was not moved
               return text_of(run_in(v, kTwoNodes, move({kArea, kArea + P}, {1, 0}, {-ENOENT, 77}), 1)) +
                      ", " + text_of(run_in(v, kTwoNodes, move({kArea, kArea + P}, {1, 0}, {1, 77}), 0));
             },
             "diverges move_pages.done, diverges move_pages.status-moved",
             "conforms, conforms"},
            {"pages that were not tried are counted, too",
             "5984fabb6e82",
             {5, 5, 0},
             {5, 6, 0},
             results(kTwoNodes, move({kArea, kArea + P, kArea + 2 * P}, {1, 0, 1}, {}), {1, 2, 3}),
             "1 ENOMEM EACCES EFAULT ENODEV",  // of the run that did not go through
             "1 2 3 ENOMEM EACCES EFAULT ENODEV"},
            {"a page that is there already has its status written",
             "e0153fc2c760",
             {5, 4, 0},
             {5, 5, 0},
             statuses(kOneNode, true),
             "0 1 ENOENT EFAULT EACCES EBUSY EAGAIN EIO",
             "0 EFAULT"},
            // madvise(2)
            {"WILLNEED of anonymous memory swaps in",
             "1998cc048901",
             {3, 8, 0},
             {3, 9, 0},
             advice(3, anonymous()),
             "EBADF",
             "0 EBADF"},
            {"REMOVE where a file system punches holes",
             "3f31d07571ee",
             {3, 4, 0},
             {3, 5, 0},
             advice(9, with(file(), kShared)),
             "0 ENOSYS",
             "0 EPERM EINTR EIO ENOMEM ENODEV EINVAL EOPNOTSUPP"},
            {"REMOVE of hugetlb",
             "72079ba0dfb4",
             {4, 2, 0},
             {4, 3, 0},
             advice(9, with(hugetlb(), kShared)),
             "EINVAL",
             "0 EPERM"},
            {"HWPOISON", "9893e49d64a4", {2, 6, 31}, {2, 6, 32}, probe(100), "EINVAL", "0 EPERM EINVAL"},
            {"SOFT_OFFLINE", "afcf938ee0aa", {2, 6, 32}, {2, 6, 33}, probe(101), "EINVAL", "0 EPERM EINVAL"},
            {"MERGEABLE", "f8af4da3b4c1", {2, 6, 31}, {2, 6, 32}, probe(12), "EINVAL", "0 EINVAL"},
            {"UNMERGEABLE", "f8af4da3b4c1", {2, 6, 31}, {2, 6, 32}, probe(13), "EINVAL", "0 EINVAL"},
            {"NOHUGEPAGE", "a664b2d8555c", {2, 6, 37}, {2, 6, 38}, probe(15), "EINVAL", "0 EINVAL"},
            {"DODUMP", "accb61fe7bb0", {3, 3, 0}, {3, 4, 0}, probe(17), "EINVAL", "0"},
            {"KEEPONFORK", "d2cd9ede6e19", {4, 13, 0}, {4, 14, 0}, probe(19), "EINVAL", "0"},
            {"HUGEPAGE", "0af4e98b6b09", {2, 6, 37}, {2, 6, 38}, probe(14), "EINVAL", "0 EINVAL"},
            {"DONTDUMP", "accb61fe7bb0", {3, 3, 0}, {3, 4, 0}, probe(16), "EINVAL", "0"},
            {"DODUMP of hugetlb",
             "d41aa5252394",
             {4, 18, 0},
             {4, 19, 0},
             advice(17, hugetlb(), 512 * 512),
             "EINVAL",
             "0"},
            {"FREE", "854e9ed09ded", {4, 4, 0}, {4, 5, 0}, probe(8), "EINVAL", "0"},
            {"FREE without swap was DONTNEED, of files too",
             "93e06c7a6453",
             {4, 11, 0},
             {4, 12, 0},
             advice(8, file()),
             "0 EINVAL",
             "EINVAL"},
            {"WIPEONFORK", "d2cd9ede6e19", {4, 13, 0}, {4, 14, 0}, probe(18), "EINVAL", "0"},
            {"COLD", "9c276cc65a58", {5, 3, 0}, {5, 4, 0}, probe(20), "EINVAL", "0"},
            {"PAGEOUT", "1a4e58cce84e", {5, 3, 0}, {5, 4, 0}, probe(21), "EINVAL", "0"},
            {"POPULATE_READ", "4ca9b3859dac", {5, 13, 0}, {5, 14, 0}, probe(22), "EINVAL", "0"},
            {"POPULATE_WRITE", "4ca9b3859dac", {5, 13, 0}, {5, 14, 0}, probe(23), "EINVAL", "0"},
            {"DONTNEED_LOCKED", "9457056ac426", {5, 17, 0}, {5, 18, 0}, probe(24), "EINVAL", "0"},
            {"DONTNEED of hugetlb",
             "90e7e7f5ef3f",
             {5, 17, 0},
             {5, 18, 0},
             advice(4, hugetlb(), 512),
             "EINVAL",
             "0 EINVAL"},
            {"COLLAPSE", "7d8faaf15545", {6, 0, 0}, {6, 1, 0}, probe(25), "EINVAL", "0 EINVAL"},
            {"GUARD_INSTALL", "662df3e5c376", {6, 12, 0}, {6, 13, 0}, probe(102), "EINVAL", "0"},
            {"GUARD_REMOVE", "662df3e5c376", {6, 12, 0}, {6, 13, 0}, probe(103), "EINVAL", "0"},
            {"GUARD_INSTALL of files",
             "fd51327c3ebd",
             {6, 14, 0},
             {6, 15, 0},
             advice(102, shmem()),
             "EINVAL",
             "0"},
            {"madvise may be left out",
             "d3ac21cacc24",
             {3, 17, 0},
             {3, 18, 0},
             results(
                 [](Driver& d) {
                   area(anonymous())(d);
                   d.world.learned.advise_answers = false;
                 },
                 call_of(Sys::madvise, {kArea, P, 0}, 0)),
             "0",
             "0 ENOSYS"},
            // process_madvise(2)
            {"process_madvise", "ecb8ac8b1f14", {5, 9, 0}, {5, 10, 0}, remote(20, 2, 4), "ENOSYS", "8192"},
            {"it wants CAP_SYS_NICE",
             "96cfe2c0fd23",
             {5, 11, 0},
             {5, 12, 0},
             remote(20, 2, 4, 0),
             "8192",
             "EPERM"},
            {"bytes that were advised before an error count",
             "5bd009c7c9a9",
             {5, 17, 0},
             {5, 18, 0},
             remote(20, 4, 1),
             "4096 EPERM ENOMEM",
             "4096 EPERM"},
            {"a process may give itself any advice",
             "",
             {6, 12, 0},
             {6, 13, 0},
             remote(0, 2, 4),
             "EINVAL",
             "8192"},
            {"WILLNEED for others",
             "d5fffc5aff26",
             {5, 17, 0},
             {5, 18, 0},
             remote(3, 2, 4),
             "4096 8192 EPERM EBADF EINVAL",
             "4096 8192 EPERM EBADF"},
            {"COLLAPSE for others", "7d8faaf15545", {6, 0, 0}, {6, 1, 0}, elsewhere(25), "EINVAL", "4096"},
            // AIO
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
             events(
                 [](aio::Aio& a) {
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
             [](
                 Version v) -> std::
                                string {
                                  aio::Aio a(v);
                                  a.setup(4, aio::kRing);
                                  return a.world.find(1)->mm->space.at(aio::kRing).test(kExec) == Tri::no
                                             ? "no"
                                             : "perhaps";
                                },
             "perhaps",
             "no"},
            {"vectors",
             "eed4e51fb60c",
             {2, 6, 18},
             {2, 6, 19},
             events(
                 [](aio::Aio& a) {
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
               return a.run(call_of(Sys::mmap, {0, P, 3, 0x22, ~0ull, 0},
                                    static_cast<std::int64_t>(aio::kRing + 2 * P)));
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
             events(
                 [](aio::Aio& a) {
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
             events(
                 [](aio::Aio& a) {
                   constexpr std::uint64_t kThere = aio::kRing + 0x100000;
                   a.setup(4, aio::kRing), a.submit({aio::read_of(1, 8)}, 1);
                   a.run(call_of(Sys::mremap, {aio::kRing, P, P, 3, kThere},
                                 static_cast<std::int64_t>(kThere)));
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
             events(
                 [](aio::Aio& a) {
                   a.setup(4, aio::kRing);
                   return a.run(flagged(aio::read_of(1, 8), 1, 1));
                 }),
             "diverges iocb.reserved1",
             "conforms"},
            {"fsync",
             "a3c0d439e4d9",
             {4, 17, 0},
             {4, 18, 0},
             events(
                 [](aio::Aio& a) {
                   a.setup(4, aio::kRing);
                   return a.run(aio::failed(aio::submit_call({aio::sync_of(1)}, 0), EINVAL));
                 }),
             "conforms",
             "conforms"},
            {"io_pgetevents",
             "7a074e96dee6",
             {4, 17, 0},
             {4, 18, 0},
             events(
                 [](aio::Aio& a) {
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
             events(
                 [](aio::Aio& a) {
                   a.setup(4, aio::kRing);
                   return a.submit({aio::poll_of(1, 1)}, 1);
                 }),
             "diverges iocb.no-poll",
             "conforms"},
            {"the second result is 0",
             "6b19b766e8f0",
             {5, 15, 0},
             {5, 16, 0},
             events(
                 [](aio::Aio& a) {
                   a.setup(4, aio::kRing), a.submit({aio::iocb(1, 0, 3, 8, "/dev/usb-ffs/adb/ep1")}, 1);
                   IoEvent e = aio::event(1, 8);
                   e.res2 = Word::of(1);
                   return a.read(1, 1, {e});
                 }),
             "conforms",
             "diverges io_event.res2"},
};

class Changes : public testing::TestWithParam<Change> {};

TEST_P(Changes, BehaveAsBeforeAndThenDifferently) {
  const Change& c = GetParam();
  EXPECT_EQ(c.seen(c.last), c.before) << c.what << " on " << to_string(c.last);
  EXPECT_EQ(c.seen(c.first), c.after) << c.what << " on " << to_string(c.first);
}

std::string name_of_change(const testing::TestParamInfo<Change>& info) {
  std::string name = info.param.what;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Kernels, Changes, testing::ValuesIn(kChanges), name_of_change);

}  // namespace
}  // namespace ringtail::kernel
