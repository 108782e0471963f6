// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/prove/retrace.h"

#include <algorithm>
#include <bit>

#include "checker/explore/setting.h"
#include "checker/witness/assembly.h"

namespace ringtail::prove {
namespace {

using machine::Act;
using memory::EventId;
using memory::Kind;
using memory::Tag;

bool rcu(Tag t) {
  return t == Tag::rcu_lock || t == Tag::rcu_unlock || t == Tag::sync_rcu || t == Tag::sync_srcu;
}

class Retracer {
 public:
  Retracer(const lang::Spec& spec, memory::Model model, const Whole& whole, const Solver& solver)
      : whole_(whole),
        events_(whole.run.events),
        c(whole.c),
        solver_(solver),
        walker_(spec, options(spec, model)),
        all_(spec, model, walker_),
        id_(events_.size(), memory::no_event) {}

  Result<Retraced> run(const std::string& kind, const std::string& message) {
    for (std::size_t t = 0; t < walker_.threads(); ++t)
      if (!walk(t)) return Unexpected(walker_.name(t) + " does something else");
    read_and_order();
    auto execution = all_.finish(kind, message);
    if (!execution) return Unexpected(execution.error());
    return Retraced{std::move(*execution), std::move(inputs_)};
  }

 private:
  static machine::Options options(const lang::Spec& spec, memory::Model model) {
    explore::Options o;
    o.model = model;
    machine::Options of_machine = explore::machine_options(spec.program, o);
    of_machine.own = false;  // as the solver has it
    return of_machine;
  }

  // How far a thread has come among its events. Fences that the machine does not show are passed unseen.
  class Passed {
   public:
    Passed(const Retracer& of, std::size_t thread) : of_(of) {
      for (std::size_t i = 0; i < of.events_.size(); ++i)
        if (of.events_[i].thread == thread && !of.events_[i].section && of.exists(i)) order_.push_back(i);
    }
    void end_of(std::uint64_t object) {  // of a function that returns
      if (at_ == order_.size() || !of_.events_[order_[at_]].own) return;
      if (of_.events_[order_[at_]].freed->is(static_cast<std::int64_t>(object))) ++at_;
    }
    void event(std::size_t e) {
      while (at_ < order_.size() && order_[at_] <= e) ++at_;
    }
    void fence(Tag tag) {
      for (std::size_t i = at_; i < order_.size(); ++i) {
        const SymbolicEvent& e = of_.events_[order_[i]];
        if (e.kind != Kind::fence) return;
        if (e.tag == tag) return void(at_ = i + 1);
      }
    }
    bool all_up_to(std::optional<std::uint32_t> last) const {
      for (std::size_t i = at_; last && i < order_.size() && order_[i] <= *last; ++i)
        if (of_.shown(of_.events_[order_[i]])) return false;
      return true;
    }

   private:
    const Retracer& of_;
    std::vector<std::size_t> order_;
    std::size_t at_ = 0;
  };

  bool shown(const SymbolicEvent& e) const {
    return e.kind != Kind::fence || rcu(e.tag) || e.tag == Tag::mb || e.tag == Tag::after_srcu_read_unlock ||
           walker_.machine().options().fences;
  }
  bool exists(std::size_t e) const { return solver_.holds(events_[e].exists); }
  bool dangles(std::size_t e) const { return solver_.holds(whole_.uses_freed[e].expr(c)); }
  std::int64_t value(std::size_t e) const {
    return solver_.number(events_[e].value.bits(c, events_[e].size * 8u), true);
  }

  // What a read sees: of freed memory what was last written there, but by itself.
  std::int64_t seen(std::size_t r) const {
    if (!dangles(r)) return value(r);
    const std::size_t w = last_before(r);
    const auto address = static_cast<std::uint64_t>(solver_.number(events_[r].address.bits(c, 64), false));
    const auto bits = static_cast<std::uint8_t>(events_[r].size * 8);
    return lang::wrap(w != events_.size() ? value(w) : all_.value_from(memory::initial, address),
                      {bits, true});
  }
  std::size_t last_before(std::size_t r) const {
    std::size_t last = events_.size();
    for (std::size_t w = 0; w < events_.size(); ++w) {
      const SymbolicEvent& e = events_[w];
      if (e.kind != Kind::write || e.freed || e.partner == r || !exists(w)) continue;
      if (!solver_.holds(whole_.x->loc.at(w, r).expr(c))) continue;
      if (last == events_.size() || solver_.holds(whole_.x->co.at(last, w).expr(c))) last = w;
    }
    return last;
  }

