// SPDX-License-Identifier: GPL-2.0-or-later
// Which recorder wrote a capture, told from its first lines by what only that recorder prints.
#include <algorithm>

#include "replay/capture/reader.h"
#include "replay/capture/scan.h"

namespace ringtail::capture {
namespace {

constexpr std::string_view kNames[] = {"auto", "strace", "perf-trace", "perf-script", "jsonl"};

// `     0.044 ( 0.013 ms): t/29037 brk(` or `? (         ): t/29037  ... [continued]: execve())`
bool looks_like_perf_trace(std::string_view line) {
  const std::size_t paren = line.find(" (");
  if (paren == std::string_view::npos || paren > 24) return false;
  const std::size_t close = line.find("): ", paren);
  if (close == std::string_view::npos) return false;
  const std::string_view inside = line.substr(paren + 2, close - paren - 2);
  return inside.ends_with(" ms") || inside.find_first_not_of(' ') == std::string_view::npos;
}

bool looks_like_perf_script(std::string_view line) {
  return line.find("syscalls:sys_e") != std::string_view::npos ||
         line.find(": PERF_RECORD_") != std::string_view::npos;
}

}  // namespace

std::string_view name_of(Format f) { return kNames[static_cast<std::size_t>(f)]; }

std::optional<Format> format_of(std::string_view name) {
  const auto* at = std::find(std::begin(kNames), std::end(kNames), name);
  if (at == std::end(kNames)) return std::nullopt;
  return static_cast<Format>(at - kNames);
}

bool looks_binary(std::string_view head) {
  head = head.substr(0, 4096);
  // Recorders escape what they print of strings; names of programs and a damaged byte here and there remain.
  const auto text = [](char c) { return (c >= ' ' && c <= '~') || c == '\t' || c == '\n' || c == '\r'; };
  const auto strange = head.size() - static_cast<std::size_t>(std::count_if(head.begin(), head.end(), text));
  return strange * 4 > head.size();
}

Format detect(std::string_view head) {
  constexpr int kLines = 200;
  for (int i = 0; i < kLines && !head.empty(); ++i) {
    const std::size_t newline = std::min(head.find('\n'), head.size());
    const std::string_view line = head.substr(0, newline);
    head.remove_prefix(std::min(newline + 1, head.size()));
    if (line.empty() || line[0] == '#') continue;
    if (line.starts_with("{\"")) return Format::jsonl;
    if (looks_like_perf_trace(line)) return Format::perf_trace;
    if (looks_like_perf_script(line)) return Format::perf_script;
    // A whole line of strace settles it too: a string that some program read may say anything.
    if (line.find(") = ") != std::string_view::npos || line.find("resumed>") != std::string_view::npos) {
      return Format::strace;
    }
  }
  return Format::strace;
}

}  // namespace ringtail::capture
