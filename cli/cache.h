// SPDX-License-Identifier: GPL-2.0-or-later
// Results by content, in $XDG_CACHE_HOME/ringtail (~/.cache/ringtail): a file each, named after the hash of
// what was asked and of this very binary, and holding both. What another build has put there, or what is
// damaged, is not found; a folder that cannot be written is no cache. Files are written aside and renamed, so
// that two runs may share it.
#pragma once

#include <optional>
#include <string>

namespace ringtail::cli {

class Cache {
 public:
  explicit Cache(bool on);

  std::optional<std::string> find(const std::string& question) const;
  void put(const std::string& question, const std::string& answer) const;

 private:
  std::string path_of(const std::string& question) const;

  std::string folder_;  // empty: no cache
  std::string build_;   // what tells this binary from others
};

}  // namespace ringtail::cli
