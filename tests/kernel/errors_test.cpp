// SPDX-License-Identifier: GPL-2.0-or-later
// Errors that a call has only where something out of sight may be in its way: a driver, a security module, a
// limit. A row a situation, and all that the model allows there; a row without that situation is beside it.
#include <gtest/gtest.h>

#include "tests/kernel/aio_calls.h"
#include "tests/kernel/row.h"

namespace ringtail::kernel {
namespace {

namespace aio = aio_tests;
constexpr std::uint64_t P = kPageSize;
constexpr std::uint64_t kRead = 1, kWrite = 2, kExec = 4;
constexpr std::uint64_t kShared = 1, kPrivate = 2, kValidate = 3, kFixed = 0x10, kAnon = 0x20, kGrows = 0x100,
                        kLockedFlag = 0x2000, kHugetlbFlag = 0x40000, kSync = 0x80000;
constexpr std::uint64_t kMayMove = 1, kToGiven = 2, kDontUnmapFlag = 4;
constexpr std::int64_t kElsewhere = 0x7e0000000000;
constexpr Version kOld{2, 6, 22};

// Of successes `values`, of errors every number.
std::string all_of(Version v, const Prepare& setup, const Call& call,
                   const std::vector<std::int64_t>& values) {
  std::string text;
  const auto add = [&](std::int64_t result, const std::string& name) {
    if (run_in(v, setup, call, result).kind == Verdict::Kind::conforms)
      text += (text.empty() ? "" : " ") + name;
  };
  for (const std::int64_t r : values) add(r, "ok");
  for (int e = 1; e <= 133; ++e) add(-e, errno_name(e));
  return text;
}

struct Case {
  const char* what;
  Version version;
  Prepare setup;
  Call call;
  const char* allowed;
  std::int64_t success = 0;
};
void PrintTo(const Case& c, std::ostream* os) { *os << c.what; }

class Errors : public testing::TestWithParam<Case> {};

TEST_P(Errors, AreThese) {
  const Case& c = GetParam();
  EXPECT_EQ(all_of(c.version, c.setup, c.call, {c.success}), c.allowed)
      << c.what << " on " << to_string(c.version);
}

// --- what the call finds

PageState is(Bit b) { return with(anonymous(), b); }
Prepare crowded(const Prepare& setup) {  // vm.max_map_count may be reached
  return [=](Driver& d) { setup(d), d.world.find(1)->mm->whole = false; };
}
Prepare holding(PageState s, std::uint64_t pages = 4) {
  return [=](Driver& d) { area(s, pages)(d), d.world.find(1)->mm->lock_future = Tri::no; };
}
const Prepare kPlain = holding(anonymous());
const Prepare kNuma = [](Driver& d) { kPlain(d), d.world.learned.numa_answers = true; };
// Descriptor 3, opened so.
Prepare opened(std::string path, std::uint64_t flags) {
  return [=](Driver& d) {
    kPlain(d);
    Call c = call_of(Sys::openat, {~std::uint64_t{99}, 0, flags, 0}, 3);
    c.path = path;
    d.run(c);
  };
}
const char* const kShmem = "/memfd:x (deleted)";
// Descriptor 3 is of tmpfs.
const Prepare kTmpfs = [](Driver& d) {
  kPlain(d);
  Call c = call_of(Sys::memfd_create, {0x1000, 0}, 3);
  c.out_path = kShmem;
  d.run(c);
};
const Prepare kFile = opened("/srv/file", 2), kReadOnly = opened("/srv/file", 0),
              kWriteOnly = opened("/srv/file", 1);

// --- calls

Call map(std::uint64_t prot, std::uint64_t flags, Address at = 0, std::uint64_t offset = 0,
         std::uint64_t length = P) {
  return call_of(Sys::mmap, {at, length, prot, flags, flags & kAnon ? ~0ull : 3, offset}, 0);
}
Call map_of(std::string path, std::uint64_t prot, std::uint64_t flags, std::uint64_t offset = 0) {
  Call c = map(prot, flags, 0, offset);
  c.fd = {Word::of(3), std::move(path)};
  return c;
}
const char* const kName = "/srv/file";
Call remap(std::uint64_t from, std::uint64_t to, std::uint64_t flags, Address where = 0, Address at = kArea) {
  return call_of(Sys::mremap, {at, from, to, flags, where}, 0);
}
Call protect(std::uint64_t prot, std::uint64_t length = 4 * P) {
  return call_of(Sys::mprotect, {kArea, length, prot}, 0);
}

const Case kMapping[] = {
    {"plain memory", k6_18, kPlain, map(kRead, kPrivate | kAnon), "ok ENOMEM", kElsewhere},
    {"executable memory: a security module", k6_18, kPlain, map(kExec, kPrivate | kAnon), "ok ENOMEM EACCES",
     kElsewhere},
    {"huge pages", k6_18, kPlain, map(kRead, kPrivate | kAnon | kHugetlbFlag),
     "ok EPERM ENOENT ENOMEM EINVAL", kElsewhere},
    {"huge pages of a file that has none", k6_18, kTmpfs, map_of(kShmem, kRead, kPrivate | kHugetlbFlag),
     "EINVAL", kElsewhere},
    {"a file of tmpfs", k6_18, kTmpfs, map_of(kShmem, kRead, kPrivate), "ok ENOMEM", kElsewhere},
    {"a file of tmpfs, shared: it may be sealed", k6_18, kTmpfs, map_of(kShmem, kRead, kShared),
     "ok EPERM ENOMEM", kElsewhere},
    {"a file of tmpfs, executable", k6_18, kTmpfs, map_of(kShmem, kExec, kPrivate), "ok ENOMEM EACCES",
     kElsewhere},
    {"a memfd: it may have huge pages", k6_18, kPlain, map_of(kShmem, kRead, kPrivate),
     "ok EBADF ENOMEM EACCES EINVAL", kElsewhere},
    {"any file: what its driver says", k6_18, kFile, map_of(kName, kRead, kPrivate),
     "ok EPERM EIO ENXIO EAGAIN ENOMEM EACCES EBUSY ENODEV EINVAL EOVERFLOW EOPNOTSUPP", kElsewhere},
    {"any file, shared and written: in use for swap", k6_18, kFile, map_of(kName, kWrite, kShared),
     "ok EPERM EIO ENXIO EAGAIN ENOMEM EACCES EBUSY ENODEV EINVAL ETXTBSY EOVERFLOW EOPNOTSUPP", kElsewhere},
    {"any file, executable: of a mount without exec", k6_18, kFile, map_of(kName, kExec, kPrivate),
     "ok EPERM EIO ENXIO EAGAIN ENOMEM EACCES EBUSY ENODEV EINVAL EOVERFLOW EOPNOTSUPP", kElsewhere},
    {"of a file that is not open for reading", k6_18, kWriteOnly, map_of(kName, kRead, kPrivate), "EACCES",
     kElsewhere},
    {"written to a file that is not open for writing", k6_18, kReadOnly, map_of(kName, kWrite, kShared),
     "EACCES", kElsewhere},
    {"a pipe", k6_18, kPlain, map_of("pipe:[7]", kRead, kPrivate), "EACCES ENODEV", kElsewhere},
    {"of tmpfs, growing down", k6_18, kTmpfs, map_of(kShmem, kRead, kPrivate | kGrows), "EINVAL", kElsewhere},
    {"of tmpfs, with a flag to be validated", k6_18, kTmpfs, map_of(kShmem, kRead, kValidate | kSync),
     "ok EPERM ENOMEM EOPNOTSUPP", kElsewhere},
    {"of tmpfs, before there was any such",
     {4, 14, 0},
     kTmpfs,
     map_of(kShmem, kRead, kValidate | kSync),
     "EINVAL",
     kElsewhere},
    {"of tmpfs, beyond the end of files", k6_18, kTmpfs, map_of(kShmem, kRead, kPrivate, 1ull << 62),
     "ok ENOMEM EOVERFLOW", kElsewhere},
    {"of tmpfs, before that was looked at",
     {4, 17, 0},
     kTmpfs,
     map_of(kShmem, kRead, kPrivate, 1ull << 62),
     "ok ENOMEM",
     kElsewhere},
    {"locked memory", k6_18, kPlain, map(kRead, kPrivate | kAnon | kLockedFlag), "ok EPERM EAGAIN ENOMEM",
     kElsewhere},
    {"lowest addresses", k6_18, kPlain, map(kRead, kPrivate | kAnon | kFixed, P),
     "ok EPERM ENOMEM EACCES EINVAL", static_cast<std::int64_t>(P)},
    {"lowest addresses, before that was looked at", kOld, kPlain, map(kRead, kPrivate | kAnon | kFixed, P),
     "ok ENOMEM", static_cast<std::int64_t>(P)},
    {"in place of what is sealed", k6_18, holding(is(kSealed)), map(kRead, kPrivate | kAnon | kFixed, kArea),
     "EPERM", static_cast<std::int64_t>(kArea)},
    {"in place of what is sealed, before mseal",
     {6, 9, 0},
     holding(is(kSealed)),
     map(kRead, kPrivate | kAnon | kFixed, kArea),
     "ok ENOMEM",
     static_cast<std::int64_t>(kArea)},
};

const Case kRemapping[] = {
    {"shrinks", k6_18, kPlain, remap(4 * P, P, 0), "ok", static_cast<std::int64_t>(kArea)},
    {"shrinks: many mappings", k6_18, crowded(kPlain), remap(4 * P, P, 0), "ok ENOMEM",
     static_cast<std::int64_t>(kArea)},
    {"shrinks from beyond memory", k6_18, kPlain, remap(1ull << 60, P, 0), "EINVAL",
     static_cast<std::int64_t>(kArea)},
    {"grows", k6_18, kPlain, remap(4 * P, 6 * P, kMayMove), "ok ENOMEM", static_cast<std::int64_t>(kArea)},
    {"grows: locked", k6_18, holding(is(kLocked)), remap(4 * P, 6 * P, kMayMove), "ok EAGAIN ENOMEM",
     static_cast<std::int64_t>(kArea)},
    {"grows: a device's", k6_18, holding(is(kSpecial)), remap(4 * P, 6 * P, kMayMove), "ok ENOMEM EFAULT",
     static_cast<std::int64_t>(kArea)},
    {"grows: huge pages", k6_18, holding(is(kHugetlb)), remap(4 * P, 6 * P, kMayMove), "ok ENOMEM EINVAL",
     static_cast<std::int64_t>(kArea)},
    {"grows: sealed", k6_18, holding(is(kSealed)), remap(4 * P, 6 * P, kMayMove), "ok EPERM ENOMEM",
     static_cast<std::int64_t>(kArea)},
    {"grows: sealed, before mseal",
     {6, 9, 0},
     holding(is(kSealed)),
     remap(4 * P, 6 * P, kMayMove),
     "ok ENOMEM",
     static_cast<std::int64_t>(kArea)},
    {"grows beyond memory", k6_18, kPlain, remap(4 * P, 1ull << 60, kMayMove), "ENOMEM EINVAL",
     static_cast<std::int64_t>(kArea)},
    {"grows beyond memory, before that was looked at",
     {6, 14, 0},
     kPlain,
     remap(4 * P, 1ull << 60, kMayMove),
     "ENOMEM EINVAL",
     static_cast<std::int64_t>(kArea)},
    {"moves where it is told", k6_18, kPlain, remap(4 * P, 4 * P, kMayMove | kToGiven, kArea + 8 * P),
     "ok ENOMEM", static_cast<std::int64_t>(kArea + 8 * P)},
    {"moves to what is no page", k6_18, kPlain, remap(4 * P, 4 * P, kMayMove | kToGiven, kArea + 8 * P + 1),
     "EINVAL", static_cast<std::int64_t>(kArea + 8 * P)},
    {"moves to the lowest addresses", k6_18, kPlain, remap(4 * P, 4 * P, kMayMove | kToGiven, P),
     "ok EPERM ENOMEM EINVAL", static_cast<std::int64_t>(P)},
    {"leaves its place mapped",
     {5, 7, 0},
     kPlain,
     remap(4 * P, 4 * P, kMayMove | kDontUnmapFlag),
     "ok ENOMEM",
     kElsewhere},
    {"leaves its place mapped: a file's",
     {5, 7, 0},
     holding(is(kernel::kFile)),
     remap(4 * P, 4 * P, kMayMove | kDontUnmapFlag),
     "EINVAL",
     kElsewhere},
    {"leaves its place mapped: a file's, later",
     {5, 13, 0},
     holding(is(kernel::kFile)),
     remap(4 * P, 4 * P, kMayMove | kDontUnmapFlag),
     "ok ENOMEM",
     kElsewhere},
};

const Case kOther[] = {
    {"munmap", k6_18, kPlain, call_of(Sys::munmap, {kArea, P}, 0), "ok"},
    {"munmap of a part: many mappings", k6_18, crowded(kPlain), call_of(Sys::munmap, {kArea, P}, 0),
     "ok ENOMEM"},
    {"munmap within a huge page", k6_18, holding(is(kHugetlb), 1024), call_of(Sys::munmap, {kArea + P, P}, 0),
     "ok EINVAL"},
    {"mprotect", k6_18, kPlain, protect(kRead), "ok"},
    {"mprotect: many mappings", k6_18, crowded(kPlain), protect(kRead), "ok ENOMEM"},
    {"mprotect: executable", k6_18, holding(with(anonymous(), kMayExec)), protect(kExec), "ok EACCES"},
    {"mprotect: what may not be written", k6_18,
     holding(with(with(anonymous(), kMayWrite, false), kernel::kShared)), protect(kWrite), "EACCES"},
    {"mprotect: private pages become writable", k6_18,
     holding(with(with(with(anonymous(), kernel::kWrite, false), kAccounted, false), kernel::kShared, false)),
     protect(kWrite), "ok ENOMEM"},
    {"mprotect from where it begins", k6_18, kPlain, protect(0x01000000 | kRead), "ok ENOMEM EACCES EINVAL"},
    {"mlock", k6_18, kPlain, call_of(Sys::mlock, {kArea, P}, 0), "ok EPERM EAGAIN ENOMEM"},
    {"munlock", k6_18, kPlain, call_of(Sys::munlock, {kArea, P}, 0), "ok"},
    {"munlock: many mappings", k6_18, crowded(kPlain), call_of(Sys::munlock, {kArea, P}, 0), "ok ENOMEM"},
    {"munlock of what wraps", k6_18, kPlain, call_of(Sys::munlock, {kArea, 0 - 2 * P}, 0), "EINVAL"},
    {"mlockall", k6_18, kPlain, call_of(Sys::mlockall, {1}, 0), "ok EPERM ENOMEM"},
    {"shmat", k6_18, kPlain, call_of(Sys::shmat, {7, 0, 0}, 0), "ok ENOMEM EACCES EINVAL EIDRM", kElsewhere},
    {"shmat: where all is locked", k6_18,
     [](Driver& d) { kPlain(d), d.world.find(1)->mm->lock_future = Tri::yes; },
     call_of(Sys::shmat, {7, 0, 0}, 0), "ok EAGAIN ENOMEM EACCES EINVAL EIDRM", kElsewhere},
    {"shmat at the lowest addresses", k6_18, kPlain, call_of(Sys::shmat, {7, P, 0}, 0),
     "ok EPERM ENOMEM EACCES EINVAL EIDRM", static_cast<std::int64_t>(P)},
    {"shmat in the place of nothing", k6_18, kPlain, call_of(Sys::shmat, {7, 0, 040000}, 0), "EINVAL",
     kElsewhere},
    {"shmdt of what is no page", k6_18, kPlain, call_of(Sys::shmdt, {kArea + 1}, 0), "EINVAL"},
    {"shmdt of what is no page, beside a segment", k6_18,
     [](Driver& d) {
       kPlain(d), d.run(Sys::shmat, {7, kArea + 8 * P, 0}, kArea + 8 * P);
     },
     call_of(Sys::shmdt, {kArea + 8 * P + 1}, 0), "EINVAL"},
    {"DODUMP of what may be droppable", k6_18, holding(with(is(kDontDump), kWipeOnFork)),
     call_of(Sys::madvise, {kArea, P, 17}, 0), "ok EINVAL"},
    {"DODUMP, before there was such memory",
     {6, 10, 0},
     holding(with(is(kDontDump), kWipeOnFork)),
     call_of(Sys::madvise, {kArea, P, 17}, 0),
     "ok"},
    {"KEEPONFORK of what may be droppable", k6_18, holding(with(is(kDontDump), kWipeOnFork)),
     call_of(Sys::madvise, {kArea, P, 19}, 0), "ok EINVAL"},
    {"KEEPONFORK, before there was such memory",
     {6, 10, 0},
     holding(with(is(kDontDump), kWipeOnFork)),
     call_of(Sys::madvise, {kArea, P, 19}, 0),
     "ok"},
    {"get_mempolicy of more nodes than a page has bits for", k6_18, kNuma,
     call_of(Sys::get_mempolicy, {0, kArea, 8 * P + 65, 0, 0}, 0), "EINVAL"},
    {"clone", k6_18, kPlain, call_of(Sys::clone, {17, 0, 0, 0, 0}, 0), "ok EAGAIN ENOMEM", 4711},
    {"clone into namespaces", k6_18, kPlain, call_of(Sys::clone, {0x10000000 | 17, 0, 0, 0, 0}, 0),
     "ok EPERM EBADF EAGAIN ENOMEM EBUSY EEXIST EINVAL EMFILE ENOSPC EUSERS EOPNOTSUPP", 4711},
    {"clone of a thread with its own handlers", k6_18, kPlain, call_of(Sys::clone, {0x10100, 0, 0, 0, 0}, 0),
     "EINVAL", 4711},
    {"clone of handlers without memory", k6_18, kPlain, call_of(Sys::clone, {0x800 | 17, 0, 0, 0, 0}, 0),
     "EINVAL", 4711},
    {"clone into a mount namespace with one root", k6_18, kPlain,
     call_of(Sys::clone, {0x20200 | 17, 0, 0, 0, 0}, 0), "EINVAL", 4711},
    {"clone3", k6_18, kPlain, call_of(Sys::clone3, {0, 88}, 0),
     "ok EPERM E2BIG EBADF EAGAIN ENOMEM EFAULT EBUSY EEXIST EINVAL EMFILE ENOSPC ENOSYS EUSERS EOPNOTSUPP",
     4711},
    {"clone3, before there was one", {5, 2, 0}, kPlain, call_of(Sys::clone3, {0, 88}, 0), "ENOSYS", 4711},
    {"ftruncate to less than nothing", k6_18, kPlain, call_of(Sys::ftruncate, {3, ~0ull}, 0), "EINVAL"},
    {"mbind: many mappings", k6_18, crowded(kNuma), call_of(Sys::mbind, {kArea, P, 0, 0, 0, 0}, 0),
     "ok ENOMEM"},
    {"migrate_pages of another process", k6_18,
     [](Driver& d) {
       area(anonymous(), 4, {0, 1})(d), d.world.learned.numa_answers = true;
     },
     [] {
       Call c = call_of(Sys::migrate_pages, {4711, 65, kArea, kArea + 8}, 0);
       c.mask = c.mask2 = {{1}, List<std::uint64_t>::State::complete};
       return c;
     }(),
     "ok EPERM ESRCH EACCES EINVAL"},
};

// --- what io_submit says of one request

struct Request {
  const char* what;
  Version version;
  Iocb iocb;
  const char* allowed;
};
void PrintTo(const Request& r, std::ostream* os) { *os << r.what; }

class ErrorsOfRequests : public testing::TestWithParam<Request> {};

TEST_P(ErrorsOfRequests, AreThese) {
  const Request& r = GetParam();
  std::string text;
  for (int e = 0; e <= 133; ++e) {
    aio::Aio a(r.version);
    a.setup(8, aio::kRing);
    const std::string seen = a.run(aio::submit_call({r.iocb}, e ? -e : 1));
    if (!seen.starts_with("diverges")) text += (text.empty() ? "" : " ") + (e ? errno_name(e) : "ok");
  }
  EXPECT_EQ(text, r.allowed) << r.what << " on " << to_string(r.version);
}

Iocb on(Iocb cb, const char* path) {
  cb.path = path;
  return cb;
}
Iocb ioprio(std::uint64_t prio) {
  return aio::with(aio::with(aio::read_of(1, 8), &Iocb::flags, 2), &Iocb::reqprio, prio);
}
Iocb flagged(std::uint64_t flags) { return aio::with(aio::read_of(1, 8), &Iocb::rw_flags, flags); }
Iocb plain(Iocb cb) { return aio::with(cb, &Iocb::flags, 0); }

const Request kRequests[] = {
    {"a read of a pipe", k6_18, plain(on(aio::read_of(1, 8), "pipe:[7]")), "ok EBADF EFAULT EINVAL"},
    {"a read of a pipe, where locks were mandatory",
     {5, 14, 0},
     plain(on(aio::read_of(1, 8), "pipe:[7]")),
     "ok EBADF EAGAIN EFAULT EINVAL"},
    {"a read of a file: security modules", k6_18, plain(aio::read_of(1, 8)),
     "ok EPERM EBADF EACCES EFAULT EINVAL"},
    {"a read before the beginning", k6_18,
     plain(aio::with(on(aio::read_of(1, 8), "pipe:[7]"), &Iocb::offset, ~0ull)),
     "ok EBADF EFAULT EINVAL EOVERFLOW"},
    {"a read of vectors", k6_18, plain(on(aio::iocb(1, 7, 3, 1), "pipe:[7]")),
     "ok EBADF ENOMEM EFAULT EINVAL"},
    {"with a priority", k6_18, on(ioprio(0), "pipe:[7]"), "ok EPERM EBADF EFAULT EINVAL"},
    {"with a priority, before there was one",
     {4, 17, 0},
     on(ioprio(0), "pipe:[7]"),
     "ok EBADF EAGAIN EFAULT EINVAL"},
    {"with flags", k6_18, plain(on(flagged(0x20), "pipe:[7]")), "ok EPERM EBADF EFAULT EINVAL EOPNOTSUPP"},
    {"with flags, before one of them could be denied",
     {6, 8, 0},
     plain(on(flagged(0x4), "pipe:[7]")),
     "ok EBADF EFAULT EINVAL EOPNOTSUPP"},
    {"fsync of a pipe", k6_18, plain(on(aio::sync_of(1), "pipe:[7]")), "EFAULT EINVAL"},
};

std::string name_of_case(const std::string& what) {
  std::string name = what;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}
std::string case_name(const testing::TestParamInfo<Case>& info) { return name_of_case(info.param.what); }

INSTANTIATE_TEST_SUITE_P(Mmap, Errors, testing::ValuesIn(kMapping), case_name);
INSTANTIATE_TEST_SUITE_P(Mremap, Errors, testing::ValuesIn(kRemapping), case_name);
INSTANTIATE_TEST_SUITE_P(Others, Errors, testing::ValuesIn(kOther), case_name);
INSTANTIATE_TEST_SUITE_P(Aio, ErrorsOfRequests, testing::ValuesIn(kRequests),
                         [](const auto& info) { return name_of_case(info.param.what); });

TEST(ErrorsOfAio, OfACancelledRequestWereItsDriversBefore311) {
  for (const auto& [version, seen] :
       {std::pair{Version{3, 10, 0}, "conforms"}, {Version{3, 11, 0}, "diverges io_cancel.request"}}) {
    aio::Aio a(version);
    a.setup(4, aio::kRing), a.submit({aio::iocb(1, 0, 3, 8)}, 1);
    EXPECT_EQ(a.run(aio::cancel_call(aio::iocb(1, 0, 3, 8), -EAGAIN)), seen) << to_string(version);
  }
}

}  // namespace
}  // namespace ringtail::kernel
