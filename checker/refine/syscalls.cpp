// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/refine/syscalls.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "model/kernel/drive.h"

namespace ringtail::refine {

using kernel::Address;
using kernel::Call;
using kernel::Sys;
using kernel::Tri;
using kernel::Word;

namespace {

constexpr std::int32_t kTid = 10, kOtherTid = 11;  // threads of one process
constexpr Address kPage = 4096, kBase = Address{1} << 32, kElsewhere = Address{1} << 33;

constexpr int kNodes = 2;

Address address(std::int64_t page) { return kBase + static_cast<Address>(page) * kPage; }

kernel::Profile profile() {
  kernel::Profile p;
  p.host.nodes = {0, 1};
  p.host.cpus = 2;
  p.host.swap_kib = 0;
  p.host.caps = ~std::uint64_t{0};
  return p;
}

Call call_of(Sys sys, std::initializer_list<std::uint64_t> args) {
  Call c;
  c.sys = sys;
  std::transform(args.begin(), args.end(), c.arg.begin(), [](std::uint64_t v) { return Word::of(v); });
  return c;
}

template <class T>
void give(kernel::List<T>& list, std::vector<T> items) {
  list.items = std::move(items);
  list.state = kernel::List<T>::State::complete;
}

constexpr std::uint64_t kSomewhere = 0x1000;  // of the program: arrays that are shown anyway

}  // namespace

// An operation, and how it is put to the model.
struct Row {
  std::string_view name;
  std::size_t args;
  bool (Player::*play)(const Player::Args&, std::int64_t);
  enum : unsigned { kWhole = 0, kByPage = 1, kStops = 2, kMoves = 4 };  // kStops: where it fails
  unsigned how = kWhole;

  static const Row* find(std::string_view name);

 private:
  static const Row kRows[];
};

constexpr Row Row::kRows[] = {
    {"op_fault_store", 2, &Player::fault_store},
    {"op_fault_load", 1, &Player::fault_load},
    {"op_user", 3, &Player::op_user},
    {"op_mem_write", 2, &Player::mem_write},
    {"op_vm_write", 2, &Player::vm_write},
    {"op_vm_writev", 3, &Player::vm_writev, Row::kByPage},
    {"op_direct_io", 2, &Player::vm_write},
    {"op_page_node", 1, &Player::page_node},
    {"op_madvise", 3, &Player::madvise, Row::kByPage},
    {"op_cold", 2, &Player::cold, Row::kByPage},
    {"op_pageout", 2, &Player::pageout, Row::kByPage},
    {"op_populate", 3, &Player::populate, Row::kByPage | Row::kStops},
    {"op_collapse", 2, &Player::collapse, Row::kMoves},
    {"op_guard_install", 2, &Player::guard_install, Row::kByPage},
    {"op_guard_remove", 2, &Player::guard_remove, Row::kByPage},
    {"op_hwpoison", 1, &Player::hwpoison},
    {"op_munmap", 2, &Player::munmap},
    {"op_mmap_fixed", 2, &Player::mmap_fixed},
    {"op_mmap", 0, &Player::mmap},
    {"op_mprotect", 3, &Player::mprotect},
    {"op_mremap", 3, &Player::mremap},
    {"op_mlock", 2, &Player::mlock, Row::kByPage | Row::kStops},
    {"op_munlock", 2, &Player::munlock},
    {"op_fork", 0, &Player::fork},
    {"op_exit", 0, &Player::exit},
    {"op_move_pages", 2, &Player::move_pages, Row::kMoves},
    {"op_migrate_pages", 2, &Player::migrate_pages, Row::kMoves},
    {"op_mbind", 3, &Player::mbind, Row::kMoves},
};

const Row* Row::find(std::string_view name) {
  const auto it =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.name == name; });
  return it == std::end(kRows) ? nullptr : it;
}

bool has_operation(std::string_view name, std::size_t args) {
  const Row* row = Row::find(name);
  return row != nullptr && row->args == args;
}

bool by_page(const Operation& op) {
  const Row* row = Row::find(op.name);
  return row != nullptr && row->how & Row::kByPage && op.args[1] > 1;
}

bool stops_at_failure(const Operation& op) {
  const Row* row = Row::find(op.name);
  return row != nullptr && row->how & Row::kStops;
}

