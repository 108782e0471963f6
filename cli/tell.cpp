// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/tell.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/machine/machine.h"

namespace ringtail::cli {

std::string_view verdict_name(explore::Result r) {
  switch (r) {
    case explore::Result::safe:
      return "safe";
    case explore::Result::violation:
      return "violation";
    case explore::Result::bounded:
      return "bounded";
    case explore::Result::timeout:
      return "timeout";
  }
  return "";
}

std::string value_name(const ir::Program& program, std::int64_t value) {
  const auto address = static_cast<std::uint64_t>(value);
  for (const ir::Global& g : program.globals) {
    if (address < g.address || address >= g.address + g.size) continue;
    for (const ir::Cell& c : g.cells)
      if (g.address + c.offset == address) return g.name + c.name;
    return fmt::format("{}+{}", g.name, address - g.address);
  }
  if (machine::in_heap(address)) {
    const std::uint64_t object = machine::object_of(address), at = address - object;
    const std::uint64_t thread = (object - machine::heap_base) >> machine::thread_shift;
    const std::uint64_t number =
        (object >> machine::object_shift) & ((1u << (machine::thread_shift - machine::object_shift)) - 1);
    return fmt::format("object {}.{}{}", thread, number, at == 0 ? "" : fmt::format("+{}", at));
  }
  return std::to_string(value);
}

witness::Execution execution_of(const lang::Spec& spec, const std::string& path, memory::Model model,
                                const explore::Violation& v) {
  const ir::Program& program = spec.program;
  const machine::Machine machine(program, {});
  const lang::Sources& sources = *spec.sources;
  witness::Execution e;
  e.spec = path;
  e.model = model;
  e.kind = v.kind;
  e.message = v.message;
  e.graph = v.graph;
  e.culprits = v.culprits;
  const auto place = [&](std::uint32_t source) {
    const ir::Instr& instr = machine.instr(source);
    return witness::Place{sources.name(instr.at.file), instr.at.span.line, machine.function_of(source).name};
  };
  for (std::size_t t = 0; t < v.threads.size(); ++t) {
    witness::Thread thread;
    thread.name = v.threads[t].name;
    if (t < v.graph.thread_count()) {
      for (const memory::EventId id : v.graph.thread(t)) {
        const memory::Event& event = v.graph[id];
        const std::string where = value_name(program, static_cast<std::int64_t>(event.address));
        const memory::EventId other = v.graph.rmw_partner(id);
        if (event.kind == memory::Kind::write && event.rmw && other != memory::no_event &&
            !thread.steps.empty()) {
          witness::Step& step = thread.steps.back();  // the second half of a read-modify-write
          step.events.push_back(id);
          if (event.tag != memory::Tag::lock_write)
            step.outcome = fmt::format("{} becomes {}", value_name(program, v.graph[other].value),
                                       value_name(program, event.value));
          continue;
        }
        witness::Step step;
        step.events.push_back(id);
        step.at = place(event.source);
        step.text = event.kind == memory::Kind::read && event.rmw && other != memory::no_event
                        ? witness::describe_rmw(event, where)
                        : witness::describe(event, where, value_name(program, event.value));
        if (event.kind == memory::Kind::read && event.tag != memory::Tag::lock_read)
          step.outcome = "is " + value_name(program, event.value);
        step.fails = std::find(v.culprits.begin(), v.culprits.end(), id) != v.culprits.end();
        thread.steps.push_back(std::move(step));
      }
    }
    const explore::ThreadEnd& end = v.threads[t];
    if (end.status == "failed") {
      witness::Step step;
      step.at = place(end.source);
      step.text = v.message;
      step.outcome = "fails";
      step.fails = true;
      thread.steps.push_back(std::move(step));
    } else if (end.status != "finished") {
      thread.end = end.status == "waits"   ? "waits for ever"
                   : end.status == "spins" ? "spins for ever"
                                           : end.status;
      thread.end_at = place(end.source);
    }
    e.threads.push_back(std::move(thread));
  }
  for (std::uint32_t f = 0; f < sources.size(); ++f) {
    const std::string& name = sources.name(f);
    const bool used = std::any_of(e.threads.begin(), e.threads.end(), [&](const witness::Thread& t) {
      return std::any_of(t.steps.begin(), t.steps.end(),
                         [&](const witness::Step& s) { return s.at.file == name; });
    });
    if (used) e.sources.push_back({name, std::string(sources.text(f))});
  }
  return e;
}

}  // namespace ringtail::cli
