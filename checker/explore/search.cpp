// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/search.h"

#include <algorithm>

#include "checker/explore/address.h"
#include "checker/explore/commute.h"
#include "checker/explore/sections.h"
#include "checker/explore/symmetry.h"
#include "model/base/result.h"
#include "model/machine/text.h"

namespace ringtail::explore {

using machine::Act;
using machine::Request;
using machine::Snapshot;
using machine::Status;
using memory::Tag;

std::size_t threads_of(const machine::Machine& m) {
  return m.cpus().size() * (machine::calls_back(m.program()) ? 1 + callbacks_each : 1);
}

template <int W>
Search<W>::Search(const machine::Machine& m, const Initial& initial, memory::Model model, Complete complete,
                  Share* share)
    : m_(m),
      initial_(initial),
      model_(model),
      lkmm_(model == memory::Model::lkmm || model == memory::Model::lkmm_6_1),
      complete_(std::move(complete)),
      threads_(threads_of(m)),
      known_(m),
      share_(share) {
  for (std::size_t t = 0; t < m_.cpus().size(); ++t) starts_.push_back(known_.start(t));
  const Sections text = sections(m.program());
  sections_ = text.any;
  balanced_ = text.balanced;
  const auto on_own_cpu = [](const ir::Thread& t) { return t.kind == ir::ThreadKind::irq_on; };
  const std::vector<ir::Thread>& threads = m.program().threads;
  if (lkmm_ && m.cpus().size() == 2 && std::none_of(threads.begin(), threads.end(), on_own_cpu))
    loose_.emplace(m);
}

template <int W>
void Search<W>::commute() {
  if (!lkmm_) counters_ = counters(m_.program());
}

template <int W>
void Search<W>::leave_out_retries() {
  if (lkmm_) return;
  retried_ = retried_counters(m_.program());
  std::erase_if(retried_, [&](const auto& of) {
    return std::any_of(of.second.exact.begin(), of.second.exact.end(),
                       [&](std::int64_t value) { return value != initial_value(of.first); });
  });
}

template <int W>
void Search<W>::merge_twins() {
  alike_ = twins(m_);
}

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
void Search<W>::run(const Guesses& guesses) {
  guesses_ = guesses;
  twins_ = guesses.empty() ? alike_ : std::vector<std::uint8_t>();
  if (share_ == nullptr) return search_tree();
  while (!stop_) {
    Part* const part = share_->next();
    if (part == nullptr) return;
    part_ = part;
    path_ = part->path;
    const Counts before = counts;
    search_tree();
    share_->done(*part, {counts.executions - before.executions, counts.blocked - before.blocked}, stop_);
  }
}

template <int W>
void Search<W>::search_tree() {
  if (pool_.empty()) pool_.push_back(std::make_unique<Pooled>());
  depth_ = 1;
  S& s = pool_[0]->state;
  s.n = s.ghosts = s.promises = s.frees = 0;
  s.used = {};
  s.tso = model_ == memory::Model::tso;
  s.lkmm = lkmm_;
  s.sc = true;
  s.waits = false;
  s.locations.clear();
  arena_.release({});
  s.threads.resize(threads_);
  for (std::size_t t = 0; t < s.threads.size(); ++t) s.threads[t].next = nullptr, s.threads[t].count = 0;
  for (std::size_t t = 0; t < m_.cpus().size(); ++t) s.threads[t].next = starts_[t];
  children_.assign(1, 0);
  walk(s);
}

template <int W>
std::uint16_t Search<W>::location(S& s, std::uint64_t address, std::uint8_t size) {
  auto& here = locations_[address];
  auto at = std::find_if(here.begin(), here.end(), [&](std::uint16_t l) { return sizes_[l] == size; });
  if (at == here.end()) {
    const auto fresh = static_cast<std::uint16_t>(addresses_.size());
    overlaps_.emplace_back();
    for (std::uint16_t l = 0; l < fresh; ++l)
      if (address < addresses_[l] + sizes_[l] && addresses_[l] < address + size)
        overlaps_[l].push_back(fresh), overlaps_[fresh].push_back(l);
    addresses_.push_back(address);
    sizes_.push_back(size);
    initial_values_.push_back(initial_value(address));
    here.push_back(fresh);
    at = here.end() - 1;
  }
  const std::uint16_t loc = *at;
  for (const std::uint16_t l : overlaps_[loc])
    mixed_ |= l < s.locations.size() && !(s.locations[l].writes | s.locations[l].reads).empty();
  if (s.locations.size() < addresses_.size()) s.locations.resize(addresses_.size());
  return loc;
}

template <int W>
std::int64_t Search<W>::initial_value(std::uint64_t address) const {
  const auto it = initial_.values.find(address);
  return it == initial_.values.end() ? 0 : it->second;
}

template <int W>
std::int64_t Search<W>::final_value(const S& s, std::uint64_t address) const {
  const auto it = locations_.find(address);
  if (it != locations_.end())
    for (const std::uint16_t l : it->second)
      if (l < s.locations.size() && !s.locations[l].writes.empty()) return value_of(s, l, s.co_last(l));
  std::int64_t value = initial_value(address);
  if (!counters_.empty())
    s.used.each([&](Slot x) {
      const Event& e = s.events[x];
      if (e.what == What::count && e.address == address)
        value = machine::combine(e.at->header.request, value);
    });
  return value;
}

template <int W>
std::int64_t Search<W>::final_of(const S& s, std::uint16_t l) const {
  if (!overlaps_[l].empty() || !counters_.empty()) return final_value(s, addresses_[l]);
  const bool written = l < s.locations.size() && !s.locations[l].writes.empty();
  return written ? value_of(s, l, s.co_last(l)) : initial_values_[l];
}

template <int W>
void Search<W>::final_values(const S& s, Initial& memory) const {
  for (std::uint16_t l = 0; l < addresses_.size(); ++l) memory.values[addresses_[l]] = final_of(s, l);
}

template <int W>
void Search<W>::changes(const S& s, std::vector<std::int64_t>& out) const {
  for (std::uint16_t l = 0; l < addresses_.size(); ++l)
    if (const std::int64_t value = final_of(s, l); value != initial_values_[l])
      out.insert(out.end(), {static_cast<std::int64_t>(addresses_[l]), value});
}

template <int W>
std::int64_t Search<W>::value_of(const S& s, std::uint16_t loc, Slot w) const {
  return w == from_initial ? initial_values_[loc] : s.events[w].value;
}

template <int W>
std::uint16_t Search<W>::occurrence(const S& s, std::uint8_t t, std::uint32_t source, What what) const {
  std::uint16_t n = 0;
  const auto& thread = s.threads[t];
  for (std::uint16_t i = 0; i < thread.count; ++i) {
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
  e.nth = lkmm_ || may_wait(q) ? occurrence(s, t, q.source, what) : 0;
  e.thread = t;
  e.what = what;
  e.tag = q.act == Act::spawn ? Tag::release : q.tag;
  e.size = q.size;
  return e;
}

template <int W>
void Search<W>::resume(S& s, std::uint8_t t, const Snapshot& at, std::int64_t value, Slot read) {
  const machine::DepSet dep = m_.options().dependencies && read < S::capacity ? deps_.single(read) : 0;
  s.threads[t].next = known_.resume(at, value, dep, t, deps_, arena_);
}

// Of the last event of its thread, or of a read that nothing follows.
template <int W>
void Search<W>::compute_prefix(S& s, Slot e) const {
  const Event& ev = s.events[e];
  const auto& thread = s.threads[ev.thread];
  Set p;
  if (thread.count >= 2) {
    const Slot prev = thread.list[thread.count - 2];
    p = s.prefix[prev];
    p.add(prev);
  }
  if (ev.what == What::read && ev.rf < no_slot) {
    p |= s.prefix[ev.rf];
    p.add(ev.rf);
  }
  s.prefix[e] = p;
  if (lkmm_) happens_before(s, e), s.flow[e] = flows_into(s, e), look(s, e);
}

// --- steps

template <int W>
void Search<W>::visit(S& s) {
  if (share_ == nullptr) return walk(s);
  if (!our_child()) return;
  children_.push_back(0);
  walk(s);
  children_.pop_back();
}

// Whether the next child of the node under way is in our part. Gives away what follows where that is wanted.
template <int W>
bool Search<W>::our_child() {
  const std::uint32_t child = children_.back()++;
  const std::size_t level = children_.size() - 1;
  if (level < path_.size()) return child == path_[level];
  if (level == part_->path.size() && child < part_->from) return false;
  if (share_->wanted()) {
    const std::size_t highest = path_.size();
    share_->give(*part_, path_, children_[highest]);
    path_.push_back(children_[highest] - 1);
  }
  return true;
}

template <int W>
bool Search<W>::no_more_of_ours() const {
  const std::size_t level = children_.size() - 1;
  return level < path_.size() && children_[level] > path_[level];
}

template <int W>
void Search<W>::walk(S& s) {
  for (;;) {
    if (++steps_ % steps_between == 0 && ((give_up && give_up()) || (part_ != nullptr && part_->past)))
      stop_ = true;
    if (stop_ || no_more_of_ours()) return;
    Step step = Step::none;
    const bool full = s.full(4);
    if (full) overflow_ = true;
    for (std::uint8_t t = 0; !full && t < s.threads.size() && step == Step::none; ++t)
      if (!held_back(s, t)) step = advance_thread(s, t);
    if (step == Step::dead) return;
    if (step == Step::none) {
      if (share_ != nullptr && !our_child()) return;
      if (full) stop_ = true;
      else finish(s);
      return;
    }
  }
}

template <int W>
typename Search<W>::Step Search<W>::advance_thread(S& s, std::uint8_t t) {
  auto& thread = s.threads[t];
  if (thread.next == nullptr || thread.next->header.status != Status::running) return Step::none;
  if (thread.count > 0 && (s.events[thread.last()].what == What::park || s.events[thread.last()].refused))
    return Step::none;
  if (const machine::Failure f = wrong_address(s, thread.next->header.request); f != machine::Failure::none) {
    thread.next = m_.fail(*thread.next, f, arena_);
    return Step::done;
  }
  switch (thread.next->header.request.act) {
    case Act::read:
    case Act::rmw:
      return counts_only(thread.next->header.request) ? step_count(s, t) : step_read(s, t);
    case Act::write:
    case Act::spawn:
      return step_write(s, t);
    case Act::choose:
      return step_choose(s, t);
    case Act::fence:
    case Act::alloc:
    case Act::free:
      return step_simple(s, t);
    case Act::note:
      break;
  }
  fatal("a request without a step");
}

// What is wrong with an address whatever other threads do; kfree() is judged in complete graphs.
template <int W>
machine::Failure Search<W>::wrong_address(const S& s, const Request& q) const {
  using machine::Failure;
  if (m_.program().litmus || !has_address(q)) return Failure::none;
  if (!machine::in_heap(q.address)) return check_global(m_.program(), q);
  const std::uint64_t object = machine::object_of(q.address);
  for (const Initial::Object& o : initial_.objects)
    if (o.address == object) return o.freed ? Failure::use_after_free : check_object(q, o.address, o.size);
  const std::size_t owner = (q.address - machine::heap_base) >> machine::thread_shift;
  if (owner < s.threads.size()) {
    const auto& thread = s.threads[owner];
    for (std::uint16_t i = 0; i < thread.count; ++i) {
      const Event& e = s.events[thread.list[i]];
      if (e.what == What::alloc && e.address == object)
        return check_object(q, object, static_cast<std::uint64_t>(e.value));
    }
  }
  return Failure::bad_address;
}

template class Search<1>;
template class Search<2>;
template class Search<4>;
template class Search<8>;
template class Search<16>;

}  // namespace ringtail::explore
