// SPDX-License-Identifier: GPL-2.0-or-later
// A test's own folder: new, empty, and gone with its content when the test ends. Tests run beside each other,
// those of one file and those of another checkout, so none may name a file that others may name.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace ringtail::tests {

class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "ringtail-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder " + name);
    path_ = name;
  }
  ~Folder() {
    std::error_code left;  // a test that failed may still have a child that writes there
    std::filesystem::remove_all(path_, left);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  [[nodiscard]] std::string string() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace ringtail::tests
