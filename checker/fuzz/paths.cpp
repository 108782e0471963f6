// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/fuzz/paths.h"

#include <algorithm>

#include <fmt/format.h>

#include "checker/fuzz/descend.h"

namespace ringtail::fuzz {
namespace {

// {page} and {pages} lie inside what there is, {value} is no other's, {to} is where nothing is mapped.
// A row is drawn as often as its weight says in the scene: nothing is drawn where it does nothing, and most
// often what the bugs of the past met in. Of what is there once, a second one would use what the first has
// used up: it becomes the row before it.
struct Row {
  const char* call;
  enum : unsigned { kNothing = 0, kWritesLock = 1, kOnce = 2 };
  unsigned is = kNothing;
  std::uint8_t weights[3] = {1, 1, 1};  // by Scene::backing
  const char* after = "";
};

enum Backing : std::uint8_t { kAnonymous, kPrivateFile, kSharedFile };
struct Scene {
  const char* name;
  Backing backing;
  bool read_only;
};
// Likewise: what is there often is in the table often.
constexpr Scene kScenes[] = {
    {"anonymous", kAnonymous, false},      {"shared_file", kSharedFile, false},
    {"private_file", kPrivateFile, false}, {"private_file", kPrivateFile, true},
    {"anonymous", kAnonymous, false},      {"shared_file", kSharedFile, false},
    {"private_file", kPrivateFile, true},  {"anonymous", kAnonymous, true},
    {"shared_file", kSharedFile, true},
};

constexpr Row kPageRows[] = {
    {"op_user({page}, false, 0)", Row::kNothing, {2, 2, 2}},
    {"op_user({page}, true, {value})", Row::kNothing, {6, 4, 4}},
    {"op_vm_write({page}, {value})", Row::kNothing, {3, 3, 3}},
    {"op_mem_write({page}, {value})", Row::kNothing, {3, 8, 3}},
    {"op_page_node({page})"},
    {"op_madvise({page}, {pages}, MADV_DONTNEED)", Row::kNothing, {8, 8, 4}},
    {"op_dontneed_and_look({page})", Row::kNothing, {6, 0, 0}},
    {"op_madvise({page}, {pages}, MADV_FREE)", Row::kNothing, {5, 0, 0}},
    {"op_madvise({page}, {pages}, MADV_WILLNEED)", Row::kNothing, {1, 1, 1}},
    {"op_madvise(0, {all}, MADV_RANDOM)", Row::kWritesLock},
    {"op_madvise({page}, {pages}, MADV_REMOVE)", Row::kWritesLock, {0, 0, 8}},
    {"op_cold({page}, {pages})"},
    {"op_pageout({page}, {pages})", Row::kNothing, {0, 2, 2}},
    {"op_populate({page}, {pages}, false)"},
    {"op_populate({page}, {pages}, true)"},
    {"op_collapse({page}, {pages})", Row::kWritesLock, {2, 1, 0}},
    {"op_guard_install({page}, {pages})"},
    {"op_move_pages({page}, 1)", Row::kNothing, {4, 2, 3}},
    {"op_migrate_pages({all}, 1)"},
    {"op_mbind({page}, {pages}, 1)", Row::kWritesLock},
    {"op_munmap({page}, {pages})", Row::kWritesLock, {3, 3, 6}},
    {"op_munmap(0, {all})", Row::kWritesLock, {1, 1, 4}},
    {"op_mmap_fixed({page}, {pages})", Row::kWritesLock},
    {"op_mprotect({page}, {pages}, VM_READ)", Row::kWritesLock, {3, 2, 2}},
    {"op_munlock({page}, {pages})", Row::kWritesLock},
    {"op_mremap({page}, {pages}, {to})", Row::kWritesLock | Row::kOnce, {3, 1, 1}},
    {"op_mlock({page}, {pages})", Row::kWritesLock},
    {"op_fork()", Row::kWritesLock | Row::kOnce, {3, 2, 1}},
};
// Of a context that is there.
constexpr Row kContextRows[] = {
    {"op_io_getevents(0)", Row::kNothing, {3}},
    {"op_io_cancel({page})"},
    {"op_io_submit(1)", Row::kOnce, {2}, "\trequest_completes(1);\n"},
    {"op_io_destroy()", Row::kNothing, {3}},
};
// Beside somebody who sleeps until an event comes: nobody may take the one that comes for sure.
constexpr Row kWaitingRows[] = {
    {"op_io_cancel(1)"},
    {"op_io_submit(1)", Row::kOnce, {3}, "\trequest_completes(1);\n"},
};
// Of one that is being set up: its name is an address, which can be guessed.
constexpr Row kSetupRows[] = {
    {"op_io_lookup_guessed()"},
    {"op_io_destroy_guessed()", Row::kNothing, {2}},
    {"op_io_setup()"},
};
constexpr Row kDescriptorRows[] = {
    {"op_use_fd({page})"},
    {"op_close({page})"},
    {"op_dup(0, {pages})"},
};

// Lower numbers are earlier rows, so that what is shrunk becomes plain.
template <std::size_t N>
const Row& row_of(const Row (&rows)[N], const PathStep& s, std::size_t scene = 0) {
  unsigned sum = 0;
  for (const Row& r : rows) sum += r.weights[scene];
  unsigned at = s.what % sum;
  const Row* row = rows;
  for (; at >= row->weights[scene]; ++row) at -= row->weights[scene];
  return *row;
}

// Threads of steps as kernel C; what a row needs is noted on the way.
class Writer {
 public:
  Writer(const Composition& c, const std::string& defines) : c_(c), all_(1 + c.pages % 2) {
    switch (c.ground) {
      case Ground::pages:
        pages(defines);
        break;
      case Ground::context:
        context(defines);
        break;
      case Ground::descriptor:
        descriptor(defines);
        break;
    }
  }
  std::string text;

