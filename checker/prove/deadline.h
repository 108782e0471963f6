// SPDX-License-Identifier: GPL-2.0-or-later
// When the time that a question has is up. To build a formula may take longer than to solve it, so whoever
// builds looks at the clock on the way: where an event is added, a constraint is required, a row of a product
// is done.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace ringtail::prove {

struct OutOfTime {};  // thrown by look(), and caught where the question was asked

class Deadline {
 public:
  Deadline() = default;                // never
  explicit Deadline(double seconds) {  // from now; 0: never
    if (seconds > 0)
      at_ =
          Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }
  void look() const {
    if (at_ && Clock::now() > *at_) throw OutOfTime{};
  }
  // For the solver, which takes 0 for no limit.
  double seconds_left() const {
    constexpr double kLeast = 0.001;
    return at_ ? std::max(kLeast, std::chrono::duration<double>(*at_ - Clock::now()).count()) : 0;
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> at_;
};

}  // namespace ringtail::prove
