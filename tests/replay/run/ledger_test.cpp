// SPDX-License-Identifier: GPL-2.0-or-later
// What the log says of a page, and what it calls what is wrong with one.
#include "replay/run/ledger.h"

#include <gtest/gtest.h>

namespace ringtail::run {
namespace {

constexpr std::uint32_t kFirst = 40;

Content content_of(const Ledger& l, std::size_t page) {
  Content c;
  for (std::size_t w = 0; w < kWords; ++w) c[w] = l.expected(page, w);
  return c;
}

class Ledgers : public ::testing::Test {
 protected:
  // Page 1 is written up to its third generation, and the second slice a little further.
  Ledgers() {
    for (std::size_t s = 0; s < kSlices; ++s) ledger_.slice(1, s) = {3, 0};
    ledger_.slice(1, 1) = {3, 10};
    content_ = content_of(ledger_, 1);
  }
  std::optional<Flaw> found() const { return ledger_.examine(1, content_); }
  void age(std::size_t from, std::size_t to, std::uint32_t generation) {
    for (std::size_t w = from; w < to; ++w) content_[w] = ledger_.stamped(1, w, generation);
  }
  Ledger ledger_{kFirst, 4, true};
  Content content_;
};

TEST_F(Ledgers, FindNothingWhereNothingIsWrong) {
  EXPECT_EQ(found(), std::nullopt);
  EXPECT_EQ(ledger_.examine(0, Content{}), std::nullopt) << "zeros, before anything was written";
  EXPECT_EQ(stamp_of(content_[64]), (Stamp{kFirst + 1, 4, 64}));
  EXPECT_EQ(stamp_of(content_[74]), (Stamp{kFirst + 1, 3, 74})) << "behind the cursor";
}

TEST_F(Ledgers, TellALostWriteFromATornCopyAndAStalePage) {
  age(70, 71, 3);
  EXPECT_EQ(found(), Flaw::lost_write);
  age(256, kWords, 2);
  EXPECT_EQ(found(), Flaw::lost_write) << "two places";
  age(70, 71, 4);
  EXPECT_EQ(found(), Flaw::torn_copy);
  age(0, kWords, 2);
  EXPECT_EQ(found(), Flaw::stale_page);
}

TEST_F(Ledgers, TellWhatIsNotOlder) {
  Content good = content_;
  content_[5] = ledger_.stamped(2, 5, 3);
  EXPECT_EQ(found(), Flaw::wrong_page);
  content_ = good;
  std::swap(content_[5], content_[6]);
  EXPECT_EQ(found(), Flaw::wrong_page) << "the right page, at another place";
  content_ = good;
  age(5, 6, 9);
  EXPECT_EQ(found(), Flaw::not_written);
  content_ = good;
  content_[5] = 0x1234;
  EXPECT_EQ(found(), Flaw::not_written);
  content_ = {};
  EXPECT_EQ(found(), Flaw::content_gone);
}

TEST_F(Ledgers, AMarkedPageMayBeAsInTheBeginningButNotInPart) {
  ledger_.mark(1);
  EXPECT_EQ(found(), std::nullopt);
  content_[0] = 0;
  EXPECT_EQ(found(), Flaw::lost_write);
  content_ = {};
  EXPECT_EQ(found(), std::nullopt);
  ledger_.restart(1);
  EXPECT_EQ(content_of(ledger_, 1), Content{});
}

TEST_F(Ledgers, AFilesPagesBeginAsTheFile) {
  const Ledger of_file(kFirst, 2, false);
  EXPECT_EQ(stamp_of(of_file.expected(1, 7)), (Stamp{kFirst + 1, 0, 7}));
  EXPECT_NE(of_file.examine(1, Content{}), std::nullopt);
}

TEST_F(Ledgers, AnOwnerIsAlone) {
  EXPECT_TRUE(ledger_.try_share(0));
  EXPECT_TRUE(ledger_.try_share(0));
  EXPECT_FALSE(ledger_.try_own(0));
  ledger_.unshare(0);
  ledger_.unshare(0);
  EXPECT_TRUE(ledger_.try_own(0));
  EXPECT_FALSE(ledger_.try_share(0));
  ledger_.disown(0);
  EXPECT_TRUE(ledger_.try_own(0));
}

}  // namespace
}  // namespace ringtail::run