 private:
  // `begins`: what the first thread does before all else.
  template <std::size_t N>
  std::string threads(const Row (&rows)[N], std::size_t scene = 0, const std::string& begins = "") {
    std::string out;
    int values = 10;
    for (std::size_t t = 0; t < c_.threads.size(); ++t) {
      if (c_.threads[t].empty() && t != 0) continue;
      out += fmt::format("\nTHREAD(t{})\n{{\n", t);
      if (t == 0 && !begins.empty()) out += fmt::format("\tresult[0] = {};\n", begins);
      for (const PathStep& s : c_.threads[t]) {
        const Row* row = &row_of(rows, s, scene);
        if (row->is & Row::kOnce) {
          const bool first = std::find(used_.begin(), used_.end(), row) == used_.end();
          if (first) used_.push_back(row);
          else --row;
        }
        writes_ |= (row->is & Row::kWritesLock) != 0;
        const int page = s.page % all_, most = all_ - page;
        out += fmt::format(
            "\tresult[{}] = {};\n", t,
            fmt::format(fmt::runtime(row->call), fmt::arg("page", c_.ground == Ground::pages ? page : s.page),
                        fmt::arg("pages", c_.ground == Ground::pages ? 1 + s.pages % most : s.pages),
                        fmt::arg("all", all_), fmt::arg("to", all_), fmt::arg("value", ++values)));
        out += row->after;
      }
      out += "}\n";
    }
    return out;
  }

  void pages(const std::string& defines) {
    const Scene& scene = kScenes[c_.scene % std::size(kScenes)];
    const std::string body = threads(kPageRows, scene.backing);
    text = fmt::format("#define PTRS_PER_PTE {0}\n#define NR_TLBS {1}\n#define MAX_OPS {1}\n", 2 * all_,
                       c_.threads.size());
    if (scene.backing != kAnonymous) text += fmt::format("#define NR_SLOTS {}\n", all_);
    if (!writes_) text += "#define NO_MMAP_WRITER\n";
    text += defines;
    for (const char* header :
         {"access", "advice", "areas", "collapse", "hwpoison", "leave", "move", "protect", "remap"})
      text += fmt::format("#include \"ops/{}.h\"\n", header);
    text += fmt::format("\nINIT\n{{\n\tscene_{}({}, {});\n", scene.name, all_,
                        !scene.read_only               ? "VM_READ | VM_WRITE | VM_MAYWRITE"
                        : scene.backing == kSharedFile ? "VM_READ"
                                                       : "VM_READ | VM_MAYWRITE");
    if (scene.backing == kAnonymous)
      for (std::size_t t = 0; t < c_.threads.size(); ++t)
        text += fmt::format("\tscene_user_was_there({}, 0);\n", t);
    text += "}\n" + body +
            fmt::format("\nMM_INVARIANTS(mm, {})\n", scene.backing != kAnonymous ? "&file" : "NULL");
    if (scene.backing == kPrivateFile) text += "PRIVATE_WRITES_LEAVE_THE_FILE_ALONE\n";
  }

