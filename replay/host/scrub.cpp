// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/host/scrub.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace ringtail::host {
namespace {

// A path prefix counts only up to a component's end: /homestead is not in /home.
bool has_prefix(std::string_view path, std::string_view prefix) {
  return path.substr(0, prefix.size()) == prefix &&
         (path.size() == prefix.size() || path[prefix.size()] == '/');
}

// Paths that say what a descriptor is, and nothing about the host.
bool names_a_kind(std::string_view path) {
  constexpr std::string_view kinds[] = {
      "/dev/", "/proc/", "/sys/", "memfd:", "/memfd:", "anon_inode:", "pipe:", "socket:", "[", "//anon"};
  return std::any_of(std::begin(kinds), std::end(kinds),
                     [&](std::string_view k) { return path.substr(0, k.size()) == k; });
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (from.empty()) return;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

Identity Identity::of_this_process() {
  Identity who;
  std::array<char, 4096> buffer{};
  if (getcwd(buffer.data(), buffer.size()) != nullptr) who.cwd = buffer.data();
  if (gethostname(buffer.data(), buffer.size() - 1) == 0) who.host = buffer.data();
  if (const char* home = std::getenv("HOME")) who.home = home;
  if (const passwd* p = getpwuid(getuid())) who.user = p->pw_name;
  return who;
}

Scrubber::Scrubber(Identity who, bool all_paths) : who_(std::move(who)), all_paths_(all_paths) {
  if (who_.cwd.size() > 1) prefixes_.emplace_back(who_.cwd, "/cwd");
  if (who_.home.size() > 1) prefixes_.emplace_back(who_.home, "/home/user");
  prefixes_.emplace_back("/root", "/home/user");
  std::stable_sort(prefixes_.begin(), prefixes_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

std::string Scrubber::path(std::string_view text) {
  std::string out(text);
  const auto prefix = std::find_if(prefixes_.begin(), prefixes_.end(),
                                   [&](const auto& p) { return has_prefix(out, p.first); });
  if (prefix != prefixes_.end()) {
    out.replace(0, prefix->first.size(), prefix->second);
  } else if (has_prefix(out, "/home") && out.size() > 6) {
    const std::size_t end = std::min(out.find('/', 6), out.size());
    out.replace(0, end, "/home/user");
  }
  if (who_.user.size() > 1) replace_all(out, "/" + who_.user + "/", "/user/");
  if (who_.host.size() > 2) replace_all(out, who_.host, "host");
  if (!all_paths_ || out.empty() || names_a_kind(out)) return out;
  const auto [it, fresh] = numbers_.try_emplace(out, numbers_.size() + 1);
  return fmt::format("/path-{}", it->second);
}

std::string Scrubber::line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    // `3</etc/passwd>` and `AT_FDCWD</cwd>`; a blank before '<' makes it a duration or `<unfinished ...>`.
    const bool note = c == '<' && i > 0 && text[i - 1] != ' ' && text[i - 1] != '<';
    if (c != '"' && !note) {
      out += c;
      ++i;
      continue;
    }
    const char close = note ? '>' : '"';
    std::size_t end = i + 1;
    while (end < text.size() && text[end] != close) end += text[end] == '\\' ? 2 : 1;
    end = std::min(end, text.size());
    out += c;
    out += path(text.substr(i + 1, end - i - 1));
    if (end < text.size()) out += close;
    i = end + 1;
  }
  return out;
}

std::string Scrubber::map(std::string_view text) {
  const std::size_t at = text.find_first_of("/[");
  if (at == std::string_view::npos) return std::string(text);
  return std::string(text.substr(0, at)) + path(text.substr(at));
}

}  // namespace ringtail::host