bool moves_pages(const Operation& op) {
  const Row* row = Row::find(op.name);
  return row != nullptr && row->how & Row::kMoves;
}

Player::Player(const Composition& c, int space) : world_(profile()), contents_(c, space), tid_(kTid) {
  const bool anonymous = c.backing == Backing::anonymous, shared = c.backing == Backing::shared_file;
  world_.begin_map(kTid);
  world_.take_map(fmt::format("{:x}-{:x} r{}-{} 00000000 00:00 {} {}", address(0), address(c.pages),
                              c.writable ? 'w' : '-', shared ? 's' : 'p', anonymous ? 0 : 7,
                              anonymous ? ""
                              : shared  ? "/dev/shm/file"
                                        : "/file"));
  // What the map does not tell, and the scene has not.
  const kernel::Range all{address(0), address(c.pages)};
  world_.task(kTid, kTid, clock_).mm->space.update(all, [](kernel::Range, kernel::PageState& s) {
    for (const kernel::Bit b : {kernel::kLocked, kernel::kHugetlb, kernel::kGuards, kernel::kSealed,
                                kernel::kMergeable, kernel::kDontFork, kernel::kSysV})
      s.set(b, false);
  });
  for (int n = 0; n < kNodes; ++n) world_.learned.may_use(n);
  if (!anonymous) return;
  // Where its pages are, asked as a program would.
  Call ask = call_of(Sys::move_pages, {0, static_cast<std::uint64_t>(c.pages), kSomewhere, 0, kSomewhere, 0});
  std::vector<std::uint64_t> pages;
  for (int i = 0; i < c.pages; ++i) pages.push_back(address(i));
  give(ask.pages, std::move(pages));
  give(ask.status, std::vector<std::int32_t>(static_cast<std::size_t>(c.pages), 0));
  call(ask, 0);
}

kernel::PageState Player::at(std::int64_t page) const {
  return world_.task(kTid, kTid, clock_).mm->space.at(address(page));
}

bool Player::call(Call& c, std::int64_t result) {
  kernel::When when{.tid = tid_, .pid = kTid, .begin_seq = ++clock_};
  if (beginning_) {
    c.status.clear();
    kernel::begin_call(world_, when, c);
    return true;
  }
  when.end_seq = ++clock_;
  c.out = {result, kernel::Outcome::State::returned};
  return kernel::end_call(world_, when, c).kind == kernel::Verdict::Kind::conforms;
}

void Player::begin(const Operation& op) {
  open_ = &op;
  beginning_ = true;
  tid_ = kOtherTid;
  (this->*Row::find(op.name)->play)(op.args, 0);
  tid_ = kTid;
  beginning_ = false;
}

template <class F>
void Player::for_mapped(const Args& a, F&& f) {
  for (std::int64_t p = a[0]; p < a[0] + a[1] && p < contents_.space(); ++p)
    if (at(p).test(kernel::kMapped) != Tri::no) f(static_cast<int>(p));
}

bool Player::may_hold(int page, std::uint64_t value) const {
  const Tri mapped = gone_ ? Tri::no : at(page).test(kernel::kMapped);
  if (value == kNothingMapped && mapped != Tri::yes) return true;
  return mapped != Tri::no && contents_.may_hold(page, value);
}

bool Player::play(const Operation& op, std::int64_t result) {
  if (op.outside && gone_) return result == -ESRCH;
  if (open_ != nullptr && *open_ == op) {  // what it finds itself nobody has disturbed
    if (kernel::Op* begun = world_.overlaps.end(kOtherTid)) world_.overlaps.release(*begun);
    open_ = nullptr;
  }
  return (this->*Row::find(op.name)->play)(op.args, result);
}

// --- loads and stores

bool Player::user(std::int64_t page, bool write, std::uint64_t value, std::int64_t result) {
  const kernel::PageState s = at(page);
  const Tri may = s.test(kernel::kMapped) & (write ? s.test(kernel::kWrite) : Tri::yes);
  if (result == -EFAULT) return may != Tri::yes;
  if (may == Tri::no) return false;
  const int p = static_cast<int>(page);
  if (write) return contents_.store(p, value), result == 0;
  if (!contents_.may_hold(p, static_cast<std::uint64_t>(result))) return false;
  contents_.load(p, static_cast<std::uint64_t>(result));
  return true;
}

