// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/hunt/compose.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

#include <fmt/format.h>

namespace ringtail::hunt {
namespace {

constexpr int kWillneed = 3, kDontneed = 4, kFree = 8, kRemove = 9, kHwpoison = 100, kSoftOffline = 101,
              kCold = 20, kPageout = 21, kPopulateRead = 22, kPopulateWrite = 23, kCollapse = 25,
              kGuardInstall = 102, kGuardRemove = 103;

// An operation on pages in kernel C. {0} is its first page, {1} their number, {2} a value that it writes, {3}
// a page where nothing is mapped.
struct PathOp {
  Operation by;
  std::string_view name;  // in a file's name
  std::string_view call;
  std::string_view header;
  enum : unsigned {
    kNothing = 0,
    kWritesLock = 1,  // takes mmap_sem for write
    kWrites = 2,      // writes {2} to its first page, where nothing hinders it
    kLoses = 4,       // what was written may be gone afterwards
    kForces = 8,      // writes whatever the protection
    kUnmapsFile = 16,
    kOnePage = 32,  // works on its first page only
  };
  unsigned does = kNothing;
};
constexpr PathOp kPathOps[] = {
    {{Op::user, -1}, "user", "op_fault_store({0}, {2})", "access.h", PathOp::kWrites | PathOp::kOnePage},
    {{Op::madvise, kFlagAdvice},
     "madvise_flag",
     "op_madvise({0}, {1}, MADV_RANDOM)",
     "advice.h",
     PathOp::kWritesLock},
    {{Op::madvise, kWillneed}, "willneed", "op_madvise({0}, {1}, MADV_WILLNEED)", "advice.h"},
    {{Op::madvise, kDontneed}, "dontneed", "op_madvise({0}, {1}, MADV_DONTNEED)", "advice.h", PathOp::kLoses},
    {{Op::madvise, kFree}, "free", "op_madvise({0}, {1}, MADV_FREE)", "advice.h", PathOp::kLoses},
    {{Op::madvise, kRemove},
     "remove",
     "op_madvise({0}, {1}, MADV_REMOVE)",
     "advice.h",
     PathOp::kLoses | PathOp::kUnmapsFile},
    {{Op::madvise, kHwpoison}, "hwpoison", "op_hwpoison({0})", "advice.h", PathOp::kLoses | PathOp::kOnePage},
    {{Op::madvise, kSoftOffline}, "soft_offline", "op_move_pages({0}, 1)", "move.h", PathOp::kOnePage},
    {{Op::madvise, kCold}, "cold", "op_cold({0}, {1})", "advice.h"},
    {{Op::madvise, kPageout}, "pageout", "op_pageout({0}, {1})", "advice.h"},
    {{Op::madvise, kPopulateRead}, "populate_read", "op_populate({0}, {1}, false)", "advice.h"},
    {{Op::madvise, kPopulateWrite}, "populate_write", "op_populate({0}, {1}, true)", "advice.h"},
    {{Op::madvise, kCollapse}, "collapse", "op_collapse({0}, {1})", "advice.h", PathOp::kWritesLock},
    {{Op::madvise, kGuardInstall}, "guard_install", "op_guard_install({0}, {1})", "advice.h", PathOp::kLoses},
    {{Op::madvise, kGuardRemove}, "guard_remove", "op_guard_remove({0}, {1})", "advice.h"},
    {{Op::mmap, -1}, "mmap", "op_mmap()", "areas.h", PathOp::kWritesLock},
    {{Op::mmap_fixed, -1},
     "mmap_fixed",
     "op_mmap_fixed({0}, {1})",
     "areas.h",
     PathOp::kWritesLock | PathOp::kLoses},
    {{Op::munmap, -1}, "munmap", "op_munmap({0}, {1})", "areas.h", PathOp::kWritesLock | PathOp::kLoses},
    {{Op::mremap, -1}, "mremap", "op_mremap({0}, {1}, {3})", "areas.h", PathOp::kWritesLock | PathOp::kLoses},
    {{Op::mprotect, -1},
     "mprotect",
     "op_mprotect({0}, {1}, VM_READ)",
     "areas.h",
     PathOp::kWritesLock | PathOp::kLoses},
    {{Op::mlock, -1}, "mlock", "op_mlock({0}, {1})", "areas.h", PathOp::kWritesLock},
    {{Op::munlock, -1}, "munlock", "op_munlock({0}, {1})", "areas.h", PathOp::kWritesLock},
    {{Op::fork, -1}, "fork", "op_fork()", "areas.h", PathOp::kWritesLock},
    {{Op::move_pages, -1}, "move_pages", "op_move_pages({0}, 1)", "move.h", PathOp::kOnePage},
    {{Op::migrate_pages, -1}, "migrate_pages", "op_migrate_pages({1}, 1)", "move.h"},
    {{Op::mbind, -1}, "mbind", "op_mbind({0}, {1}, 1)", "move.h", PathOp::kWritesLock},
    {{Op::get_mempolicy, -1}, "get_mempolicy", "op_page_node({0})", "access.h", PathOp::kOnePage},
    {{Op::mem_write, -1},
     "mem_write",
     "op_mem_write({0}, {2})",
     "access.h",
     PathOp::kWrites | PathOp::kForces | PathOp::kOnePage},
    {{Op::vm_write, -1}, "vm_write", "op_vm_writev({0}, {1}, {2})", "access.h", PathOp::kWrites},
    {{Op::direct_io, -1},
     "direct_io",
     "op_direct_io({0}, {2})",
     "access.h",
     PathOp::kWrites | PathOp::kOnePage},
    {{Op::exit, -1}, "exit", "op_exit()", "areas.h", PathOp::kWritesLock | PathOp::kLoses},
};

const PathOp& path_op(Operation by) {
  const auto it =
      std::find_if(std::begin(kPathOps), std::end(kPathOps), [&](const PathOp& p) { return p.by == by; });
  // Advice that a later kernel brings: until it has a path of its own it is a walk under the lock.
  static constexpr PathOp kWalk{{}, "advice", "op_guard_remove({0}, {1})", "advice.h"};
  return it == std::end(kPathOps) ? kWalk : *it;
}

std::string defines_of(Domain domain, const std::vector<const PathBug*>& bugs) {
  std::string out;
  for (const PathBug& b : path_bugs()) {
    if (b.domain != domain) continue;
    const bool buggy = std::find(bugs.begin(), bugs.end(), &b) != bugs.end();
    if (!b.defines(buggy)) continue;
    const std::string_view note = b.id.empty() ? b.subject
                                  : buggy      ? std::string_view("not fixed yet")
                                               : "fixed";
    out += fmt::format("#define {} /* {} */\n", b.macro, note);
  }
  return out;
}

std::string thread(std::string_view name, int index, std::string_view call, std::string_view after = "") {
  return fmt::format("\nTHREAD({})\n{{\n\tresult[{}] = {};\n{}}}\n", name, index, call, after);
}

// --- pages

struct Span {
  int first = 0, pages = 1;
};
struct Layout {
  int pages;
  Span a, b;
};
constexpr Layout layout_of(Relation r, int common) {
  switch (r) {
    case Relation::same:
      return {common, {0, common}, {0, common}};
    case Relation::inside:
      return {2, {0, 1}, {0, 2}};
    case Relation::around:
      return {2, {0, 2}, {0, 1}};
    case Relation::overlap:
      return {3, {0, 2}, {1, 2}};
  }
  return {};
}

// What is left of a relation where an operation works on one page of its range only, which is one that both
// have.
constexpr Relation as_worked_on(Relation r, bool first_on_one, bool second_on_one) {
  if (first_on_one && second_on_one) return Relation::same;
  if (first_on_one)
    return r == Relation::around ? Relation::same : r == Relation::overlap ? Relation::inside : r;
  if (second_on_one)
    return r == Relation::inside ? Relation::same : r == Relation::overlap ? Relation::around : r;
  return r;
}

enum class Scene : std::uint8_t { anonymous, private_file, shared_file };
constexpr Scene scene_of(PageKind k) {
  switch (k) {
    case PageKind::private_file:
      return Scene::private_file;
    case PageKind::shared_file:
    case PageKind::shared_memory:
    case PageKind::ring:
      return Scene::shared_file;
    case PageKind::unknown:
    case PageKind::anonymous:
    case PageKind::hugetlb:
      return Scene::anonymous;
  }
  return Scene::anonymous;
}
constexpr std::string_view name_of(Scene s) {
  return s == Scene::anonymous ? "anonymous" : s == Scene::private_file ? "private_file" : "shared_file";
}

class PagesProgram {
 public:
  PagesProgram(const Shape& s, int common)
      : s_(s),
        scene_(scene_of(s.pages.kind)),
        a_(path_op(s.first)),
        b_(path_op(s.second)),
        relation_(as_worked_on(s.relation, a_.does & PathOp::kOnePage, b_.does & PathOp::kOnePage)),
        common_(common),
        layout_(layout_of(relation_, common)) {}

