// SPDX-License-Identifier: GPL-2.0-or-later
// The bytes of a capture, wherever they come from: a file, a pipe, memory; plain, gzip or zstd.
//
// A stream is told by its first bytes, not by its name. Nothing is mapped and nothing seeks, so that a pipe
// is as good as a file and resident memory does not grow with the capture. A stream that is damaged in the
// middle gives the bytes before the damage, then ends, and `error()` says what was wrong.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "model/base/result.h"

namespace ringtail::capture {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills at most `size` bytes; 0 at the end or at an error.
  virtual std::size_t read(char* out, std::size_t size) = 0;
  const std::string& error() const { return error_; }

  // `path` may be "-" for standard input. Decompresses what is compressed.
  static Result<std::unique_ptr<ByteSource>> open(const std::string& path);
  // Over bytes that outlive the source; decompresses too.
  static std::unique_ptr<ByteSource> over(std::string_view bytes);

 protected:
  std::string error_;
};

}  // namespace ringtail::capture
