// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/search.h"

#include <algorithm>

#include "model/base/result.h"

namespace ringtail::explore {

using machine::Act;
using machine::Request;
using machine::Snapshot;
using machine::Status;
using memory::Tag;

namespace {

bool strong(Tag t) { return t == Tag::mb || t == Tag::sync_rcu || t == Tag::sync_srcu; }
bool grace_period(Tag t) { return t == Tag::sync_rcu || t == Tag::sync_srcu; }

}  // namespace

template <int W>
Search<W>::Search(const machine::Machine& m, const Initial& initial, memory::Model model, Complete complete)
    : m_(m),
      initial_(initial),
      model_(model),
      dep_mode_(model == memory::Model::lkmm || model == memory::Model::lkmm_6_1),
      complete_(std::move(complete)) {}

template <int W>
typename Search<W>::S& Search<W>::borrow(const S& from) {
  if (depth_ == pool_.size()) pool_.push_back(std::make_unique<Pooled>());
  Pooled& p = *pool_[depth_++];
  p.mark = arena_.mark();
  p.state.copy_from(from);
  return p.state;
}

template <int W>
void Search<W>::give_back() {
  arena_.release(pool_[--depth_]->mark);
}

template <int W>
void Search<W>::run() {
  if (pool_.empty()) pool_.push_back(std::make_unique<Pooled>());
  depth_ = 1;
  S& s = pool_[0]->state;
  s.n = 0;
  s.used = {};
  bool callbacks = false;
  for (const ir::Function& f : m_.program().functions)
    for (const ir::Instr& i : f.code) callbacks |= std::holds_alternative<ir::CallRcu>(i.node);
  s.threads.resize(m_.cpus().size() * (callbacks ? 1 + callbacks_each : 1));
  for (std::size_t t = 0; t < s.threads.size(); ++t)
    s.threads[t].next = nullptr, s.threads[t].done = s.threads[t].count = 0;
  for (std::size_t t = 0; t < m_.cpus().size(); ++t) {
    s.threads[t].next = m_.start(t, arena_);
    s.threads[t].done = s.threads[t].count = 0;
  }
  visit(s);
}

template <int W>
std::uint16_t Search<W>::location(S& s, std::uint64_t address, std::uint8_t size) {
  const auto [it, fresh] = locations_.try_emplace(address, static_cast<std::uint16_t>(addresses_.size()));
  if (fresh) {
    for (std::size_t l = 0; l < addresses_.size(); ++l)
      mixed_ |= address < addresses_[l] + sizes_[l] && addresses_[l] < address + size;
    addresses_.push_back(address);
    sizes_.push_back(size);
    initial_values_.push_back(initial_value(address));
  }
  mixed_ |= sizes_[it->second] != size;
  if (s.locations.size() < addresses_.size()) s.locations.resize(addresses_.size());
  return it->second;
}

template <int W>
std::int64_t Search<W>::initial_value(std::uint64_t address) const {
  const auto it = initial_.values.find(address);
  return it == initial_.values.end() ? 0 : it->second;
}

template <int W>
std::int64_t Search<W>::final_value(const S& s, std::uint64_t address) const {
  const auto it = locations_.find(address);
  if (it == locations_.end() || it->second >= s.locations.size()) return initial_value(address);
  return value_of(s, it->second, s.co_last(it->second));
}

template <int W>
std::int64_t Search<W>::value_of(const S& s, std::uint16_t loc, Slot w) const {
  return w == from_initial ? initial_values_[loc] : s.events[w].value;
}

template <int W>
std::uint16_t Search<W>::occurrence(const S& s, std::uint8_t t, std::uint32_t source, What what) const {
  std::uint16_t n = 0;
  const auto& thread = s.threads[t];
  for (std::uint16_t i = 0; i < thread.done; ++i) {
    const Event& e = s.events[thread.list[i]];
    n += e.source == source && e.what == what;
  }
  return n;
}

// The event that a thread's request stands for, without what depends on others.
template <int W>
Event Search<W>::event_of(const S& s, std::uint8_t t, What what) const {
  const Snapshot* at = s.threads[t].next;
  const Request& q = at->header.request;
  Event e;
  e.at = at;
  e.address = q.address;
  e.value = what == What::write || what == What::choose || what == What::alloc
                ? lang::wrap(q.operand, {static_cast<std::uint8_t>(q.size * 8), true})
                : 0;
  if (what == What::alloc) e.value = q.operand;
  if (q.act == Act::spawn) {
    e.value = 1;
    e.spawns = static_cast<std::uint8_t>(m_.cpus().size() + t * callbacks_each + at->header.spawned);
  }
  e.addr = q.addr;
  e.data = what == What::read ? 0 : q.data;
  e.ctrl = q.ctrl;
  e.source = q.source;
  e.nth = dep_mode_ || q.blocking ? occurrence(s, t, q.source, what) : 0;
  e.thread = t;
  e.what = what;
  e.tag = q.act == Act::spawn ? Tag::release : q.tag;
  e.size = q.size;
  return e;
}

template <int W>
void Search<W>::resume(S& s, std::uint8_t t, const Snapshot& at, std::int64_t value, Slot read) {
  const machine::DepSet dep = m_.options().dependencies && read < S::capacity ? deps_.single(read) : 0;
  s.threads[t].next = m_.resume(at, value, dep, t, deps_, arena_);
}

// --- what an event depends on

template <int W>
void Search<W>::compute_prefix(S& s, Slot e) const {
  const Event& ev = s.events[e];
  const auto& thread = s.threads[ev.thread];
  if (dep_mode_) {
    s.needs[e] = needs(s, e);
    s.prefix[e] = ordered(s, e);
    return;
  }
  Set p;
  if (thread.done >= 2) {
    const Slot prev = thread.list[thread.done - 2];
    p = s.prefix[prev];
    p.add(prev);
  }
  if (ev.what == What::read && ev.rf < no_slot) {
    p |= s.prefix[ev.rf];
    p.add(ev.rf);
  }
  s.prefix[e] = p;
}

// What must be there for the event to be there, with the value that it has.
template <int W>
typename Search<W>::Set Search<W>::needs(const S& s, Slot e) const {
  const Event& ev = s.events[e];
  Set p;
  const auto include = [&](Slot f) {
    p |= s.needs[f];
    p.add(f);
  };
  for (const machine::DepSet d : {ev.addr, ev.data, ev.ctrl}) each_dependency(d, include);
  if (ev.what == What::read && ev.rf < no_slot) include(ev.rf);
  const auto& thread = s.threads[ev.thread];
  for (std::size_t i = 0; i < thread.count && thread.list[i] != e; ++i) {
    const Event& fe = s.events[thread.list[i]];
    const bool own_read = ev.what == What::write && ev.rmw && i + 1 < thread.count && thread.list[i + 1] == e;
    if (fe.what == What::alloc || fe.what == What::choose || own_read) include(thread.list[i]);
  }
  return p;
}

// That, and all that LKMM orders before the event in any case: by dependencies, fences, acquire and release,
// and by reads-from. What is ordered before it only in one arm of a branch that it does not depend on does
// not count, nor do plain accesses, which happen-before leaves out.
template <int W>
typename Search<W>::Set Search<W>::ordered(const S& s, Slot e) const {
  const Event& ev = s.events[e];
  const auto& thread = s.threads[ev.thread];
  Set p = s.needs[e];
  const auto include = [&](Slot f) {
    p |= s.prefix[f];
    p.add(f);
  };
  for (const machine::DepSet d : {ev.addr, ev.data, ev.ctrl}) each_dependency(d, include);
  const auto marked = [](const Event& x) { return x.tag != Tag::plain; };
  if (ev.what == What::read && ev.rf < no_slot && s.events[ev.rf].thread != ev.thread && marked(ev))
    include(ev.rf);
  const bool writes = ev.what == What::write, reads = ev.what == What::read;
  const bool after_all =
      (writes && (ev.tag == Tag::release || ev.tag == Tag::unlock)) ||
      (ev.what == What::fence && strong(ev.tag)) || ev.what == What::free ||
      (ev.rmw && ev.tag == Tag::full && writes && ev.at->header.request.guard == ir::Guard::always);
  std::size_t end = 0;
  while (thread.list[end] != e) ++end;
  // the last barrier of its kind before the event that is there in any case
  std::size_t barrier = end;
  const auto in_any_case = [&](const Event& f) {
    bool all = true;
    each_dependency(f.ctrl, [&](Slot r) { all &= p.has(r); });
    return all;
  };
  for (std::size_t i = end; i-- > 0 && barrier == end;) {
    const Event& f = s.events[thread.list[i]];
    if (f.what == What::fence && ((reads && f.tag == Tag::rmb) || (writes && f.tag == Tag::wmb)) &&
        in_any_case(f))
      barrier = i;
  }
  const std::size_t orders = marked(ev) || ev.what == What::fence || ev.what == What::free ? end : 0;
  for (std::size_t i = 0; i < orders; ++i) {
    const Slot slot = thread.list[i];
    const Event& f = s.events[slot];
    if (f.what == What::fence) {
      if ((strong(f.tag) || i == barrier) && in_any_case(f)) include(slot);
      continue;
    }
    if (f.what != What::read && f.what != What::write) continue;
    if (!marked(f) || !in_any_case(f)) continue;
    // a conditional read-modify-write orders as it succeeds or fails, which its own read decides
    const Request& q = f.at->header.request;
    if (q.act == Act::rmw && q.guard != ir::Guard::always && !q.blocking && !after_all) continue;
    const bool acquires = f.what == What::read && (f.tag == Tag::acquire || f.tag == Tag::lock_read);
    const bool full = f.rmw && f.tag == Tag::full && f.what == What::write;
    const bool fenced = i < barrier && barrier != end && f.what == ev.what;
    const bool locks = f.tag == Tag::lock_write || (f.tag == Tag::unlock && ev.tag == Tag::lock_read);
    bool same = writes && f.loc == ev.loc;
    if (same) each_dependency(f.addr, [&](Slot r) { same &= p.has(r); });
    if (acquires || full || after_all || fenced || locks || same) include(slot);
  }
  // A read-modify-write is kept whole where its write needs nothing more.
  for (std::size_t i = 0; i + 1 < end; ++i) {
    const Slot half = thread.list[i + 1];
    const Event& h = s.events[half];
    if (p.has(thread.list[i]) && h.rmw && h.what == What::write && s.events[thread.list[i]].rmw &&
        (s.prefix[half] - p).empty())
      p.add(half);
  }
  return p;
}

// --- sequential consistency, event by event

// Keeps before[] after the last executed event of its thread was added with its edges.
template <int W>
void Search<W>::link_before(S& s, Slot e) {
  if (!s.sc) return;
  const Event& ev = s.events[e];
  const auto& thread = s.threads[ev.thread];
  if (thread.count != thread.done) {
    s.rebuild_before();
    return;
  }
  Set b;
  const auto include = [&](Slot p) {
    b |= s.before[p];
    b.add(p);
  };
  if (thread.count >= 2) include(thread.list[thread.count - 2]);
  Slot out = no_slot;
  if (ev.what == What::read) {
    if (ev.rf < no_slot) include(ev.rf);
    out = ev.rf == no_slot ? no_slot : s.co_next(ev.loc, ev.rf);
  } else if (ev.what == What::write) {
    if (ev.co_prev != no_slot) include(ev.co_prev);
    s.readers_of(ev.loc, ev.co_prev == no_slot ? from_initial : ev.co_prev).each([&](Slot r) {
      if (r != e) include(r);
    });
    out = ev.co_next;
  }
  s.before[e] = b;
  if (out == no_slot) return;
  if (b.has(out)) {
    s.sc = false;
    return;
  }
  Set mine = b;
  mine.add(e);
  s.used.each([&](Slot x) {
    if (x == out || s.before[x].has(out)) s.before[x] |= mine;
  });
}

template <int W>
bool Search<W>::sc_allows_read(const S& s, std::uint8_t t, std::uint16_t loc, Slot src, bool writes) const {
  const auto& thread = s.threads[t];
  if (!s.sc || thread.count != thread.done) return false;
  const Slot out = s.co_next(loc, src);
  if (out == no_slot) return true;
  const auto reaches = [&](Slot p) { return p == out || s.before[p].has(out); };
  if (thread.count > 0 && reaches(thread.list[thread.count - 1])) return false;
  if (src != from_initial && reaches(src)) return false;
  if (!writes) return true;
  bool ok = true;
  s.readers_of(loc, src).each([&](Slot r) { ok &= !reaches(r); });
  return ok;
}

template <int W>
bool Search<W>::sc_allows_write(const S& s, Slot w, Slot prev) const {
  const Event& e = s.events[w];
  const auto& thread = s.threads[e.thread];
  if (!s.sc || thread.count != thread.done) return false;
  const Slot out = s.co_next(e.loc, prev);
  if (out == no_slot) return true;
  const auto reaches = [&](Slot p) { return p == out || s.before[p].has(out); };
  if (thread.count > 1 && reaches(thread.list[thread.count - 2])) return false;
  if (prev != from_initial && reaches(prev)) return false;
  bool ok = true;
  s.readers_of(e.loc, prev).each([&](Slot r) { ok &= !reaches(r); });
  return ok;
}

template <int W>
bool Search<W>::consistent(S& s) {
  if (s.sc && !s.waits) return true;
  if (!s.sc && model_ == memory::Model::sc) return false;
  ++counts.checks;
  return memory::consistent(graph_of(s), model_);
}

// --- steps

template <int W>
void Search<W>::visit(S& s) {
  for (;;) {
    if (stop_ || (stop_flag != nullptr && stop_flag->load(std::memory_order_relaxed))) {
      stop_ = true;
      return;
    }
    if (s.full(4)) {
      overflow_ = stop_ = true;
      return;
    }
    Step step = Step::none;
    for (std::uint8_t t = 0; t < s.threads.size() && step == Step::none; ++t) step = advance_thread(s, t);
    if (step == Step::dead) return;
    if (step == Step::none) {
      if (!complete_(s)) stop_ = true;
      return;
    }
  }
}

template <int W>
typename Search<W>::Step Search<W>::advance_thread(S& s, std::uint8_t t) {
  auto& thread = s.threads[t];
  if (thread.next == nullptr || thread.next->header.status != Status::running) return Step::none;
  if (thread.count > thread.done) {
    bool matched = false;
    if (!consume_ahead(s, t, matched)) return Step::dead;
    if (matched) return Step::done;
  }
  if (const machine::Failure f = wrong_address(s, thread.next->header.request); f != machine::Failure::none) {
    thread.next = m_.fail(*thread.next, f, arena_);
    return Step::done;
  }
  switch (thread.next->header.request.act) {
    case Act::read:
    case Act::rmw:
      return step_read(s, t);
    case Act::write:
    case Act::spawn:
      return step_write(s, t);
    case Act::choose:
      return step_choose(s, t);
    case Act::fence:
    case Act::alloc:
    case Act::free:
      return step_simple(s, t);
  }
  fatal("a request without a step");
}

// What is wrong with an address whatever other threads do; kfree() is judged in complete graphs.
template <int W>
machine::Failure Search<W>::wrong_address(const S& s, const Request& q) const {
  using machine::Failure;
  if (m_.program().litmus) return Failure::none;
  if (q.tag == Tag::acquire && q.blocking && q.address >= machine::spawn_address(0, 0) &&
      q.address < ir::global_base)
    return Failure::none;  // a callback looks whether it was called
  if (q.act != Act::read && q.act != Act::write && q.act != Act::rmw && q.act != Act::free)
    return Failure::none;
  const bool frees = q.act == Act::free;
  const auto inside = [&](std::uint64_t base, std::uint64_t size) {
    if (frees) return q.address == base ? Failure::none : Failure::bad_free;
    return q.address >= base && q.address + q.size <= base + size ? Failure::none : Failure::out_of_bounds;
  };
  if (!machine::in_heap(q.address)) {
    const auto& globals = m_.program().globals;
    auto it = std::upper_bound(globals.begin(), globals.end(), q.address,
                               [](std::uint64_t a, const ir::Global& g) { return a < g.address; });
    if (it == globals.begin()) return Failure::bad_address;
    --it;
    if (q.address >= it->address + it->size) return Failure::bad_address;
    return frees ? Failure::bad_free : inside(it->address, it->size);
  }
  const std::uint64_t object = machine::object_of(q.address);
  for (const Initial::Object& o : initial_.objects)
    if (o.address == object) return o.freed ? Failure::use_after_free : inside(o.address, o.size);
  const std::size_t owner = (q.address - machine::heap_base) >> machine::thread_shift;
  if (owner < s.threads.size()) {
    const auto& thread = s.threads[owner];
    for (std::uint16_t i = 0; i < thread.count; ++i) {
      const Event& e = s.events[thread.list[i]];
      if (e.what == What::alloc && e.address == object)
        return inside(object, static_cast<std::uint64_t>(e.value));
    }
  }
  return Failure::bad_address;
}

// The thread has come to an event that was kept from before its earlier read changed. False when the event
// turns out not to be what it was.
template <int W>
bool Search<W>::consume_ahead(S& s, std::uint8_t t, bool& matched) {
  auto& thread = s.threads[t];
  const Request& q = thread.next->header.request;
  const auto what = [&] {
    switch (q.act) {
      case Act::read:
      case Act::rmw:
        return What::read;
      case Act::write:
      case Act::spawn:
        return What::write;
      case Act::choose:
        return What::choose;
      case Act::alloc:
        return What::alloc;
      case Act::free:
        return What::free;
      case Act::fence:
        break;
    }
    return What::fence;
  }();
  const std::uint16_t nth = occurrence(s, t, q.source, what);
  std::uint16_t i = thread.done;
  while (i < thread.count) {
    const Event& e = s.events[thread.list[i]];
    if (e.source == q.source && e.what == what && e.nth == nth) break;
    ++i;
  }
  if (i == thread.count) return true;
  matched = true;
  if (i != thread.done) return false;
  const Slot slot = thread.list[i];
  Event& e = s.events[slot];
  if (e.address != q.address) return false;
  const Snapshot* at = thread.next;
  e.at = at;
  e.addr = q.addr;
  e.ctrl = q.ctrl;
  if (what != What::read) e.data = q.data;
  if (what == What::write && e.value != event_of(s, t, What::write).value) return false;
  ++thread.done;
  if (what == What::read) {
    if (q.blocking && !machine::holds(q.guard, e.value, q.guard_value)) return false;
    if (q.act == Act::rmw && machine::holds(q.guard, e.value, q.guard_value)) {
      const Slot next = thread.done < thread.count ? thread.list[thread.done] : no_slot;
      if (next != no_slot && s.events[next].source == q.source && s.events[next].what == What::write &&
          s.events[next].rmw) {
        const std::int64_t written = machine::combine(q, e.value);
        if (s.events[next].value != written ||
            s.events[next].co_prev != (e.rf == from_initial ? no_slot : e.rf))
          return false;
        s.events[next].at = at;
        s.events[next].data = q.data;
        ++thread.done;
      } else {
        if (s.rmw_after(e.loc, e.rf) != no_slot) return false;
        add_rmw_write(s, slot);
        if (!consistent(s)) return false;
        const Slot w = thread.list[thread.done - 1];
        resume(s, t, *at, e.value, slot);
        revisits(s, w, no_slot);
        return true;
      }
    }
  }
  resume(s, t, *at, e.value, slot);
  return true;
}

template <int W>
typename Search<W>::Step Search<W>::step_simple(S& s, std::uint8_t t) {
  const Snapshot* at = s.threads[t].next;
  const Request& q = at->header.request;
  const What what = q.act == Act::alloc ? What::alloc : q.act == Act::free ? What::free : What::fence;
  Event e = event_of(s, t, what);
  if (what == What::fence) e.value = q.operand;
  if (q.tag == Tag::sync_srcu && what == What::fence) e.loc = location(s, q.address, q.size);
  const Slot slot = s.add(e);
  if (what == What::fence && grace_period(q.tag)) s.waits = true;
  compute_prefix(s, slot);
  link_before(s, slot);
  resume(s, t, *at, 0, no_slot);
  if (what == What::fence && (!s.sc || s.waits) && !consistent(s)) return Step::dead;
  return Step::done;
}

template <int W>
typename Search<W>::Step Search<W>::step_choose(S& s, std::uint8_t t) {
  const Request q = s.threads[t].next->header.request;
  const auto choose = [&](S& in, std::int64_t value) {
    Event e = event_of(in, t, What::choose);
    e.value = value;
    const Slot slot = in.add(e);
    compute_prefix(in, slot);
    link_before(in, slot);
    resume(in, t, *e.at, value, no_slot);
  };
  for (std::int64_t v = q.guard_value; v > q.operand; --v) {
    S& child = borrow(s);
    choose(child, v);
    visit(child);
    give_back();
    if (stop_) return Step::dead;
  }
  choose(s, q.operand);
  return Step::done;
}

template <int W>
typename Search<W>::Step Search<W>::step_write(S& s, std::uint8_t t) {
  const Snapshot* at = s.threads[t].next;
  Event e = event_of(s, t, What::write);
  e.loc = location(s, e.address, e.size);
  if (e.spawns != 0xff && (at->header.spawned >= callbacks_each || e.spawns >= s.threads.size())) {
    counts.bounded = true;
    return Step::dead;
  }
  const Slot w = s.add(e);
  compute_prefix(s, w);
  resume(s, t, *at, 0, no_slot);
  if (e.spawns != 0xff)
    s.threads[e.spawns].next =
        m_.start_rcu(static_cast<std::uint32_t>(static_cast<std::uint64_t>(at->header.request.operand) -
                                                ir::function_base),
                     at->header.request.guard_value, e.spawns, e.address, arena_);
  revisits(s, w, no_slot);
  if (stop_) return Step::dead;
  // every place in co; the last one, which is the default, goes on in this graph
  for (Slot p = s.co_last(e.loc); p != from_initial;) {
    p = s.events[p].co_prev == no_slot ? from_initial : s.events[p].co_prev;
    if (s.rmw_after(e.loc, p) != no_slot) continue;
    const bool sc = sc_allows_write(s, w, p);
    if (!sc && model_ == memory::Model::sc) continue;
    S& child = borrow(s);
    child.place(w, p);
    link_before(child, w);
    if (consistent(child)) visit(child);
    give_back();
    if (stop_) return Step::dead;
  }
  s.place(w, s.co_last(e.loc));
  link_before(s, w);
  return consistent(s) ? Step::done : Step::dead;
}

// Adds the write half of a read-modify-write whose read half is the last executed event of its thread, right
// after the write that it reads.
template <int W>
void Search<W>::add_rmw_write(S& s, Slot read) {
  const Event& r = s.events[read];
  const Request& q = r.at->header.request;
  Event e = r;
  e.what = What::write;
  e.value = machine::combine(q, r.value);
  e.data = q.data;
  e.rf = no_slot;
  if (q.tag == Tag::lock_read) e.tag = Tag::lock_write;
  const Slot src = r.rf;
  const Slot w = s.add(e);
  s.place(w, src);
  compute_prefix(s, w);
  link_before(s, w);
}

// Whether a read may take this value: what it waits for, and no round of a waiting loop.
template <int W>
bool Search<W>::accepts(const Snapshot& at, std::int64_t value, std::uint8_t t) {
  const Request& q = at.header.request;
  if (q.blocking && !machine::holds(q.guard, value, q.guard_value)) return false;
  if (!q.may_spin) return true;
  if (q.act == Act::rmw && machine::holds(q.guard, value, q.guard_value)) return true;
  const auto mark = arena_.mark();
  const bool spins = m_.resume(at, value, 0, t, deps_, arena_)->header.status == Status::spinning;
  arena_.release(mark);
  return !spins;
}

// Adds the read that thread `t` asks for, and the write after it where it is a read-modify-write that
// succeeds.
template <int W>
void Search<W>::apply_read(S& s, std::uint8_t t, Slot src) {
  const Snapshot* at = s.threads[t].next;
  const Request& q = at->header.request;
  Event e = event_of(s, t, What::read);
  e.loc = location(s, e.address, e.size);
  e.value = value_of(s, e.loc, src);
  e.rmw = q.act == Act::rmw;
  const bool writes = e.rmw && machine::holds(q.guard, e.value, q.guard_value);
  if (q.tag == Tag::is_locked && e.value == 0) e.tag = Tag::is_unlocked;
  if (q.tag == Tag::lock_read && !writes) e.tag = Tag::lock_fail, e.rmw = false;
  const Slot r = s.add(e);
  s.read_from(r, src);
  compute_prefix(s, r);
  link_before(s, r);
  if (writes) add_rmw_write(s, r);
  resume(s, t, *at, e.value, r);
}

// Whether an older write than the last that the thread itself knows of may be read; the model would refuse
// it.
template <int W>
bool Search<W>::coherent(const S& s, std::uint8_t t, std::uint16_t loc, Slot src) const {
  const auto& thread = s.threads[t];
  for (std::size_t i = thread.done; i-- > 0;) {
    const Event& e = s.events[thread.list[i]];
    if ((e.what != What::read && e.what != What::write) || e.loc != loc) continue;
    const Slot known = e.what == What::write ? thread.list[i] : e.rf;
    if (known == from_initial || known == no_slot || known == src) return true;
    for (Slot w = s.events[known].co_next; w != no_slot; w = s.events[w].co_next)
      if (w == src) return true;
    return false;
  }
  return true;
}

template <int W>
Slot Search<W>::ghost_of(const S& s, std::uint8_t t, const Request& q) const {
  if (s.ghosts == 0) return no_slot;
  const std::uint16_t nth = occurrence(s, t, q.source, What::read);
  for (std::size_t i = s.n; i-- > 0;) {
    const Event& e = s.events[s.order[i]];
    if (e.what == What::ghost && e.thread == t && e.source == q.source && e.nth == nth) return s.order[i];
  }
  return no_slot;
}

template <int W>
typename Search<W>::Step Search<W>::step_read(S& s, std::uint8_t t) {
  const Snapshot* at = s.threads[t].next;
  const Request& q = at->header.request;
  const std::uint16_t loc = location(s, q.address, q.size);
  const Slot ghost = q.blocking && q.act == Act::rmw ? ghost_of(s, t, q) : no_slot;
  const auto writes_over = [&](Slot src) {
    return q.act == Act::rmw && machine::holds(q.guard, value_of(s, loc, src), q.guard_value);
  };

  // What may be read, latest first: the first is the default.
  Slot options[S::capacity + 1], conflicts[S::capacity + 1];
  std::size_t n = 0, in_conflict = 0;
  bool certain = !s.waits;  // all options are known to be consistent
  for (Slot src = s.co_last(loc);;) {
    if (accepts(*at, value_of(s, loc, src), t)) {
      const bool writes = writes_over(src);
      if (writes && s.rmw_after(loc, src) != no_slot) {
        const bool tried = ghost != no_slot && (src == from_initial || s.rank[src] < s.rank[ghost]);
        if (!tried) conflicts[in_conflict++] = src;
      } else if (sc_allows_read(s, t, loc, src, writes)) {
        options[n++] = src;
      } else if (model_ != memory::Model::sc && coherent(s, t, loc, src)) {
        if (n == 0) certain = false;
        options[n++] = src;
      }
    }
    if (src == from_initial) break;
    src = s.events[src].co_prev == no_slot ? from_initial : s.events[src].co_prev;
  }
  const auto last_of = [&](S& in) { return in.threads[t].list[in.threads[t].done - 1]; };
  for (std::size_t i = 0; i < in_conflict; ++i) {
    S& child = borrow(s);
    const Slot over = s.rmw_after(loc, conflicts[i]);
    apply_read(child, t, conflicts[i]);
    revisits(child, last_of(child), over);
    give_back();
    if (stop_) return Step::dead;
  }
  const auto go = [&](S& in, Slot src) {
    apply_read(in, t, src);
    if (!consistent(in)) return false;
    if (writes_over(src)) revisits(in, last_of(in), no_slot);
    return true;
  };
  bool any = false;
  for (std::size_t i = n; i-- > 0;) {
    if (i == 0 && certain) {
      go(s, options[0]);
      return stop_ ? Step::dead : Step::done;
    }
    S& child = borrow(s);
    if (go(child, options[i])) {
      any = true;
      if (!stop_) visit(child);
    }
    give_back();
    if (stop_) return Step::dead;
  }
  if (any) return Step::dead;
  if (in_conflict > 0 && ghost == no_slot) {
    Event e = event_of(s, t, What::ghost);
    e.nth = occurrence(s, t, q.source, What::read);
    add_ghost(s, e);
  }
  return Step::none;
}

template <int W>
void Search<W>::add_ghost(S& s, const Event& e) {
  const auto slot = static_cast<Slot>(s.used.first_free());
  s.used.add(slot);
  s.events[slot] = e;
  s.rank[slot] = s.n;
  s.order[s.n++] = slot;
  ++s.ghosts;
}

template class Search<1>;
template class Search<2>;
template class Search<4>;
template class Search<8>;

}  // namespace ringtail::explore