  Program make(const std::vector<const PathBug*>& bugs) const {
    Program out;
    out.name = fmt::format("{}-{}-{}{}{}{}{}", a_.name, b_.name, name_of(scene_),
                           s_.pages.read_only ? "-read_only" : "", relation_in_name(),
                           s_.remote ? "-remote" : "", common_ == 1 ? "" : fmt::format("-{}_pages", common_));
    const bool file = scene_ != Scene::anonymous;
    out.body = fmt::format("#define PTRS_PER_PTE {}\n", layout_.pages * (moves() ? 2 : 1));
    if (file) out.body += fmt::format("#define NR_SLOTS {}\n", layout_.pages);
    if (users() > 0) out.body += fmt::format("#define NR_TLBS {}\n", users());
    if (!takes_write_lock()) out.body += "#define NO_MMAP_WRITER\n";
    out.body += defines_of(Domain::pages, bugs);
    for (const std::string_view h : {"access.h", "advice.h", "areas.h", "move.h"})
      if (h == a_.header || h == b_.header || (h == "access.h" && looks_after()) ||
          (h == "areas.h" && s_.remote))
        out.body += fmt::format("#include \"ops/{}\"\n", h);
    out.body += init();
    out.body += threads();
    out.body += fmt::format("\nMM_INVARIANTS(mm, {})\n", file ? "&file" : "NULL");
    if (scene_ == Scene::private_file) out.body += "PRIVATE_WRITES_LEAVE_THE_FILE_ALONE\n";
    out.body += kept();
    return out;
  }

