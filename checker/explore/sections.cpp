// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/explore/sections.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "model/machine/text.h"

namespace ringtail::explore {
namespace {

// 1 where a section begins, -1 where one ends.
int step(const ir::Node& node) {
  if (std::holds_alternative<ir::SrcuLock>(node)) return 1;
  if (std::holds_alternative<ir::SrcuUnlock>(node)) return -1;
  const auto* fence = std::get_if<ir::FenceInstr>(&node);
  if (fence == nullptr) return 0;
  return (fence->fence == ir::Fence::rcu_lock) - (fence->fence == ir::Fence::rcu_unlock);
}

class Depths {
 public:
  explicit Depths(const ir::Program& program) : functions_(program.functions) {}

  // How many more sections are open when the function returns than when it was called; nothing when that
  // depends on the way it goes, or when it calls itself.
  std::optional<int> of(std::uint32_t function) {
    const auto [it, first] = known_.try_emplace(function, std::nullopt);
    if (first) known_[function] = look(function);
    return known_[function];
  }

 private:
  std::optional<int> look(std::uint32_t function) {
    const std::vector<ir::Instr>& code = functions_[function].code;
    std::vector<std::optional<int>> depth(code.size() + 1);
    std::vector<std::uint32_t> open = {0};
    depth[0] = 0;
    std::optional<int> end;
    bool same = true;
    while (!open.empty() && same) {
      const std::uint32_t pc = open.back();
      open.pop_back();
      int now = *depth[pc];
      const auto go = [&](std::uint32_t to) {
        if (!depth[to]) depth[to] = now, open.push_back(to);
        same = same && *depth[to] == now;
      };
      if (pc == code.size() || std::holds_alternative<ir::Ret>(code[pc].node)) {
        same = same && end.value_or(now) == now;
        end = now;
        continue;
      }
      const ir::Node& node = code[pc].node;
      if (const auto* b = std::get_if<ir::Branch>(&node)) {
        go(b->then), go(b->otherwise);
      } else if (const auto* j = std::get_if<ir::Jump>(&node)) {
        go(j->to);
      } else {
        const auto* call = std::get_if<ir::Call>(&node);
        const std::optional<int> more = call != nullptr ? of(call->function) : step(node);
        if (!more) return std::nullopt;
        now += *more;
        go(pc + 1);
      }
    }
    if (!same) return std::nullopt;
    return end.value_or(0);  // one that never returns
  }

  const std::vector<ir::Function>& functions_;
  std::map<std::uint32_t, std::optional<int>> known_;
};

}  // namespace

Sections sections(const ir::Program& program) {
  Sections out;
  out.any = machine::in_threads(program, [](const ir::Instr& i) { return step(i.node) > 0; });
  Depths depths(program);
  if (out.any)
    for (const std::uint32_t f : machine::thread_functions(program))
      out.balanced = out.balanced && depths.of(f) == std::optional<int>(0);
  return out;
}

}  // namespace ringtail::explore
