// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/confirm.h"

#include <algorithm>

#include <fmt/format.h>

namespace ringtail::prove {
namespace {

using machine::Act;
using machine::Failure;
using machine::Request;

machine::Options machine_options(std::uint32_t unroll) {
  machine::Options o;
  o.dependencies = false;
  o.only_rcu_fences = true;
  o.own = false;  // as the solver has it
  o.unroll = unroll;
  return o;
}

// The name of the variable that a choice goes to: in the code, the register that its value is moved to.
std::string variable(const ir::Function& f, std::uint32_t pc) {
  const auto* choose = std::get_if<ir::Choose>(&f.code[pc].node);
  if (choose == nullptr) return {};
  ir::Reg r = choose->dst;
  for (std::uint32_t i = pc;;) {
    if (r < f.reg_names.size() && !f.reg_names[r].empty()) return f.reg_names[r];
    if (++i >= f.code.size()) return {};
    if (const auto* m = std::get_if<ir::Move>(&f.code[i].node); m != nullptr && m->a == ir::reg(r))
      r = m->dst;
    else if (const auto* v = std::get_if<ir::Convert>(&f.code[i].node); v != nullptr && v->a == ir::reg(r))
      r = v->dst;
    else return {};
  }
}

class Alone {
 public:
  Alone(const lang::Spec& spec, const explore::Initial& initial, const std::vector<Choice>& choices,
        const std::optional<Suspect>& suspect, std::uint32_t unroll, std::optional<std::uint64_t> lock)
      : spec_(spec),
        memory_(initial),
        choices_(choices),
        suspect_(suspect),
        lock_(lock),
        walker_(spec, machine_options(unroll)) {
    for (const ir::Global& g : spec.program.globals) objects_[g.address] = {g.size, false, false};
    for (const auto& o : initial.objects) objects_[o.address] = {o.size, o.freed, true};
    walker_.unseen = [this](const Request& r) {
      if (r.act == Act::free) objects_[r.address].freed = true;
      else objects_[r.address] = {static_cast<std::uint64_t>(r.operand), false, false};
    };
  }

  Confirmed run() {
    out_.execution.spec = spec_.program.name;
    out_.execution.model = memory::Model::sc;
    for (std::size_t t = 0; t < walker_.machine().cpus().size() && going(); ++t) {
      const witness::Path path = walker_.walk(
          t, [&](const witness::Question& q) -> std::optional<std::int64_t> { return answer(q); });
      const machine::Header& h = path.end->header;
      if (h.status == machine::Status::failed) {
        out_.failure = h.failure;
        out_.at = place(h.failed_at);
      }
      tell(path, t);
    }
    for (std::uint32_t f = 0; f < spec_.sources->size(); ++f) {
      const std::string& file = spec_.sources->name(f);
      const auto& threads = out_.execution.threads;
      if (std::any_of(threads.begin(), threads.end(), [&](const witness::Thread& t) {
            return std::any_of(t.steps.begin(), t.steps.end(),
                               [&](const witness::Step& s) { return s.at.file == file; });
          }))
        out_.execution.sources.push_back({file, std::string(spec_.sources->text(f))});
    }
    return std::move(out_);
  }

 private:
  struct Object {
    std::uint64_t size = 0;
    bool freed = false, heap = false;
  };

  Place place(std::uint32_t source) const {
    const machine::Place p = walker_.machine().place(source);
    return {p.function, p.pc};
  }

  Failure wrong(const Request& r) const {
    auto it = objects_.upper_bound(r.address);
    const bool any = it != objects_.begin();
    if (any) --it;
    if (r.act == Act::free) {
      if (!any || it->first != r.address || !it->second.heap) return Failure::bad_free;
      return it->second.freed ? Failure::double_free : Failure::none;
    }
    if (suspect_ && suspect_->at == place(r.source) && suspect_->address == r.address)
      return Failure::out_of_bounds;
    if (!any || r.address + r.size > it->first + it->second.size) return Failure::out_of_bounds;
    return it->second.freed ? Failure::use_after_free : Failure::none;
  }

  std::optional<std::int64_t> stop(Failure failure, const Request& r) {
    out_.failure = failure;
    out_.at = place(r.source);
    return std::nullopt;
  }

