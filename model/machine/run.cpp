// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/machine/run.h"

#include <algorithm>

namespace ringtail::machine {
namespace {

constexpr std::size_t kMostFrames = 128, kMostTouched = 32, kMostUndone = 2;
constexpr std::uint32_t kMostIterations = 1 << 16, kMostAlone = 1'000'000;

}  // namespace

void Runner::start(std::uint32_t function, const std::vector<std::int64_t>& args) {
  h_ = {};
  frames_.clear(), controls_.clear(), loops_.clear(), touched_.clear(), locals_.clear(), held_.clear(),
      registers_.clear();
  reg_deps_.clear(), own_.clear(), own_bytes_.clear(), own_deps_.clear();
  if (thread_ < m_.cpus_.size()) {
    h_.irqs = (1u << m_.handlers_[thread_].size()) - 1;
    h_.in_irq = m_.program_.threads[m_.cpus_[thread_]].kind == ir::ThreadKind::irq;
  }
  push(function, ir::no_reg);
  for (std::size_t i = 0; i < args.size() && i < registers_.size(); ++i) registers_[i] = args[i];
}

void Runner::fail(Failure f) {
  h_.status = Status::failed;
  h_.failure = f;
  h_.failed_at = number();
}

bool Runner::stop(Failure f) {
  fail(f);
  return false;
}

void Runner::push(std::uint32_t function, ir::Reg result) {
  Frame f;
  f.function = function;
  f.base = static_cast<std::uint32_t>(registers_.size());
  f.locals = static_cast<std::uint16_t>(locals_.size());
  f.own = static_cast<std::uint16_t>(own_.size());
  f.result = result;
  frames_.push_back(f);
  registers_.resize(registers_.size() + m_.program_.functions[function].regs);
  if (deps_on_) reg_deps_.resize(registers_.size());
  settle();
}

void Runner::settle() {
  frame_ = &frames_.back();
  const ir::Function& f = m_.program_.functions[frame_->function];
  code_ = f.code.data();
  code_size_ = f.code.size();
  values_ = registers_.data() + frame_->base;
  value_deps_ = deps_on_ ? reg_deps_.data() + frame_->base : nullptr;
}

void Runner::call(std::uint32_t function, const std::vector<ir::Operand>& args, ir::Reg result) {
  if (frames_.size() >= kMostFrames) return fail(Failure::recursion);
  const std::size_t from = frames_.size() - 1;
  push(function, result);
  const std::uint32_t caller = frames_[from].base, callee = frames_.back().base;
  const std::size_t room = m_.program_.functions[function].regs;
  for (std::size_t i = 0; i < args.size() && i < room; ++i) {
    registers_[callee + i] = args[i].is_reg() ? registers_[caller + args[i].reg] : args[i].constant;
    if (deps_on_) reg_deps_[callee + i] = args[i].is_reg() ? reg_deps_[caller + args[i].reg] : 0;
  }
}

bool Runner::ret(std::int64_t value, DepSet dep) {
  if (locals_.size() > frame().locals) {  // objects of this frame end with it
    Request r;
    r.act = Act::free;
    return ask(r, ir::constant(static_cast<std::int64_t>(locals_.back())), 0);
  }
  if (frames_.size() == 1) {
    if (h_.status == Status::running && !frame().interrupt) h_.carried = value;
    return end();
  }
  const Frame done = frames_.back();
  const auto depth = static_cast<std::uint32_t>(frames_.size() - 1);
  frames_.pop_back();
  registers_.resize(done.base);
  if (deps_on_) reg_deps_.resize(done.base);
  drop_own(done.own);
  settle();
  while (!controls_.empty() && controls_.back().depth >= depth) controls_.pop_back();
  std::size_t loops = loops_.size();
  while (loops > 0 && loops_[loops - 1].depth >= depth) --loops;
  leave_loops(loops);
  if (done.interrupt) {  // goes on where it was
    h_.part = h_.kept_part, h_.carried = h_.kept, h_.carried_deps = h_.kept_deps;
    return true;
  }
  set(done.result, value, dep);
  return next();
}

void Runner::interrupt(std::size_t handler) {
  h_.kept_part = h_.part, h_.kept = h_.carried, h_.kept_deps = h_.carried_deps;
  h_.part = 0;
  push(m_.handlers_[thread_][handler], ir::no_reg);
  frame().interrupt = true;
}

// The outermost function returns: interrupts that have not come yet come now.
bool Runner::end() {
  if (h_.irqs != 0) {
    const int next = __builtin_ctz(h_.irqs);
    h_.irqs &= h_.irqs - 1;
    interrupt(static_cast<std::size_t>(next));
    return true;
  }
  if (!m_.litmus_) {
    if (h_.rcu_depth != 0) return stop(Failure::unbalanced_rcu);
    if (!held_.empty()) return stop(Failure::lock_held);
  }
  h_.status = Status::finished;
  return false;
}

void Runner::push_control(std::uint32_t join_at, DepSet deps) {
  if (!deps_on_ || deps == 0) return;
  const auto depth = static_cast<std::uint32_t>(frames_.size() - 1);
  const DepSet all = join(control(), deps);
  h_.branched = join(h_.branched, deps);
  if (!controls_.empty() && controls_.back().depth == depth && controls_.back().join == join_at)
    controls_.back().deps = all;
  else controls_.push_back({depth, join_at, all});
}

bool Runner::enter_loop(std::uint32_t id) {
  const auto depth = static_cast<std::uint32_t>(frames_.size() - 1);
  std::uint64_t state = 0x9e3779b97f4a7c15;
  const auto mix = [&](std::uint64_t x) {
    state ^= x + 0x9e3779b97f4a7c15 + (state << 6) + (state >> 2);
    state *= 0xff51afd7ed558ccd;
    state ^= state >> 32;
  };
  for (const ir::Reg r : m_.live(frame().function, frame().pc)) mix(static_cast<std::uint64_t>(values_[r]));
  for (const std::uint8_t byte : own_bytes_) mix(byte);
  mix(h_.irqs);
  std::size_t i = loops_.size();
  while (i > 0 && !(loops_[i - 1].id == id && loops_[i - 1].depth == depth)) --i;
  if (i == 0) {
    loops_.push_back({id, depth, 0, h_.effects, h_.reads, h_.writes, state});
    return next();
  }
  leave_loops(i);
  LoopMark& mark = loops_.back();
  const bool same = mark.state == state;
  mark.undone = same && took_back(i - 1) ? mark.undone + 1 : 0;
  if (same && (mark.effects == h_.effects || mark.undone == kMostUndone)) {
    h_.status = Status::spinning;
    h_.round = h_.reads - mark.reads;
    h_.round_writes = h_.writes - mark.writes;
    return false;
  }
  ++mark.iterations;
  const std::uint32_t most = alone_                    ? kMostAlone
                             : m_.options_.unroll != 0 ? m_.options_.unroll
                                                       : kMostIterations + 1;
  if (mark.iterations >= most) h_.status = Status::bounded;
  mark.effects = h_.effects;
  mark.reads = h_.reads;
  mark.writes = h_.writes;
  mark.state = state;
  watch(i - 1, same);
  return h_.status == Status::running && next();
}

void Runner::leave_loops(std::size_t from) {
  if (from == loops_.size()) return;
  loops_.resize(from);
  std::erase_if(touched_, [&](const Touched& t) { return t.loop >= from; });
}

// Whether the iteration of this loop left all places with what it had found there.
bool Runner::took_back(std::size_t loop) const {
  return loops_[loop].watched && !loops_[loop].lasting &&
         std::all_of(touched_.begin(), touched_.end(), [&](const Touched& t) {
           const lang::Width width{static_cast<std::uint8_t>(t.size * 8), false};
           return t.loop != loop || (t.known && lang::wrap(t.before, width) == lang::wrap(t.now, width));
         });
}

// The next iteration begins, as the last one did (`same`), or otherwise.
void Runner::watch(std::size_t loop, bool same) {
  LoopMark& mark = loops_[loop];
  if (!mark.watched) std::erase_if(touched_, [&](const Touched& t) { return t.loop == loop; });
  mark.watched = same;
  mark.lasting = false;
  for (Touched& t : touched_)
    if (t.loop == loop) t.before = t.now, t.known = true;
}

void Runner::effect() {
  ++h_.effects;
  for (LoopMark& l : loops_) l.lasting = l.lasting || (l.watched && in_loop(l));
}

// A write where `old` had been read, if that is known. What is added is added to whatever is there.
void Runner::effect(const Request& r, std::int64_t old, bool known, std::int64_t now) {
  ++h_.effects;
  const bool adds = r.act == Act::rmw && (r.op == ir::RmwOp::add || r.op == ir::RmwOp::subtract);
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    LoopMark& l = loops_[i];
    if (!l.watched || l.lasting || !in_loop(l)) continue;
    const auto there = std::find_if(touched_.begin(), touched_.end(),
                                    [&](const Touched& t) { return t.loop == i && t.address == r.address; });
    if (there == touched_.end()) {
      l.lasting = touched_.size() >= kMostTouched;
      if (!l.lasting) touched_.push_back({r.address, old, now, static_cast<std::uint16_t>(i), r.size, known});
    } else if (adds) {
      there->now =
          static_cast<std::int64_t>(static_cast<std::uint64_t>(there->now) + static_cast<std::uint64_t>(now) -
                                    static_cast<std::uint64_t>(old));
    } else {
      there->now = now;
    }
  }
}

