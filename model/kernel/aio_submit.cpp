// SPDX-License-Identifier: GPL-2.0-or-later
// io_submit: it takes the iocbs in order and stops at the first that fails. Having taken some it returns how
// many, else the error. So a result of k says that iocb k failed and those before it did not, and an error
// that the first failed.
//
// What an accepted iocb does later is the business of Requests: every error after queueing is the result of
// its event.
#include <algorithm>

#include <fmt/format.h>

#include "model/kernel/aio_rules.h"

namespace ringtail::kernel::aio {
namespace {

constexpr int kInval = 22, kBadf = 9, kFault = 14, kAgain = 11;
constexpr Version k2_6_19{2, 6, 19}, k2_6_22{2, 6, 22}, k3_10{3, 10, 0}, k4_13{4, 13, 0}, k4_18{4, 18, 0},
    k5_15{5, 15, 0};

constexpr const char* kOne = "fs/aio.c io_submit_one";
constexpr Rule kNegative{"io_submit.negative", kInval, "fs/aio.c io_submit: nr < 0"};
constexpr Rule kArray{
    "io_submit.array", kFault, "fs/aio.c do_io_submit: access_ok(iocbpp), before the lookup", {}, k4_18};
constexpr Rule kNone{"io_submit.context", kInval, "fs/aio.c io_submit: lookup_ioctx"};
constexpr Rule kResult{"io_submit.result", 0, "fs/aio.c io_submit: i ? i : ret"};
constexpr Rule kMost{"io_submit.nr", 0, "fs/aio.c io_submit: at most nr"};
constexpr Rule kPrefix{"io_submit.prefix", 0, "fs/aio.c io_submit: stops at the first iocb that fails"};
constexpr Rule kTaken{"io_submit.taken", 0, "fs/aio.c io_submit: an iocb that was not taken has no event"};

constexpr Rule kPointer{"iocb.pointer", kFault, "fs/aio.c io_submit: get_user, copy_from_user"};
constexpr Rule kReserved1{"iocb.reserved1", kInval, kOne, {}, k4_13};
constexpr Rule kReserved2{"iocb.reserved2", kInval, kOne};
constexpr Rule kOverflow{"iocb.overflow", kInval, kOne};
constexpr Rule kSlots{"iocb.slots", kAgain, "fs/aio.c aio_get_req, __get_reqs_available"};
constexpr Rule kDescriptor{"iocb.descriptor", kBadf, "fs/aio.c __io_submit_one: fget"};
constexpr Rule kResfd{"iocb.resfd", kBadf, "fs/eventfd.c eventfd_ctx_fdget", k2_6_22};
constexpr Rule kResfdKind{"iocb.resfd-kind", kInval, "fs/eventfd.c eventfd_ctx_fileget", k2_6_22};
constexpr Rule kKey{"iocb.key", kFault, "fs/aio.c __io_submit_one: put_user(aio_key)"};
constexpr Rule kOpcode{"iocb.opcode", kInval, "fs/aio.c __io_submit_one: default"};
constexpr Rule kNoVectors{"iocb.no-vectors", kInval, "fs/aio.c aio_setup_iocb: before 2.6.19", {}, k2_6_19};
constexpr Rule kNoFsync{
    "iocb.no-fsync", kInval, "fs/aio.c: f_op->aio_fsync, which no file system had", {}, k4_18};
constexpr Rule kNoPoll{"iocb.no-poll", kInval, "commit bfe4037e722e", {}, k4_18};

constexpr Rule kPrioClass{"iocb.ioprio", kInval, "block/ioprio.c ioprio_check_cap", k4_18};
constexpr Rule kPrioDenied{"iocb.ioprio-denied", 1, "block/ioprio.c ioprio_check_cap", k4_18};
constexpr Rule kRwfUnknown{"iocb.rw-flags", 95, "include/linux/fs.h kiocb_set_rw_flags", k4_13};
constexpr Rule kRwfInvalid{"iocb.rw-flags-invalid", kInval, "include/linux/fs.h kiocb_set_rw_flags", k4_13};
constexpr Rule kRwfDenied{
    "iocb.rw-flags-denied", 1, "include/linux/fs.h kiocb_set_rw_flags: RWF_NOAPPEND", {6, 9, 0}};
constexpr Rule kMode{"iocb.mode", kBadf, "fs/aio.c aio_read, aio_write: FMODE_READ, FMODE_WRITE"};
constexpr Rule kNoMethod{"iocb.no-method", kInval, "fs/aio.c aio_read, aio_write: read_iter, write_iter"};
constexpr Rule kBuffer{"iocb.buffer", kFault, "lib/iov_iter.c import_single_range, __import_iovec"};
constexpr Rule kVector{"iocb.vector", kInval, "lib/iov_iter.c __import_iovec: UIO_MAXIOV, negative lengths"};
constexpr Rule kMemory{"iocb.memory", 12, "fs/aio.c: kmalloc, prepare_creds"};
constexpr Rule kOffset{"iocb.offset", kInval, "fs/read_write.c rw_verify_area: negative position"};
constexpr Rule kOffsetWraps{"iocb.offset-wraps", 75, "fs/read_write.c rw_verify_area: -EOVERFLOW"};
constexpr Rule kLocked{
    "iocb.mandatory-lock", kAgain, "fs/read_write.c rw_verify_area: mandatory locks", {}, k5_15};
constexpr Rule kSecurity{"iocb.security", 13,
                         "fs/read_write.c rw_verify_area: security_file_permission, fsnotify_perm"};
constexpr Rule kSecurityPerm{"iocb.security", 1,
                             "fs/read_write.c rw_verify_area: security_file_permission, fsnotify_perm"};
constexpr Rule kFsyncFields{"iocb.fsync-fields", kInval,
                            "fs/aio.c aio_fsync: buf, offset, nbytes, rw_flags are 0", k4_18};
constexpr Rule kFsyncNone{"iocb.fsync-none", kInval, "fs/aio.c aio_fsync: f_op->fsync", k4_18};
constexpr Rule kPollMask{"iocb.poll-mask", kInval, "fs/aio.c aio_poll: 16 bits", k4_18};
constexpr Rule kPollFields{"iocb.poll-fields", kInval, "fs/aio.c aio_poll: offset, nbytes, rw_flags are 0",
                           k4_18};
constexpr Rule kPollNone{"iocb.poll-none", kInval, "fs/aio.c aio_poll: a file with one wait queue", k4_18};

constexpr std::uint64_t kFlagResfd = 1, kFlagIoprio = 2;
constexpr std::uint64_t kMaxIov = 1024;
enum Opcode : std::uint64_t { kPread, kPwrite, kFsync, kFdsync, kPreadx, kPoll, kNoop, kPreadv, kPwritev };

// RWF_ flags by the version that brought them.
std::uint64_t known_rw_flags(const Profile& p) {
  struct Row {
    std::uint64_t flag;
    Version since;
  };
  constexpr Row kRows[] = {{0x7, k4_13},       {0x8, {4, 13, 0}},  {0x10, {4, 16, 0}}, {0x20, {6, 9, 0}},
                           {0x40, {6, 11, 0}}, {0x80, {6, 14, 0}}, {0x100, {6, 18, 0}}};
  std::uint64_t flags = 0;
  for (const Row& r : kRows)
    if (p.from(r.since)) flags |= r.flag;
  return flags;
}

bool moves_data(Word opcode) {
  const std::uint64_t op = opcode.value & 0xffff;
  return !opcode.known() || op == kPread || op == kPwrite || op == kPreadv || op == kPwritev;
}

Tri nonzero(Word w) { return w.known() ? tri(w.value != 0) : Tri::maybe; }

// Where the checks of one iocb go: those of the first are the call's own errors, of the others it matters
// only whether one hits.
class Sink {
 public:
  Sink(const Profile& p, Checks* checks) : profile_(p), checks_(checks) {}
  void fails(const Rule& rule, Tri hit) {
    if (hit == Tri::no || worst_ == Tri::yes || !rule.holds(profile_.version)) return;
    worst_ = worst_ | hit;
    if (checks_) checks_->fails(rule, hit);
  }
  void fails(const Rule& rule, bool hit) { fails(rule, tri(hit)); }
  Tri worst() const { return worst_; }

