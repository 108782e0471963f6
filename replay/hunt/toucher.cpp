// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/hunt/toucher.h"

#include <algorithm>
#include <charconv>

#include "model/kernel/advice.h"

namespace ringtail::hunt {
namespace {

using capture::Event;
using kernel::Address;
using kernel::Call;
using kernel::PageState;
using kernel::Range;
using kernel::Sys;
using kernel::Tri;
using kernel::Word;

constexpr std::uint64_t kMapFixed = 0x10, kMapFixedNoreplace = 0x100000, kMapAnonymous = 0x20;
constexpr std::uint64_t kMremapMaymove = 1;
constexpr std::uint64_t kMoveAll = 4;  // MPOL_MF_MOVE_ALL
constexpr std::uint64_t kCloneVm = 0x100;
constexpr std::uint64_t kPolicyOfAddress = 2;  // MPOL_F_ADDR
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 47;

PageKind kind_of(const PageState& s) {
  if (s.test(kernel::kAioRing) == Tri::yes) return PageKind::ring;
  if (s.test(kernel::kHugetlb) == Tri::yes) return PageKind::hugetlb;
  if (s.test(kernel::kShared) == Tri::yes)
    return s.test(kernel::kShmem) == Tri::yes || s.test(kernel::kFile) == Tri::no ? PageKind::shared_memory
                                                                                  : PageKind::shared_file;
  if (s.test(kernel::kFile) == Tri::yes) return PageKind::private_file;
  return s.test(kernel::kFile) == Tri::no ? PageKind::anonymous : PageKind::unknown;
}

// Of one call: what it touches in an address space.
class Reading {
 public:
  Reading(const Event& e, kernel::World& world, Touches& out)
      : call_(e.call), world_(world), task_(world.task(e.tid, e.pid, e.begin_seq)), out_(out) {
    page_ = world.profile.host.page_size;
    ended_ = e.kind == Event::Kind::call;
  }

  std::uint64_t files() const { return reinterpret_cast<std::uintptr_t>(task_.files.get()); }
  void touch();
  void write(const MemWrite& w) {
    const kernel::Mm* mm = w.pid ? mm_of(w.pid) : task_.mm.get();
    if (mm == nullptr) return;
    Touch& t = pages(w.by, *mm);
    for (const Range& r : w.bytes) t.add(r);
    look_at_pages();
  }

 private:
  bool knows(int i) const { return call_.arg[static_cast<std::size_t>(i)].known(); }
  std::uint64_t arg(int i) const { return call_.arg[static_cast<std::size_t>(i)].value; }
  bool succeeded() const { return call_.out.known() && !call_.out.failed(); }
  bool aligned(Address a) const { return (a & (page_ - 1)) == 0; }
  Range span(Address at, std::uint64_t bytes) const {
    if (bytes == 0 || bytes > kMostBytes || at > kMostBytes) return {};
    return {at & ~(page_ - 1), (at + bytes + page_ - 1) & ~(page_ - 1)};
  }

  Touch& add(Touch::What what, Operation by, std::uint64_t space) {
    Touch& t = out_.emplace_back();
    t.what = what;
    t.by = by;
    t.space = space;
    t.own = what == Touch::What::descriptor ? files() : task_.mm->id;
    return t;
  }
  Touch& pages(Op op, const kernel::Mm& mm, int advice = -1) {
    space_ = &mm.space;
    return add(Touch::What::pages, op == Op::madvise ? madvise_of(advice) : Operation{op, -1}, mm.id);
  }
  Touch& pages(Op op, int advice = -1) { return pages(op, *task_.mm, advice); }
  void context(Op op, int i) {
    if (knows(i)) add(Touch::What::context, {op, -1}, task_.mm->id).object = arg(i);
  }
  void descriptor(Op op, Word fd) {
    if (!fd.known() || fd.s32() < 0) return;
    Touch& t = add(Touch::What::descriptor, {op, -1}, files());
    t.object = t.last_object = static_cast<std::uint32_t>(fd.s32());
  }
  // [arg(i), arg(i) + arg(i + 1)), which must begin at a page.
  void range(Op op, int i, int advice = -1) {
    if (knows(i) && knows(i + 1) && aligned(arg(i)) && arg(i + 1))
      pages(op, advice).add(span(arg(i), arg(i + 1)));
  }
  const kernel::Mm* mm_of(std::int32_t pid) {
    if (pid == 0 || pid == task_.tid || pid == task_.tgid) return task_.mm.get();
    const kernel::Task* other = world_.find(pid);
    return other ? other->mm.get() : nullptr;
  }
  void map();
  void remap();
  void move();
  void advise_other();
  void submit();
  void spawn();
  void shift_break();
  void look();
  void look_at_pages();

