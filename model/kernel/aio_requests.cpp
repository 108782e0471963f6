// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/aio_requests.h"

#include <algorithm>

namespace ringtail::kernel {
namespace {

constexpr std::uint64_t kMaxRwCount = 0x7ffff000;    // MAX_RW_COUNT, include/linux/fs.h
constexpr std::uint64_t kAlwaysPolled = 0x8 | 0x10;  // POLLERR, POLLHUP
constexpr std::int64_t kMaxPollMask = 0xffff;

enum Opcode : std::uint64_t { kPread, kPwrite, kFsync, kFdsync, kPreadx, kPoll, kNoop, kPreadv, kPwritev };

// An errno that may reach user space: of 512 and above none does, the ERESTART family becomes EINTR on the
// way.
bool is_error(std::int64_t res) { return res < 0 && res > -512; }

// Files that are polled on one wait queue that lives as long as they do. Others may end a request with no
// event: those with several queues, and those that free theirs early (signalfd, binder).
bool one_queue(std::string_view path) {
  return path.starts_with("pipe:") || path.starts_with("socket:") || path.starts_with("TCP") ||
         path.starts_with("UDP") || path.starts_with("UNIX") || path.starts_with("anon_inode:[eventfd]");
}

}  // namespace

bool Shape::allows(std::int64_t res, bool cancelled) const {
  switch (kind) {
    case Kind::sync:
      return res == 0 || is_error(res);
    case Kind::rw:
      return res < 0 ? is_error(res) : static_cast<std::uint64_t>(res) <= limit;
    case Kind::poll:
      if (res == 0) return cancelled || (limit & kZero);
      return res > 0 && res <= kMaxPollMask && (static_cast<std::uint64_t>(res) & limit);
    case Kind::any:
      return is_error(res) || (res >= 0 && static_cast<std::uint64_t>(res) <= kMaxRwCount);
  }
  return false;
}

bool Shape::covers(const Shape& o) const {
  if (kind == Kind::any) return true;
  switch (o.kind) {
    case Kind::sync:
      return kind == Kind::sync || kind == Kind::rw;
    case Kind::rw:
      return kind == Kind::rw && limit >= o.limit;
    case Kind::poll:
      return (kind == Kind::poll && (limit & o.limit) == o.limit) ||
             (kind == Kind::rw && limit >= static_cast<std::uint64_t>(kMaxPollMask));
    case Kind::any:
      return false;
  }
  return false;
}

Shape shape_of(const Iocb& cb) {
  if (!cb.opcode.known()) return {};
  switch (cb.opcode.value & 0xffff) {
    case kPread:
    case kPwrite:
      return {Shape::Kind::rw, cb.nbytes.known() ? std::min(cb.nbytes.value, kMaxRwCount) : kMaxRwCount};
    case kPreadv:
    case kPwritev: {
      if (!cb.iov.complete()) return {Shape::Kind::rw, kMaxRwCount};
      std::uint64_t bytes = 0;
      for (const Iovec& v : cb.iov.items)
        bytes =
            std::min(kMaxRwCount, bytes + (v.len.known() ? std::min(v.len.value, kMaxRwCount) : kMaxRwCount));
      return {Shape::Kind::rw, bytes};
    }
    case kFsync:
    case kFdsync:
      return {Shape::Kind::sync, 0};
    case kPoll:
      if (!cb.buf.known()) return {};
      return {Shape::Kind::poll,
              (cb.buf.value & 0xffff) | kAlwaysPolled | (one_queue(cb.path) ? 0 : Shape::kZero)};
    default:
      return {};
  }
}

Requests::Bag* Requests::find(const Key& k) {
  const auto it = bags_.find(k);
  return it == bags_.end() ? nullptr : &it->second;
}

// Makes room: bags that are empty go, and if those are few, all become requests of which nothing is known.
void Requests::forget() {
  absl::erase_if(bags_, [](const auto& kv) {
    return std::all_of(kv.second.begin(), kv.second.end(), [](const Bucket& b) { return b.count == 0; });
  });
  if (bags_.size() < kMostBags / 2) return;
  for (const auto& [key, bag] : bags_)
    for (const Bucket& b : bag) unknown_ += b.count;
  unknown_ = std::min(unknown_, total_);
  bags_.clear();
}

void Requests::add(const Iocb& cb) {
  if (!cb.data.known()) return add_unknown(1);
  if (bags_.size() > kMostBags) forget();
  ++total_;
  Bag& bag = bags_[key_of(cb.data, cb.address)];
  const Shape shape = shape_of(cb);
  for (Bucket& b : bag)
    if (b.shape == shape) return void(++b.count);
  bag.push_back({shape, 1});
}

// Takes the least capable request of the bag that allows `res`; see the essay for what happens when there is
// none.
bool Requests::take(Bag& bag, Word res, bool cancelled) {
  absl::InlinedVector<Bucket*, 4> least;
  for (Bucket& b : bag) {
    if (!b.count || (res.known() && !b.shape.allows(res.s64(), cancelled))) continue;
    const auto below = [&b](const Bucket* l) { return b.shape.covers(l->shape); };
    if (std::any_of(least.begin(), least.end(), below)) continue;
    least.erase(std::remove_if(least.begin(), least.end(),
                               [&b](const Bucket* l) { return l->shape.covers(b.shape); }),
                least.end());
    least.push_back(&b);
  }
  if (least.empty()) return false;
  for (Bucket* b : least) --b->count;
  if (const auto others = static_cast<std::int64_t>(least.size()) - 1; others > 0) {
    const auto any = std::find_if(bag.begin(), bag.end(), [](const Bucket& b) { return b.shape == Shape{}; });
    if (any != bag.end()) any->count += others;
    else bag.push_back({Shape{}, others});
  } else if (bag.size() > 2 && least[0]->count == 0) {  // a program of many sizes does not make a long list
    *least[0] = bag.back();
    bag.pop_back();
  }
  return true;
}

bool Requests::complete(const IoEvent& e, bool cancelled) {
  if (total_ <= 0) return false;
  const bool known = e.data.known();
  bool found = !known;  // whose it is cannot be told: one less in all
  if (known && e.obj.known() && e.obj.value)
    if (Bag* bag = find({e.data.value, e.obj.value})) found = take(*bag, e.res, cancelled);
  if (!found)
    if (Bag* bag = find({e.data.value, 0})) found = take(*bag, e.res, cancelled);
  if (!found && unknown_ > 0 && (!e.res.known() || Shape{}.allows(e.res.s64(), cancelled)))
    --unknown_, found = true;
  if (found) --total_;
  return found;
}

bool Requests::complete_unknown(std::int64_t n) {
  if (n > total_) return false;
  total_ -= n;
  return true;
}

bool Requests::reject_unknown(std::int64_t n) {
  const bool fits = unknown_ >= n && total_ >= n;
  unknown_ = std::max<std::int64_t>(0, unknown_ - n);
  total_ = std::max<std::int64_t>(0, total_ - n);
  return fits;
}

bool Requests::reject(const Iocb& cb) {
  if (!cb.data.known()) return reject_unknown(1);
  if (total_ > 0) --total_;
  const Shape shape = shape_of(cb);
  if (Bag* bag = find(key_of(cb.data, cb.address))) {
    Bucket* best = nullptr;
    for (Bucket& b : *bag) {
      if (!b.count || !b.shape.covers(shape)) continue;
      if (b.shape == shape) return --b.count, true;
      // An event took this request in place of a more capable one.
      if (!best || best->shape.covers(b.shape)) best = &b;
    }
    if (best) return --best->count, true;
  }
  if (unknown_ > 0) return --unknown_, true;
  return false;
}

bool Requests::knows(const IoEvent& e) const {
  if (unknown_ > 0 || !e.data.known()) return total_ > 0;
  const auto any = [this](const Key& k) {
    const auto it = bags_.find(k);
    return it != bags_.end() &&
           std::any_of(it->second.begin(), it->second.end(), [](const Bucket& b) { return b.count > 0; });
  };
  return any({e.data.value, 0}) || (e.obj.known() && e.obj.value && any({e.data.value, e.obj.value}));
}

bool Requests::may_poll(Word data, Word address) const {
  if (unknown_ > 0) return true;
  const auto polls = [](const Bag& bag) {
    return std::any_of(bag.begin(), bag.end(), [](const Bucket& b) {
      return b.count > 0 && (b.shape.kind == Shape::Kind::poll || b.shape.kind == Shape::Kind::any);
    });
  };
  if (data.known() && address.known()) {
    for (const Key& k : {Key{data.value, address.value}, Key{data.value, 0}})
      if (const auto it = bags_.find(k); it != bags_.end() && polls(it->second)) return true;
    return false;
  }
  for (const auto& [key, bag] : bags_)
    if ((!data.known() || key.data == data.value) &&
        (!address.known() || !key.address || key.address == address.value) && polls(bag))
      return true;
  return false;
}

}  // namespace ringtail::kernel