void Runner::run() {
  if (h_.status == Status::running && h_.prologue == 0)
    while (step()) {
    }
}

// --- what changes the thread alone

inline bool Runner::on(const ir::Move& n) {
  set(n.dst, get(n.a), deps(n.a));
  return next();
}

inline bool Runner::on(const ir::Taint& n) {
  set(n.dst, get(n.a), join(deps(n.a), deps(n.b)));
  return next();
}

inline bool Runner::on(const ir::Binary& n) {
  const auto v = lang::arithmetic(n.op, get(n.a), get(n.b), n.width);
  if (!v) return stop(Failure::undefined);
  set(n.dst, *v, join(deps(n.a), deps(n.b)));
  return next();
}

inline bool Runner::on(const ir::Convert& n) {
  set(n.dst, lang::wrap(get(n.a), n.width), deps(n.a));
  return next();
}

inline bool Runner::on(const ir::Branch& n) {
  push_control(n.join, deps(n.a));
  frame().pc = get(n.a) != 0 ? n.then : n.otherwise;
  return true;
}

inline bool Runner::on(const ir::Jump& n) {
  frame().pc = n.to;
  return true;
}

inline bool Runner::on(const ir::Loop& n) { return enter_loop(n.id); }

bool Runner::on(const ir::Call& n) {
  call(n.function, n.args, n.dst);
  return h_.status == Status::running;
}

