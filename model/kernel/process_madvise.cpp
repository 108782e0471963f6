// SPDX-License-Identifier: GPL-2.0-or-later
// process_madvise(2): madvise for each range of a vector, in a process named by a pidfd.
//
// The ranges are taken in order and the first that fails ends the call. Since 5.18, and in stable kernels
// that took the change (5.10.223 for one), it then returns the bytes advised so far, if any; before, the
// error, although the ranges before it stay advised. Bytes are counted as they were given, not in pages. (A
// change that skipped holes, 08095d6310a7, was taken back before it was released.)
#include <algorithm>
#include <cerrno>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/kernel/advice.h"
#include "model/kernel/target.h"
#include "model/kernel/user_memory.h"

namespace ringtail::kernel {
namespace {

constexpr Version kSince{5, 10, 0};
constexpr Version kPartialBytes{5, 18, 0};
constexpr Version kSelfAnyAdvice{6, 13, 0};
constexpr Version kSelfSentinels{6, 14, 0};
constexpr std::uint64_t kMaxVector = 1024;       // UIO_MAXIOV
constexpr std::uint64_t kMaxBytes = 0x7ffff000;  // MAX_RW_COUNT with 4 KiB pages
constexpr Version kSelfGroupMoved{6, 18, 0};
constexpr std::int32_t kPidfdSelf = -10000;            // PIDFD_SELF_THREAD
constexpr std::int32_t kPidfdSelfGroup = -10001;       // PIDFD_SELF_THREAD_GROUP, and
constexpr std::int32_t kPidfdSelfGroupFirst = -20000;  // what it was at first

constexpr Rule kNoCall{"process_madvise.unimplemented", ENOSYS, "commit ecb8ac8b1f14", {}, kSince};
constexpr Rule kFlags{"process_madvise.flags", EINVAL, "mm/madvise.c process_madvise: flags != 0"};
constexpr Rule kVector{"process_madvise.vector", EINVAL,
                       "lib/iov_iter.c import_iovec: too long, or a negative length"};
constexpr Rule kVectorFault{"process_madvise.vector-fault", EFAULT, "lib/iov_iter.c import_iovec"};
constexpr Rule kPidfd{"process_madvise.pidfd", EBADF, "kernel/pid.c pidfd_get_task"};
constexpr Rule kGone{"process_madvise.gone", ESRCH, "kernel/pid.c pidfd_get_task, or no mm"};
constexpr Rule kAdvice{
    "process_madvise.advice", EINVAL, "mm/madvise.c process_madvise_behavior_valid", {}, kSelfAnyAdvice};
constexpr Rule kAccess{"process_madvise.access", EACCES, "kernel/fork.c mm_access"};
constexpr Rule kAccessOld{"process_madvise.access-permission", EPERM, "kernel/fork.c mm_access"};
constexpr Rule kRemoteAdvice{"process_madvise.remote-advice", EINVAL,
                             "mm/madvise.c process_madvise_remote_valid", kSelfAnyAdvice};
constexpr Rule kNice{"process_madvise.permission",
                     EPERM,
                     "mm/madvise.c process_madvise: CAP_SYS_NICE, commit 96cfe2c0fd23",
                     {5, 12, 0}};
constexpr Rule kBytes{"process_madvise.bytes", 0, "mm/madvise.c process_madvise, commit 5bd009c7c9a9"};

struct Piece {
  Address base;
  std::uint64_t length;
};

// Whether the descriptor is a number that stands for the caller.
Tri sentinel(const Step& s) {
  if (!s.profile.from(kSelfSentinels)) return Tri::no;
  switch (static_cast<std::int32_t>(s.arg(0))) {
    case kPidfdSelf:
      return Tri::yes;
    case kPidfdSelfGroup:
      return s.profile.from(kSelfGroupMoved) ? Tri::yes : Tri::maybe;
    case kPidfdSelfGroupFirst:
      return s.profile.from(kSelfGroupMoved) ? Tri::no : Tri::maybe;
    default:
      return Tri::no;
  }
}

// The target, where it can be told: recent recorders annotate a pidfd with its process; else as it was
// opened.
Target pidfd_target(Step& s) {
  if (sentinel(s) != Tri::no) return target_of(s, 0);
  std::string_view note = s.call.fd.path;
  if (!note.starts_with("pid:")) {
    const Opened was = pidfd_at(s, s.call.arg[0].s32(), note);
    if (was.pid <= 0) return {};
    const Target t = target_of(s, was.pid);
    return t.task && t.task->born <= was.since ? t : Target{};
  }
  note.remove_prefix(4);
  std::int32_t pid = 0;
  for (const char c : note) {
    if (c < '0' || c > '9' || pid > 100'000'000) break;
    pid = pid * 10 + (c - '0');
  }
  return pid ? target_of(s, pid) : Target{};
}

Tri bad_pidfd(const Step& s) {
  const auto fd = static_cast<std::int32_t>(s.arg(0));
  if (fd < 0) return !sentinel(s);
  const OpenFile f = file_at(s, fd, s.call.fd.path);
  const bool another =
      f.kind != FileKind::unknown && f.kind != FileKind::pidfd && f.kind != FileKind::anon_inode;
  return (!f.open) | tri(another) | (f.kind == FileKind::pidfd ? Tri::no : Tri::maybe);
}

// The vector as import_iovec takes it, which looks at the low 32 bits of its length.
struct Vector {
  std::uint64_t count = 0;
  std::span<const Iovec> items;
  bool whole = false;  // `items` are all of it
};
Vector vector_of(const Step& s) {
  const List<Iovec>& iov = s.call.iov;
  Vector v{s.arg(2) & 0xffffffff, iov.items, iov.complete()};
  if (v.items.size() >= v.count) v.items = v.items.first(v.count), v.whole = true;
  return v;
}

void check_vector(Step& s, const Vector& vector) {
  const std::uint64_t count = vector.count;
  s.checks.fails(kVector, count > kMaxVector);
  s.checks.fails(kVectorFault, array_faults(s, s.call.arg[1], s.call.iov, count, 16));
  if (!vector.whole) return s.checks.may_fail(kVector);
  Tri negative = Tri::no, outside = Tri::no;
  for (const Iovec& v : vector.items) {
    negative = negative | (v.len.known() ? tri(v.len.s64() < 0) : Tri::maybe);
    if (!v.base.known() || !v.len.known() || v.base.value + v.len.value >= Address{1} << 47)
      outside = outside | Tri::maybe;
    if (v.base.known() && v.len.known() && v.len.value && v.base.value >= Address{1} << 63)
      outside = Tri::yes;
  }
  s.checks.fails(kVector, negative);
  s.checks.fails(kVectorFault, outside);
}

void judge_vector(Step& s, Step& at, const Vector& vector) {
  const auto value = static_cast<std::int32_t>(s.arg(3));
  if (!vector.whole) {
    // Advice, alignment and holes are all possible; only the bytes can be told to be too many.
    for (const int error : {EINVAL, ENOMEM, EPERM, EBUSY, EAGAIN, EBADF, EACCES})
      s.checks.fails_with(kBytes, error, Tri::maybe);
    s.checks.succeeds(kBytes);
    s.checks.inexact();
    s.checks.expect(
        kBytes, tri(static_cast<std::uint64_t>(s.result()) <= kMaxBytes),
        [&] { return fmt::format("{}", s.result()); },
        [] { return std::string("at most 2147479552 bytes"); });
    return;
  }
  std::vector<Piece> pieces;
  std::uint64_t total = 0;
  for (const Iovec& v : vector.items) {
    if (!v.base.known() || !v.len.known()) return s.checks.not_judged(reason::kArguments);
    const std::uint64_t length = std::min(v.len.value, kMaxBytes - total);
    if (length == 0 && !pieces.empty())
      continue;  // iov_iter_advance() steps over empty ones behind the first
    pieces.push_back({v.base.value, length});
    total += length;
  }
  std::vector<std::uint64_t> ends;  // where it may have stopped with something done
  std::uint64_t done = 0;
  Tri stopped = Tri::no;
  for (const Piece& p : pieces) {
    if (done == total) break;
    Checks probe(s.profile, s.call.out);
    if (done) check_range(at, probe, p.base, p.length, value);
    stopped = probe.failing();
    if (stopped != Tri::no) {
      ends.push_back(done);
      s.checks.returns(kBytes, static_cast<std::int64_t>(done));
    }
    if (done == 0 || !s.profile.from(kPartialBytes)) {
      check_range(at, s.checks, p.base, p.length, value);
      if (s.checks.decided()) stopped = Tri::yes;
    }
    if (stopped == Tri::yes) break;
    done += p.length;
  }
  if (stopped != Tri::yes) {
    ends.push_back(total);
    s.checks.returns(kBytes, static_cast<std::int64_t>(total));
  }
  const auto result = static_cast<std::uint64_t>(s.result());
  const bool fits = std::find(ends.begin(), ends.end(), result) != ends.end();
  s.checks.expect(
      kBytes, tri(fits), [&] { return fmt::format("{} bytes", result); },
      [&] { return fmt::format("{} bytes", fmt::join(ends, " or ")); });

  const Advice* a = advice_of(value);
  if (!a) return;
  std::uint64_t at_byte = 0;
  for (const Piece& p : pieces) {
    const bool whole = s.succeeded() && at_byte + p.length <= result;
    apply(at, p.base, p.length, *a, whole ? 0 : kUnknownEnd);
    if (!whole && s.succeeded()) break;
    at_byte += p.length;
  }
}

}  // namespace

void judge_process_madvise(Step& s) {
  if (!s.knows(0) || !s.knows(2) || !s.knows(3) || !s.knows(4))
    return s.checks.not_judged(reason::kArguments);
  Checks& c = s.checks;
  const Target target = pidfd_target(s);
  const Advice* a = advice_of(static_cast<std::int32_t>(s.arg(3)));
  const bool remote = a && a->remote && s.profile.from(a->remote_since);
  const Tri caller_only = target.own_mm;
  c.fails(kNoCall, true);
  c.fails(kFlags, static_cast<std::uint32_t>(s.arg(4)) != 0);
  const Vector vector = vector_of(s);
  check_vector(s, vector);
  c.fails(kPidfd, target.task && s.call.arg[0].s32() >= 0 ? Tri::no : bad_pidfd(s));
  c.fails(kGone, (!target.self) & Tri::maybe);
  c.fails(kAdvice, a && a->remote && !remote ? Tri::maybe : tri(!remote));
  c.fails(kAccess, (!target.own_mm) & Tri::maybe);
  c.fails(kAccessOld, (!target.own_mm) & Tri::maybe);
  c.fails(kRemoteAdvice, remote ? Tri::no : !caller_only);
  const Host& host = s.profile.host;
  const bool no_nice = host.caps && !(*host.caps >> kCapSysNice & 1);
  const Tri needs_nice = s.profile.from(kSelfAnyAdvice) ? !caller_only : Tri::yes;
  c.fails(kNice, needs_nice & (no_nice ? Tri::yes : Tri::maybe));
  if (c.decided()) return;
  if (target.task && target.own_mm == Tri::no) {
    Step at(s.world, *target.task, s.call, s.op);
    return judge_vector(s, at, vector);
  }
  if (target.own_mm == Tri::yes) return judge_vector(s, s, vector);
  // Some process's: nothing is known of its address space.
  Task nobody;
  nobody.mm = std::make_shared<Mm>();
  nobody.files = s.task.files;
  Step at(s.world, nobody, s.call, s.op);
  judge_vector(s, at, vector);
  if (!a || !vector.whole) return;
  for (const Iovec& v : vector.items)
    if (v.base.known() && v.len.known() && v.base.value < kUserEnd && v.len.value < kUserEnd)
      s.maybe({s.page_down(v.base.value), s.page_up(v.base.value + v.len.value)}, may_change(*a));
}

void footprint_process_madvise(const World&, const Task&, const Call& call, Footprint& f) {
  const Advice* a = advice_of(static_cast<std::int32_t>(call.arg[3].value));
  f.any_mm = true;
  f.add(kEverywhere, a ? may_change(*a) : 0);
}

}  // namespace ringtail::kernel
