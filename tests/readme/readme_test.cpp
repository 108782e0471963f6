// SPDX-License-Identifier: GPL-2.0-or-later
// README's first screen shows what its first command prints, and what replay would say of a wrong result
// there.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ringtail {
namespace {

// The texts between ``` and ``` that come before the first heading.
std::vector<std::string> first_screen() {
  std::ifstream in(RINGTAIL_SOURCE_DIR "/README.md");
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string line; std::getline(in, line) && !line.starts_with("## ");) {
    if (line.starts_with("```")) {
      if ((inside = !inside)) blocks.emplace_back();
    } else if (inside) {
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

// What `command` prints in the project's folder, and its exit status.
std::string output_of(const std::string& command) {
  std::FILE* pipe = popen(("cd '" RINGTAIL_SOURCE_DIR "' && " + command).c_str(), "r");
  std::string out;
  for (int c; (c = std::fgetc(pipe)) != EOF;) out += static_cast<char>(c);
  return out + "exit status " + std::to_string(WEXITSTATUS(pclose(pipe))) + "\n";
}

TEST(Readme, ItsFirstCommandPrintsWhatItShows) {
  const auto blocks = first_screen();
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(output_of("'" RINGTAIL_BINARY "' replay traces/fio-depth1.strace.zst"),
            blocks[0] + "exit status 0\n");
}

TEST(Readme, AWrongResultIsToldAsItShows) {
  const auto blocks = first_screen();
  ASSERT_EQ(blocks.size(), 2u);
  const std::string out =
      output_of("zstd -dc traces/fio-depth1.strace.zst | sed '782s/res=4096/res=8192/' | '" RINGTAIL_BINARY
                "' replay -");
  EXPECT_NE(out.find("\n\n" + blocks[1] + "\n"), std::string::npos) << out << "README has\n" << blocks[1];
  EXPECT_TRUE(out.ends_with("exit status 1\n")) << out;
}

}  // namespace
}  // namespace ringtail
