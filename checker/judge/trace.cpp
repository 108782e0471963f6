// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/judge/trace.h"

#include <algorithm>

namespace ringtail::judge {
namespace {

using memory::Event;
using memory::Kind;
using memory::Tag;

struct Value {
  std::int64_t value = 0;
  Reads from;
};

struct OpenBranch {
  std::size_t frame;
  std::uint32_t join;
  Reads from;
};

struct Frame {
  std::uint32_t function;
  std::uint32_t pc = 0;
  std::vector<Value> regs;
  ir::Reg result = ir::no_reg;  // of the caller
};

// A loop that the path is in, as it was when it came to its head.
struct OpenLoop {
  std::size_t frame;
  std::uint32_t id;
  std::size_t changes;
  std::vector<std::int64_t> variables;
  bool is(std::size_t f, std::uint32_t i) const { return frame == f && id == i; }
};

struct State {
  std::vector<Frame> frames;
  std::vector<OpenBranch> branches;
  std::vector<OpenLoop> loops;
  std::size_t writes = 0;   // of this path,
  std::size_t changes = 0;  // and those that may have changed something
  Trace trace;
  std::uint64_t locals = 0, srcu_locks = 0;
};

Tag tag_of(ir::Order o) {
  switch (o) {
    case ir::Order::plain:
      return Tag::plain;
    case ir::Order::once:
      return Tag::once;
    case ir::Order::data_race:
      return Tag::data_race;
    case ir::Order::acquire:
      return Tag::acquire;
    case ir::Order::release:
      return Tag::release;
    case ir::Order::full:
      return Tag::full;
    case ir::Order::noreturn:
      return Tag::noreturn;
  }
  std::abort();
}

Tag tag_of(ir::Fence f) {
  switch (f) {
    case ir::Fence::mb:
      return Tag::mb;
    case ir::Fence::rmb:
      return Tag::rmb;
    case ir::Fence::wmb:
      return Tag::wmb;
    case ir::Fence::barrier:
      return Tag::barrier;
    case ir::Fence::before_atomic:
      return Tag::before_atomic;
    case ir::Fence::after_atomic:
      return Tag::after_atomic;
    case ir::Fence::after_spinlock:
      return Tag::after_spinlock;
    case ir::Fence::after_unlock_lock:
      return Tag::after_unlock_lock;
    case ir::Fence::after_srcu_read_unlock:
      return Tag::after_srcu_read_unlock;
    case ir::Fence::after_ctrl_dep:
      return Tag::after_ctrl_dep;
    case ir::Fence::rcu_lock:
      return Tag::rcu_lock;
    case ir::Fence::rcu_unlock:
      return Tag::rcu_unlock;
    case ir::Fence::sync_rcu:
      return Tag::sync_rcu;
  }
  std::abort();
}

bool holds(ir::Guard g, std::int64_t value, std::int64_t with) {
  switch (g) {
    case ir::Guard::always:
      return true;
    case ir::Guard::equal:
      return value == with;
    case ir::Guard::not_equal:
      return value != with;
    case ir::Guard::greater:
      return value > with;
    case ir::Guard::less:
      return value < with;
    case ir::Guard::mask_zero:
      return (value & with) == 0;
    case ir::Guard::mask_set:
      return (value & with) != 0;
  }
  std::abort();
}

std::int64_t apply(ir::RmwOp op, std::int64_t old, std::int64_t v) {
  switch (op) {
    case ir::RmwOp::exchange:
      return v;
    case ir::RmwOp::add:
      return old + v;
    case ir::RmwOp::subtract:
      return old - v;
    case ir::RmwOp::bit_and:
      return old & v;
    case ir::RmwOp::bit_or:
      return old | v;
    case ir::RmwOp::bit_xor:
      return old ^ v;
    case ir::RmwOp::and_not:
      return old & ~v;
  }
  std::abort();
}

lang::Width width(std::uint8_t size, bool is_signed) {
  return {static_cast<std::uint8_t>(size * 8), is_signed};
}

class Walk {
 public:
  Walk(const ir::Program& program, std::size_t t, const Values& values, const TraceOptions& options)
      : program_(program), thread_(t), values_(values), options_(options) {
    for (const ir::Function& f : program.functions)
      for (const ir::Instr& i : f.code) {
        if (const auto* load = std::get_if<ir::Load>(&i.node)) plain_ |= load->order == ir::Order::plain;
        if (const auto* store = std::get_if<ir::Store>(&i.node)) plain_ |= store->order == ir::Order::plain;
      }
  }

