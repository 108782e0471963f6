// SPDX-License-Identifier: GPL-2.0-or-later
// The copy report as an SVG: GB/s over the batch size, which runs logarithmically.
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "replay/run/copy.h"

namespace ringtail::run {
namespace {

constexpr double kWidth = 760, kHeight = 420, kLeft = 70, kRight = 220, kTop = 40, kBottom = 50;
constexpr const char* kColours[] = {"#1b6ca8", "#c8553d", "#588157", "#7d4e9e",
                                    "#c98a1b", "#3a7d7c", "#8c2f39", "#555555"};

double x_of(std::size_t batch) {
  return kLeft + std::log2(static_cast<double>(batch)) / 16 * (kWidth - kLeft - kRight);
}

// A step of 1, 2 or 5 times a power of ten that divides `top` into about five.
double step_of(double top) {
  const double raw = top / 5, power = std::pow(10, std::floor(std::log10(raw)));
  for (const double k : {1.0, 2.0, 5.0})
    if (raw <= k * power) return k * power;
  return 10 * power;
}

std::string text(double x, double y, const char* anchor, const std::string& s) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor, s);
}

}  // namespace

std::string copy_plot(const std::vector<CopyRow>& rows) {
  using Line = std::tuple<int, int, unsigned, unsigned>;
  std::map<Line, std::vector<const CopyRow*>> lines;
  double top = 0;
  for (const CopyRow& r : rows) {
    lines[{r.from, r.to, r.page_kb, r.threads}].push_back(&r);
    top = std::max(top, r.gb_per_s);
  }
  if (top <= 0) top = 1;
  const double step = step_of(top);
  top = std::ceil(top / step) * step;
  const auto y_of = [&](double gb) { return kHeight - kBottom - gb / top * (kHeight - kTop - kBottom); };

  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      kWidth, kHeight);
  svg += text(kLeft, 22, "start", "move_pages: GB/s by pages in a call");
  for (double gb = 0; gb <= top + step / 2; gb += step) {
    svg += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#dddddd\"/>\n",
                       kLeft, y_of(gb), kWidth - kRight, y_of(gb));
    svg += text(kLeft - 8, y_of(gb) + 4, "end", fmt::format("{:.3g}", gb));
  }
  for (const std::size_t batch : {1u, 16u, 256u, 4096u, 65536u})
    svg += text(x_of(batch), kHeight - kBottom + 20, "middle", fmt::format("{}", batch));
  std::size_t n = 0;
  for (const auto& [key, of] : lines) {
    const auto& [from, to, page_kb, threads] = key;
    const char* colour = kColours[n % std::size(kColours)];
    const char* dashes = n / std::size(kColours) % 2 ? " stroke-dasharray=\"5 3\"" : "";
    std::string points;
    for (const CopyRow* r : of) {
      points += fmt::format("{:.1f},{:.1f} ", x_of(r->batch), y_of(r->gb_per_s));
      svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x_of(r->batch),
                         y_of(r->gb_per_s), colour);
    }
    svg += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{}/>\n", points,
                       colour, dashes);
    const double y = kTop + 18 * static_cast<double>(n++);
    svg += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{2:.1f}\" y2=\"{1:.1f}\" stroke=\"{3}\" "
        "stroke-width=\"2\"{4}/>\n",
        kWidth - kRight + 14, y, kWidth - kRight + 38, colour, dashes);
    svg += text(
        kWidth - kRight + 44, y + 4, "start",
        fmt::format("{} to {}, {} KB, {} thread{}", from, to, page_kb, threads, threads == 1 ? "" : "s"));
  }
  return svg + "</svg>\n";
}

}  // namespace ringtail::run
