// SPDX-License-Identifier: GPL-2.0-or-later
// C's arithmetic, with a C compiler as the judge: random constant expressions over all integer types are
// computed by the lowering and then asserted in a C file that gcc must accept.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "model/lang/load.h"
#include "tests/folder.h"

namespace ringtail::lang {
namespace {

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string expression(int depth) {
    if (depth == 0) return leaf();
    switch (pick(8)) {
      case 0:
        return leaf();
      case 1:
        return "(" + type() + ")(" + expression(depth - 1) + ")";
      case 2:
        return one({"-", "~", "!", "+"}) + "(" + expression(depth - 1) + ")";
      case 3:
        return "(" + expression(depth - 1) + " ? " + expression(depth - 1) + " : " + expression(depth - 1) +
               ")";
      case 4:
        return "(" + expression(depth - 1) + one({" << ", " >> "}) + std::to_string(pick(31)) + ")";
      default:
        return "(" + expression(depth - 1) +
               one({" + ", " - ", " * ", " & ", " | ", " ^ ", " < ", " > ",
                    " <= ", " >= ", " == ", " != ", " && ", " || "}) +
               expression(depth - 1) + ")";
    }
  }

 private:
  unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }
  std::string one(std::initializer_list<const char*> from) {
    return from.begin()[pick(static_cast<unsigned>(from.size()))];
  }
  std::string type() {
    return one({"_Bool", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned int",
                "long", "unsigned long"});
  }
  std::string leaf() {
    const std::string value =
        one({"0", "1", "2", "3", "7", "127", "128", "255", "256", "32767", "65535", "2147483647"});
    return pick(3) == 0 ? "(" + type() + ")-" + value : value + one({"", "", "u", "l", "ul"});
  }
  std::mt19937 random_;
};

// Signed overflow is wrapped by ringtail, as the kernel is built, and is no constant for gcc: computed with
// -fwrapv.
TEST(Constants, AreWhatACompilerComputes) {
  if (std::system("gcc --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "there is no gcc";
  Generator generate(20240613);
  std::string spec = "#include <ringtail.h>\nTHREAD(t) { assert(1); }\n";
  std::vector<std::string> expressions;
  for (int i = 0; i < 2000; ++i) {
    expressions.push_back(generate.expression(4));
    spec += "static long v" + std::to_string(i) + " = (long)" + expressions.back() + ";\n";
  }
  const auto loaded = load_spec("constants.c", spec, {}, {});
  ASSERT_TRUE(loaded) << loaded.error().text;
  std::string c = "int main(void)\n{\n\tint bad = 0;\n";
  for (const ir::Global& g : loaded->program.globals) {
    if (g.name.empty() || g.name[0] != 'v' || g.name.find_first_not_of("0123456789", 1) != std::string::npos)
      continue;
    const std::size_t i = std::stoul(g.name.substr(1));
    c += "\tbad |= (long)" + expressions[i] + " != (long)" +
         std::to_string(static_cast<std::uint64_t>(g.cells[0].value)) + "ul;\n";
  }
  c += "\treturn bad;\n}\n";
  const tests::Folder folder;
  const std::string file = folder / "constants.c";
  std::ofstream(file) << c;
  const std::string program = file + ".out";
  EXPECT_EQ(std::system(("gcc -w -O0 -fwrapv -o " + program + " " + file).c_str()), 0) << file;
  EXPECT_EQ(std::system(program.c_str()), 0) << file;
}

// A type's size, alignment and layout, asserted by both.
TEST(Constants, LayoutsAreACompilers) {
  const std::string good = R"(
#include <ringtail.h>

struct a { char c; long l; short s; };
struct b { struct a a[2]; char tail; };
union u { long l; void *p; };
struct c { union u u; struct { int x, y; }; bool flag; };
_Static_assert(sizeof(struct a) == 24 && offsetof(struct a, s) == 16, "a");
_Static_assert(sizeof(struct b) == 56 && offsetof(struct b, a[1].l) == 32, "b");
_Static_assert(sizeof(struct c) == 24 && offsetof(struct c, y) == 12 && offsetof(struct c, flag) == 16, "c");
_Static_assert(sizeof(bool) == 1 && sizeof(long) == 8 && sizeof(void *) == 8 && sizeof(enum { A, B }) == 4, "basic");
_Static_assert(sizeof('a') == 4 && sizeof(1 ? (char)1 : (short)1) == 4 && sizeof(1u + 1l) == 8, "promotion");
_Static_assert((unsigned char)300 == 44 && (signed char)200 == -56 && -1 > 0u && (unsigned short)-1 == 65535, "wrap");
_Static_assert(-1L < 1u && (-1 >> 1) == -1 && ~0u >> 31 == 1, "signs");
THREAD(t) { assert(1); }
)";
  const auto loaded = load_spec("layouts.c", good, {}, {});
  EXPECT_TRUE(loaded) << loaded.error().text;
  if (std::system("gcc --version >/dev/null 2>&1") != 0) return;
  const tests::Folder folder;
  const std::string file = folder / "layouts.c";
  std::ofstream(file) << good;
  EXPECT_EQ(
      std::system(("gcc -std=gnu11 -fsyntax-only -I" RINGTAIL_SOURCE_DIR "/specs/include " + file).c_str()),
      0);
}

}  // namespace
}  // namespace ringtail::lang
