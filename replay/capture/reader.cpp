// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/reader.h"

#include <map>

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

std::unique_ptr<Reader> make(std::unique_ptr<ByteSource> bytes, Format format, std::int32_t tid) {
  (void)format;
  return std::make_unique<StraceReader>(std::move(bytes), tid);
}

}  // namespace

Result<std::unique_ptr<Reader>> Reader::open(const std::vector<std::string>& paths, Format format) {
  if (paths.empty()) return Unexpected(std::string("no capture is named"));
  auto bytes = ByteSource::open(paths[0]);
  if (!bytes) return Unexpected(std::move(bytes).error());
  const auto ff = split_ff(paths[0]);
  return make(std::move(bytes).value(), format, ff ? ff->second : 0);
}

std::unique_ptr<Reader> Reader::over(std::string_view text, Format format) {
  return make(ByteSource::over(text), format, 0);
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
