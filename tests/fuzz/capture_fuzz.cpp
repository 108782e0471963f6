// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes to a reader. `compressed` is no format: there the bytes go to the decompressors, and the format
// is told from what comes out.
#include <cstdint>

#include "replay/fuzz/reading.h"

using namespace ringtail::capture;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (broken_by(bytes, format_of(RINGTAIL_FORMAT).value_or(Format::automatic))) __builtin_trap();
  return 0;
}
