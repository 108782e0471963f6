// SPDX-License-Identifier: GPL-2.0-or-later
// The reports of the captures in tests/data/replay, as `ringtail replay` prints them, against the files
// beside them: NAME.strace makes NAME.txt and NAME.json, and the last line of each says the exit status.
// RINGTAIL_BLESS=1 writes them anew.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace ringtail {
namespace {

const std::filesystem::path kData = std::filesystem::path(RINGTAIL_SOURCE_DIR) / "tests/data/replay";

std::string text_of(const std::filesystem::path& p) {
  std::ifstream in(p);
  std::stringstream s;
  s << in.rdbuf();
  return s.str();
}

std::string replay(const std::string& arguments) {
  const std::string command =
      "cd '" + kData.string() + "' && '" RINGTAIL_BINARY "' replay " + arguments + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return "cannot run";
  std::string out;
  std::array<char, 4096> buffer;
  for (std::size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) out.append(buffer.data(), n);
  return out + "exit status " + std::to_string(WEXITSTATUS(pclose(pipe))) + "\n";
}

TEST(Report, IsTheGolden) {
  const bool bless = std::getenv("RINGTAIL_BLESS") != nullptr;
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kData)) {
    if (entry.path().extension() != ".strace") continue;
    ++seen;
    const std::string file = entry.path().filename().string();
    for (const auto& [extension, arguments] :
         {std::pair{".txt", file}, std::pair{".json", file + " --json"}}) {
      const auto golden = std::filesystem::path(entry.path()).replace_extension(extension);
      const std::string now = replay(arguments);
      EXPECT_EQ(now, replay(arguments)) << "twice the same";
      if (bless) std::ofstream(golden) << now;
      else EXPECT_EQ(now, text_of(golden)) << golden;
    }
  }
  EXPECT_GE(seen, 5);
}

TEST(Report, IsTheSameWithManyJobs) {
  const std::string all = "conforms.strace diverges.strace overlaps.strace cut.strace";
  EXPECT_EQ(replay(all + " --jobs 1"), replay(all + " --jobs 4"));
  EXPECT_EQ(replay(all + " --jobs 1 --json"), replay(all + " --jobs 3 --json"));
}

TEST(Report, SaysWhatIsWrongWithTheCommandLine) {
  EXPECT_NE(replay("conforms.strace --kernel six").find("exit status 2"), std::string::npos);
  EXPECT_NE(replay("no-such-file").find("exit status 2"), std::string::npos);
  EXPECT_NE(replay("conforms.strace --format etrace").find("none of auto, strace"), std::string::npos);
}

TEST(Report, KernelOfTheOptionWins) {
  EXPECT_NE(replay("conforms.strace --kernel 5.10").find("5.10, as --kernel says"), std::string::npos);
}

}  // namespace
}  // namespace ringtail
