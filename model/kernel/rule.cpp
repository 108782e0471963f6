// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/kernel/rule.h"

#include <fmt/format.h>

namespace ringtail::kernel {

void Checks::allow(int error, const Rule& rule) {
  for (int i = 0; i < count_; ++i)
    if (entries_[static_cast<std::size_t>(i)].error == error) return;
  if (count_ == kMost) fatal("a call with more than kMost distinct errors");
  entries_[static_cast<std::size_t>(count_++)] = {error, &rule};
}

void Checks::hits(const Rule& rule, int error, Tri hit) {
  if (!rule.holds(profile_.version)) return;
  allow(error, rule);
  if (hit == Tri::yes) {
    closed_ = true;
    closer_ = &rule;
  }
}

void Checks::returns(const Rule& rule, std::int64_t value) {
  if (closed_) return;
  if (success_ && value_ != value) any_value_ = true;
  success_ = true;
  value_ = value;
  if (!closer_) closer_ = &rule;
}

void Checks::succeeds(const Rule& rule) {
  if (closed_) return;
  success_ = any_value_ = true;
  if (!closer_) closer_ = &rule;
}

void Checks::diverge(const Rule& rule, std::string observed, std::string allowed) {
  diverged_ = &rule;
  observed_ = std::move(observed);
  allowed_ = std::move(allowed);
}

Verdict Checks::verdict() const {
  Verdict v;
  const auto skip = [&v](std::string_view why) {
    v.kind = Verdict::Kind::not_judged;
    v.reason = why;
    return v;
  };
  if (out_.state == Outcome::State::never) return v;
  if (out_.state == Outcome::State::unknown) return skip(reason::kNoResult);
  if (out_.state == Outcome::State::restarted) return skip(reason::kRestarted);
  if (skipped()) return skip(reason_);

  v.exact = exact_ && !any_value_ && count_ + (success_ ? 1 : 0) == 1;
  bool fits = false;
  if (out_.failed()) {
    for (int i = 0; i < count_ && !fits; ++i)
      fits = entries_[static_cast<std::size_t>(i)].error == -out_.value;
  } else {
    fits = success_ && (any_value_ || value_ == out_.value);
  }
  if (fits && (!diverged_ || out_.failed())) {
    if (unless_signal_ && !out_.failed()) {
      v.unless_signal = unless_signal_;
      v.observed = observed_;
      v.allowed = {allowed_};
    }
    return v;
  }

  v.kind = Verdict::Kind::diverges;
  v.exact = exact_ && !any_value_ && count_ + (success_ ? 1 : 0) == 1;
  if (fits) {
    v.rule = diverged_;
    v.observed = observed_;
    v.allowed = {allowed_};
    return v;
  }
  v.rule = closer_;
  v.observed = out_.failed()       ? "-" + errno_name(static_cast<int>(-out_.value))
               : out_.value > 4096 ? fmt::format("{:#x}", out_.value)
                                   : fmt::format("{}", out_.value);
  if (success_)
    v.allowed.push_back(any_value_      ? "success"
                        : value_ > 4096 ? fmt::format("{:#x}", value_)
                                        : fmt::format("{}", value_));
  for (int i = 0; i < count_; ++i)
    v.allowed.push_back("-" + errno_name(entries_[static_cast<std::size_t>(i)].error));
  return v;
}

}  // namespace ringtail::kernel
