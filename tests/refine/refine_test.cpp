// SPDX-License-Identifier: GPL-2.0-or-later
// Outcomes of compositions against the syscall model: what some order gives is allowed, what none gives is
// not, and a rule excuses what it says and no more.
#include <cerrno>

#include <gtest/gtest.h>

#include "checker/refine/orders.h"

namespace ringtail::refine {
namespace {

std::optional<Composition> read(const std::string& text) {
  const auto nothing = [](const std::string&, bool, const std::string&) -> std::optional<lang::Include> {
    return std::nullopt;
  };
  const std::string around =
      "#include <ringtail.h>\nstatic long result[3];\n"
      "#define VM_READ 1\n#define VM_WRITE 2\n#define MADV_DONTNEED 4\n#define from_outside(op) (op)\n"
      "static void scene_anonymous(int pages, int flags) {}\n"
      "static void scene_private_file(int pages, int flags) {}\n"
      "static long op_madvise(int page, int pages, int advice) { return 0; }\n"
      "static long op_move_pages(int page, int node) { return node; }\n"
      "static long op_made_up(int page) { return page; }\n"
      "FINALLY { assert(result[0] >= 0); }\n";
  // Its own text comes first, as a composed program's does: what it includes is not looked at.
  const auto spec = lang::load_spec(
      "x.c", "#include \"around.h\"\n" + text, {},
      [&](const std::string& name, bool system, const std::string& from) {
        return name == "around.h" ? lang::Include{"around.h", around} : nothing(name, system, from);
      });
  EXPECT_TRUE(spec) << (spec ? "" : spec.error().text);
  return spec ? composition_of(*spec) : std::nullopt;
}

TEST(Composition, IsReadFromTheProgram) {
  const auto c = read(
      "INIT\n{\n\tscene_private_file(2, VM_READ | VM_WRITE);\n}\n"
      "THREAD(b) { result[1] = from_outside(op_move_pages(1, 1)); }\n"
      "THREAD(a)\n{\n\tresult[0] = op_madvise(0, 2, MADV_DONTNEED); /* result[7] = 1 */\n"
      "\tif (!result[0])\n\t\tcpu_relax();\n}\n");
  ASSERT_TRUE(c);
  EXPECT_EQ(c->backing, Backing::private_file);
  EXPECT_EQ(c->pages, 2);
  EXPECT_TRUE(c->writable);
  const std::vector<Operation> expected = {{0, "op_madvise", {0, 2, 4}, false},
                                           {1, "op_move_pages", {1, 1}, true}};
  EXPECT_EQ(c->operations, expected);
}

TEST(Composition, IsNoneWhereSomethingIsNotKnown) {
  const std::string scene = "INIT { scene_anonymous(1, VM_READ); }\n";
  EXPECT_TRUE(read(scene + "THREAD(a) { result[0] = op_move_pages(0, 1); }\n"));
  EXPECT_FALSE(read(scene + "THREAD(a) { result[0] = op_made_up(0); }\n"));
  EXPECT_FALSE(read(scene + "THREAD(a) { int n = 1; result[0] = op_move_pages(0, n); }\n"));
  EXPECT_FALSE(read(scene + "THREAD(a) { result[1] = op_move_pages(0, 1); }\n")) << "there is no first";
  EXPECT_FALSE(read(scene + "THREAD(a) { result[0] = op_move_pages(0, 1); }\nTHREAD(b) { barrier(); }\n"));
  EXPECT_FALSE(read("THREAD(a) { result[0] = op_move_pages(0, 1); }\n")) << "no scene";
}

constexpr std::int64_t kNothing = -1;
const Operation kDontneed{0, "op_madvise", {0, 2, 4}, false};
const Operation kMove{0, "op_move_pages", {0, 1}, false};

Composition pages(std::vector<Operation> operations, Backing backing = Backing::anonymous,
                  bool writable = true) {
  Composition c{backing, 2, writable, std::move(operations)};
  for (std::size_t i = 0; i < c.operations.size(); ++i) c.operations[i].index = static_cast<int>(i);
  return c;
}
bool allows(const Composition& c, const Outcome& o) {
  const Explained e = explain(c, o);
  return e.allowed && e.by == nullptr;
}
std::string_view excuse(const Composition& c, const Outcome& o) {
  const Explained e = explain(c, o);
  return e.allowed && e.by ? e.by->name : e.allowed ? "allowed" : "";
}

TEST(Orders, OneOfThemMustEndSo) {
  const Composition c = pages({kDontneed, {1, "op_fault_store", {0, 11}, false}});
  EXPECT_TRUE(allows(c, {{0, 0}, {0, 0}})) << "the store came first";
  EXPECT_TRUE(allows(c, {{0, 0}, {11, 0}})) << "and last";
  EXPECT_EQ(excuse(c, {{0, 0}, {1, 0}}), "") << "neither is as it was";
  EXPECT_EQ(excuse(c, {{0, 0}, {11, 1}}), "") << "a page was left out";
  EXPECT_EQ(excuse(c, {{0, -EFAULT}, {0, 0}}), "") << "the page is mapped and may be written to";
  EXPECT_EQ(excuse(c, {{-EINVAL, 0}, {11, 1}}), "");
  EXPECT_EQ(excuse(c, {{0, 0}, {11, kNothing}}), "");
}

TEST(Orders, AreThoseOfThreeToo) {
  const Composition c = pages({kDontneed, {1, "op_munmap", {0, 1}, false}, {2, "op_fault_load", {1}, false}});
  EXPECT_TRUE(allows(c, {{0, 0, 1}, {kNothing, 0}}));
  EXPECT_TRUE(allows(c, {{0, 0, 0}, {kNothing, 0}}));
  EXPECT_TRUE(allows(c, {{-ENOMEM, 0, 1}, {kNothing, 0}})) << "a hole, behind which it goes on";
  EXPECT_EQ(excuse(c, {{0, 0, 7}, {kNothing, 0}}), "");
  EXPECT_EQ(excuse(c, {{-ENOMEM, 0, 1}, {kNothing, 1}}), "");
}

TEST(Orders, FilesKeepWhatPrivateMappingsWrite) {
  const Operation write{1, "op_mem_write", {0, 12}, false};
  const Composition c = pages({kDontneed, write}, Backing::private_file, false);
  EXPECT_TRUE(allows(c, {{0, 8}, {12, 1}}));
  EXPECT_TRUE(allows(c, {{0, 8}, {1, 1}})) << "given up again: the file's contents";
  EXPECT_EQ(excuse(c, {{0, 8}, {0, 1}}), "") << "not zeros";
  const Operation user_write{1, "op_vm_write", {0, 12}, false};
  EXPECT_TRUE(allows(pages({kDontneed, user_write}, Backing::private_file, false), {{0, -EFAULT}, {1, 1}}));
  EXPECT_EQ(excuse(pages({kDontneed, user_write}, Backing::private_file, false), {{0, 8}, {12, 1}}), "")
      << "only a debugger may";
  const Operation remove{0, "op_madvise", {0, 1, 9}, false};
  EXPECT_TRUE(allows(pages({remove, write}, Backing::shared_file), {{0, 8}, {0, 1}}));
  EXPECT_EQ(excuse(pages({remove, write}, Backing::shared_file), {{0, 8}, {1, 1}}), "") << "a hole is zeros";
}

TEST(Orders, NodesAreFollowed) {
  const Operation node{1, "op_page_node", {0}, false};
  const Composition c = pages({kMove, node});
  EXPECT_TRUE(allows(c, {{1, 0}, {1, 1}}));
  EXPECT_TRUE(allows(c, {{1, 1}, {1, 1}}));
  EXPECT_TRUE(allows(c, {{-EBUSY, 0}, {1, 1}})) << "others may hold a page";
  EXPECT_TRUE(allows(c, {{-EAGAIN, 0}, {1, 1}})) << "one page was left";
  EXPECT_EQ(excuse(c, {{1, 2}, {1, 1}}), "") << "there is no third node";
  EXPECT_EQ(excuse(c, {{0, 0}, {1, 1}}), "") << "a status is the node that was asked for";
  EXPECT_EQ(excuse(c, {{1, 1}, {0, 1}}), "") << "a move keeps contents";
}

TEST(Orders, FreedPagesHaveWhatTheyHadOrZerosUntilTheyAreWrittenTo) {
  const Operation free{0, "op_madvise", {0, 1, 8}, false};
  const Composition c = pages({free, {1, "op_fault_load", {0}, false}});
  EXPECT_TRUE(allows(c, {{0, 1}, {1, 1}}));
  EXPECT_TRUE(allows(c, {{0, 0}, {0, 1}}));
  EXPECT_EQ(excuse(c, {{0, 0}, {1, 1}}), "") << "what was found to be gone does not come back";
}

TEST(Exceptions, PageByPageIsNoMoreThanThat) {
  const Composition c = pages({kDontneed, {1, "op_vm_writev", {0, 2, 12}, false}});
  EXPECT_TRUE(allows(c, {{0, 16}, {12, 12}}));
  EXPECT_TRUE(allows(c, {{0, 16}, {0, 0}}));
  EXPECT_EQ(excuse(c, {{0, 16}, {0, 12}}), "page-by-page");
  EXPECT_EQ(excuse(c, {{0, 16}, {1, 12}}), "");
  EXPECT_EQ(excuse(c, {{0, 8}, {12, 0}}), "") << "there is no hole to stop at";
  const Composition unmap = pages({{0, "op_munmap", {0, 2}, false}, {1, "op_vm_writev", {0, 2, 12}, false}});
  EXPECT_TRUE(allows(unmap, {{0, -EFAULT}, {kNothing, kNothing}}));
  EXPECT_EQ(excuse(unmap, {{0, 16}, {kNothing, 12}}), "") << "munmap() is atomic";
}

TEST(Exceptions, UnderMigrationAPageIsNotFound) {
  const Composition c = pages({kMove, {1, "op_move_pages", {0, 1}, false}});
  EXPECT_TRUE(allows(c, {{1, 1}, {1, 1}}));
  EXPECT_EQ(excuse(c, {{1, -ENOENT}, {1, 1}}), "under-migration");
  EXPECT_EQ(excuse(c, {{1, -ENODEV}, {1, 1}}), "");
  EXPECT_EQ(excuse(c, {{1, -ENOENT}, {0, 1}}), "") << "its contents stay all the same";
  EXPECT_EQ(excuse(pages({kMove, {1, "op_mlock", {0, 1}, false}}), {{-ENOENT, 0}, {1, 1}}), "")
      << "nobody is moving it";
}

TEST(Exceptions, HaveNamesAndReasons) {
  EXPECT_EQ(exceptions().size(), 2u);
  for (const Exception& e : exceptions()) EXPECT_FALSE(e.name.empty() || e.why.empty());
}

TEST(Orders, WhoWorksFromOutsideFindsNoProcessWhenItHasEnded) {
  const Composition c = pages({{0, "op_exit", {}, false}, {1, "op_move_pages", {0, 1}, true}});
  EXPECT_TRUE(allows(c, {{0, -ESRCH}, {kNothing, kNothing}}));
  EXPECT_TRUE(allows(c, {{0, 1}, {kNothing, kNothing}}));
  EXPECT_EQ(excuse(c, {{0, 1}, {1, 1}}), "") << "nothing is left";
}

}  // namespace
}  // namespace ringtail::refine