 private:
  bool is(const PathOp& p, int advice) const {
    return p.by == Operation{Op::madvise, static_cast<std::int16_t>(advice)};
  }
  std::string_view relation_in_name() const {
    return relation_ == Relation::same     ? ""
           : relation_ == Relation::inside ? "-inside"
           : relation_ == Relation::around ? "-around"
                                           : "-overlap";
  }
  // The thread of the first operation looks at what it has given away, unless the other one brings something
  // there.
  bool looks_after() const {
    return is(a_, kDontneed) && scene_ == Scene::anonymous && !s_.remote &&
           !((a_.does | b_.does) & PathOp::kWrites) && b_.by.op != Op::mremap;
  }
  // mremap() needs a place to go to.
  bool moves() const { return a_.by.op == Op::mremap || b_.by.op == Op::mremap; }
  int users() const { return (a_.by.op == Op::user) + (b_.by.op == Op::user) + looks_after(); }
  bool takes_write_lock() const {
    const unsigned both = a_.does | b_.does;
    return (both & PathOp::kWritesLock) || s_.remote ||
           (scene_ == Scene::shared_file &&
            (both & PathOp::kUnmapsFile));  // MADV_REMOVE drops and retakes it
  }

  std::string call(const PathOp& p, Span at, std::string_view value) const {
    const bool load = p.by.op == Op::user && s_.pages.read_only;
    std::string text = fmt::format(fmt::runtime(load ? "op_fault_load({0})" : p.call), at.first, at.pages,
                                   value, layout_.pages);
    // Of two from different processes one is the address space's own: the one that ends it, or forks, or
    // faults.
    if (s_.remote && p.by.op != Op::exit && p.by.op != Op::user && p.by.op != Op::fork)
      text = fmt::format("from_outside({})", text);
    return text;
  }

  std::string init() const {
    const std::string_view flags = !s_.pages.read_only            ? "VM_READ | VM_WRITE | VM_MAYWRITE"
                                   : scene_ == Scene::shared_file ? "VM_READ"
                                                                  : "VM_READ | VM_MAYWRITE";
    std::string out = fmt::format("\nINIT\n{{\n\tscene_{}({}, {});\n", name_of(scene_), layout_.pages, flags);
    if (looks_after()) out += "\tscene_user_was_there(0, 0);\n";
    return out + "}\n";
  }

  std::string threads() const {
    std::string first(a_.name), second(b_.name);
    if (first == second) first += "_1", second += "_2";
    return thread(first, 0, call(a_, layout_.a, "11UL"),
                  looks_after() ? "\tif (!result[0])\n\t\top_look_after_dontneed(0);\n" : "") +
           thread(second, 1, call(b_, layout_.b, "12UL"));
  }

