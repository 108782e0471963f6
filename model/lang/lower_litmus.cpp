// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/lower_litmus.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "model/base/result.h"
#include "model/lang/builder.h"
#include "model/lang/lower_litmus_thread.h"
#include "model/lang/print.h"

namespace ringtail::lang {
namespace {

constexpr std::uint64_t kWord = 8;
constexpr std::uint64_t kMostElements = 4096;

class LitmusLowering {
 public:
  LitmusLowering(const LitmusTree& tree, Errors& errors) : tree_(tree), errors_(errors) {}

  ir::Program run() {
    program_.name = tree_.name;
    for (const LitmusInit& init : tree_.init)
      if (!init.place.thread) declare(init);
    for (const LitmusThread& thread : tree_.threads)
      for (const Parameter& p : thread.params) global(p.declarator.name);
    for (const LitmusInit& init : tree_.init) initialise(init);
    for (const LitmusThread& thread : tree_.threads) {
      LitmusThreadLowering lowering(thread, registers_[thread.id], globals_, program_.loops, errors_);
      ir::Function fn = lowering.run();
      ir::Thread t;
      t.name = fn.name;
      t.function = static_cast<std::uint32_t>(program_.functions.size());
      program_.threads.push_back(t);
      program_.functions.push_back(std::move(fn));
    }
    question();
    place_globals();
    return std::move(program_);
  }

 private:
  // The address is fixed when the name is first met; the object grows with its declaration, which comes
  // first.
  std::uint64_t global(const std::string& name, std::uint64_t elements = 1) {
    const auto [it, fresh] = globals_.try_emplace(name, next_);
    if (fresh) {
      next_ += elements * kWord;
      ir::Global g;
      g.name = name;
      g.address = it->second;
      g.size = elements * kWord;
      for (std::uint64_t i = 0; i < elements; ++i) {
        ir::Cell cell;
        cell.offset = static_cast<std::uint32_t>(i * kWord);
        cell.size = kWord;
        if (elements > 1) cell.name = fmt::format("[{}]", i);
        g.cells.push_back(std::move(cell));
      }
      program_.globals.push_back(std::move(g));
    }
    return it->second;
  }

  ir::Global* object(const std::string& name) {
    for (ir::Global& g : program_.globals)
      if (g.name == name) return &g;
    return nullptr;
  }

  void declare(const LitmusInit& init) {
    std::uint64_t elements = 1;
    if (init.is_array) elements = std::max<std::uint64_t>(init.place.index.value_or(0), init.values.size());
    else if (init.place.index) elements = *init.place.index + 1;
    if (elements == 0 || elements > kMostElements) {
      errors_.error(init.place.at, fmt::format("an array of {} elements is not possible here", elements));
      elements = 1;
    }
    global(init.place.name, elements);
  }

  std::int64_t value(const LitmusValue& v, const Loc& at) {
    return std::visit(overloaded{
                          [](const std::int64_t& n) { return n; },
                          [&](const LitmusAddress& a) {
                            return static_cast<std::int64_t>(global(a.name) + a.index.value_or(0) * kWord);
                          },
                          [&](const LitmusPlace&) -> std::int64_t {
                            errors_.error(at, "a register cannot be an initial value");
                            return 0;
                          },
                      },
                      v);
  }

  void initialise(const LitmusInit& init) {
    const LitmusPlace& place = init.place;
    if (place.thread) {
      if (*place.thread >= tree_.threads.size()) {
        errors_.error(place.at, fmt::format("there is no thread P{}", *place.thread));
        return;
      }
      if (!init.values.empty()) registers_[*place.thread][place.name] = value(init.values[0], place.at);
      return;
    }
    const std::size_t first = init.is_array ? 0 : place.index.value_or(0);
    for (std::size_t i = 0; i < init.values.size(); ++i) {
      const std::int64_t v = value(init.values[i], place.at);  // may add globals
      ir::Global& g = *object(place.name);
      if (first + i < g.cells.size()) g.cells[first + i].value = v;
    }
  }

