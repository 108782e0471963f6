// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/refine/composition.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "checker/refine/syscalls.h"
#include "model/lang/lex.h"

namespace ringtail::refine {
namespace {

using lang::Token;
using lang::TokenKind;
using Tokens = std::span<const Token>;

// Constants of the headers that stand in arguments.
struct Constant {
  std::string_view name;
  std::int64_t value;
};
constexpr std::int64_t kRead = 1, kWrite = 2, kMayWrite = 0x20;
constexpr Constant kConstants[] = {
    {"VM_READ", kRead},     {"VM_WRITE", kWrite}, {"VM_MAYWRITE", kMayWrite}, {"true", 1},
    {"false", 0},           {"MADV_NORMAL", 0},   {"MADV_RANDOM", 1},         {"MADV_SEQUENTIAL", 2},
    {"MADV_WILLNEED", 3},   {"MADV_DONTNEED", 4}, {"MADV_FREE", 8},           {"MADV_REMOVE", 9},
    {"MADV_HWPOISON", 100},
};

std::optional<std::int64_t> constant(const Token& t) {
  if (t.kind == TokenKind::number) {
    std::int64_t value = 0;
    const bool hex = t.text.starts_with("0x");
    const char* begin = t.text.data() + (hex ? 2 : 0);
    const auto [end, error] = std::from_chars(begin, t.text.data() + t.text.size(), value, hex ? 16 : 10);
    if (error != std::errc{}) return std::nullopt;
    return value;  // what follows is a suffix
  }
  for (const Constant& c : kConstants)
    if (t.is(c.name)) return c.value;
  return std::nullopt;
}

// `A`, `A | B`
std::optional<std::int64_t> argument(Tokens at, std::size_t& i) {
  std::int64_t value = 0;
  for (;; ++i) {
    if (i >= at.size()) return std::nullopt;
    const auto one = constant(at[i++]);
    if (!one) return std::nullopt;
    value |= *one;
    if (i >= at.size() || !at[i].is("|")) return value;
  }
}

// `(A, B, C)`, with `i` at the bracket; afterwards behind the closing one.
std::optional<std::vector<std::int64_t>> arguments(Tokens at, std::size_t& i) {
  std::vector<std::int64_t> out;
  if (i >= at.size() || !at[i++].is("(")) return std::nullopt;
  if (i < at.size() && at[i].is(")")) return ++i, out;
  while (true) {
    const auto value = argument(at, i);
    if (!value || i >= at.size()) return std::nullopt;
    out.push_back(*value);
    if (at[i].is(")")) return ++i, out;
    if (!at[i++].is(",")) return std::nullopt;
  }
}

bool read_scene(Tokens at, std::size_t i, Composition& c) {
  const std::string_view name = at[i].text;
  if (name == "scene_anonymous") c.backing = Backing::anonymous;
  else if (name == "scene_private_file") c.backing = Backing::private_file;
  else if (name == "scene_shared_file") c.backing = Backing::shared_file;
  else return name == "scene_user_was_there";
  const auto args = arguments(at, ++i);
  if (!args || args->size() != 2 || c.pages != 0) return false;
  c.pages = static_cast<int>((*args)[0]);
  c.writable = (*args)[1] & kWrite;
  return true;
}

// `[0] = op_munmap(0, 1)`, with `i` behind `result`
std::optional<Operation> read_operation(Tokens at, std::size_t i) {
  constexpr std::size_t kLeast = 6;
  if (at.size() - i < kLeast || !at[i].is("[") || !at[i + 2].is("]") || !at[i + 3].is("="))
    return std::nullopt;
  Operation op;
  const auto index = constant(at[i + 1]);
  if (!index) return std::nullopt;
  op.index = static_cast<int>(*index);
  i += 4;
  if (at[i].is("from_outside") && at[i + 1].is("(")) op.outside = true, i += 2;
  op.name = at[i].text;
  if (at[i++].kind != TokenKind::identifier) return std::nullopt;
  auto args = arguments(at, i);
  if (!args || !has_operation(op.name, args->size())) return std::nullopt;
  op.args = std::move(*args);
  return op;
}

}  // namespace

std::optional<Composition> composition_of(const lang::Spec& spec) {
  if (!spec.sources || spec.sources->size() == 0 || spec.program.litmus) return std::nullopt;
  lang::Errors errors(*spec.sources);
  const lang::Lexed lexed = lang::lex(*spec.sources, 0, errors);  // the spec itself comes first
  const Tokens at = lexed.tokens;
  Composition c;
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (at[i].kind != TokenKind::identifier) continue;
    if (at[i].text.starts_with("scene_") && !read_scene(at, i, c)) return std::nullopt;
    if (!at[i].is("result") || i + 1 >= at.size()) continue;
    if (i > 0 && (at[i - 1].is("!") || at[i - 1].is("("))) continue;  // looks at one
    auto op = read_operation(at, i + 1);
    if (!op) return std::nullopt;
    c.operations.push_back(std::move(*op));
  }
  std::sort(c.operations.begin(), c.operations.end(),
            [](const Operation& a, const Operation& b) { return a.index < b.index; });
  if (c.pages == 0 || c.operations.empty() || c.operations.size() != spec.program.threads.size())
    return std::nullopt;
  for (std::size_t i = 0; i < c.operations.size(); ++i)
    if (c.operations[i].index != static_cast<int>(i)) return std::nullopt;
  return c;
}

}  // namespace ringtail::refine
