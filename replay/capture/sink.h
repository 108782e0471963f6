// SPDX-License-Identifier: GPL-2.0-or-later
// Where a capture is written to: a file, compressed as its name says (.gz, .zst, anything else plain), or `-`
// for standard output. Text is buffered; close() says whether all of it arrived.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "model/base/result.h"

namespace ringtail::capture {

class Sink {
 public:
  static Result<std::unique_ptr<Sink>> open(const std::string& path);
  virtual ~Sink() = default;
  virtual void write(std::string_view text) = 0;
  // The first thing that went wrong since open(), or nothing. The sink takes no text afterwards.
  virtual Result<bool> close() = 0;
};

}  // namespace ringtail::capture