  std::optional<std::int64_t> answer(const witness::Question& q) {
    const Request& r = q.request;
    if (q.step.fails) return 0;
    const bool accesses = r.act == Act::read || r.act == Act::write || r.act == Act::rmw;
    if (accesses || r.act == Act::free)
      if (const Failure f = wrong(r); f != Failure::none) return stop(f, r);
    const std::int64_t old = accesses ? memory_.values[r.address] : 0;
    if (r.blocking && !machine::holds(r.guard, old, r.guard_value)) return stop(Failure::self_deadlock, r);
    if (r.tag == memory::Tag::unlock && lock_ == r.address)
      for (const ir::Invariant& i : spec_.program.invariants) {
        explore::Initial now = memory_;
        if (i.lock != lock_ ||
            explore::run_alone(walker_.machine(), i.function, explore::finally_thread, now).returned != 0)
          continue;
        out_.invariant = fmt::format("{}, line {}", i.name, i.at.span.line);
        out_.at = place(r.source);
        return std::nullopt;
      }
    switch (r.act) {
      case Act::read:
        return old;
      case Act::write:
        memory_.values[r.address] = lang::wrap(r.operand, {static_cast<std::uint8_t>(r.size * 8), true});
        return 0;
      case Act::rmw:
        if (machine::holds(r.guard, old, r.guard_value)) memory_.values[r.address] = machine::combine(r, old);
        return old;
      case Act::alloc:
        objects_[r.address] = {static_cast<std::uint64_t>(r.operand), false, true};
        return 0;
      case Act::free:
        objects_[r.address].freed = true;
        return 0;
      case Act::choose: {
        if (next_ == choices_.size() || choices_[next_].at != place(r.source)) return std::nullopt;
        const Choice& choice = choices_[next_++];
        const ir::Function& f = spec_.program.functions[choice.at.function];
        out_.inputs.push_back({variable(f, choice.at.pc), q.step.at, choice.value, choice.is_signed});
        return choice.value;
      }
      case Act::fence:
      case Act::spawn:
      case Act::note:
        return 0;
    }
    return 0;
  }

  bool going() const { return out_.failure == Failure::none && out_.invariant.empty(); }

  // Each read from the last write before it, each write after the others.
  void tell(const witness::Path& path, std::size_t t) {
    memory::Graph& graph = out_.execution.graph;
    witness::Thread thread{walker_.name(t), {}, "", {}, false, true};
    for (const witness::Move& m : path.moves) {
      witness::Step step = m.step;
      for (memory::Event event : m.events) {
        event.thread = static_cast<std::uint8_t>(t);
        if (event.kind == memory::Kind::read) {
          const auto l = graph.find(event.address);
          event.rf = l && !l->co.empty() ? l->co.back() : memory::initial;
        }
        step.events.push_back(graph.add(event));
      }
      thread.steps.push_back(std::move(step));
    }
    if (!going() && path.end->header.status == machine::Status::running) {
      witness::Step step = walker_.step(*path.end);
      step.outcome = out_.invariant.empty() ? fmt::format("fails: {}", machine::explain(out_.failure))
                                            : fmt::format("breaks the invariant {}", out_.invariant);
      step.fails = step.stops = true;
      thread.steps.push_back(std::move(step));
    }
    out_.execution.threads.push_back(std::move(thread));
  }

  const lang::Spec& spec_;
  explore::Initial memory_;
  const std::vector<Choice>& choices_;
  const std::optional<Suspect>& suspect_;
  std::optional<std::uint64_t> lock_;
  witness::Walker walker_;
  std::map<std::uint64_t, Object> objects_;
  std::size_t next_ = 0;
  Confirmed out_;
};

}  // namespace

std::vector<Choice> choices_of(const std::vector<Input>& inputs, const Solver& solver) {
  std::vector<Choice> out;
  for (const Input& i : inputs)
    if (solver.holds(i.when)) out.push_back({i.at, solver.number(i.symbol, i.is_signed), i.is_signed});
  return out;
}

Confirmed confirm(const lang::Spec& spec, const explore::Initial& initial, const std::vector<Choice>& choices,
                  const std::optional<Suspect>& suspect, std::uint32_t unroll,
                  std::optional<std::uint64_t> lock) {
  return Alone(spec, initial, choices, suspect, unroll, lock).run();
}

}  // namespace ringtail::prove
