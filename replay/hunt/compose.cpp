// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/hunt/compose.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

#include <fmt/format.h>

#include "replay/hunt/path_op.h"

namespace ringtail::hunt {
namespace {

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

// Of several of one name, which.
std::string name_in(const std::vector<std::string_view>& names, std::size_t i) {
  if (std::count(names.begin(), names.end(), names[i]) == 1) return std::string(names[i]);
  const auto before = std::count(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]);
  return fmt::format("{}_{}", names[i], before + 1);
}

// --- pages

constexpr int kDontneed = 4;

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
      : s_(s), scene_(s.apart ? Scene::shared_file : scene_of(s.pages.kind)), common_(common) {
    const PathOp &a = path_op(s.first), &b = path_op(s.second);
    if (!s.third) relation_ = as_worked_on(s.relation, a.does & PathOp::kOnePage, b.does & PathOp::kOnePage);
    const Layout layout = layout_of(relation_, common);
    pages_ = layout.pages;
    ops_ = {{&a, layout.a, "11UL"}, {&b, layout.b, "12UL"}};
    if (s.third) ops_.push_back({&path_op(*s.third), layout.a, "13UL"});
    for (const Placed& p : ops_) does_ |= p.op->does;
  }

  Program make(const std::vector<const PathBug*>& bugs) const {
    Program out;
    for (const Placed& p : ops_) out.name += fmt::format("{}-", p.op->name);
    out.name +=
        fmt::format("{}{}{}{}{}", name_of(scene_), s_.pages.read_only ? "-read_only" : "", relation_in_name(),
                    s_.remote  ? "-remote"
                    : s_.apart ? "-processes"
                               : "",
                    common_ == 1 ? "" : fmt::format("-{}_pages", common_));
    const bool file = scene_ != Scene::anonymous;
    out.body = fmt::format("#define PTRS_PER_PTE {}\n", pages_ * (has(Op::mremap) ? 2 : 1));
    if (file) out.body += fmt::format("#define NR_SLOTS {}\n", pages_);
    if (ops_.size() > 2) out.body += fmt::format("#define MAX_OPS {}\n", ops_.size());
    if (s_.apart) out.body += fmt::format("#define NR_PROCESSES {}\n#define SWITCH_MM\n", ops_.size());
    if (users() > 0) out.body += fmt::format("#define NR_TLBS {}\n", users());
    if (!takes_write_lock()) out.body += "#define NO_MMAP_WRITER\n";
    out.body += defines_of(Domain::pages, bugs);
    for (const std::string_view h : {"access.h", "advice.h", "areas.h", "collapse.h", "hwpoison.h", "leave.h",
                                     "move.h", "protect.h", "remap.h"}) {
      const bool used =
          std::any_of(ops_.begin(), ops_.end(), [h](const Placed& p) { return p.op->header == h; });
      if (used || (h == "access.h" && looks_after()) || (h == "leave.h" && s_.remote))
        out.body += fmt::format("#include \"ops/{}\"\n", h);
    }
    out.body += init();
    out.body += threads();
    if (s_.apart) {
      out.body += "\n";
      for (std::size_t i = 0; i < ops_.size(); ++i) out.body += fmt::format("PROCESS_INVARIANTS({})\n", i);
      out.body += "PROCESSES_INVARIANTS\n";
    } else {
      out.body += fmt::format("\nMM_INVARIANTS(mm, {})\n", file ? "&file" : "NULL");
    }
    if (scene_ == Scene::private_file) out.body += "PRIVATE_WRITES_LEAVE_THE_FILE_ALONE\n";
    out.body += kept();
    return out;
  }

 private:
  struct Placed {
    const PathOp* op;
    Span at;
    std::string_view value;  // that it writes
  };

  bool has(Op op) const { return count(op) > 0; }
  int count(Op op) const {
    return static_cast<int>(
        std::count_if(ops_.begin(), ops_.end(), [op](const Placed& p) { return p.op->by.op == op; }));
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
    return ops_.size() == 2 && ops_[0].op->by == madvise_of(kDontneed) && scene_ == Scene::anonymous &&
           !s_.remote && !s_.apart && !(does_ & PathOp::kWrites) && !has(Op::mremap);
  }
  int users() const { return count(Op::user) + looks_after(); }
  bool takes_write_lock() const {
    return (does_ & PathOp::kWritesLock) || s_.remote ||
           (scene_ == Scene::shared_file &&
            (does_ & PathOp::kUnmapsFile));  // MADV_REMOVE drops and retakes it
  }