  bool walk(std::size_t t) {
    std::vector<std::size_t> acts;  // that ask, or that a reader may stop before
    std::vector<std::size_t> accesses;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const SymbolicEvent& e = events_[i];
      if (e.thread != t || e.section || e.own || !exists(i)) continue;
      if (e.kind != Kind::fence || rcu(e.tag)) acts.push_back(i);
      if (e.kind != Kind::fence && !e.freed) accesses.push_back(i);
    }
    std::vector<const Input*> choices;
    for (const Input& i : whole_.run.inputs)
      if (i.thread == t && solver_.holds(i.when)) choices.push_back(&i);
    std::vector<const Interruption*> interruptions;
    for (const Interruption& i : whole_.run.interruptions)
      if (i.thread == t && solver_.holds(i.when)) interruptions.push_back(&i);
    std::size_t next = 0, choice = 0;
    std::uint32_t came = 0;  // handlers
    Passed passed(*this, t);
    walker_.unseen = [&](const machine::Request& r) {
      if (r.act == Act::free) passed.end_of(r.address);
    };
    const witness::Path path =
        walker_.walk(t, [&](const witness::Question& q) -> std::optional<std::int64_t> {
          const Act act = q.request.act;
          if (q.interrupt) {
            for (const Interruption* i : interruptions) {
              if ((came >> i->handler & 1) != 0) continue;
              if (!passed.all_up_to(i->behind)) break;
              came |= 1u << i->handler;
              const std::uint32_t before = ~came & ((1u << i->handler) - 1);
              return std::popcount(before) + 1;
            }
            return 0;
          }
          if (act == Act::fence) passed.fence(q.request.tag);
          if (q.step.fails || act == Act::alloc || (act == Act::fence && !rcu(q.request.tag))) return 0;
          if (act == Act::choose) {
            if (choice == choices.size()) return std::nullopt;
            const Input& i = *choices[choice++];
            const std::int64_t n = solver_.number(i.symbol, i.is_signed);
            inputs_.push_back({"", q.step.at, n, i.is_signed});
            return n;
          }
          if (next == acts.size()) return std::nullopt;
          const std::size_t first = acts[next++];
          if (next < acts.size() && events_[acts[next]].partner == first) ++next;
          passed.event(acts[next - 1]);
          return events_[first].kind == Kind::read ? seen(first) : 0;
        });
    walker_.unseen = nullptr;
    const auto before = static_cast<EventId>(all_.graph().size());
    all_.add(t, path);
    const memory::Graph& g = all_.graph();
    std::size_t k = 0;
    for (EventId added = before; added < g.size(); ++added) {
      if (g[added].kind == Kind::fence) continue;
      if (k == accesses.size()) return false;
      const std::size_t want = accesses[k++];
      const std::optional<std::uint32_t> read = events_[want].partner;
      const auto bits = static_cast<std::uint8_t>(events_[want].size * 8);
      const bool known = !dangles(want) && !(read && dangles(*read));
      if (known && value(want) != lang::wrap(g[added].value, {bits, true})) return false;
      id_[want] = added;
    }
    return k == accesses.size();
  }

  void read_and_order() {
    memory::Graph& g = all_.graph();
    for (std::size_t r = 0; r < events_.size(); ++r) {
      if (id_[r] == memory::no_event || events_[r].kind != Kind::read) continue;
      std::size_t from = events_.size();
      if (dangles(r)) from = last_before(r);
      for (std::size_t w = 0; w < events_.size() && !dangles(r); ++w)
        if (id_[w] != memory::no_event && solver_.holds(whole_.x->rf.at(w, r).expr(c))) from = w;
      g.read_from(id_[r], from == events_.size() ? memory::initial : id_[from]);
    }
    for (std::size_t l = 0; l < g.location_count(); ++l) {
      std::vector<std::size_t> writes;
      for (std::size_t w = 0; w < events_.size(); ++w)
        if (id_[w] != memory::no_event && events_[w].kind == Kind::write && g[id_[w]].location == l)
          writes.push_back(w);
      std::sort(writes.begin(), writes.end(), [&](std::size_t a, std::size_t b) {
        return a != b && solver_.holds(whole_.x->co.at(a, b).expr(c));
      });
      for (std::size_t k = 0; k < writes.size(); ++k) g.place(id_[writes[k]], k);
    }
  }

  const Whole& whole_;
  const std::vector<SymbolicEvent>& events_;
  z3::context& c;
  const Solver& solver_;
  witness::Walker walker_;
  witness::Assembly all_;
  std::vector<EventId> id_;
  std::vector<Chosen> inputs_;
};

}  // namespace

Result<Retraced> retrace(const lang::Spec& spec, memory::Model model, const Whole& whole,
                         const Solver& solver, const std::string& kind, const std::string& message) {
  lang::Spec chosen = spec;
  std::vector<Chosen> inputs;
  for (const Input& i : whole.init_inputs) {
    if (!solver.holds(i.when)) continue;
    const std::int64_t n = solver.number(i.symbol, i.is_signed);
    const ir::Function& f = spec.program.functions[i.at.function];
    const lang::Loc& at = f.code[i.at.pc].at;
    chosen.program.init_choices.push_back(n);
    inputs.push_back({"", {spec.sources->name(at.file), at.span.line, f.name}, n, i.is_signed});
  }
  auto out = Retracer(chosen, model, whole, solver).run(kind, message);
  if (out) out->inputs.insert(out->inputs.begin(), inputs.begin(), inputs.end());
  return out;
}

}  // namespace ringtail::prove
