// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/fuzz/mutate.h"

#include <algorithm>
#include <cctype>

namespace ringtail::fuzz {
namespace {

using Lines = std::vector<std::string>;

std::string& other(Lines& lines, const Mutation& m) { return lines[m.with % lines.size()]; }
std::size_t inside(const std::string& line, std::size_t n) { return line.empty() ? 0 : n % line.size(); }

void lose(Lines& lines, std::size_t at, const Mutation&) {
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
}
void repeat(Lines& lines, std::size_t at, const Mutation& m) {
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), std::string(other(lines, m)));
}
void swap(Lines& lines, std::size_t at, const Mutation& m) { std::swap(lines[at], other(lines, m)); }
void tear(Lines& lines, std::size_t at, const Mutation& m) { lines[at].resize(inside(lines[at], m.with)); }
// The head of one line and the tail of another, as when two processes write to one file.
void splice(Lines& lines, std::size_t at, const Mutation& m) {
  const std::string tail = other(lines, m);
  const std::size_t cut = inside(lines[at], m.with / 7u);
  lines[at] = lines[at].substr(0, cut) + tail.substr(inside(tail, cut + m.with));
}
void join(Lines& lines, std::size_t at, const Mutation&) {
  if (at + 1 >= lines.size()) return;
  lines[at] += lines[at + 1];
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at) + 1);
}
// A number becomes another one: a result, an address, a thread, a time.
void change_digit(Lines& lines, std::size_t at, const Mutation& m) {
  std::string& line = lines[at];
  for (std::size_t i = 0, start = inside(line, m.with); i < line.size(); ++i) {
    char& c = line[(start + i) % line.size()];
    if (!std::isdigit(static_cast<unsigned char>(c))) continue;
    c = static_cast<char>('0' + (c - '0' + 1 + m.with % 9) % 10);
    return;
  }
}
void stretch_number(Lines& lines, std::size_t at, const Mutation& m) {
  std::string& line = lines[at];
  const std::size_t digit = line.find_first_of("0123456789", inside(line, m.with));
  if (digit != line.npos) line.insert(digit, std::string(1 + m.with % 24, m.with % 2 ? '9' : '0'));
}
void strange_byte(Lines& lines, std::size_t at, const Mutation& m) {
  static constexpr char kBytes[] = {'\0', '\xff', '"', '\\', '{', '}', '[', '<',
                                    '>',  ',',    '(', ')',  '=', ' ', '-', '#'};
  lines[at].insert(inside(lines[at], m.with / 16u), 1, kBytes[m.with % std::size(kBytes)]);
}
void drop_part(Lines& lines, std::size_t at, const Mutation& m) {
  lines[at].erase(inside(lines[at], m.with), 1 + m.with % 13u);
}

constexpr void (*kRows[])(Lines&, std::size_t, const Mutation&) = {
    lose,         repeat,       swap,           tear,         splice,   join,
    change_digit, change_digit, stretch_number, strange_byte, drop_part};

}  // namespace

std::string mutated(std::string_view capture, const std::vector<Mutation>& mutations) {
  Lines lines;
  while (!capture.empty()) {
    const std::size_t end = std::min(capture.find('\n'), capture.size());
    lines.emplace_back(capture.substr(0, end));
    capture.remove_prefix(std::min(end + 1, capture.size()));
  }
  for (const Mutation& m : mutations)
    if (!lines.empty()) kRows[m.what % std::size(kRows)](lines, m.line % lines.size(), m);
  std::string out;
  for (const std::string& l : lines) out += l + "\n";
  // A recorder that was killed leaves no end of a line.
  if (!mutations.empty() && mutations.front().with % 8 == 7 && !out.empty()) out.pop_back();
  return out;
}

rc::Gen<std::vector<Mutation>> mutations() {
  const auto any = [](auto most) {  // whatever the size is that rapidcheck has grown to
    return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<decltype(most)>(0, most));
  };
  return rc::gen::resize(12, rc::gen::container<std::vector<Mutation>>(rc::gen::build<Mutation>(
                                 rc::gen::set(&Mutation::what, any(std::uint8_t{240})),
                                 rc::gen::set(&Mutation::line, any(std::uint16_t{60000})),
                                 rc::gen::set(&Mutation::with, any(std::uint16_t{60000})))));
}

}  // namespace ringtail::fuzz
