// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/setting.h"

namespace ringtail::explore {

using memory::Model;

machine::Options machine_options(const ir::Program& program, const Options& o) {
  machine::Options m;
  m.plain_is_once = o.plain_is_once;
  m.unroll = o.unroll;
  bool srcu = false;
  for (const ir::Function& f : program.functions)
    for (const ir::Instr& i : f.code) srcu |= std::holds_alternative<ir::SrcuLock>(i.node);
  const bool lkmm = o.model == Model::lkmm || o.model == Model::lkmm_6_1;
  m.dependencies = lkmm || srcu;
  m.carries = o.model != Model::lkmm_6_1;
  m.fences = lkmm;
  m.races = lkmm && !o.plain_is_once;
  m.srcu_fences = o.model == Model::lkmm_6_1;
  m.only_rcu_fences = o.model == Model::sc;
  return m;
}

Initial static_memory(const ir::Program& program) {
  Initial initial;
  for (const ir::Global& g : program.globals)
    for (const ir::Cell& c : g.cells)
      if (c.value != 0) initial.values[g.address + c.offset] = c.value;
  return initial;
}

Initial initial_memory(const machine::Machine& machine, Ran& init) {
  Initial initial = static_memory(machine.program());
  if (const auto f = machine.program().init) init = run_alone(machine, *f, init_thread, initial);
  return initial;
}

Outcome failing_init(const machine::Machine& machine, const Ran& init) {
  Outcome out;
  out.result = Result::violation;
  out.violation.emplace();
  out.violation->kind = machine::name(init.failure);
  const auto* check = std::get_if<ir::Check>(&machine.instr(init.at).node);
  out.violation->message = "INIT, line " + std::to_string(machine.instr(init.at).at.span.line) + ": " +
                           (check != nullptr ? check->text : std::string(machine::explain(init.failure)));
  return out;
}

}  // namespace ringtail::explore
