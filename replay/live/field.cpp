// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/live/field.h"

#include <cstdint>

#include "replay/live/scene.h"

namespace ringtail::live {
namespace {

// `count` elements of `stride` bytes from `at`, and in each a member `suffix` of `size` bytes at `inner`.
struct Row {
  const char* name;
  std::size_t at, stride, count;
  const char* suffix;
  std::size_t inner, size;
};

#define ARRAY(member) \
#member, offsetof(Scratch, member), sizeof(Scratch::member[0]), std::size(Scratch{}.member)
#define ELEMENTS(member) \
  { ARRAY(member), "", 0, sizeof(Scratch::member[0]) }
#define SINGLE(member) \
  { #member, offsetof(Scratch, member), sizeof(Scratch::member), 0, "", 0, sizeof(Scratch::member) }
#define INNER(type, inner) "." #inner, offsetof(type, inner), sizeof(type::inner)
#define IN_IOCBS(inner) \
  { ARRAY(iocbs), INNER(RawIocb, inner) }

constexpr Row kRows[] = {
    ELEMENTS(pages),
    ELEMENTS(nodes),
    ELEMENTS(status),
    SINGLE(policy),
    SINGLE(pair),
    SINGLE(context),
    {ARRAY(iov), "[0]", 0, 8},
    {ARRAY(iov), "[1]", 8, 8},
    ELEMENTS(iocbpp),
    ELEMENTS(timeout),
    ELEMENTS(sigset),
    SINGLE(cancelled),
    ELEMENTS(events),
    IN_IOCBS(data),
    IN_IOCBS(key),
    IN_IOCBS(rw_flags),
    IN_IOCBS(opcode),
    IN_IOCBS(reqprio),
    IN_IOCBS(fildes),
    IN_IOCBS(buf),
    IN_IOCBS(nbytes),
    IN_IOCBS(offset),
    IN_IOCBS(reserved2),
    IN_IOCBS(flags),
    IN_IOCBS(resfd),
    ELEMENTS(mask2),
    ELEMENTS(mask),
};

std::string element(const Row& row, std::size_t i) {
  return row.count == 0 ? row.name : row.name + ("[" + std::to_string(i) + "]");
}

// Calls `found(name of the element, name of the member, where)` for every member until it says true.
template <class Found>
void each(Found found) {
  for (const Row& row : kRows)
    for (std::size_t i = 0; i < (row.count == 0 ? 1 : row.count); ++i) {
      const std::string name = element(row, i);
      const std::size_t at = row.at + i * row.stride;
      if (found(name, name + row.suffix, at, Place{at + row.inner, row.size})) return;
    }
}

}  // namespace

std::string field_at(std::size_t at, std::size_t size) {
  std::string result;
  each([&](const std::string&, const std::string& member, std::size_t, Place p) {
    if (p.at == at && p.size == size) result = member;
    return !result.empty();
  });
  return result;
}

std::string object_at(std::size_t at) {
  std::string result;
  each([&](const std::string& name, const std::string&, std::size_t begin, Place) {
    if (begin == at) result = name;
    return !result.empty();
  });
  return result;
}

std::optional<Place> field_named(std::string_view name) {
  std::optional<Place> result;
  each([&](const std::string&, const std::string& member, std::size_t, Place p) {
    if (member == name) result = p;
    return result.has_value();
  });
  return result;
}

std::optional<std::size_t> object_named(std::string_view name) {
  std::optional<std::size_t> result;
  each([&](const std::string& element, const std::string&, std::size_t begin, Place) {
    if (element == name) result = begin;
    return result.has_value();
  });
  return result;
}

}  // namespace ringtail::live