 private:
  const Profile& profile_;
  Checks* checks_;
  Tri worst_ = Tri::no;
};

bool sound_vector(const Iocb& cb) {
  return cb.iov.complete() && cb.iov.items.size() <= kMaxIov &&
         std::all_of(cb.iov.items.begin(), cb.iov.items.end(),
                     [](const Iovec& v) { return v.len.known() && v.len.value < std::uint64_t{1} << 40; });
}

void check_rw(Sink& k, const Step& s, const Iocb& cb, const OpenFile& f, bool write, bool vector) {
  if (cb.flags.known() ? cb.flags.value & kFlagIoprio : cb.reqprio.known()) {
    k.fails(kPrioClass, Tri::maybe);
    k.fails(kPrioDenied, Tri::maybe);
  }
  if (cb.rw_flags.known() && cb.rw_flags.value) {
    k.fails(kRwfUnknown, cb.rw_flags.value & 0xffffffff & ~known_rw_flags(s.profile) ? Tri::yes : Tri::maybe);
    k.fails(kRwfInvalid, Tri::maybe);
    k.fails(kRwfDenied, Tri::maybe);
  }
  k.fails(kMode, !(write ? f.writable : f.readable));
  // Not every file can be read and written by position and vector; which is the driver's business.
  const bool can = f.kind == FileKind::pipe || f.kind == FileKind::socket || f.kind == FileKind::regular ||
                   f.kind == FileKind::shmem;
  k.fails(kNoMethod, can ? Tri::no : Tri::maybe);
  const bool null = cb.nbytes.known() && cb.nbytes.value == 0;
  if (!vector && cb.buf.known() && cb.nbytes.known()) {
    const std::uint64_t end = cb.buf.value + std::min<std::uint64_t>(cb.nbytes.value, 0x7ffff000);
    const bool outside = end < cb.buf.value || end > (std::uint64_t{1} << 56);
    k.fails(kBuffer, outside && !null                         ? Tri::yes
                     : end >= (std::uint64_t{1} << 47) - 4096 ? Tri::maybe
                                                              : Tri::no);
  } else if (vector) {
    k.fails(kBuffer, Tri::maybe);
    // Of the count, __import_iovec takes the low 32 bits.
    k.fails(kVector, cb.nbytes.known() && (cb.nbytes.value & 0xffffffff) > kMaxIov ? Tri::yes
                     : sound_vector(cb)                                            ? Tri::no
                                                                                   : Tri::maybe);
    k.fails(kMemory, Tri::maybe);
  }
  if (cb.offset.known() && (cb.offset.s64() < 0 || cb.offset.s64() > std::int64_t{0x7fffffff} << 32)) {
    k.fails(kOffset, Tri::maybe);
    k.fails(kOffsetWraps, Tri::maybe);
  }
  k.fails(kLocked, Tri::maybe);
  if (f.kind != FileKind::pipe) {
    k.fails(kSecurity, Tri::maybe);
    k.fails(kSecurityPerm, Tri::maybe);
  }
}

// The checks on iocb `i` in the kernel's order.
void check_iocb(Sink& k, const Step& s, const Iocb& cb, bool slots_may_lack) {
  if (cb.null || cb.unreadable) return k.fails(kPointer, Tri::yes);
  k.fails(kReserved1, nonzero(cb.rw_flags));
  k.fails(kReserved2, Tri::maybe);  // no recorder shows it
  k.fails(kOverflow, cb.nbytes.known() && cb.nbytes.s64() < 0);
  k.fails(kSlots, slots_may_lack ? Tri::maybe : Tri::no);
  const OpenFile f = cb.fildes.known() ? file_at(s, cb.fildes.s32(), cb.path, s.world.files) : OpenFile{};
  k.fails(kDescriptor, !f.open);
  if (cb.flags.known() ? cb.flags.value & kFlagResfd : cb.resfd.known()) {
    const bool bad = cb.resfd.known() && cb.resfd.s32() < 0;
    k.fails(kResfd, bad ? Tri::yes : Tri::maybe);
    k.fails(kResfdKind, Tri::maybe);
  } else if (!cb.flags.known() &&
             !moves_data(cb.opcode)) {  // strace shows aio_resfd of reads and writes only
    k.fails(kResfd, Tri::maybe);
    k.fails(kResfdKind, Tri::maybe);
  }
  k.fails(kKey, faults(s, cb.address, kIocbBytes, true) == Tri::no ? Tri::no : Tri::maybe);
  if (!cb.opcode.known()) {
    for (const Rule* r : {&kOpcode, &kMode, &kBuffer, &kMemory, &kRwfUnknown, &kSecurity, &kSecurityPerm})
      k.fails(*r, Tri::maybe);
    return;
  }
  switch (cb.opcode.value & 0xffff) {
    case kPread:
      return check_rw(k, s, cb, f, false, false);
    case kPwrite:
      return check_rw(k, s, cb, f, true, false);
    case kPreadv:
      k.fails(kNoVectors, Tri::yes);
      return check_rw(k, s, cb, f, false, true);
    case kPwritev:
      k.fails(kNoVectors, Tri::yes);
      return check_rw(k, s, cb, f, true, true);
    case kFsync:
    case kFdsync: {
      k.fails(kNoFsync, Tri::maybe);
      k.fails(kFsyncFields, nonzero(cb.buf) | nonzero(cb.offset) | nonzero(cb.nbytes) | nonzero(cb.rw_flags));
      const bool none = f.kind == FileKind::pipe || f.kind == FileKind::socket || f.kind == FileKind::eventfd;
      k.fails(kFsyncNone, none ? Tri::yes : Tri::maybe);
      return k.fails(kMemory, Tri::maybe);
    }
    case kPoll:
      k.fails(kNoPoll, Tri::yes);
      k.fails(kPollMask, cb.buf.known() ? tri(cb.buf.value > 0xffff) : Tri::maybe);
      k.fails(kPollFields, nonzero(cb.offset) | nonzero(cb.nbytes) | nonzero(cb.rw_flags));
      return k.fails(kPollNone, f.kind == FileKind::eventfd ? Tri::no : Tri::maybe);
    default:
      return k.fails(kOpcode, Tri::yes);
  }
}

// Whether iocb `i` may find no slot. The ring has at least twice as many as were asked for (3.10), of which
// at most half can be out of reach in the counters of other processors; what is in flight or unread holds one
// each.
bool slots_may_lack(const Step& s, const AioContext* c, std::int64_t before) {
  if (!c || !c->events || wild(s, *c)) return true;
  const auto least = static_cast<std::int64_t>(s.profile.from(k3_10) ? c->events / 2 : c->events);
  return before + 1 >= least;
}

Submitting* running_submit(AioContexts& contexts, std::int32_t tid) {
  for (Submitting& x : contexts.submitting())
    if (x.tid == tid) return &x;
  return nullptr;
}

constexpr std::int64_t kMostIocbs = 1 << 23;  // more than any ring has slots for

std::int64_t asked(const Call& call) {
  return call.arg[1].known() ? std::clamp<std::int64_t>(call.arg[1].s64(), 0, kMostIocbs) : kMostIocbs;
}

// FunctionFS and gadgetfs, whose endpoints' requests can be cancelled, name their files ep0, ep1, ...
bool may_be_gadget(const Iocb& cb) {
  const std::size_t slash = cb.path.rfind('/');
  return cb.path.empty() || (slash != std::string::npos && cb.path.compare(slash + 1, 2, "ep") == 0);
}

void put(AioContext& c, const Iocb& cb) {
  c.requests.add(cb);
  if (!c.ffs && may_be_gadget(cb)) c.ffs = true;
}

}  // namespace

void submit_began(World& w, Task& t, const Call& call) {
  AioContexts& contexts = t.mm->aio;
  auto& list = contexts.submitting();
  if (Submitting* lost = running_submit(contexts, t.tid)) *lost = list.back(), list.pop_back();
  if (!call.arg[0].known()) return;
  AioContext* c = contexts.find(call.arg[0].value);
  Submitting x{t.tid, call.arg[0].value, c ? c->since : 0, 0, 0};
  if (!c) return list.push_back(x);
  const std::int64_t n = asked(call);
  for (const Iocb& cb : call.iocbs.items) {
    if (x.iocbs == n || cb.null || cb.unreadable) break;
    put(*c, cb);
    ++x.iocbs;
  }
  if (!call.iocbs.complete()) {
    x.unknown = n - x.iocbs;
    c->requests.add_unknown(x.unknown);
    c->ffs = true;
  }
  list.push_back(x);
  (void)w;
}

void judge_submit(Step& s) {
  AioContexts& contexts = s.mm.aio;
  auto& list = contexts.submitting();
  Submitting began;
  if (Submitting* x = list.empty() ? nullptr : running_submit(contexts, s.task.tid)) {
    began = *x;
    *x = list.back();
    list.pop_back();
  }
  if (!s.need(2)) return;
  const std::uint64_t id = s.arg(0);
  const std::int64_t nr = s.call.arg[1].s64();
  const auto& iocbs = s.call.iocbs;
  Checks& k = s.checks;

  k.fails(kNegative, nr < 0);
  if (!iocbs.complete() && s.knows(2) && nr > 0) {
    constexpr std::uint64_t kUser = std::uint64_t{1} << 56;
    k.fails(kArray, s.arg(2) >= kUser || static_cast<std::uint64_t>(nr) * 8 > kUser - s.arg(2));
  }
  k.fails(kNone, !alive(s, id));
  AioContext* c = contexts.find(id);
  const bool decided = k.decided();
  // Iocbs taken, if the kernel is to be believed.
  const std::int64_t n = s.succeeded() ? s.result() : 0, taken = std::max<std::int64_t>(n, 0);
  if (!decided) {
    const std::int64_t before = c ? c->requests.total() - began.iocbs - began.unknown : 0;
    const auto shown = static_cast<std::int64_t>(iocbs.items.size());
    Tri prefix = Tri::yes;  // whether the first n can have been taken
    Tri next = Tri::maybe;  // and whether the one after them can have failed
    for (std::int64_t i = 0; i < std::min(shown, std::min(nr, n + 1)); ++i) {
      Sink sink(s.profile, i == 0 ? &k : nullptr);
      check_iocb(sink, s, iocbs.items[static_cast<std::size_t>(i)], slots_may_lack(s, c, before + i));
      if (i < n && sink.worst() == Tri::yes) prefix = Tri::no;
      if (i == n) next = sink.worst();
    }
    if (shown == 0 && nr > 0) {  // nothing is known of them
      if (s.knows(2) && faults(s, s.call.arg[2], 8, false) == Tri::yes) k.fails(kPointer, Tri::yes);
      for (const Rule* r :
           {&kPointer, &kReserved2, &kSlots, &kDescriptor, &kMemory, &kRwfUnknown, &kPrioDenied, &kSecurity})
        k.may_fail(*r);
    }
    if (nr == 0) {
      k.returns(kResult, 0);
    } else {
      if (!k.decided()) k.inexact();
      k.succeeds(kResult);
      const auto count = [&] { return fmt::format("{}", s.result()); };
      k.expect(kMost, tri(n >= 1 && n <= nr), count, [&] { return fmt::format("1 to {}", nr); });
      k.expect(kPrefix, prefix, count, [] { return "fewer: one of these iocbs is certain to fail"; });
      if (n < nr)
        k.expect(kPrefix, next == Tri::no ? Tri::no : Tri::yes, count,
                 [] { return "more: the next iocb cannot fail"; });
    }
  }

  if (!s.call.out.known()) return;  // they may or may not have been taken: they stay
  if (c && s.succeeded() && !decided && c->live == Tri::no && c->since < s.op.begin_seq)
    c = &seen_alive(s, id);
  bool fits = true;
  if (c && s.succeeded() && !decided) touched(s, *c);
  if (c && began.tid && began.id == id && began.since == c->since) {
    for (std::int64_t i = taken;
         i < std::min<std::int64_t>(began.iocbs, static_cast<std::int64_t>(iocbs.items.size())); ++i)
      fits &= c->requests.reject(iocbs.items[static_cast<std::size_t>(i)]);
    if (began.unknown)
      fits &= c->requests.reject_unknown(std::min(began.unknown, began.iocbs + began.unknown - taken));
    fits |= wild(s, *c);
    k.expect(
        kTaken, tri(fits), [&] { return fmt::format("{}", n); },
        [] { return "more: there were events for others, too"; });
    return;
  }
  if (!s.succeeded() || decided || nr <= 0) return;
  if (!c) c = &seen_alive(s, id);
  std::int64_t i = 0;
  for (; i < std::min<std::int64_t>(n, static_cast<std::int64_t>(iocbs.items.size())); ++i)
    put(*c, iocbs.items[static_cast<std::size_t>(i)]);
  if (i < n && n <= nr) {
    c->requests.add_unknown(std::min(n, kMostIocbs) - i);
    c->ffs = true;
  }
}

}  // namespace ringtail::kernel::aio
