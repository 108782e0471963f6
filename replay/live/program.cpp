// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/live/program.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <ostream>
#include <sstream>

#include <fmt/format.h>

#include "replay/live/field.h"
#include "replay/live/scene.h"

namespace ringtail::live {
namespace {

using Base = Arg::Base;

constexpr const char* kBases[] = {"",        "arena",  "brk",     "last", "segment",
                                  "scratch", "buffer", "context", "fd",   "self"};

std::string number(std::int64_t v) {
  const auto size = v < 0 ? -static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v);
  return (v < 0 ? "-" : "") + (size < 4096 ? fmt::format("{}", size) : fmt::format("{:#x}", size));
}

std::string text_of(const Arg& a) {
  if (a.base == Base::literal) return number(a.value);
  const std::string base = kBases[static_cast<int>(a.base)];
  if (a.base == Base::context || a.base == Base::fd) return fmt::format("{}[{}]", base, a.value);
  if (a.base == Base::scratch && a.value >= 0)
    if (const std::string name = object_at(static_cast<std::size_t>(a.value)); !name.empty())
      return "&" + name;
  return a.value == 0 ? base : base + (a.value > 0 ? "+" : "") + number(a.value);
}

std::optional<std::int64_t> number_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative || text.starts_with('+') ? 1 : 0);
  const bool hex = text.starts_with("0x");
  text.remove_prefix(hex ? 2 : 0);
  std::uint64_t v = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v, hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return static_cast<std::int64_t>(negative ? -v : v);
}

std::optional<Arg> arg_of(std::string_view text) {
  if (const auto v = number_of(text)) return Arg{Base::literal, *v};
  if (text.starts_with('&')) {
    const auto at = object_named(text.substr(1));
    return at ? std::optional(Arg{Base::scratch, static_cast<std::int64_t>(*at)}) : std::nullopt;
  }
  const std::size_t end = std::min(text.find_first_of("+-["), text.size());
  for (int b = 1; b < static_cast<int>(std::size(kBases)); ++b) {
    if (text.substr(0, end) != kBases[b]) continue;
    const auto base = static_cast<Base>(b);
    if (end == text.size()) return Arg{base, 0};
    if (base != Base::context && base != Base::fd)
      if (const auto v = number_of(text.substr(end))) return Arg{base, *v};
    const bool slot = text[end] == '[' && text.ends_with(']');
    const auto v = slot ? number_of(text.substr(end + 1, text.size() - end - 2)) : std::nullopt;
    const std::int64_t most = base == Base::fd ? 16 : 4;
    if (v && *v >= 0 && *v < most && (base == Base::context || base == Base::fd)) return Arg{base, *v};
  }
  return std::nullopt;
}

// `NAME=VALUE` behind a call; false: neither a word that we know nor a place in the scratch.
bool take_word(std::string_view word, Step& step) {
  const std::size_t equals = word.find('=');
  if (equals == word.npos) return false;
  const std::string_view name = word.substr(0, equals), text = word.substr(equals + 1);
  const auto arg = arg_of(text);
  if (!arg) return false;
  const auto in = [&](std::int64_t most) {
    return arg->base == Base::literal && arg->value >= 0 && arg->value < most;
  };
  if (name == "keep") return step.keep = static_cast<int>(arg->value), in(16);
  if (name == "slot") return step.slot = static_cast<int>(arg->value), in(4);
  if (name == "children") return step.children = static_cast<int>(arg->value), in(1000);
  if (name == "number") return step.hidden = static_cast<long>(arg->value), in(1000);
  const auto place = field_named(name);
  if (!place) return false;
  step.puts.push_back({static_cast<std::uint16_t>(place->at), static_cast<std::uint8_t>(place->size), *arg});
  return true;
}

Result<Step> step_of(std::string_view line) {
  const std::size_t open = line.find('('), close = line.find(')');
  if (open == line.npos || close == line.npos || close < open)
    return Unexpected(std::string("expected NAME(ARGUMENTS)"));
  Step step;
  const std::string_view name = line.substr(0, open);
  step.sys = name == "hidden" ? kernel::Sys::other : kernel::sys_of(name);
  if (step.sys == kernel::Sys::other && name != "hidden")
    return Unexpected(fmt::format("there is no call '{}'", name));
  std::string_view list = line.substr(open + 1, close - open - 1);
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(", "), list.size());
    const auto arg = arg_of(list.substr(0, comma));
    if (!arg) return Unexpected(fmt::format("'{}' is no argument", list.substr(0, comma)));
    if (step.count == static_cast<int>(step.args.size()))
      return Unexpected(std::string("too many arguments"));
    step.args[static_cast<std::size_t>(step.count++)] = *arg;
    list.remove_prefix(std::min(comma + 2, list.size()));
  }
  std::istringstream words{std::string(line.substr(close + 1))};
  for (std::string word; words >> word;)
    if (!take_word(word, step)) return Unexpected(fmt::format("'{}' is no PLACE=VALUE", word));
  if ((step.sys == kernel::Sys::other) != (step.hidden != 0))
    return Unexpected(std::string("hidden calls have a number, others none"));
  return step;
}

}  // namespace

std::ostream& operator<<(std::ostream& os, const Step& s) {
  os << (s.hidden ? "hidden" : kernel::name_of(s.sys)) << "(";
  for (int i = 0; i < s.count; ++i) os << (i ? ", " : "") << text_of(s.args[static_cast<std::size_t>(i)]);
  os << ")";
  for (const Put& p : s.puts) os << " " << field_at(p.at, p.size) << "=" << text_of(p.value);
  if (s.children) os << " children=" << s.children;
  if (s.keep >= 0) os << " keep=" << s.keep;
  if (s.slot >= 0) os << " slot=" << s.slot;
  if (s.hidden) os << " number=" << s.hidden;
  return os;
}

std::ostream& operator<<(std::ostream& os, const Recorder& r) {
  return os << "recorder" << (r.facts ? " facts" : "") << (r.annotate ? " annotations" : "")
            << (r.addresses ? " addresses" : "");
}

std::size_t steps_of(const Program& program) {
  std::size_t n = 0;
  for (const Thread& t : program.threads) n += t.size();
  return n;
}

std::string print(const Program& program) {
  std::ostringstream out;
  out << program.recorder << "\n";
  for (const Thread& t : program.threads) {
    out << "thread\n";
    for (const Step& s : t) out << s << "\n";
  }
  return out.str();
}

Result<Program> parse(std::string_view text) {
  Program program;
  std::istringstream lines{std::string(text)};
  std::size_t n = 0;
  for (std::string line; std::getline(lines, line);) {
    ++n;
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("recorder")) {
      const auto says = [&](std::string_view word) { return line.find(word) != line.npos; };
      program.recorder = {says(" facts"), says(" annotations"), says(" addresses")};
    } else if (line == "thread") {
      if (program.threads.size() == kMostThreads) return Unexpected(fmt::format("{}: too many threads", n));
      program.threads.emplace_back();
    } else if (program.threads.empty()) {
      return Unexpected(fmt::format("{}: expected 'thread' before its first call", n));
    } else {
      auto step = step_of(line);
      if (!step) return Unexpected(fmt::format("{}: {}", n, step.error()));
      program.threads.back().push_back(std::move(*step));
    }
  }
  if (program.threads.empty())
    return Unexpected(fmt::format("{}: a program has a thread", std::max<std::size_t>(n, 1)));
  return program;
}

}  // namespace ringtail::live
