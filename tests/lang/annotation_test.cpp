// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/annotation.h"

#include <gtest/gtest.h>

namespace ringtail::lang {
namespace {

Annotations read(const std::string& text) {
  Sources sources;
  Errors errors(sources);
  const Lexed lexed = lex(sources, sources.add("spec.c", text), errors);
  const Annotations out = read_annotations(lexed.comments, errors);
  EXPECT_EQ(errors.text(), "");
  return out;
}

TEST(Annotations, OfTheDesignNotesExample) {
  const Annotations a = read(
      "// SPDX-License-Identifier: GPL-2.0-or-later\n"
      "// AIO completion ring.\n"
      "// @source fs/aio.c v3.6: aio_complete(), aio_read_evt()\n"
      "// @bug    2ff396be602f (v3.17) reader may see the new tail\n"
      "//         and the old event\n"
      "// @seed present\n"
      "// @expect lkmm: violation (data-race)   sc, tso: safe\n"
      "// @expect[FIX_B, FIX_A] all: safe\n"
      "// not part of it\n");
  EXPECT_EQ(a.title, "AIO completion ring.");
  EXPECT_EQ(a.sources, std::vector<std::string>{"fs/aio.c v3.6: aio_complete(), aio_read_evt()"});
  ASSERT_EQ(a.bugs.size(), 1u);
  EXPECT_EQ(a.bugs[0].id, "");
  EXPECT_EQ(a.bugs[0].commit, "2ff396be602f");
  EXPECT_EQ(a.bugs[0].kernel, "v3.17");
  EXPECT_EQ(a.bugs[0].text, "reader may see the new tail and the old event");
  EXPECT_EQ(a.seed, std::vector<std::string>{"present"});
  ASSERT_EQ(a.expectations.size(), 2u);
  const std::vector<ModelVerdict> plain = {
      {"lkmm", Verdict::violation, "data race"}, {"sc", Verdict::safe, ""}, {"tso", Verdict::safe, ""}};
  EXPECT_EQ(a.expectations[0].verdicts, plain);
  EXPECT_EQ(a.expectations[1].variant, (std::vector<std::string>{"FIX_A", "FIX_B"}));
}

TEST(Annotations, BugsHaveAnIdACommitAndAKernelWhereGiven) {
  const Annotations a = read(
      "// @bug AIO-03 6cb2a21049b8 (v2.6.25) lost wakeup\n// @bug[NO_MB] AIO-04 wakes nobody\n/* @bug "
      "deadbee gone */\n");
  ASSERT_EQ(a.bugs.size(), 3u);
  EXPECT_EQ(a.bugs[0].id + "|" + a.bugs[0].commit + "|" + a.bugs[0].kernel + "|" + a.bugs[0].text,
            "AIO-03|6cb2a21049b8|v2.6.25|lost wakeup");
  EXPECT_EQ(a.bugs[1].id + "|" + a.bugs[1].commit + "|" + a.bugs[1].text, "AIO-04||wakes nobody");
  EXPECT_EQ(a.bugs[1].variant, std::vector<std::string>{"NO_MB"});
  EXPECT_EQ(a.bugs[2].id + "|" + a.bugs[2].commit + "|" + a.bugs[2].text, "|deadbee|gone");
}

TEST(Annotations, AModelsOwnLineCountsBeforeAll) {
  const Annotations a =
      read("// @expect all: safe\n// @expect lkmm: violation\n// @expect[X] tso: bounded\n");
  EXPECT_EQ(find_expectation(a, {}, "sc")->verdict, Verdict::safe);
  EXPECT_EQ(find_expectation(a, {}, "lkmm")->verdict, Verdict::violation);
  EXPECT_EQ(find_expectation(a, {"X"}, "tso")->verdict, Verdict::bounded);
  EXPECT_EQ(find_expectation(a, {"X"}, "sc"), nullptr);
  EXPECT_EQ(find_expectation(a, {"Y"}, "sc"), nullptr);
}

}  // namespace
}  // namespace ringtail::lang