  Traces run() {
    State s;
    enter(s, program_.threads[thread_].function, ir::no_reg);
    step(std::move(s));
    std::sort(out_.traces.begin(), out_.traces.end());
    out_.traces.erase(std::unique(out_.traces.begin(), out_.traces.end()), out_.traces.end());
    return std::move(out_);
  }

 private:
  void enter(State& s, std::uint32_t function, ir::Reg result) {
    Frame f;
    f.function = function;
    f.regs.resize(program_.functions[function].regs);
    f.result = result;
    s.frames.push_back(std::move(f));
  }

  static Value get(const State& s, const ir::Operand& o) {
    return o.is_reg() ? s.frames.back().regs[o.reg] : Value{o.constant, {}};
  }
  static void set(State& s, ir::Reg r, Value v) {
    if (r != ir::no_reg) s.frames.back().regs[r] = std::move(v);
  }
  static Reads both(Reads a, const Reads& b) {
    a.insert(b.begin(), b.end());
    return a;
  }
  static Reads control(const State& s) {
    Reads out;
    for (const OpenBranch& b : s.branches) out = both(std::move(out), b.from);
    return out;
  }
  const std::set<std::int64_t>& offered(std::uint64_t address) const {
    static const std::set<std::int64_t> zero = {0};
    const auto it = values_.find(address);
    return it == values_.end() ? zero : it->second;
  }

  std::uint16_t emit(State& s, Kind kind, Tag tag, const Value& address, std::int64_t value,
                     std::uint8_t size, Reads data = {}, bool rmw = false) {
    TraceEvent e;
    e.event.thread = static_cast<std::uint8_t>(thread_);
    e.event.kind = kind;
    e.event.tag = tag;
    e.event.address = static_cast<std::uint64_t>(address.value);
    e.event.value = value;
    e.event.size = size;
    e.event.rmw = rmw;
    e.event.source = 0;
    e.addr = address.from;
    e.data = std::move(data);
    e.ctrl = control(s);
    s.trace.events.push_back(std::move(e));
    if (kind != Kind::fence) {
      std::set<std::int64_t>& here = out_.written[s.trace.events.back().event.address];
      if (kind == Kind::write) here.insert(value), out_.most_writes = std::max(out_.most_writes, ++s.writes);
    }
    return static_cast<std::uint16_t>(s.trace.events.size() - 1);
  }

  void unsupported(const ir::Instr& i) {
    if (out_.unsupported.empty()) out_.unsupported = "the judge does not know: " + ir::print(i);
  }

  // Runs until the thread ends, branching at every choice.
  void step(State s) {
    for (;;) {
      if (!out_.unsupported.empty()) return;
      if (out_.traces.size() > options_.max_traces) {
        out_.unsupported = "too many paths";
        return;
      }
      if (s.trace.events.size() > options_.max_events) {
        out_.unsupported = "a path is too long";
        return;
      }
      Frame& f = s.frames.back();
      const ir::Function& function = program_.functions[f.function];
      std::erase_if(s.branches, [&](const OpenBranch& b) {
        return b.frame >= s.frames.size() || (b.frame == s.frames.size() - 1 && b.join == f.pc);
      });
      if (f.pc >= function.code.size()) {
        if (!leave(s, {})) return;
        continue;
      }
      const ir::Instr& i = function.code[f.pc++];
      const bool goes_on = std::visit([&](const auto& node) { return execute(s, node, i); }, i.node);
      if (!goes_on) return;
    }
  }

  // Returns from a function; false at the end of the thread.
  bool leave(State& s, Value result) {
    if (s.frames.size() == 1) {
      for (const Value& v : s.frames[0].regs) s.trace.registers.push_back(v.value);
      out_.traces.push_back(std::move(s.trace));
      return false;
    }
    const ir::Reg to = s.frames.back().result;
    s.frames.pop_back();
    std::erase_if(s.loops, [&](const OpenLoop& l) { return l.frame >= s.frames.size(); });
    set(s, to, std::move(result));
    return true;
  }

  // Continues with each value that a read may return; `then` does what follows the read.
  void each(const State& s, std::uint64_t address, const std::function<bool(State&, std::int64_t)>& then) {
    for (const std::int64_t v : offered(address)) {
      State copy = s;
      if (then(copy, v)) step(std::move(copy));
    }
  }