  void context(const std::string& defines) {
    enum : std::uint8_t { kThere, kWaitedFor, kSetUp, kBegins };
    const int begins = c_.scene % kBegins;
    text = fmt::format("#define MAX_OPS {}\n", c_.threads.size()) + defines + "#include \"ops/requests.h\"\n";
    if (begins != kSetUp)
      text +=
          "\nINIT\n{\n\tscene_context();\n\trequest_in_flight(0);\n}\n"
          "\nIRQ(interrupt) { request_completes(0); }\n";
    text += begins == kThere       ? threads(kContextRows)
            : begins == kWaitedFor ? threads(kWaitingRows, 0, "op_io_getevents(1)")
                                   : threads(kSetupRows, 0, "op_io_setup()");
    text += "\nREQUESTS_INVARIANTS\n";
  }

  void descriptor(const std::string& defines) {
    text = defines + "#include \"ops/files.h\"\n\nINIT { scene_file_open(0); }\n" + threads(kDescriptorRows);
  }

  const Composition& c_;
  const int all_;
  bool writes_ = false;
  std::vector<const Row*> used_;
};

std::size_t steps_of(const Composition& c) {
  std::size_t n = 0;
  for (const auto& t : c.threads) n += t.size();
  return n;
}

}  // namespace

std::string kernel_c(const Composition& composition, const std::string& defines) {
  return "// SPDX-License-Identifier: GPL-2.0-or-later\n// Operations that were put together at random.\n"
         "// @expect all: safe\n" +
         Writer(composition, defines).text;
}

rc::Gen<Composition> compositions(Ground ground) {
  return rc::gen::exec([=] {
    Composition c{ground,
                  *rc::gen::inRange<std::uint8_t>(0, std::size(kScenes)),
                  *rc::gen::inRange<std::uint8_t>(0, 2),
                  {}};
    const int threads = *rc::gen::weightedElement<int>({{5, 2}, {1, 3}});
    for (int t = 0; t < threads; ++t) {
      const auto steps = static_cast<std::size_t>(threads == 2 ? *rc::gen::inRange(1, 3) : 1);
      c.threads.push_back(*rc::gen::container<std::vector<PathStep>>(steps, rc::gen::arbitrary<PathStep>()));
    }
    return c;
  });
}

std::optional<PathViolation> look(const std::string& spec, const PathSearch& search,
                                  std::uint64_t& finished) {
  const auto loaded = lang::load_spec("generated.c", spec, {}, search.find);
  if (!loaded) return PathViolation{search.models.front(), "error", loaded.error().text, spec, 0};
  for (const memory::Model model : search.models) {
    const explore::Outcome o = search.explorer(loaded->program, model);
    finished += o.result == explore::Result::safe || o.result == explore::Result::violation;
    if (o.violation) return PathViolation{model, o.violation->kind, o.violation->message, spec, 0};
  }
  return std::nullopt;
}

std::optional<PathViolation> try_paths(std::uint64_t number, const PathSearch& search,
                                       std::uint64_t& finished) {
  const auto ground = static_cast<Ground>(number % 8 < 5 ? 0 : number % 8 < 7 ? 1 : 2);
  const rc::Shrinkable<Composition> start = compositions(ground)(rc::Random(number), rc::kNominalSize);
  const auto wrong = [&](const Composition& c, std::uint64_t& count) {
    auto found = look(kernel_c(c, search.defines), search, count);
    if (found) found->steps = steps_of(c);
    return found;
  };
  auto found = wrong(start.value(), finished);
  if (found)
    descend(start, [&](const Composition& smaller) {
      std::uint64_t ignored = 0;
      auto still = wrong(smaller, ignored);
      if (!still || still->kind != found->kind) return false;
      found = std::move(still);
      return true;
    });
  return found;
}

}  // namespace ringtail::fuzz
