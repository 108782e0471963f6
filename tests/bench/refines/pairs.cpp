// SPDX-License-Identifier: GPL-2.0-or-later
// Writes a program for every pair of operations on two pages and two nodes, and what they include:
//
//   pairs FOLDER     FOLDER/anonymous/*.c, FOLDER/private_file/*.c, FOLDER/shared_file/*.c
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "replay/hunt/compose.h"
#include "replay/hunt/headers.h"
#include "replay/hunt/path_op.h"

namespace {

namespace fs = std::filesystem;
using namespace ringtail::hunt;

constexpr ringtail::kernel::Version kVersion{6, 18, 0};
constexpr int kPages = 2;

bool write(const fs::path& path, std::string_view text) {
  std::error_code bad;
  fs::create_directories(path.parent_path(), bad);
  return static_cast<bool>((std::ofstream(path) << text).flush());
}

// The headers are beside the program's folder.
std::string from_below(std::string text) {
  constexpr std::string_view kInclude = "#include \"ops/";
  for (std::size_t at = 0; (at = text.find(kInclude, at)) != text.npos; at += kInclude.size())
    text.insert(at + kInclude.find("ops/"), "../");
  return text;
}

struct Kind {
  PageKind kind;
  std::string_view name;
};
constexpr Kind kKinds[] = {{PageKind::anonymous, "anonymous"},
                           {PageKind::private_file, "private_file"},
                           {PageKind::shared_memory, "shared_file"}};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return fmt::print(stderr, "usage: pairs FOLDER\n"), 2;
  const fs::path folder = argv[1];
  bool good = true;
  for (const Header& h : headers()) good = write(folder / h.name, h.text) && good;
  for (const Kind& kind : kKinds)
    for (const Operation a : page_operations())
      for (const Operation b : page_operations()) {
        if (b < a) continue;
        Shape s;
        s.first = a;
        s.second = b;
        s.pages.kind = kind.kind;
        s.remote = b.op == Op::exit;  // a process that ends has nothing else to do
        if (s.remote && (a.op == Op::user || a.op == Op::fork || a.op == Op::exit)) continue;
        const Program p = compose(s, bugs_of(kVersion, Domain::pages), kPages);
        good = write(folder / kind.name / (p.name + ".c"), from_below(p.text())) && good;
      }
  return good ? 0 : 1;
}
