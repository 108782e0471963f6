// SPDX-License-Identifier: GPL-2.0-or-later
// Takes out of a recorded line what a capture that is shared must not hold.
//
// strace itself is told to print neither environments nor string contents (-e abbrev=execve -s 0). What is
// left are paths: in quotes, and in the angle brackets that -y puts behind a descriptor. Always rewritten
// there:
//   the recorder's working directory -> /cwd      $HOME, /home/NAME, /root -> /home/user
//   the host's name -> host                       the user's name as a path component -> user
// With all_paths, every path but those that say what kind of thing a descriptor is (/dev/..., /proc/...,
// /sys/..., memfd:, anon_inode:, pipe:, socket:) becomes /path-N, N counting the distinct paths from 1 in
// order of appearance.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringtail::host {

struct Identity {
  std::string cwd, home, host, user;
  static Identity of_this_process();
};

class Scrubber {
 public:
  Scrubber(Identity who, bool all_paths);
  std::string line(std::string_view text);  // a line of strace output
  std::string map(std::string_view text);   // a line of /proc/PID/maps, or a `map=` fact
  std::string path(std::string_view text);

 private:
  std::vector<std::pair<std::string, std::string>> prefixes_;  // longest first
  Identity who_;
  bool all_paths_;
  std::map<std::string, std::size_t, std::less<>> numbers_;
};

}  // namespace ringtail::host