  ir::Place place(const LitmusPlace& p) {
    ir::Place out;
    out.size = kWord;
    if (p.thread) {
      out.name = print(p);
      out.thread = p.thread;
      if (*p.thread >= tree_.threads.size()) {
        errors_.error(p.at, fmt::format("there is no thread P{}", *p.thread));
        return out;
      }
      const auto& names = program_.functions[program_.threads[*p.thread].function].reg_names;
      const auto it = std::find(names.begin(), names.end(), p.name);
      if (it != names.end()) out.reg = static_cast<ir::Reg>(it - names.begin());
      return out;
    }
    out.address = global(p.name) + p.index.value_or(0) * kWord;
    if (p.index && *p.index >= object(p.name)->cells.size())
      errors_.error(p.at, fmt::format("'{}' has {} elements", p.name, object(p.name)->cells.size()));
    out.name = "[" + print(p) + "]";
    return out;
  }

  ir::Condition condition(const LitmusCondition& c, bool shown) {
    const auto parts = [&](const std::vector<LitmusCondition>& from) {
      std::vector<ir::Condition> out;
      for (const LitmusCondition& part : from) out.push_back(condition(part, shown));
      return out;
    };
    return std::visit(overloaded{
                          [&](const LitmusAtom& a) {
                            ir::ConditionAtom atom;
                            atom.left = place(a.left);
                            if (shown) show(a.left);
                            atom.equal = a.equal;
                            if (const auto* p = std::get_if<LitmusPlace>(&a.right)) {
                              atom.right = place(*p);
                              if (shown) show(*p);
                            } else {
                              atom.right = value(a.right, a.left.at);
                            }
                            return ir::Condition{std::move(atom)};
                          },
                          [&](const LitmusAll& a) { return ir::Condition{ir::ConditionAll{parts(a.parts)}}; },
                          [&](const LitmusAny& a) { return ir::Condition{ir::ConditionAny{parts(a.parts)}}; },
                          [&](const LitmusNot& n) {
                            ir::ConditionNot out;
                            out.parts.push_back(condition(*n.operand, shown));
                            return ir::Condition{std::move(out)};
                          },
                      },
                      c.node);
  }

  void show(const LitmusPlace& p) {
    ir::Place out = place(p);
    for (const ir::Place& s : program_.litmus->shown)
      if (s.name == out.name) return;
    program_.litmus->shown.push_back(std::move(out));
  }

  // A state shows the registers by thread and name, then the variables by name.
  void question() {
    ir::Litmus& litmus = program_.litmus.emplace();
    litmus.name = tree_.name;
    for (const LitmusPlace& p : tree_.locations) show(p);
    if (tree_.filter) litmus.filter = condition(*tree_.filter, false);
    if (tree_.condition) {
      litmus.has_condition = true;
      litmus.condition = condition(*tree_.condition, true);
      litmus.condition_text = print(*tree_.condition);
    } else {
      litmus.condition.node = ir::ConditionAll{};
    }
    switch (tree_.quantifier.value_or(Quantifier::exists)) {
      case Quantifier::exists:
        litmus.quantifier = ir::Quantifier::exists;
        break;
      case Quantifier::not_exists:
        litmus.quantifier = ir::Quantifier::not_exists;
        break;
      case Quantifier::forall:
        litmus.quantifier = ir::Quantifier::forall;
        break;
    }
    std::sort(litmus.shown.begin(), litmus.shown.end(), [](const ir::Place& a, const ir::Place& b) {
      const auto rank = [](const ir::Place& p) { return p.thread ? *p.thread : 0xffffffffu; };
      return rank(a) != rank(b) ? rank(a) < rank(b) : a.name < b.name;
    });
  }

  void place_globals() {
    std::sort(program_.globals.begin(), program_.globals.end(),
              [](const ir::Global& a, const ir::Global& b) { return a.address < b.address; });
  }

  const LitmusTree& tree_;
  Errors& errors_;
  ir::Program program_;
  std::map<std::string, std::uint64_t> globals_;
  std::map<std::uint32_t, std::map<std::string, std::int64_t>> registers_;
  std::uint64_t next_ = ir::global_base;
};

}  // namespace

ir::Program lower_litmus(const LitmusTree& tree, Errors& errors) {
  return LitmusLowering(tree, errors).run();
}

}  // namespace ringtail::lang
