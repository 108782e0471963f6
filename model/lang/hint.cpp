// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/hint.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "model/lang/prelude.h"

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

// What kernel C has and a spec cannot.
constexpr std::string_view kTwoWords =
    "no access takes two words at once: where they fit, pack both into one and use cmpxchg(), or take a lock "
    "for both";
constexpr std::string_view kThread = "a kernel thread is a THREAD(name) of the spec; <kthread.h> can stop it";
constexpr std::string_view kSrcu =
    "a callback of SRCU is a THREAD(name) of the spec, which waits until it is told, and then for "
    "synchronize_srcu()";
struct Outside {
  std::string_view name, why;
};
constexpr std::array<Outside, 12> kOutside = {{
    {"call_srcu", kSrcu},
    {"srcu_barrier", kSrcu},
    {"cmpxchg_double", kTwoWords},
    {"cmpxchg_double_local", kTwoWords},
    {"cmpxchg128", kTwoWords},
    {"cmpxchg128_local", kTwoWords},
    {"try_cmpxchg128", kTwoWords},
    {"this_cpu_cmpxchg128", "this_cpu_cmpxchg_double() is here"},
    {"kthread_run", kThread},
    {"kthread_create", kThread},
    {"pthread_create", "a thread is a THREAD(name) of the spec"},
    {"wait_event_freezable", "wait_event_interruptible() is here"},
}};

}  // namespace

std::vector<std::string_view> extra_headers() {
  std::vector<std::string_view> out;
  for (const PreludeFile& file : prelude())
    if (is_extra(file.name)) out.push_back(file.name);
  return out;
}

std::vector<std::string> macros_of_the_prelude() {
  std::vector<std::string> out;
  constexpr std::string_view kDefine = "\n#define ";
  for (const PreludeFile& file : prelude())
    for (auto at = file.text.find(kDefine); at != file.text.npos; at = file.text.find(kDefine, at + 1)) {
      const std::string_view rest = file.text.substr(at + kDefine.size());
      const auto end = rest.find_first_of("( \n");
      if (end != rest.npos && rest[end] == '(') out.emplace_back(rest.substr(0, end));
    }
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
  for (const Outside& outside : kOutside)
    if (outside.name == name) return std::string(outside.why);
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