  std::string call(const Placed& p) const {
    const Op op = p.op->by.op;
    const bool load = op == Op::user && s_.pages.read_only;
    std::string text = fmt::format(fmt::runtime(load ? "op_fault_load({0})" : p.op->call), p.at.first,
                                   p.at.pages, p.value, pages_);
    // Of two from different processes one is the address space's own: the one that ends it, or forks, or
    // faults.
    if (s_.remote && op != Op::exit && op != Op::user && op != Op::fork)
      text = fmt::format("from_outside({})", text);
    return text;
  }

  std::string init() const {
    const std::string_view flags = !s_.pages.read_only            ? "VM_READ | VM_WRITE | VM_MAYWRITE"
                                   : scene_ == Scene::shared_file ? "VM_READ"
                                                                  : "VM_READ | VM_MAYWRITE";
    std::string out = fmt::format("\nINIT\n{{\n\tscene_{}({}, {});\n",
                                  s_.apart ? "processes" : name_of(scene_), pages_, flags);
    if (looks_after()) out += "\tscene_user_was_there(0, 0);\n";
    return out + "}\n";
  }

  std::string threads() const {
    std::string out;
    std::vector<std::string_view> names;
    for (const Placed& p : ops_) names.push_back(p.op->name);
    for (std::size_t i = 0; i < ops_.size(); ++i)
      out += thread(name_in(names, i), static_cast<int>(i), call(ops_[i]),
                    i == 0 && looks_after() ? "\tif (!result[0])\n\t\top_look_after_dontneed(0);\n" : "");
    return out;
  }

  // What was written is there in the end, where nothing may have taken it away.
  std::string kept() const {
    if (s_.apart) return kept_for_each();
    if (does_ & PathOp::kLoses || s_.remote) return "";
    std::string out;
    for (int page = 0; page < pages_; ++page) {
      std::string values;
      bool surely = false;  // somebody writes there, whatever the others do
      for (const Placed& p : ops_) {
        const bool first = p.at.first == page;
        const bool there =
            p.op->does & PathOp::kOnePage ? first : p.at.first <= page && page < p.at.first + p.at.pages;
        if (!(p.op->does & PathOp::kWrites) || !there) continue;
        if (s_.pages.read_only && (!(p.op->does & PathOp::kForces) || scene_ == Scene::shared_file)) continue;
        values += fmt::format("{}contents[{}] == {}", values.empty() ? "" : " || ", page, p.value);
        surely |= first;
      }
      if (surely) out += fmt::format("\tassert({});\n", values);
    }
    return out.empty() ? "" : fmt::format("\nFINALLY\n{{\n{}}}\n", out);
  }

  // Of processes: who writes finds in the end what somebody wrote there, whatever the others do to their own
  // mappings, unless it is the file's pages that they take.
  std::string kept_for_each() const {
    if (does_ & PathOp::kTakesPages || s_.pages.read_only) return "";
    std::string out;
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      if (!(ops_[i].op->does & PathOp::kWrites)) continue;
      std::string values;
      for (const Placed& p : ops_) {
        const bool there = p.at.first == ops_[i].at.first ||
                           (!(p.op->does & PathOp::kOnePage) && p.at.first < ops_[i].at.first);
        if (p.op->does & PathOp::kWrites && there)
          values += fmt::format("{}contents[{} * PTRS_PER_PTE + {}] == {}", values.empty() ? "" : " || ", i,
                                ops_[i].at.first, p.value);
      }
      out += fmt::format("\tassert({});\n", values);
    }
    return out.empty() ? "" : fmt::format("\nFINALLY\n{{\n{}}}\n", out);
  }

  const Shape& s_;
  Scene scene_;
  int common_;
  Relation relation_ = Relation::same;
  int pages_ = 0;
  std::vector<Placed> ops_;
  unsigned does_ = PathOp::kNothing;  // all of them
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

// --- contexts: three calls, each as it is whatever the others are

