// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/walk.h"

#include <fmt/format.h>

#include "checker/explore/search.h"
#include "checker/explore/setting.h"

namespace ringtail::witness {
namespace {

using machine::Act;
using machine::Request;
using machine::Status;
using memory::Kind;
using memory::Tag;

// The event of a request, a read's with what it sees; of a read-modify-write its read half.
memory::Event event_of(const Request& q, std::size_t thread, std::int64_t value) {
  memory::Event e;
  e.thread = static_cast<std::uint8_t>(thread);
  e.source = q.source;
  e.tag = q.tag;
  e.size = q.size;
  if (q.act == Act::fence) {
    e.value = q.operand;
    if (q.tag == Tag::srcu_lock) e.kind = Kind::read;
    else if (q.tag == Tag::srcu_unlock) e.kind = Kind::write;
    if (e.kind != Kind::fence || q.tag == Tag::sync_srcu) e.address = q.address;
    return e;
  }
  e.address = q.address;
  if (q.act == Act::spawn) {  // tells the callback that it is called
    e.kind = Kind::write;
    e.tag = Tag::release;
    e.value = 1;
    return e;
  }
  const bool writes_only = q.act == Act::write || q.act == Act::note;
  e.kind = writes_only ? Kind::write : Kind::read;
  e.value = writes_only ? lang::wrap(q.operand, {static_cast<std::uint8_t>(q.size * 8), true}) : value;
  if (q.tag == Tag::is_locked && value == 0) e.tag = Tag::is_unlocked;
  if (q.act != Act::rmw) return e;
  const bool writes = machine::holds(q.guard, value, q.guard_value);
  e.rmw = q.tag != Tag::lock_read || writes;
  if (!e.rmw) e.tag = Tag::lock_fail;
  return e;
}

std::string number(const Request& choice, std::int64_t n) {
  return choice.is_signed ? std::to_string(n) : std::to_string(static_cast<std::uint64_t>(n));
}

std::string request_text(const Request& q, const Names& names) {
  const std::string location = names.location(q.address);
  switch (q.act) {
    case Act::alloc:
      return fmt::format("kmalloc({})", q.operand);
    case Act::free:
      return fmt::format("kfree(&{})", location);
    case Act::choose:
      return fmt::format("choose({}, {})", number(q, q.operand), number(q, q.guard_value));
    case Act::spawn:
      return fmt::format("call_rcu({})", names.value(0, q.operand));
    case Act::rmw:
      return describe_rmw(event_of(q, 0, 0), location);
    case Act::read:
    case Act::write:
    case Act::fence:
    case Act::note:
      break;
  }
  const memory::Event e = event_of(q, 0, 0);
  return describe(e, location, names.value(q.address, e.value));
}

std::string check_text(const ir::Check& c) {
  switch (c.kind) {
    case ir::CheckKind::assertion:
      return "assert(" + c.text + ")";
    case ir::CheckKind::bug_on:
      return "BUG_ON(" + c.text + ")";
    case ir::CheckKind::warn_on:
      return "WARN_ON(" + c.text + ")";
  }
  fatal("a check without a name");
}

}  // namespace

Walker::Walker(const lang::Spec& spec, machine::Options options)
    : spec_(spec),
      machine_(spec.program, options),
      threads_(explore::threads_of(machine_)),
      names_(spec.program) {
  explore::Ran init;
  for (const explore::Initial::Object& o : explore::initial_memory(machine_, init).objects)
    if (const auto* made = std::get_if<ir::Allocate>(&machine_.instr(o.source).node))
      names_.add_layout(o.address, made->layout);
}

std::string Walker::name(std::size_t thread) const {
  const std::size_t cpus = machine_.cpus().size();
  if (thread < cpus) return spec_.program.threads[machine_.cpus()[thread]].name;
  const std::size_t which = (thread - cpus) % explore::callbacks_each;
  return name((thread - cpus) / explore::callbacks_each) + "'s callback" +
         (which == 0 ? "" : fmt::format(" {}", which + 1));
}

Place Walker::place(const machine::Snapshot& s) const {
  const std::vector<machine::Place> stack = machine_.stack(s);
  std::size_t i = stack.size() - 1;
  while (i > 0 && spec_.program.functions[stack[i].function].prelude) --i;
  const ir::Function& f = spec_.program.functions[stack[i].function];
  const lang::Loc& at = stack[i].pc < f.code.size() ? f.code[stack[i].pc].at : f.at;
  return {spec_.sources->name(at.file), at.span.line, f.name};
}

Step Walker::step(const machine::Snapshot& s) const {
  Step step;
  step.at = place(s);
  if (s.header.status == Status::failed) {
    const ir::Node& node = machine_.instr(s.header.failed_at).node;
    const auto* check = std::get_if<ir::Check>(&node);
    step.text = check != nullptr ? check_text(*check) : std::string(machine::explain(s.header.failure));
    if (check != nullptr) step.outcome = check->kind == ir::CheckKind::assertion ? "fails" : "fires";
    step.fails = true;
    return step;
  }
  step.text = s.header.deciding        ? "interrupt"
              : s.header.prologue == 2 ? "is called"
              : s.header.prologue == 1 ? "after a grace period"
                                       : request_text(s.header.request, names_);
  if (s.header.prologue != 0) return step;
  // What the kernel's primitives are made of here is shown with the primitive's name.
  const std::vector<machine::Place> stack = machine_.stack(s);
  for (const machine::Place& p : stack)
    if (const ir::Function& f = spec_.program.functions[p.function]; f.prelude) {
      step.text = f.name + "(): " + step.text;
      break;
    }
  return step;
}

std::uint32_t Walker::spins(const machine::Snapshot& s, std::int64_t value, std::size_t thread) {
  machine::DepTable deps;
  const machine::Header& h = machine_.resume_past_fences(s, value, thread, deps, arena_)->header;
  return h.status == Status::spinning ? h.round : 0;
}

bool Walker::takes_back(const machine::Snapshot& s, std::int64_t value, std::size_t thread) {
  machine::DepTable deps;
  return machine_.take_back(s, value, {}, thread, deps, arena_) != machine::Undone::no;
}

Path Walker::walk(std::size_t thread, const Guide& guide) {
  const std::size_t cpus = machine_.cpus().size();
  if (thread < cpus) {
    for (std::size_t n = 0; n < explore::callbacks_each; ++n)
      called_.erase(cpus + thread * explore::callbacks_each + n);
    return follow(machine_.start(thread, arena_), thread, guide);
  }
  const auto call = called_.find(thread);
  if (call == called_.end()) return {};
  const machine::Request& q = call->second;
  const auto function = static_cast<std::uint32_t>(static_cast<std::uint64_t>(q.operand) - ir::function_base);
  return follow(machine_.start_rcu(function, q.guard_value, thread, q.address, arena_), thread, guide);
}

Path Walker::walk_function(std::uint32_t function, std::size_t number, const Guide& guide) {
  return follow(machine_.start_call(function, 0, number, arena_), number, guide);
}

Path Walker::follow(const machine::Snapshot* s, std::size_t thread, const Guide& guide) {
  machine::DepTable deps;
  Path path;
  std::uint16_t po = 0;
  const auto reads = [&](machine::DepSet d) {
    std::vector<std::uint16_t> out;
    const auto& bits = deps.bits(d);
    for (std::uint16_t i = 0; i < machine::DepTable::members; ++i)
      if (((bits[i / 64] >> (i % 64)) & 1) != 0) out.push_back(i);
    return out;
  };
  for (; s->header.status == Status::running; path.end = s) {
    path.end = s;
    const Request& q = s->header.request;
    const ir::Node& node = machine_.instr(q.source).node;
    // A frame's own objects come and go without a step.
    const bool made_own = q.act == Act::note && q.size == 0;
    const bool hidden = made_own || (q.act == Act::alloc && !std::holds_alternative<ir::Allocate>(node)) ||
                        (q.act == Act::free && !std::holds_alternative<ir::Free>(node));
    if (const auto* local = std::get_if<ir::Local>(&node);
        local != nullptr && (q.act == Act::alloc || made_own))
      names_.add_local(q.address, local->name), names_.add_layout(q.address, local->layout);
    if (const auto* made = std::get_if<ir::Allocate>(&node); made != nullptr && q.act == Act::alloc)
      names_.add_layout(q.address, made->layout);
    Move move;
    move.request = q;
    if (!hidden) move.step = step(*s);
    else if (unseen && !made_own) unseen(q);
    const auto value = hidden ? std::optional<std::int64_t>(0) : guide({q, move.step, s->header.deciding});
    if (!value || po + 2u >= machine::DepTable::members) return path;
    const std::uint16_t own = po;
    const bool event =
        q.act != Act::choose && q.act != Act::alloc && q.act != Act::free && q.act != Act::note;
    if (q.act == Act::spawn)
      called_[machine_.cpus().size() + thread * explore::callbacks_each + s->header.spawned] = q;
    if (event && !s->header.deciding) {
      const memory::Event e = event_of(q, thread, *value);
      const bool read = e.kind == Kind::read;
      move.events.push_back(e);
      move.dependencies.push_back(
          {reads(q.addr), read ? std::vector<std::uint16_t>() : reads(q.data), reads(q.ctrl)});
      ++po;
      const bool lock = e.tag == Tag::lock_read;
      if (read && !lock && q.act != Act::fence && s->header.prologue == 0)
        move.step.outcome = e.tag == Tag::lock_fail ? "fails" : "is " + names_.value(q.address, *value);
      if (q.act == Act::rmw && machine::holds(q.guard, *value, q.guard_value)) {
        memory::Event w = e;
        w.kind = Kind::write;
        w.value = machine::combine(q, *value);
        if (lock) w.tag = Tag::lock_write;
        else move.step.outcome += ", becomes " + names_.value(q.address, w.value);
        move.events.push_back(w);
        move.dependencies.push_back({reads(q.addr), reads(q.data), reads(q.ctrl)});
        ++po;
      }
    } else if (q.act == Act::choose) {
      move.step.chosen = *value;
      move.step.outcome = "gives " + number(q, *value);
    } else if (q.act == Act::alloc) {
      move.step.outcome = "gives " + names_.value(q.address, static_cast<std::int64_t>(q.address));
    }
    if (q.act == Act::alloc || q.act == Act::free)
      path.objects.push_back(
          {q.act, q.address, static_cast<std::uint64_t>(q.operand), path.moves.size(), po, hidden});
    // An interrupt that does not come is no step.
    if (!hidden && !(s->header.deciding && *value == 0)) path.moves.push_back(std::move(move));
    const bool depends = q.act == Act::read || q.act == Act::rmw;
    s = machine_.resume(*s, *value, depends ? deps.single(own) : 0, thread, deps, arena_);
  }
  path.end = s;
  if (s->header.status == Status::failed) {
    const Step last = step(*s);
    const Request none;
    if (guide({none, last, false})) path.moves.push_back({last, {}, {}, {}});
  }
  return path;
}

}  // namespace ringtail::witness