bool Player::fault_store(const Args& a, std::int64_t r) {
  return user(a[0], true, static_cast<std::uint64_t>(a[1]), r);
}
bool Player::fault_load(const Args& a, std::int64_t r) { return user(a[0], false, 0, r); }
bool Player::op_user(const Args& a, std::int64_t r) {
  return user(a[0], a[1] != 0, static_cast<std::uint64_t>(a[2]), r);
}

bool Player::write_by(std::int64_t page, std::uint64_t value, bool forced, std::int64_t result) {
  const kernel::PageState s = at(page);
  const Tri allowed =
      s.test(kernel::kWrite) |
      (forced ? (!s.test(kernel::kShared)) & s.test(kernel::kMayWrite) : Tri::no);  // FOLL_FORCE
  const Tri may = s.test(kernel::kMapped) & allowed;
  if (result < 0) return may != Tri::yes;
  if (may == Tri::no || result != sizeof(value)) return false;
  contents_.store(static_cast<int>(page), value);
  return true;
}

bool Player::mem_write(const Args& a, std::int64_t r) {
  return write_by(a[0], static_cast<std::uint64_t>(a[1]), true, r);
}
bool Player::vm_write(const Args& a, std::int64_t r) {
  return write_by(a[0], static_cast<std::uint64_t>(a[1]), false, r);
}
// As many bytes as there were pages to write to, or an error.
bool Player::vm_writev(const Args& a, std::int64_t r) {
  constexpr std::int64_t kWord = sizeof(std::uint64_t);
  const std::int64_t done = std::max<std::int64_t>(r, 0) / kWord;
  for (std::int64_t i = 0; i < done; ++i)
    if (!write_by(a[0] + i, static_cast<std::uint64_t>(a[2]), false, kWord)) return false;
  return done == a[1] || write_by(a[0] + done, 0, false, -EFAULT);
}

// --- advice

bool Player::advise(const Args& a, int advice, std::int64_t r) {
  Call c = call_of(Sys::madvise, {address(a[0]), static_cast<std::uint64_t>(a[1]) * kPage,
                                  static_cast<std::uint64_t>(advice)});
  return call(c, r);
}

bool Player::madvise(const Args& a, std::int64_t r) {
  constexpr int kDontneed = 4, kFree = 8, kRemove = 9;
  if (r == 0 || r == -ENOMEM)  // the walk goes on behind a hole
    for_mapped(a, [&](int p) {
      if (a[2] == kDontneed) contents_.give_up(p);
      if (a[2] == kFree) contents_.may_give_up(p);
      if (a[2] == kRemove) contents_.punch(p);
    });
  return advise(a, static_cast<int>(a[2]), r);
}

bool Player::cold(const Args& a, std::int64_t r) { return advise(a, 20, r); }
bool Player::pageout(const Args& a, std::int64_t r) { return advise(a, 21, r); }
bool Player::populate(const Args& a, std::int64_t r) { return advise(a, a[2] ? 23 : 22, r); }
bool Player::collapse(const Args& a, std::int64_t r) { return advise(a, 25, r); }

// The paths leave no markers behind: their pages are given up, and can be had again.
bool Player::guard_install(const Args& a, std::int64_t r) {
  if (r == 0 || r == -ENOMEM) for_mapped(a, [&](int p) { contents_.give_up(p); });
  return advise(a, 102, r);
}
bool Player::guard_remove(const Args& a, std::int64_t r) { return advise(a, 103, r); }

bool Player::hwpoison(const Args& a, std::int64_t r) {
  const Args page{a[0], 1};
  if (r == 0) for_mapped(page, [&](int p) { contents_.give_up(p); });
  return advise(page, 100, r);
}

// --- areas

bool Player::munmap(const Args& a, std::int64_t r) {
  Call c = call_of(Sys::munmap, {address(a[0]), static_cast<std::uint64_t>(a[1]) * kPage});
  return call(c, r);
}

bool Player::mmap_fixed(const Args& a, std::int64_t r) {
  constexpr std::uint64_t kReadWrite = 3, kPrivateFixedAnonymous = 0x32;
  Call c = call_of(Sys::mmap, {address(a[0]), static_cast<std::uint64_t>(a[1]) * kPage, kReadWrite,
                               kPrivateFixedAnonymous, ~std::uint64_t{0}, 0});
  if (r == 0)
    for (std::int64_t p = a[0]; p < a[0] + a[1] && p < contents_.space(); ++p)
      contents_.map_zeros(static_cast<int>(p));
  return call(c, r == 0 ? static_cast<std::int64_t>(address(a[0])) : r);
}

