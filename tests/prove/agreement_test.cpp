// SPDX-License-Identifier: GPL-2.0-or-later
// The prover against plain enumeration: random sequential programs of small inputs, whose every run the
// explorer makes.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "checker/explore/explore.h"
#include "checker/prove/prove.h"

namespace ringtail::prove {
namespace {

// Statements over two inputs, three variables of unlike types, an array and a pointer into it.
class Writer {
 public:
  std::string program() {
    std::string body;
    for (int i = 0, n = *rc::gen::inRange(2, 6); i < n; ++i) body += statement(2);
    return "// Random.\n#include <ringtail.h>\nstatic int t[4];\nstatic struct { u8 low; short s; } pair;\n"
           "static int f(int n)\n{\n\tif (n > 2)\n\t\treturn n - 1;\n\tt[0] = n;\n\treturn 2 * n;\n}\n"
           "PROOF(random)\n{\n\tint a = choose(-2, 3), x = 0, *p = t;\n\tunsigned b = choose(0U, 3U);\n"
           "\tu8 c = 0;\n\tlong l = 0;\n\n" +
           body + "\tassert(" + expression(2) + ");\n}\n";
  }

 private:
  std::string pick(std::initializer_list<const char*> texts) {
    return *rc::gen::elementOf(std::vector<std::string>(texts.begin(), texts.end()));
  }
  std::string place() {
    return pick({"a", "b", "c", "l", "x", "x", "t[0]", "t[1]", "t[b]", "t[a & 3]", "*p", "pair.low", "pair.s",
                 "p[b & 1]"});
  }
  std::string expression(int depth) {
    if (depth == 0 || *rc::gen::inRange(0, 4) == 0)
      return *rc::gen::inRange(0, 3) == 0 ? constant() : place();
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
        return fmt::format("({} ? {} : {})", expression(depth - 1), expression(depth - 1),
                           expression(depth - 1));
      case 1:
        return pick({"!", "-", "~"}) + "(" + expression(depth - 1) + ")";
      case 2:
        return "(" + pick({"u8", "short", "int", "unsigned", "long"}) + ")(" + expression(depth - 1) + ")";
      case 3:
        return "f(" + expression(depth - 1) + ")";
      default:
        return fmt::format("({} {} {})", expression(depth - 1),
                           pick({"+", "-", "*", "&", "|", "^", "<", "<=", "==", "!=", ">", "&&", "||", "/",
                                 "%", "<<", ">>"}),
                           expression(depth - 1));
    }
  }
  std::string constant() {
    return pick({"0", "1", "2", "3", "5", "7", "-1", "255", "0x80000000U", "1L << 40"}).insert(0, "(") + ")";
  }
  std::string statement(int depth) {
    switch (*rc::gen::inRange(0, depth > 0 ? 9 : 4)) {
      case 0:
      case 1:
      case 2:
        return fmt::format("\t{} = {};\n", place(), expression(2));
      case 3:
        return fmt::format("\tp = &t[{} & 3];\n", expression(1));
      case 4:
      case 5:
        return fmt::format("\tif ({}) {{\n{}\t}} else {{\n{}\t}}\n", expression(2), statement(depth - 1),
                           statement(depth - 1));
      case 6:
        return fmt::format("\tfor (x = 0; x < (int)({} & 3); x++) {{\n\t\tl += x;\n{}\t}}\n", place(),
                           statement(0));
      case 7:
        return fmt::format("\tassume({});\n", expression(1));
      default:
        return fmt::format("\tassert({} || {});\n", expression(1), expression(2));
    }
  }
};

RC_GTEST_PROP(Prover, AgreesWithEveryRun, ()) {
  const std::string text = Writer().program();
  const auto spec = lang::load_spec("random.c", text, {}, [](auto&&...) { return std::nullopt; });
  if (!spec) {  // a constant expression that has no value is refused
    RC_ASSERT(spec.error().text.find("shift") != std::string::npos ||
              spec.error().text.find("division") != std::string::npos);
    return;
  }
  const explore::Outcome runs =
      explore::explore(spec_of(*spec, 0).program, {.model = memory::Model::sc, .timeout = 10, .unroll = 40});
  const Outcome proof = prove(*spec, 0, {.timeout = 10, .unroll = 40});
  RC_TAG(proof.result == explore::Result::safe        ? "safe"
         : proof.result == explore::Result::violation ? proof.kind
                                                      : proof.bound);
  if (proof.result == explore::Result::timeout || runs.result == explore::Result::timeout) return;
  if (proof.result == explore::Result::bounded) {
    if (proof.bound.find("assumptions") != std::string::npos) RC_ASSERT(runs.result == explore::Result::safe);
    else RC_ASSERT(runs.result != explore::Result::safe);
    return;
  }
  if (proof.result != runs.result) RC_FAIL(text);
}

}  // namespace
}  // namespace ringtail::prove