bool Runner::on(const ir::CallPointer& n) {
  const auto target = static_cast<std::uint64_t>(get(n.pointer)) - ir::function_base;
  if (target >= m_.program_.functions.size()) return stop(Failure::bad_address);
  call(static_cast<std::uint32_t>(target), n.args, n.dst);
  return h_.status == Status::running;
}

bool Runner::on(const ir::Ret& n) { return ret(get(n.value), deps(n.value)); }

bool Runner::on(const ir::CurrentTask& n) {
  // INIT and FINALLY run where the first thread runs: before it, and after it
  set(n.dst, thread_ < m_.cpus_.size() ? static_cast<std::int64_t>(thread_) : 0, 0);
  return next();
}

bool Runner::on(const ir::IrqSave& n) {
  if (may_interrupt()) return false;  // the last chance before they are held off
  h_.asked = false;
  set(n.dst, h_.irqs_off == 0, 0);
  h_.irqs_off = 1;
  return next();
}

bool Runner::on(const ir::IrqRestore& n) {
  if (get(n.on) != 0) h_.irqs_off = 0;
  return next();
}

bool Runner::on(const ir::Preempt& n) {
  if (!n.enable) ++h_.preempt_off;
  else if (h_.preempt_off > 0) --h_.preempt_off;
  return next();
}

bool Runner::on(const ir::MightSleep&) { return may_sleep() ? next() : stop(Failure::sleeps); }

bool Runner::on(const ir::Assume& n) {
  if (get(n.a) != 0) return next();
  h_.status = Status::dropped;
  return false;
}

bool Runner::on(const ir::Check& n) {
  if (get(n.a) != 0) return next();
  switch (n.kind) {
    case ir::CheckKind::assertion:
      return stop(Failure::assertion);
    case ir::CheckKind::bug_on:
      return stop(Failure::bug_on);
    case ir::CheckKind::warn_on:
      return stop(Failure::warn_on);
  }
  return stop(Failure::assertion);
}

// Most instructions are of a few kinds, which the compiler is shown; the others go through std::visit's
// table.
bool Runner::step() {
  const std::uint32_t pc = frame().pc;
  if (pc >= code_size_) return ret(0, 0);
  while (!controls_.empty() && controls_.back().join == pc && controls_.back().depth + 1 == frames_.size())
    controls_.pop_back();
  const ir::Node& node = code_[pc].node;
  switch (node.index()) {
    case ir::kind<ir::Move>:
      return on(*std::get_if<ir::Move>(&node));
    case ir::kind<ir::Taint>:
      return on(*std::get_if<ir::Taint>(&node));
    case ir::kind<ir::Binary>:
      return on(*std::get_if<ir::Binary>(&node));
    case ir::kind<ir::Convert>:
      return on(*std::get_if<ir::Convert>(&node));
    case ir::kind<ir::Branch>:
      return on(*std::get_if<ir::Branch>(&node));
    case ir::kind<ir::Jump>:
      return on(*std::get_if<ir::Jump>(&node));
    case ir::kind<ir::Loop>:
      return on(*std::get_if<ir::Loop>(&node));
    case ir::kind<ir::Load>:
      return on(*std::get_if<ir::Load>(&node));
    case ir::kind<ir::Store>:
      return on(*std::get_if<ir::Store>(&node));
    default:
      return std::visit([this](const auto& n) { return on(n); }, node);
  }
}

}  // namespace ringtail::machine
