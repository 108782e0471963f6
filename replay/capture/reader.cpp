// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/reader.h"

#include <map>

#include "replay/capture/jsonl.h"
#include "replay/capture/merge.h"
#include "replay/capture/perf_script.h"
#include "replay/capture/perf_trace.h"
#include "replay/capture/strace.h"

namespace ringtail::capture {
namespace {

// FILE.PID of `strace -ff -o FILE`: the stem and the process id.
std::optional<std::pair<std::string, std::int32_t>> split_ff(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == path.size() || path.size() - dot > 8)
    return std::nullopt;
  std::int32_t pid = 0;
  for (std::size_t i = dot + 1; i < path.size(); ++i) {
    if (!is_digit(path[i])) return std::nullopt;
    pid = pid * 10 + (path[i] - '0');
  }
  return std::pair(path.substr(0, dot), pid);
}

std::unique_ptr<Reader> make(LineSource lines, Format format, std::int32_t tid) {
  if (format == Format::automatic) format = detect(lines.peek());
  switch (format) {
    case Format::perf_trace:
      return std::make_unique<PerfTraceReader>(std::move(lines));
    case Format::perf_script:
      return std::make_unique<PerfScriptReader>(std::move(lines));
    case Format::jsonl:
      return std::make_unique<JsonlReader>(std::move(lines));
    case Format::automatic:
    case Format::strace:
      break;
  }
  return std::make_unique<StraceReader>(std::move(lines), tid);
}

Result<LineSource> open_lines(const std::string& path, std::size_t buffer) {
  auto bytes = ByteSource::open(path);
  if (!bytes) return Unexpected(std::move(bytes).error());
  LineSource lines(std::move(bytes).value(), buffer);
  if (looks_binary(lines.peek())) return Unexpected(path + ": not a capture: it is binary, not text");
  return lines;
}

// Of readers that make events one by one: they do so when it is taken.
struct Events final : Stretch {
  std::vector<Event> own;
};
constexpr std::size_t kEvents = 4096;     // in one stretch,
constexpr std::uint64_t kText = 1 << 20;  // bytes of text likewise

}  // namespace

std::unique_ptr<Stretch> Reader::stretch() const { return std::make_unique<Events>(); }

bool Reader::take(Stretch& stretch) {
  auto& s = static_cast<Events&>(stretch);
  const std::uint64_t begin = bytes();
  s.own.resize(kEvents);
  s.events.clear();
  bool more = true;
  while (s.events.size() < kEvents && bytes() - begin < kText && (more = next(s.own[s.events.size()])))
    s.events.push_back(&s.own[s.events.size()]);
  s.lines = lines();
  return more;
}

Result<std::unique_ptr<Reader>> Reader::open(const std::vector<std::string>& paths, Format format) {
  if (paths.empty()) return Unexpected(std::string("no capture is named"));
  if (paths.size() == 1) {
    auto lines = open_lines(paths[0], LineSource::kBuffer);
    if (!lines) return Unexpected(std::move(lines).error());
    const auto ff = split_ff(paths[0]);
    return make(std::move(lines).value(), format, ff ? ff->second : 0);
  }
  std::map<std::int32_t, std::string> files;
  for (const std::string& path : paths) {
    const auto ff = split_ff(path);
    if (!ff || !files.emplace(ff->second, path).second)
      return Unexpected(path + ": several files are one capture only as FILE.PID of one strace -ff");
  }
  if (files.size() > MergedReader::kMaxFiles) {
    return Unexpected(std::to_string(files.size()) + " files in one capture; the most is " +
                      std::to_string(MergedReader::kMaxFiles));
  }
  std::vector<std::unique_ptr<StraceReader>> readers;
  for (const auto& [pid, path] : files) {
    auto lines = open_lines(path, MergedReader::kBuffer);
    if (!lines) return Unexpected(std::move(lines).error());
    readers.push_back(std::make_unique<StraceReader>(std::move(lines).value(), pid));
  }
  std::unique_ptr<Reader> merged = std::make_unique<MergedReader>(std::move(readers));
  return merged;
}

std::unique_ptr<Reader> Reader::over(std::string_view text, Format format) {
  return make(LineSource(ByteSource::over(text)), format, 0);
}

std::vector<std::vector<std::string>> captures_of(const std::vector<std::string>& paths) {
  std::vector<std::vector<std::string>> captures;
  std::map<std::string, std::size_t> stems;
  for (const std::string& path : paths) {
    if (const auto ff = split_ff(path)) {
      const auto [it, fresh] = stems.emplace(ff->first, captures.size());
      if (!fresh) {
        captures[it->second].push_back(path);
        continue;
      }
    }
    captures.push_back({path});
  }
  return captures;
}

}  // namespace ringtail::capture