  const Call& call_;
  kernel::World& world_;
  kernel::Task& task_;
  Touches& out_;
  const kernel::AddressSpace* space_ = nullptr;  // that a call's pages are of
  std::uint64_t page_ = 4096;
  bool ended_ = false;
};

void Reading::map() {
  if (!knows(1) || !knows(3)) return;
  const bool fixed = arg(3) & kMapFixed, kept = arg(3) & kMapFixedNoreplace;
  Touch& t = pages(fixed && !kept ? Op::mmap_fixed : Op::mmap);
  if ((fixed || kept) && knows(0)) {
    t.add(span(arg(0), arg(1)));
  } else if (succeeded()) {
    t.add(span(static_cast<Address>(call_.out.value), arg(1)));
  } else {
    t.late = !ended_;
  }
  if (!(arg(3) & kMapAnonymous)) descriptor(Op::map_fd, call_.fd.fd);
}

void Reading::remap() {
  if (!knows(0) || !knows(1) || !knows(2) || !aligned(arg(0))) return;
  Touch& t = pages(Op::mremap);
  t.add(span(arg(0), std::max(arg(1), std::uint64_t{1})));
  if (succeeded()) t.add(span(static_cast<Address>(call_.out.value), arg(2)));
  else t.late = !ended_ && knows(3) && (arg(3) & kMremapMaymove);
}

void Reading::move() {
  const kernel::Mm* mm = knows(0) ? mm_of(call_.arg[0].s32()) : nullptr;
  if (mm == nullptr || arg(1) == 0) return;
  Touch& t = pages(Op::move_pages, *mm);
  t.everybodys = knows(5) && (arg(5) & kMoveAll);
  for (const std::uint64_t at : call_.pages.items) t.add(span(at, 1));
  t.late = !ended_ && call_.pages.items.empty();
}

void Reading::advise_other() {
  const kernel::Mm* mm = nullptr;
  if (std::string_view note = call_.fd.path; note.starts_with("pid:")) {
    std::int32_t pid = 0;
    std::from_chars(note.data() + 4, note.data() + note.size(), pid);
    mm = mm_of(pid);
  } else if (!knows(0) || call_.arg[0].s32() < -9999) {
    mm = task_.mm.get();  // PIDFD_SELF
  }
  if (mm == nullptr || !knows(3) || !kernel::advice_of(call_.arg[3].s32())) return;
  Touch& t = pages(Op::madvise, *mm, call_.arg[3].s32());
  for (const kernel::Iovec& v : call_.iov.items)
    if (v.base.known() && v.len.known()) t.add(span(v.base.value, v.len.value));
}

void Reading::submit() {
  context(Op::io_submit, 0);
  Touch data;
  const auto buffer = [&](Word at, Word bytes) {
    if (at.known() && bytes.known()) data.add(span(at.value, bytes.value));
  };
  for (const kernel::Iocb& iocb : call_.iocbs.items) {
    if (iocb.fildes.known()) {
      const auto fd = static_cast<std::uint32_t>(iocb.fildes.s32());
      const auto seen = [&](const Touch& t) { return t.what == Touch::What::descriptor && t.object == fd; };
      constexpr std::size_t kMostDescriptors = 16;
      if (out_.size() < kMostDescriptors && std::none_of(out_.begin(), out_.end(), seen))
        descriptor(Op::submit_fd, iocb.fildes);
    }
    buffer(iocb.buf, iocb.nbytes);
    for (const kernel::Iovec& v : iocb.iov.items) buffer(v.base, v.len);
  }
  if (!data.ranges.empty()) pages(Op::direct_io).ranges = std::move(data.ranges);
}

void Reading::spawn() {
  const bool clone = call_.sys == Sys::clone || call_.sys == Sys::clone3;
  if (call_.sys == Sys::vfork) return;
  if (call_.sys == Sys::clone && knows(0) && (arg(0) & kCloneVm)) return;
  if (call_.sys == Sys::clone3 && call_.outs.complete() && (call_.outs.items.front() & kCloneVm)) return;
  if (clone && call_.sys == Sys::clone3 && !call_.outs.complete()) return;
  pages(Op::fork).all = true;
}

void Reading::shift_break() {
  if (!knows(0) || arg(0) == 0 || !task_.mm->brk || arg(0) == *task_.mm->brk) return;
  const Address from = *task_.mm->brk;
  if (arg(0) > from) pages(Op::mmap).add(span(from, arg(0) - from));
  else pages(Op::munmap).add(span(arg(0), from - arg(0)));
}

// Of get_mempolicy only what looks at a page: MPOL_F_ADDR.
void Reading::look() {
  if (!knows(4) || !(arg(4) & kPolicyOfAddress) || !knows(3)) return;
  pages(Op::get_mempolicy).add(span(arg(3), 1));
}

// What kind of pages they are: those of the first that something is known of.
void Reading::look_at_pages() {
  for (Touch& t : out_) {
    if (t.what != Touch::What::pages || t.ranges.empty()) continue;
    space_->for_each(t.ranges.front(), [&](Range, const PageState& s) {
      if (s.test(kernel::kMapped) != Tri::yes) return true;
      t.pages = {kind_of(s), s.test(kernel::kWrite) == Tri::no};
      return false;
    });
  }
}

void Reading::touch() {
  switch (call_.sys) {
    case Sys::mmap:
      map();
      break;
    case Sys::munmap:
      range(Op::munmap, 0);
      break;
    case Sys::mremap:
      remap();
      break;
    case Sys::mprotect:
    case Sys::pkey_mprotect:
      range(Op::mprotect, 0);
      break;
    case Sys::brk:
      shift_break();
      break;
    case Sys::shmat: {
      Touch& t = pages(Op::mmap);
      if (succeeded()) t.add(span(static_cast<Address>(call_.out.value), 1));
      else t.late = !ended_;
      break;
    }
    case Sys::shmdt:
      if (knows(0)) pages(Op::munmap).add(span(arg(0), 1));
      break;
    case Sys::mlock:
    case Sys::mlock2:
      range(Op::mlock, 0);
      break;
    case Sys::munlock:
      range(Op::munlock, 0);
      break;
    case Sys::mlockall:
      pages(Op::mlock).all = true;
      break;
    case Sys::munlockall:
      pages(Op::munlock).all = true;
      break;
    case Sys::remap_file_pages:
      range(Op::mmap_fixed, 0);
      break;
    case Sys::fork:
    case Sys::vfork:
    case Sys::clone:
    case Sys::clone3:
      spawn();
      break;
    case Sys::madvise:
      if (knows(2) && kernel::advice_of(call_.arg[2].s32())) range(Op::madvise, 0, call_.arg[2].s32());
      break;
    case Sys::process_madvise:
      advise_other();
      break;
    case Sys::move_pages:
      move();
      break;
    case Sys::migrate_pages:
      if (const kernel::Mm* mm = knows(0) ? mm_of(call_.arg[0].s32()) : nullptr) {
        Touch& t = pages(Op::migrate_pages, *mm);
        t.all = t.everybodys = true;  // of who has CAP_SYS_NICE
      }
      break;
    case Sys::mbind:
      range(Op::mbind, 0);
      if (!out_.empty()) out_.back().everybodys = knows(5) && (arg(5) & kMoveAll);
      break;
    case Sys::get_mempolicy:
      look();
      break;
    case Sys::io_setup:
      if (call_.outs.complete() && succeeded() && !call_.outs.items.empty()) {
        add(Touch::What::context, {Op::io_setup, -1}, task_.mm->id).object = call_.outs.items.front();
      } else if (!ended_) {
        add(Touch::What::context, {Op::io_setup, -1}, task_.mm->id).late = true;
      }
      break;
    case Sys::io_submit:
      submit();
      break;
    case Sys::io_getevents:
    case Sys::io_pgetevents:
      context(Op::io_getevents, 0);
      break;
    case Sys::io_cancel:
      context(Op::io_cancel, 0);
      break;
    case Sys::io_destroy:
      context(Op::io_destroy, 0);
      break;
    case Sys::exit_group:
      pages(Op::exit).all = true;
      add(Touch::What::context, {Op::exit, -1}, task_.mm->id).all = true;
      break;
    case Sys::close:
      descriptor(Op::close_fd, call_.arg[0]);
      break;
    case Sys::close_range:
      if (knows(0) && knows(1)) {
        Touch& t = add(Touch::What::descriptor, {Op::close_fd, -1}, files());
        t.object = arg(0);
        t.last_object = arg(1);
      }
      break;
    case Sys::dup2:
    case Sys::dup3:
      descriptor(Op::close_fd, call_.arg[1]);
      [[fallthrough]];
    case Sys::dup:
      descriptor(Op::dup_fd, call_.arg[0]);
      break;
    case Sys::ftruncate:
    case Sys::fallocate:
      descriptor(Op::size_fd, call_.arg[0]);
      break;
    default:
      break;
  }
  look_at_pages();
}

}  // namespace

Touches Toucher::of(const Event& e, kernel::World& world) {
  Touches out;
  if (e.compat) return out;
  if (e.call.sys == Sys::other && e.text.empty()) return out;
  Reading call(e, world, out);
  if (e.call.sys == Sys::other) {
    std::optional<std::int64_t> result;
    if (e.kind == Event::Kind::call && e.call.out.known()) result = e.call.out.value;
    if (const auto w = mem_files_.write_of(e.call.name, e.text, call.files(), result)) call.write(*w);
    return out;
  }
  if (e.kind == Event::Kind::call) mem_files_.take(e.call, call.files());
  call.touch();
  return out;
}

}  // namespace ringtail::hunt
