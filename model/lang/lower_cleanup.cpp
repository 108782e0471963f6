// SPDX-License-Identifier: GPL-2.0-or-later
// Calls with which the scope of a variable ends, as gcc's attribute has it and the kernel's guard() and
// __free() use it: the youngest first, however the scope is left.
#include <fmt/format.h>

#include "model/lang/lowering.h"

namespace ringtail::lang {

void Lowering::cleanup(const std::string& function, const Place& variable, const Loc& at) {
  const Symbol* s = find(function);
  const auto* name = s == nullptr ? nullptr : std::get_if<FunctionName>(s);
  if (name == nullptr || functions_[name->id].type->params.size() != 1) {
    fail(at, fmt::format("'{}' is no function of one argument, for a cleanup", function));
    return;
  }
  cleanups_.push_back({next_cleanup_++, variable, name->id});
}

void Lowering::clean_up(const std::vector<Cleanup>& these, std::size_t down_to) {
  for (std::size_t i = these.size(); i-- > down_to;) {
    const Cleanup& c = these[i];
    const FunctionInfo& f = functions_[c.function];
    const Value address{c.variable.address, types_.pointer_to(c.variable.type)};
    const Value v = implicit(address, f.type->params.front(), f.at, "what is cleaned up");
    if (v.type != nullptr) b_->emit(ir::Call{ir::no_reg, function_index(c.function), {v.op}});
  }
}

void Lowering::end_scope(std::size_t cleanups) {
  if (b_ != nullptr) clean_up(cleanups_, cleanups);
  cleanups_.erase(cleanups_.begin() + static_cast<std::ptrdiff_t>(cleanups), cleanups_.end());
}

void Lowering::leap(const std::string& label, const Loc& at) {
  const Builder::Label target = named_label(label, at);
  Leap leap{label, cleanups_, {}, at};
  if (!cleanups_.empty()) leap.by_way_of = b_->label();
  b_->jump(leap.by_way_of.value_or(target));
  leaps_.push_back(std::move(leap));
}

void Lowering::land() {
  if (!leaps_.empty() && std::any_of(leaps_.begin(), leaps_.end(), [](const Leap& l) { return l.by_way_of; }))
    b_->emit(ir::Ret{ir::constant(0)});  // the body ends before these
  for (const Leap& l : leaps_) {
    const NamedLabel& label = labels_.at(l.label);
    std::size_t around = 0;
    while (around < label.cleanups.size() && around < l.from.size() &&
           label.cleanups[around] == l.from[around].number)
      ++around;
    if (around < label.cleanups.size())
      fail(l.at, fmt::format("'{}' is in the scope of a variable with a cleanup", l.label));
    if (!l.by_way_of) continue;
    b_->at(l.at);
    b_->place(*l.by_way_of);
    clean_up(l.from, around);
    b_->jump(label.label);
  }
}

}  // namespace ringtail::lang
