// SPDX-License-Identifier: GPL-2.0-or-later
// The interval map against the obvious one: a state for every page.
#include "model/kernel/address_space.h"

#include <array>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ringtail::kernel {
namespace {

constexpr Address kPage = 4096, kBase = 0x100000;
constexpr std::size_t kPages = 24;

struct Edit {
  enum Kind { assign, change, forget } kind;
  std::size_t begin, length;
  int state;
};

PageState state_of(int i) {
  switch (i) {
    case 0:
      return PageState::unmapped();
    case 1:
      return PageState{}.set(kMapped, true).set(kWrite, true);
    case 2:
      return PageState{}.set(kMapped, true).set(kWrite, false);
    default:
      return PageState{}.set(kMapped, true).set(kLocked, true);
  }
}

void flip(PageState& s) {
  if (s.test(kWrite) == Tri::maybe) s.set(kWrite, true);
  else s.forget(kWrite);
}

struct Pages {
  std::array<PageState, kPages> page{};
  void apply(const Edit& e) {
    for (std::size_t i = e.begin; i < e.begin + e.length; ++i) {
      if (e.kind == Edit::assign) page[i] = state_of(e.state);
      if (e.kind == Edit::forget) page[i] = {};
      if (e.kind == Edit::change) flip(page[i]);
    }
  }
};

Range range_of(const Edit& e) { return {kBase + e.begin * kPage, kBase + (e.begin + e.length) * kPage}; }

void apply(AddressSpace& a, const Edit& e) {
  switch (e.kind) {
    case Edit::assign:
      a.assign(range_of(e), state_of(e.state));
      break;
    case Edit::forget:
      a.forget(range_of(e));
      break;
    case Edit::change:
      a.update(range_of(e), [](Range, PageState& s) { flip(s); });
      break;
  }
}

rc::Gen<Edit> any_edit() {
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, kPages), [](std::size_t begin) {
    return rc::gen::map(
        rc::gen::tuple(rc::gen::inRange<std::size_t>(0, kPages - begin + 1), rc::gen::inRange(0, 3),
                       rc::gen::inRange(0, 4)),
        [begin](const auto& t) {
          return Edit{static_cast<Edit::Kind>(std::get<1>(t)), begin, std::get<0>(t), std::get<2>(t)};
        });
  });
}

std::ostream& operator<<(std::ostream& os, const Edit& e) {
  return os << "{" << e.kind << " at " << e.begin << " for " << e.length << " state " << e.state << "}";
}

RC_GTEST_PROP(AddressSpace, IsTheMapOfPages, ()) {
  const auto edits = *rc::gen::container<std::vector<Edit>>(any_edit());
  AddressSpace space;
  Pages pages;
  for (const Edit& e : edits) {
    apply(space, e);
    pages.apply(e);
    // Every page, by point and by walk.
    std::size_t next = 0;
    PageState before;
    bool first = true;
    space.for_each({kBase, kBase + kPages * kPage}, [&](Range r, const PageState& s) {
      RC_ASSERT(r.begin == kBase + next * kPage);
      RC_ASSERT(!r.empty());
      RC_ASSERT(first || s != before);  // neighbours that are equal are one
      first = false;
      before = s;
      for (; next < (r.end - kBase) / kPage; ++next) RC_ASSERT(s == pages.page[next]);
    });
    RC_ASSERT(next == kPages);
    for (std::size_t i = 0; i < kPages; ++i) RC_ASSERT(space.at(kBase + i * kPage) == pages.page[i]);
    RC_ASSERT(space.intervals() <= kPages);
  }
}

// Against a kernel that merges nothing: one VMA is said only of what it has as one, and the count is short by
// no more than what cutting intervals with hidden edges may lose.
RC_GTEST_PROP(AddressSpace, KnowsWhatIsOneVma, ()) {
  const auto edits = *rc::gen::container<std::vector<Edit>>(any_edit());
  AddressSpace space;
  std::array<int, kPages> piece{};  // a number a VMA; cuts and assignments make new ones
  int fresh = 0;
  const auto cut = [&](std::size_t at) {
    if (at == 0 || at >= kPages || piece[at - 1] != piece[at] || piece[at] == 0) return;
    const int old = piece[at];
    ++fresh;
    for (std::size_t i = at; i < kPages && piece[i] == old; ++i) piece[i] = fresh;
  };
  for (Edit e : edits) {
    if (e.kind == Edit::forget) e.kind = Edit::assign, e.state = 0;
    apply(space, e);
    if (e.length == 0) continue;
    cut(e.begin);
    cut(e.begin + e.length);
    if (e.kind == Edit::assign) {
      ++fresh;
      for (std::size_t i = e.begin; i < e.begin + e.length; ++i) piece[i] = e.state == 0 ? 0 : fresh;
    }
    std::size_t count = 0;
    for (std::size_t i = 0; i < kPages; ++i) count += piece[i] != 0 && (i == 0 || piece[i] != piece[i - 1]);
    RC_ASSERT(space.vma_bound() + edits.size() >= count);
    RC_ASSERT(space.vma_bound() <= kPages + 2 * edits.size());
    for (std::size_t i = 0; i + 1 < kPages; ++i)
      if (space.one_vma({kBase + i * kPage, kBase + (i + 2) * kPage})) RC_ASSERT(piece[i] == piece[i + 1]);
  }
}

TEST(AddressSpace, PropertiesOfPagesCutNoVma) {
  AddressSpace space;
  const Range all{kBase, kBase + kPages * kPage}, middle{kBase + kPage, kBase + 2 * kPage};
  space.assign(all, state_of(1));
  for (int i = 0; i < 1000; ++i) {
    space.update(middle, [](Range, PageState& s) { s.set(kPresent, true); });
    EXPECT_EQ(space.intervals(), 3u);
    EXPECT_TRUE(space.one_vma(all));
    space.update(all, [](Range, PageState& s) { s.forget(kPresent); });
  }
  EXPECT_EQ(space.vma_bound(), 1u);
  EXPECT_TRUE(space.one_vma(all));
  space.may_cut(middle);
  EXPECT_FALSE(space.one_vma(all));
}

TEST(AddressSpace, CostsWhatAPageCosts) {
  AddressSpace space;
  space.assign({kBase, kBase + (Address{1} << 40)}, state_of(1));
  EXPECT_EQ(space.intervals(), 1u);
  EXPECT_EQ(space.at(kBase + (Address{1} << 39)), state_of(1));
}

}  // namespace
}  // namespace ringtail::kernel
