// SPDX-License-Identifier: GPL-2.0-or-later
// The compact multiset of requests against its slow judge: a list of requests and, after every event, a
// matching.
#include "model/kernel/aio_requests.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/kernel/aio_calls.h"

namespace ringtail::kernel {
namespace {

using aio_tests::event;

// Every event has to belong to a request that came before it, no two to the same.
class Judge {
 public:
  void add(const Iocb& cb) { requests_.push_back({cb, shape_of(cb), clock_++, false}); }
  void withdraw(std::size_t i) { requests_[i].withdrawn = true; }
  void add(const IoEvent& e) { events_.push_back({e, clock_++}); }
  void drop_event() { events_.pop_back(); }
  bool explained() {
    std::vector<int> owner(requests_.size(), -1);
    for (std::size_t e = 0; e < events_.size(); ++e) {
      std::vector<bool> seen(requests_.size());
      if (!assign(e, owner, seen)) return false;
    }
    return true;
  }

 private:
  struct Request {
    Iocb cb;
    Shape shape;
    int when;
    bool withdrawn;
  };
  struct Seen {
    IoEvent event;
    int when;
  };
  bool fits(const Seen& e, const Request& r) const {
    return !r.withdrawn && r.when < e.when && r.cb.data == e.event.data &&
           (!r.cb.address.known() || r.cb.address == e.event.obj) && r.shape.allows(e.event.res.s64(), false);
  }
  bool assign(std::size_t e, std::vector<int>& owner, std::vector<bool>& seen) {
    for (std::size_t r = 0; r < requests_.size(); ++r) {
      if (seen[r] || !fits(events_[e], requests_[r])) continue;
      seen[r] = true;
      if (owner[r] < 0 || assign(static_cast<std::size_t>(owner[r]), owner, seen)) {
        owner[r] = static_cast<int>(e);
        return true;
      }
    }
    return false;
  }
  std::vector<Request> requests_;
  std::vector<Seen> events_;
  int clock_ = 0;
};

struct Mix {
  bool addresses;  // of iocbs are recorded
  bool polls;      // requests whose results are not ordered by inclusion
};

void hold_against_judge(Mix mix) {
  Judge judge;
  Requests compact;
  std::vector<Iocb> all;
  std::vector<std::size_t> tentative;
  const auto data = [] { return *rc::gen::inRange<std::uint64_t>(0, 2); };
  const auto address = [] { return *rc::gen::inRange<std::uint64_t>(1, 4) * 0x1000; };
  bool withdrawn = false;  // the compact one then lets requests that came later stand in
  const int steps = *rc::gen::inRange(1, 40);
  for (int step = 0; step < steps; ++step) {
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
      case 1: {
        Iocb cb;
        switch (*rc::gen::inRange(0, mix.polls ? 4 : 3)) {
          case 0:
            cb = aio_tests::sync_of(data());
            break;
          case 3:
            cb = aio_tests::poll_of(data(), *rc::gen::element<std::uint64_t>(1, 4, 5));
            break;
          default:
            cb = aio_tests::read_of(data(), *rc::gen::element<std::uint64_t>(0, 1, 4, 9));
            break;
        }
        if (mix.addresses) cb.address = Word::of(address());
        judge.add(cb);
        compact.add(cb);
        if (*rc::gen::inRange(0, 3) == 0) tentative.push_back(all.size());
        all.push_back(cb);
        break;
      }
      case 2:
      case 3: {
        const IoEvent e = event(data(), *rc::gen::element<std::int64_t>(-5, 0, 1, 4, 5, 9, 10), address());
        judge.add(e);
        const bool explained = judge.explained();
        const bool taken = compact.complete(e, false);
        if (explained) RC_ASSERT(taken);
        if (!mix.polls && !withdrawn) RC_ASSERT(taken == explained);
        if (!explained) judge.drop_event();
        if (taken != explained) return;  // the compact one knows less from here on
        break;
      }
      default: {
        if (tentative.empty()) break;
        const std::size_t i = tentative.back();
        tentative.pop_back();
        judge.withdraw(i);
        const bool explained = judge.explained();
        const bool fits = compact.reject(all[i]);
        withdrawn = true;
        if (explained) RC_ASSERT(fits);
        if (!fits || !explained) return;
        break;
      }
    }
  }
}

RC_GTEST_PROP(Requests, ExplainTheSameEventsAsTheListDoes, ()) {
  for (int i = 0; i < 20; ++i) hold_against_judge({false, false});
}
RC_GTEST_PROP(Requests, ExplainTheSameEventsAsTheListDoesByAddress, ()) {
  for (int i = 0; i < 20; ++i) hold_against_judge({true, false});
}
RC_GTEST_PROP(Requests, ExcludeNothingThatTheListAllows, ()) {
  for (int i = 0; i < 20; ++i) hold_against_judge({false, true});
}
RC_GTEST_PROP(Requests, ExcludeNothingThatTheListAllowsByAddress, ()) {
  for (int i = 0; i < 20; ++i) hold_against_judge({true, true});
}

TEST(Requests, AreNeverMoreEventsThanRequests) {
  Requests r;
  r.add(aio_tests::read_of(7, 100));
  r.add_unknown(1);
  EXPECT_TRUE(r.complete(event(7, 100), false));
  EXPECT_TRUE(r.complete(event(9, 1), false));  // of the unknown one
  EXPECT_FALSE(r.complete(event(7, 100), false));
  EXPECT_TRUE(r.empty());
}

TEST(Requests, EventsThatAreNotRecordedCountAgainstAll) {
  Requests r;
  for (int i = 0; i < 3; ++i) r.add(aio_tests::read_of(7, 100));
  EXPECT_TRUE(r.complete_unknown(2));
  EXPECT_FALSE(r.complete_unknown(2));
  EXPECT_TRUE(r.complete(event(7, 1), false));
  EXPECT_FALSE(r.complete(event(7, 1), false));
}

TEST(Requests, StayBoundedWhenNobodyReadsTheirEvents) {
  Requests r;
  for (std::uint64_t i = 0; i < 100000; ++i) r.add(aio_tests::read_of(i, 100));
  EXPECT_EQ(r.total(), 100000);
  EXPECT_TRUE(r.complete(event(5, 100), false));  // forgotten by name, not by number
  EXPECT_TRUE(r.complete(event(99999, 100), false));
}

TEST(Requests, APollEndsWithoutAMaskOnlyWhenCancelled) {
  Requests r;
  r.add(aio_tests::poll_of(1, 1));
  EXPECT_FALSE(r.complete(event(1, 0), false));
  EXPECT_TRUE(r.complete(event(1, 0), true));
  r.add(aio_tests::poll_of(1, 1, "anon_inode:[signalfd]"));  // whose queue may be freed under it
  EXPECT_TRUE(r.complete(event(1, 0), false));
}

struct ShapeRow {
  const char* name;
  Iocb cb;
  std::vector<std::int64_t> allows, refuses;
};

TEST(Shape, AllowsTheResultsOfItsOperation) {
  Iocb vector = aio_tests::iocb(0, 7, 3, 2);
  vector.iov = {{{Word::of(0x1000), Word::of(10)}, {Word::of(0x2000), Word::of(20)}},
                List<Iovec>::State::complete};
  Iocb cut = vector;
  cut.iov.state = List<Iovec>::State::truncated;
  const ShapeRow rows[] = {
      {"read", aio_tests::read_of(0, 512), {0, 1, 512, -5, -511}, {513, -512, -4096, 1 << 30}},
      {"write", aio_tests::write_of(0, 0), {0, -28}, {1}},
      {"more than MAX_RW_COUNT", aio_tests::read_of(0, 0x80000000), {0x7ffff000}, {0x7ffff001}},
      {"vector", vector, {30}, {31}},
      {"vector that is not all recorded", cut, {31, 0x7ffff000}, {0x7ffff001}},
      {"fsync", aio_tests::sync_of(0), {0, -5}, {1, -512}},
      {"poll", aio_tests::poll_of(0, 1), {1, 0x41, 8, 16, 17}, {4, 0, -4, 0x10001}},
  };
  for (const ShapeRow& row : rows) {
    for (const auto res : row.allows)
      EXPECT_TRUE(shape_of(row.cb).allows(res, false)) << row.name << ' ' << res;
    for (const auto res : row.refuses)
      EXPECT_FALSE(shape_of(row.cb).allows(res, false)) << row.name << ' ' << res;
  }
}

}  // namespace
}  // namespace ringtail::kernel
