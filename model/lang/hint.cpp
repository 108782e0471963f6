// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/hint.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/lang/load.h"

namespace ringtail::lang {
namespace {

bool is_extra(std::string_view header) { return header.find('/') == header.npos && header != "ringtail.h"; }

// The header of ours that defines the name, of those that a spec includes only if it needs them.
std::string_view header_of(std::string_view name) {
  for (const PreludeFile& file : prelude()) {
    if (!is_extra(file.name)) continue;
    for (const char* form : {"#define {}(", "#define {} ", " {}(", "struct {} {{"})
      if (file.text.find(fmt::format(fmt::runtime(form), name)) != file.text.npos) return file.name;
  }
  return {};
}

}  // namespace

std::vector<std::string_view> extra_headers() {
  std::vector<std::string_view> out;
  for (const PreludeFile& file : prelude())
    if (is_extra(file.name)) out.push_back(file.name);
  return out;
}

std::size_t distance(std::string_view a, std::string_view b, std::size_t most) {
  if (a.size() > b.size() + most || b.size() > a.size() + most) return most + 1;
  std::vector<std::size_t> before, last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::move(last);
    last = row;
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return std::min(row[b.size()], most + 1);
}

std::string hint_for(std::string_view name, const std::vector<std::string>& known) {
  if (const std::string_view header = header_of(name); !header.empty())
    return fmt::format("#include <{}> has it", header);
  const std::size_t most = std::min<std::size_t>(2, name.size() / 4);
  std::size_t best = most + 1;
  std::string_view nearest;
  for (const std::string& k : known) {
    if (k.starts_with("__rt_")) continue;
    const std::size_t d = distance(name, k, most);
    if (d > 0 && (d < best || (d == best && d <= most && k < nearest))) best = d, nearest = k;
  }
  return best <= most ? fmt::format("is '{}' meant?", nearest) : "";
}

}  // namespace ringtail::lang
