// SPDX-License-Identifier: GPL-2.0-or-later
// Changes of move_pages(2), madvise(2) and process_madvise(2).
#include "tests/kernel/change.h"

namespace ringtail::kernel {
namespace {

constexpr std::uint64_t P = kPageSize;
constexpr std::uint64_t kPages = 0x7f8000000000, kNodes = 0x7f8000100000, kStatus = 0x7f8000200000;

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

const Change kMovePages[] = {
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
       return text_of(run_in(v, kTwoNodes, move({kArea, kArea + P}, {1, 0}, {-ENOENT, 77}), 1)) + ", " +
              text_of(run_in(v, kTwoNodes, move({kArea, kArea + P}, {1, 0}, {1, 77}), 0));
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
};

const Change kMadvise[] = {
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
    {"GUARD_INSTALL of files", "fd51327c3ebd", {6, 14, 0}, {6, 15, 0}, advice(102, shmem()), "EINVAL", "0"},
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
};

const Change kProcessMadvise[] = {
    {"process_madvise", "ecb8ac8b1f14", {5, 9, 0}, {5, 10, 0}, remote(20, 2, 4), "ENOSYS", "8192"},
    {"it wants CAP_SYS_NICE", "96cfe2c0fd23", {5, 11, 0}, {5, 12, 0}, remote(20, 2, 4, 0), "8192", "EPERM"},
    {"bytes that were advised before an error count",
     "5bd009c7c9a9",
     {5, 17, 0},
     {5, 18, 0},
     remote(20, 4, 1),
     "4096 EPERM ENOMEM",
     "4096 EPERM"},
    {"a process may give itself any advice", "", {6, 12, 0}, {6, 13, 0}, remote(0, 2, 4), "EINVAL", "8192"},
    {"WILLNEED for others",
     "d5fffc5aff26",
     {5, 17, 0},
     {5, 18, 0},
     remote(3, 2, 4),
     "4096 8192 EPERM EBADF EINVAL",
     "4096 8192 EPERM EBADF"},
    {"COLLAPSE for others", "7d8faaf15545", {6, 0, 0}, {6, 1, 0}, elsewhere(25), "EINVAL", "4096"},
};

INSTANTIATE_TEST_SUITE_P(MovePages, Changes, testing::ValuesIn(kMovePages), name_of_change);
INSTANTIATE_TEST_SUITE_P(Madvise, Changes, testing::ValuesIn(kMadvise), name_of_change);
INSTANTIATE_TEST_SUITE_P(ProcessMadvise, Changes, testing::ValuesIn(kProcessMadvise), name_of_change);

}  // namespace
}  // namespace ringtail::kernel
