// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/fuzz/paths.h"

#include <algorithm>

#include <fmt/format.h>

#include "checker/fuzz/descend.h"

namespace ringtail::fuzz {
namespace {

// {page} and {pages} lie inside what there is, {value} is no other's, {to} is where nothing is mapped.
// `once`: a second one in the program would use what the first has used up, and becomes the row before it.
struct Row {
  const char* call;
  enum : unsigned { kNothing = 0, kWritesLock = 1, kOnce = 2 };
  unsigned is = kNothing;
  const char* after = "";
};

constexpr Row kPageRows[] = {
    {"op_user({page}, false, 0)"},
    {"op_user({page}, true, {value})"},
    {"op_vm_write({page}, {value})"},
    {"op_mem_write({page}, {value})"},
    {"op_page_node({page})"},
    {"op_madvise({page}, {pages}, MADV_DONTNEED)"},
    {"op_madvise({page}, {pages}, MADV_WILLNEED)"},
    {"op_madvise({page}, {pages}, MADV_FREE)"},
    {"op_madvise(0, {all}, MADV_RANDOM)", Row::kWritesLock},
    {"op_madvise({page}, {pages}, MADV_REMOVE)", Row::kWritesLock},
    {"op_cold({page}, {pages})"},
    {"op_pageout({page}, {pages})"},
    {"op_populate({page}, {pages}, false)"},
    {"op_populate({page}, {pages}, true)"},
    {"op_collapse({page}, {pages})", Row::kWritesLock},
    {"op_guard_install({page}, {pages})"},
    {"op_move_pages({page}, 1)"},
    {"op_migrate_pages({all}, 1)"},
    {"op_mbind({page}, {pages}, 1)", Row::kWritesLock},
    {"op_munmap({page}, {pages})", Row::kWritesLock},
    {"op_mmap_fixed({page}, {pages})", Row::kWritesLock},
    {"op_mprotect({page}, {pages}, VM_READ)", Row::kWritesLock},
    {"op_mlock({page}, {pages})", Row::kWritesLock},
    {"op_munlock({page}, {pages})", Row::kWritesLock},
    {"op_mremap({page}, {pages}, {to})", Row::kWritesLock | Row::kOnce},
    {"op_munmap({page}, {pages})", Row::kWritesLock},
    {"op_fork()", Row::kWritesLock | Row::kOnce},
    {"op_mlock({page}, {pages})", Row::kWritesLock},
};
constexpr Row kContextRows[] = {
    {"op_io_getevents(0)"},
    {"op_io_cancel({page})"},
    {"op_io_submit(1)", Row::kOnce, "\trequest_completes(1);\n"},
    {"op_io_cancel(0)"},
    {"op_io_destroy()"},
};
constexpr Row kDescriptorRows[] = {
    {"op_use_fd({page})"},
    {"op_close({page})"},
    {"op_dup(0, {pages})"},
};

constexpr const char* kScenes[] = {"anonymous", "private_file", "shared_file"};

template <std::size_t N>
const Row& row_of(const Row (&rows)[N], const PathStep& s) {
  return rows[s.what % N];
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
  template <std::size_t N>
  std::string threads(const Row (&rows)[N]) {
    std::string out;
    int values = 10;
    for (std::size_t t = 0; t < c_.threads.size(); ++t) {
      if (c_.threads[t].empty() && t != 0) continue;
      out += fmt::format("\nTHREAD(t{})\n{{\n", t);
      for (const PathStep& s : c_.threads[t]) {
        const Row* row = &row_of(rows, s);
        if (row->is & Row::kOnce) {
          const bool first = std::find(used_.begin(), used_.end(), row) == used_.end();
          if (first) used_.push_back(row);
          else ++row;  // each that is there once has a plain one behind it
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
    const std::size_t scene = c_.scene % std::size(kScenes);
    const bool read_only = c_.scene >= std::size(kScenes);
    const std::string body = threads(kPageRows);
    text = fmt::format("#define PTRS_PER_PTE {0}\n#define NR_TLBS {1}\n#define MAX_OPS {1}\n", 2 * all_,
                       c_.threads.size());
    if (scene != 0) text += fmt::format("#define NR_SLOTS {}\n", all_);
    if (!writes_) text += "#define NO_MMAP_WRITER\n";
    text += defines;
    for (const char* header : {"access", "advice", "areas", "move"})
      text += fmt::format("#include \"ops/{}.h\"\n", header);
    text += fmt::format("\nINIT\n{{\n\tscene_{}({}, {});\n}}\n", kScenes[scene], all_,
                        !read_only   ? "VM_READ | VM_WRITE | VM_MAYWRITE"
                        : scene == 2 ? "VM_READ"
                                     : "VM_READ | VM_MAYWRITE") +
            body + fmt::format("\nMM_INVARIANTS(mm, {})\n", scene != 0 ? "&file" : "NULL");
    if (scene == 1) text += "PRIVATE_WRITES_LEAVE_THE_FILE_ALONE\n";
  }

  void context(const std::string& defines) {
    text = fmt::format("#define MAX_OPS {}\n", c_.threads.size()) + defines +
           "#include \"ops/requests.h\"\n\nINIT\n{\n\tscene_context();\n\trequest_in_flight(0);\n}\n" +
           "\nIRQ(interrupt) { request_completes(0); }\n" + threads(kContextRows) + "\nREQUESTS_INVARIANTS\n";
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
    Composition c{ground, *rc::gen::inRange<std::uint8_t>(0, 6), *rc::gen::inRange<std::uint8_t>(0, 2), {}};
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