  // What was written is there in the end, where nothing may have taken it away.
  std::string kept() const {
    if ((a_.does | b_.does) & PathOp::kLoses || s_.remote) return "";
    std::string out;
    for (int page = 0; page < layout_.pages; ++page) {
      std::string values;
      const auto value_of = [&](const PathOp& p, Span at, std::string_view value) {
        if (!(p.does & PathOp::kWrites) || at.first != page) return;
        if (s_.pages.read_only && (!(p.does & PathOp::kForces) || scene_ == Scene::shared_file)) return;
        values += fmt::format("{}contents[{}] == {}", values.empty() ? "" : " || ", page, value);
      };
      value_of(a_, layout_.a, "11UL");
      value_of(b_, layout_.b, "12UL");
      if (!values.empty()) out += fmt::format("\tassert({});\n", values);
    }
    return out.empty() ? "" : fmt::format("\nFINALLY\n{{\n{}}}\n", out);
  }

  const Shape& s_;
  Scene scene_;
  const PathOp &a_, &b_;
  Relation relation_;
  int common_;
  Layout layout_;
};

// --- contexts: a row a pair, as what must be there before differs

struct ContextPair {
  Op first, second;
  std::string_view name;
  enum Begins : std::uint8_t { nothing, context, in_flight, interrupt } begins;  // what there is before
  std::string_view a, b;                                                         // calls; empty: no thread
  std::string_view after_a, after_b;                                             // what the thread does then
  std::string_view finally = "";
};
constexpr std::string_view kCompletes = "\trequest_completes(0);\n";
constexpr ContextPair kContextPairs[] = {
    {Op::complete, Op::io_getevents, "complete-getevents", ContextPair::interrupt, "", "op_io_getevents(1)",
     "", ""},
    {Op::complete, Op::io_cancel, "complete-cancel", ContextPair::interrupt, "", "op_io_cancel(0)", "", ""},
    {Op::complete, Op::io_destroy, "complete-destroy", ContextPair::interrupt, "", "op_io_destroy()", "", ""},
    {Op::complete, Op::exit, "complete-exit", ContextPair::interrupt, "", "op_exit_aio()", "", ""},
    {Op::io_setup, Op::io_setup, "setup-setup", ContextPair::nothing, "op_io_setup()", "op_io_setup()", "",
     ""},
    {Op::io_setup, Op::io_submit, "setup-submit", ContextPair::nothing, "op_io_setup()",
     "op_io_lookup_guessed()", "", ""},
    {Op::io_setup, Op::io_getevents, "setup-getevents", ContextPair::nothing, "op_io_setup()",
     "op_io_lookup_guessed()", "", ""},
    {Op::io_setup, Op::io_cancel, "setup-cancel", ContextPair::nothing, "op_io_setup()",
     "op_io_lookup_guessed()", "", ""},
    {Op::io_setup, Op::io_destroy, "setup-destroy", ContextPair::nothing, "op_io_setup()",
     "op_io_destroy_guessed()", "", ""},
    {Op::io_submit, Op::io_submit, "submit-submit", ContextPair::context, "op_io_submit(0)",
     "op_io_submit(1)", "", "", "\trequest_completes(0);\n\trequest_completes(1);\n"},
    {Op::io_submit, Op::io_getevents, "submit-getevents", ContextPair::context, "op_io_submit(0)",
     "op_io_getevents(1)", kCompletes, ""},
    {Op::io_submit, Op::io_cancel, "submit-cancel", ContextPair::in_flight, "op_io_submit(1)",
     "op_io_cancel(0)", "", "", "\trequest_completes(0);\n\trequest_completes(1);\n"},
    {Op::io_submit, Op::io_destroy, "submit-destroy", ContextPair::context, "op_io_submit(0)",
     "op_io_destroy()", kCompletes, ""},
    {Op::io_getevents, Op::io_getevents, "getevents-getevents", ContextPair::interrupt, "op_io_getevents(0)",
     "op_io_getevents(0)", "", ""},
    {Op::io_getevents, Op::io_cancel, "getevents-cancel", ContextPair::interrupt, "op_io_getevents(0)",
     "op_io_cancel(0)", "", ""},
    {Op::io_getevents, Op::io_destroy, "getevents-destroy", ContextPair::context, "op_io_getevents(1)",
     "op_io_destroy()", "", ""},
    {Op::io_cancel, Op::io_cancel, "cancel-cancel", ContextPair::interrupt, "op_io_cancel(0)",
     "op_io_cancel(0)", "", ""},
    {Op::io_cancel, Op::io_destroy, "cancel-destroy", ContextPair::interrupt, "op_io_cancel(0)",
     "op_io_destroy()", "", ""},
    {Op::io_destroy, Op::io_destroy, "destroy-destroy", ContextPair::context, "op_io_destroy()",
     "op_io_destroy()", "", ""},
};

Program context_program(const Shape& s, const std::vector<const PathBug*>& bugs) {
  const auto it = std::find_if(std::begin(kContextPairs), std::end(kContextPairs), [&](const ContextPair& p) {
    return p.first == s.first.op && p.second == s.second.op;
  });
  Program out;
  if (it == std::end(kContextPairs)) return out;
  const ContextPair& p = *it;
  out.name = p.name;
  out.body = defines_of(Domain::context, bugs) + "#include \"ops/requests.h\"\n";
  if (p.begins != ContextPair::nothing)
    out.body += fmt::format("\nINIT\n{{\n\tscene_context();\n{}}}\n",
                            p.begins == ContextPair::context ? "" : "\trequest_in_flight(0);\n");
  if (p.begins == ContextPair::interrupt) out.body += "\nIRQ(interrupt) { request_completes(0); }\n";
  const std::size_t dash = p.name.find('-');
  std::string first(p.name.substr(0, dash)), second(p.name.substr(dash + 1));
  if (first == second) first += "_1", second += "_2";
  if (!p.a.empty()) out.body += thread("io_" + first, 0, p.a, p.after_a);
  out.body += thread("io_" + second, 1, p.b, p.after_b);
  if (!p.finally.empty()) out.body += fmt::format("\nFINALLY\n{{\n{}}}\n", p.finally);
  out.body += "\nREQUESTS_INVARIANTS\n";
  return out;
}

// --- descriptors: one of the two closes it

Program descriptor_program(const Shape& s, const std::vector<const PathBug*>& bugs) {
  const Op other = s.first.op == Op::close_fd ? s.second.op : s.first.op;
  const bool submits = other == Op::submit_fd;
  std::string_view name = "use", call = "op_use_fd(0)";
  if (submits) name = "submit", call = "op_submit_fd(0)";
  if (other == Op::dup_fd) name = "dup", call = "op_dup(0, 1)";
  if (other == Op::close_fd) name = "close", call = "op_close(0)";
  Program out;
  out.name = fmt::format("{}-close", name);
  out.body =
      defines_of(Domain::descriptor, bugs) + "#include \"ops/files.h\"\n\nINIT { scene_file_open(0); }\n";
  if (submits) out.body += "\nIRQ(interrupt) { file_request_completes(); }\n";
  out.body += thread(fmt::format("{}{}", name, name == "close" ? "_1" : "_fd"), 0, call);
  out.body += thread(name == "close" ? "close_2" : "close_fd", 1, "op_close(0)");
  return out;
}

}  // namespace

Domain domain_of(const Shape& s) {
  return s.what == Touch::What::pages     ? Domain::pages
         : s.what == Touch::What::context ? Domain::context
                                          : Domain::descriptor;
}

std::vector<const PathBug*> bugs_of(kernel::Version v, Domain domain) {
  std::vector<const PathBug*> out;
  for (const PathBug& b : path_bugs())
    if (b.domain == domain && b.in(v)) out.push_back(&b);
  return out;
}

std::vector<Operation> page_operations() {
  std::vector<Operation> out;
  for (const PathOp& p : kPathOps) out.push_back(p.by);
  return out;
}

Program compose(const Shape& s, const std::vector<const PathBug*>& bugs, int common) {
  Program out;
  switch (s.what) {
    case Touch::What::pages:
      out = PagesProgram(s, common).make(bugs);
      break;
    case Touch::What::context:
      out = context_program(s, bugs);
      break;
    case Touch::What::descriptor:
      out = descriptor_program(s, bugs);
      break;
  }
  out.domain = domain_of(s);
  std::string title = hunt::name_of(s);
  if (title.starts_with("a ") || title.starts_with("the "))  // the others begin with the name of a call
    title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  out.title = fmt::format("// SPDX-License-Identifier: GPL-2.0-or-later\n// {}.\n", title);
  return out;
}

Program compose(const Shape& s, kernel::Version v) { return compose(s, bugs_of(v, domain_of(s))); }

}  // namespace ringtail::hunt