bool Player::mmap(const Args&, std::int64_t r) {
  constexpr std::uint64_t kReadWrite = 3, kPrivateAnonymous = 0x22;
  Call c = call_of(Sys::mmap, {0, kPage, kReadWrite, kPrivateAnonymous, ~std::uint64_t{0}, 0});
  const Address place = kElsewhere + static_cast<Address>(++elsewhere_) * kPage;
  return call(c, r == 0 ? static_cast<std::int64_t>(place) : r);
}

bool Player::mprotect(const Args& a, std::int64_t r) {
  Call c = call_of(Sys::mprotect, {address(a[0]), static_cast<std::uint64_t>(a[1]) * kPage,
                                   static_cast<std::uint64_t>(a[2])});
  return call(c, r);
}

bool Player::mremap(const Args& a, std::int64_t r) {
  constexpr std::uint64_t kMayMoveFixed = 3;
  const std::uint64_t bytes = static_cast<std::uint64_t>(a[1]) * kPage;
  Call c = call_of(Sys::mremap, {address(a[0]), bytes, bytes, kMayMoveFixed, address(a[2])});
  if (r == a[2])
    for (std::int64_t i = 0; i < a[1]; ++i)
      contents_.move(static_cast<int>(a[0] + i), static_cast<int>(a[2] + i));
  return call(c, r < 0 ? r : static_cast<std::int64_t>(address(r)));
}

bool Player::mlock(const Args& a, std::int64_t r) {
  Call c = call_of(Sys::mlock, {address(a[0]), static_cast<std::uint64_t>(a[1]) * kPage});
  return call(c, r);
}
bool Player::munlock(const Args& a, std::int64_t r) {
  Call c = call_of(Sys::munlock, {address(a[0]), static_cast<std::uint64_t>(a[1]) * kPage});
  return call(c, r);
}

bool Player::fork(const Args&, std::int64_t r) {
  Call c = call_of(Sys::fork, {});
  return call(c, r == 0 ? kTid + ++elsewhere_ : r);
}

// The process ends; who works on it from outside may hold its address space for a while.
bool Player::exit(const Args&, std::int64_t r) {
  gone_ = true;
  return r == 0;
}

// --- nodes

bool Player::page_node(const Args& a, std::int64_t r) {
  constexpr std::uint64_t kNodeOfAddress = 3;  // MPOL_F_NODE | MPOL_F_ADDR
  Call c = call_of(Sys::get_mempolicy, {kSomewhere, 0, 0, address(a[0]), kNodeOfAddress});
  if (r >= 0) give(c.outs, {static_cast<std::uint64_t>(r)});
  return call(c, std::min<std::int64_t>(r, 0));
}

bool Player::move_pages(const Args& a, std::int64_t r) {
  constexpr std::uint64_t kMove = 2;
  Call c = call_of(Sys::move_pages, {0, 1, kSomewhere, kSomewhere, kSomewhere, kMove});
  give(c.pages, {address(a[0])});
  give(c.nodes, {static_cast<std::int32_t>(a[1])});
  give(c.status, {static_cast<std::int32_t>(r)});
  return call(c, r == -EAGAIN ? 1 : 0);
}

bool Player::migrate_pages(const Args& a, std::int64_t r) {
  constexpr std::uint64_t kBits = 65;
  Call c = call_of(Sys::migrate_pages, {0, kBits, kSomewhere, kSomewhere});
  give(c.mask, {std::uint64_t{1} << (kNodes - 1 - a[1])});
  give(c.mask2, {std::uint64_t{1} << a[1]});
  return call(c, r) && r <= a[0];
}

bool Player::mbind(const Args& a, std::int64_t r) {
  constexpr std::uint64_t kBind = 2, kBits = 65, kMove = 2;
  Call c = call_of(
      Sys::mbind, {address(a[0]), static_cast<std::uint64_t>(a[1]) * kPage, kBind, kSomewhere, kBits, kMove});
  give(c.mask, {std::uint64_t{1} << a[2]});
  return call(c, r);
}

}  // namespace ringtail::refine