Program context_of_three(const Shape& s, const std::vector<const PathBug*>& bugs) {
  const Op ops[] = {s.first.op, s.second.op, s.third->op};
  const auto has = [&](Op op) { return std::find(std::begin(ops), std::end(ops), op) != std::end(ops); };
  const bool setup = has(Op::io_setup);
  const bool in_flight = has(Op::io_cancel) && !setup;  // there is a request to cancel
  const bool waits = has(Op::io_destroy);               // for requests, which must complete meanwhile
  constexpr int kRequests = 2;
  int id = in_flight;  // of the next request
  struct Thread {
    std::string call, after;
  };
  std::vector<std::string_view> names;
  std::vector<Thread> threads;
  for (const Op op : ops) switch (op) {
      case Op::io_setup:
        names.push_back("setup");
        threads.push_back({"op_io_setup()", ""});
        break;
      case Op::io_submit:
        names.push_back("submit");
        if (setup || id == kRequests) {
          threads.push_back({"op_io_lookup_guessed()", ""});
        } else {
          threads.push_back({fmt::format("op_io_submit({})", id),
                             waits ? fmt::format("\trequest_completes({});\n", id) : ""});
          ++id;
        }
        break;
      case Op::io_getevents:
        names.push_back("getevents");
        threads.push_back({setup ? "op_io_lookup_guessed()" : "op_io_getevents(0)", ""});
        break;
      case Op::io_cancel:
        names.push_back("cancel");
        threads.push_back({setup ? "op_io_lookup_guessed()" : "op_io_cancel(0)", ""});
        break;
      case Op::io_destroy:
        names.push_back("destroy");
        threads.push_back({setup ? "op_io_destroy_guessed()" : "op_io_destroy()", ""});
        break;
      default:
        return {};
    }
  Program out;
  out.name = fmt::format("{}-{}-{}", names[0], names[1], names[2]);
  out.body = fmt::format("#define MAX_OPS {}\n", threads.size()) + defines_of(Domain::context, bugs) +
             "#include \"ops/requests.h\"\n";
  if (!setup)
    out.body +=
        fmt::format("\nINIT\n{{\n\tscene_context();\n{}}}\n", in_flight ? "\trequest_in_flight(0);\n" : "");
  if (in_flight && waits) out.body += "\nIRQ(interrupt) { request_completes(0); }\n";
  for (std::size_t i = 0; i < threads.size(); ++i)
    out.body += thread("io_" + name_in(names, i), static_cast<int>(i), threads[i].call, threads[i].after);
  if (id > 0 && !waits) {
    out.body += "\nFINALLY\n{\n";
    for (int i = 0; i < id; ++i) out.body += fmt::format("\trequest_completes({});\n", i);
    out.body += "}\n";
  }
  out.body += "\nREQUESTS_INVARIANTS\n";
  return out;
}

Program context_program(const Shape& s, const std::vector<const PathBug*>& bugs) {
  const auto it = std::find_if(std::begin(kContextPairs), std::end(kContextPairs), [&](const ContextPair& p) {
    return p.first == s.first.op && p.second == s.second.op;
  });
  Program out;
  if (s.third) return context_of_three(s, bugs);
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

// --- descriptors: all but one at most close it

struct DescriptorOp {
  std::string_view name, call;
};
constexpr DescriptorOp descriptor_op(Op op) {
  return op == Op::submit_fd  ? DescriptorOp{"submit", "op_submit_fd(0)"}
         : op == Op::dup_fd   ? DescriptorOp{"dup", "op_dup(0, 1)"}
         : op == Op::close_fd ? DescriptorOp{"close", "op_close(0)"}
                              : DescriptorOp{"use", "op_use_fd(0)"};
}

Program descriptor_program(const Shape& s, const std::vector<const PathBug*>& bugs) {
  std::vector<DescriptorOp> ops{descriptor_op(s.first.op), descriptor_op(s.second.op)};
  if (s.third) ops.push_back(descriptor_op(s.third->op));
  const auto closes = [](const DescriptorOp& o) { return o.name == "close"; };
  std::stable_partition(ops.begin(), ops.end(), [&](const DescriptorOp& o) { return !closes(o); });
  Program out;
  std::vector<std::string_view> names;
  for (const DescriptorOp& o : ops) {
    out.name += fmt::format("{}{}", out.name.empty() ? "" : "-", o.name);
    names.push_back(o.name);
  }
  if (s.apart) {
    out.name += "-processes";
    out.body = fmt::format("#define NR_TABLES {}\n", ops.size());
  }
  out.body += fmt::format("{}#include \"ops/files.h\"\n\nINIT {{ scene_file_{}(0); }}\n",
                          defines_of(Domain::descriptor, bugs), s.apart ? "inherited" : "open");
  if (ops[0].name == "submit") out.body += "\nIRQ(interrupt) { file_request_completes(); }\n";
  for (std::size_t i = 0; i < ops.size(); ++i) {
    std::string name = name_in(names, i);
    if (name == ops[i].name) name += "_fd";
    out.body += thread(name, static_cast<int>(i), ops[i].call);
  }
  if (!s.apart) return out;
  // Each finds its own descriptor, whatever the others do to theirs.
  out.body += "\nFINALLY\n{\n";
  for (std::size_t i = 0; i < ops.size(); ++i) out.body += fmt::format("\tassert(result[{}] >= 0);\n", i);
  out.body += "}\n";
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
