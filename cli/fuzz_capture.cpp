// SPDX-License-Identifier: GPL-2.0-or-later
// ringtail fuzz capture: captures that are given, or made here by random programs, with lines lost, torn and
// spliced: whatever comes, it must be read and judged without harm, and the same each time.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/fuzz.h"
#include "cli/output.h"
#include "replay/capture/bytes.h"
#include "replay/capture/jsonl.h"
#include "replay/fuzz/capture.h"
#include "replay/live/search.h"

namespace ringtail::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostBytes = 8u << 20;  // of a capture: what is behind them is left alone

struct Options : FuzzOptions {
  std::vector<std::string> captures;
};

class Captures {
 public:
  explicit Captures(const Options& o) : o_(o) {}

  int run() {
    for (const std::string& path : o_.captures) {
      auto text = text_of(path);
      if (!text) return fmt::print(stderr, "{}: error: {}\n", path, text.error()), kBadInput;
      stock_.push_back(std::move(*text));
    }
    std::vector<std::string> files;
    if (!corpus_files(o_, ".capture", files)) return kBadInput;
    for (const std::string& path : files) again(path);
    Cases cases(o_);
    for (std::uint64_t number = 0; cases.next(number);) {
      const std::string made = stock_.empty() ? made_here(number) : std::string();
      const std::string& base = stock_.empty() ? made : stock_[number % stock_.size()];
      if (const auto broken = fuzz::try_capture(number, base, check)) report(number, *broken);
    }
    if (o_.json)
      fmt::print("{}\n", ordered_json{{"fuzz", "capture"},
                                      {"seed", o_.seed},
                                      {"cases", cases.done()},
                                      {"corpus", files.size()},
                                      {"broken", found_},
                                      {"verdict", found_.empty() ? "holds" : "broken"}}
                             .dump(2, ' ', false, ordered_json::error_handler_t::replace));
    else
      fmt::print("{} random captures from seed {} and {} of the corpus: {} read or judged wrongly\n",
                 cases.done(), o_.seed, files.size(), found_.size());
    return found_.empty() ? kHolds : kViolation;
  }

 private:
  static std::string check(std::string_view text) {
    return fuzz::broken_by(text, capture::Format::automatic);
  }

  // The text of a capture, which may be compressed.
  static Result<std::string> text_of(const std::string& path) {
    auto source = capture::ByteSource::open(path);
    if (!source) return Unexpected(source.error());
    std::string out(kMostBytes, '\0');
    std::size_t size = 0;
    while (const std::size_t n = (*source)->read(out.data() + size, out.size() - size)) size += n;
    out.resize(size);
    return out;
  }

  // The case's own program on this machine's kernel, as JSON lines.
  static std::string made_here(std::uint64_t number) {
    const live::Program program = live::program_of(number, live::kind_of(number));
    auto text = live::recorded(program);
    return text ? std::move(*text) : capture::json_header();
  }

  void again(const std::string& path) {
    const auto text = text_of(path);
    const std::string what = text ? fuzz::in_a_child(check, *text) : text.error();
    if (what.empty()) return;
    found_.push_back({{"file", path}, {"what", what}});
    if (!o_.json) fmt::print("{}: does not hold: {}\n", path, what);
  }

  void report(std::uint64_t number, const fuzz::BrokenCapture& b) {
    ordered_json one = {{"seed", number}, {"what", b.what}, {"capture", b.capture}};
    if (!o_.corpus.empty()) {
      const std::string path = fmt::format("{}/capture-{}.capture", o_.corpus, number);
      if (write_text(path, b.capture)) one["file"] = path;
    }
    found_.push_back(std::move(one));
    if (!o_.json) fmt::print("seed {}: does not hold: {}\n\n{}\n", number, b.what, b.capture);
  }

  const Options& o_;
  std::vector<std::string> stock_;
  ordered_json found_ = ordered_json::array();
};

}  // namespace

void add_fuzz_capture(CLI::App& fuzz, int& status) {
  auto o = std::make_shared<Options>();
  CLI::App* c = fuzz.add_subcommand(
      "capture", "damaged captures, which readers and model must stand, and answer the same each time");
  c->add_option("CAPTURE", o->captures, "to damage; else random programs of calls are run and recorded");
  add_fuzz_options(*c, *o);
  c->callback([o, &status] { status = Captures(*o).run(); });
}

}  // namespace ringtail::cli