  // Each execute() answers whether the thread goes on with this state.
  bool execute(State& s, const ir::Move& n, const ir::Instr&) { return set(s, n.dst, get(s, n.a)), true; }
  bool execute(State& s, const ir::Taint& n, const ir::Instr&) {
    Value v = get(s, n.a);
    v.from = both(v.from, get(s, n.b).from);
    return set(s, n.dst, v), true;
  }
  bool execute(State& s, const ir::Binary& n, const ir::Instr& i) {
    const Value a = get(s, n.a), b = get(s, n.b);
    const auto v = lang::arithmetic(n.op, a.value, b.value, n.width);
    if (!v) return unsupported(i), false;
    return set(s, n.dst, {*v, both(a.from, b.from)}), true;
  }
  bool execute(State& s, const ir::Convert& n, const ir::Instr&) {
    const Value a = get(s, n.a);
    return set(s, n.dst, {lang::wrap(a.value, n.width), a.from}), true;
  }
  bool execute(State& s, const ir::Load& n, const ir::Instr&) {
    const Value a = get(s, n.address);
    each(s, static_cast<std::uint64_t>(a.value), [&](State& t, std::int64_t v) {
      const std::int64_t seen = lang::wrap(v, width(n.size, n.is_signed));
      const auto e = emit(t, Kind::read, tag_of(n.order), a, v, n.size);
      return set(t, n.dst, {seen, {e}}), true;
    });
    return false;
  }
  bool execute(State& s, const ir::Store& n, const ir::Instr& i) {
    out_.reached.insert(&i);
    const Value v = get(s, n.value);
    emit(s, Kind::write, tag_of(n.order), get(s, n.address), v.value, n.size, v.from);
    return ++s.changes, true;
  }
  bool execute(State& s, const ir::Rmw& n, const ir::Instr&) {
    const Value a = get(s, n.address), v = get(s, n.value), g = get(s, n.guard_value);
    each(s, static_cast<std::uint64_t>(a.value), [&](State& t, std::int64_t old) {
      const bool writes = holds(n.guard, old, g.value);
      if (!writes && n.blocking) return false;
      const auto e = emit(t, Kind::read, tag_of(n.order), a, old, n.size, {}, true);
      if (writes) {
        Reads data = v.from;
        if (n.op != ir::RmwOp::exchange) data.insert(e);
        const std::int64_t result = lang::wrap(apply(n.op, old, v.value), width(n.size, n.is_signed));
        emit(t, Kind::write, tag_of(n.order), a, result, n.size, data, true);
        t.changes +=
            result != old || plain_;  // plain accesses may race even with a write that changes nothing
      }
      return set(t, n.dst, {old, {e}}), true;
    });
    return false;
  }
  bool execute(State& s, const ir::Await& n, const ir::Instr&) {
    const Value a = get(s, n.address), g = get(s, n.guard_value);
    each(s, static_cast<std::uint64_t>(a.value), [&](State& t, std::int64_t v) {
      if (!holds(n.guard, v, g.value)) return false;
      const auto e = emit(t, Kind::read, tag_of(n.order), a, v, n.size);
      return set(t, n.dst, {v, {e}}), true;
    });
    return false;
  }
  void take(State& s, const Value& a) {
    emit(s, Kind::read, Tag::lock_read, a, 0, 4, {}, true);
    emit(s, Kind::write, Tag::lock_write, a, 1, 4, {}, true);
  }
  bool execute(State& s, const ir::Lock& n, const ir::Instr&) {
    return take(s, get(s, n.address)), ++s.changes, true;
  }
  bool execute(State& s, const ir::Unlock& n, const ir::Instr&) {
    return emit(s, Kind::write, Tag::unlock, get(s, n.address), 0, 4), ++s.changes, true;
  }
  bool execute(State& s, const ir::TryLock& n, const ir::Instr&) {
    const Value a = get(s, n.address);
    State taken = s;
    const auto e = static_cast<std::uint16_t>(taken.trace.events.size());
    take(taken, a);
    ++taken.changes;
    set(taken, n.dst, {1, {e}});
    step(std::move(taken));
    set(s, n.dst, {0, {emit(s, Kind::read, Tag::lock_fail, a, 1, 4)}});
    return true;
  }
  bool execute(State& s, const ir::IsLocked& n, const ir::Instr&) {
    const Value a = get(s, n.address);
    State locked = s;
    set(locked, n.dst, {1, {emit(locked, Kind::read, Tag::is_locked, a, 1, 4)}});
    step(std::move(locked));
    set(s, n.dst, {0, {emit(s, Kind::read, Tag::is_unlocked, a, 0, 4)}});
    return true;
  }
  bool execute(State& s, const ir::FenceInstr& n, const ir::Instr&) {
    return emit(s, Kind::fence, tag_of(n.fence), {}, 0, 0), true;
  }
  bool execute(State& s, const ir::SrcuLock& n, const ir::Instr&) {
    const Value a = get(s, n.address);
    if (options_.srcu_as_fences) {
      // Any number will do, as long as each lock of a thread has its own; these are what herd7 prints.
      const auto index = static_cast<std::int64_t>(906 + 1797 * s.srcu_locks++);
      return emit(s, Kind::fence, Tag::srcu_lock, a, index, 4), set(s, n.dst, {index, {}}), true;
    }
    each(s, static_cast<std::uint64_t>(a.value), [&](State& t, std::int64_t v) {
      return set(t, n.dst, {v, {emit(t, Kind::read, Tag::srcu_lock, a, v, 4)}}), true;
    });
    return false;
  }
  bool execute(State& s, const ir::SrcuUnlock& n, const ir::Instr&) {
    const Value v = get(s, n.index);
    emit(s, options_.srcu_as_fences ? Kind::fence : Kind::write, Tag::srcu_unlock, get(s, n.address), v.value,
         4, v.from);
    return true;
  }
  bool execute(State& s, const ir::SrcuSync& n, const ir::Instr&) {
    return emit(s, Kind::fence, Tag::sync_srcu, get(s, n.address), 0, 0), true;
  }
  bool execute(State& s, const ir::Local& n, const ir::Instr&) {
    s.locals += 1;
    const auto address = 0x4000'0000 + static_cast<std::int64_t>((thread_ << 16) + (s.locals << 8));
    return set(s, n.dst, {address, {}}), true;
  }
  bool execute(State& s, const ir::CurrentTask& n, const ir::Instr&) {
    return set(s, n.dst, {static_cast<std::int64_t>(thread_), {}}), true;
  }
  bool execute(State& s, const ir::Choose& n, const ir::Instr&) {
    for (std::int64_t v = get(s, n.low).value; v <= get(s, n.high).value; ++v) {
      State copy = s;
      set(copy, n.dst, {v, {}});
      step(std::move(copy));
    }
    return false;
  }
  bool execute(State& s, const ir::Assume& n, const ir::Instr&) { return get(s, n.a).value != 0; }
  bool execute(State& s, const ir::Check& n, const ir::Instr&) {
    if (get(s, n.a).value == 0) s.trace.failed.insert(n.text);
    return true;
  }
  bool execute(State& s, const ir::Branch& n, const ir::Instr&) {
    const Value a = get(s, n.a);
    s.branches.push_back({s.frames.size() - 1, n.join, a.from});
    s.frames.back().pc = a.value != 0 ? n.then : n.otherwise;
    return true;
  }
  bool execute(State& s, const ir::Jump& n, const ir::Instr&) { return s.frames.back().pc = n.to, true; }
  // A path that comes back to a loop's head with everything as it was has only waited. Such iterations are
  // not enumerated.
  bool execute(State& s, const ir::Loop& n, const ir::Instr&) {
    const Frame& f = s.frames.back();
    const std::vector<std::string>& names = program_.functions[f.function].reg_names;
    OpenLoop now{s.frames.size() - 1, n.id, s.changes, {}};
    for (std::size_t r = 0; r < f.regs.size(); ++r)
      if (r < names.size() && !names[r].empty()) now.variables.push_back(f.regs[r].value);
    const auto open = std::find_if(s.loops.begin(), s.loops.end(),
                                   [&](const OpenLoop& l) { return l.is(now.frame, now.id); });
    if (open != s.loops.end() && open->changes == now.changes && open->variables == now.variables)
      return false;
    s.loops.erase(open, s.loops.end());
    s.loops.push_back(std::move(now));
    return true;
  }
  bool execute(State& s, const ir::Call& n, const ir::Instr&) {
    std::vector<Value> args;
    for (const ir::Operand& o : n.args) args.push_back(get(s, o));
    enter(s, n.function, n.dst);
    std::move(args.begin(), args.end(), s.frames.back().regs.begin());
    return true;
  }
  bool execute(State& s, const ir::Ret& n, const ir::Instr&) { return leave(s, get(s, n.value)); }

  // Everything else: interrupts, memory management, calls through pointers. Said, never guessed.
  template <class Node>
  bool execute(State&, const Node&, const ir::Instr& i) {
    return unsupported(i), false;
  }

  const ir::Program& program_;
  const std::size_t thread_;
  const Values& values_;
  const TraceOptions& options_;
  bool plain_ = false;  // somebody accesses memory plainly
  Traces out_;
};

}  // namespace

Traces traces(const ir::Program& program, std::size_t t, const Values& values, const TraceOptions& options) {
  return Walk(program, t, values, options).run();
}

}  // namespace ringtail::judge
