# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by the scripts beside it: where things are, and how a preset is built. Sourced, not run.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd_top() { cd "$top" || exit 2; }
jobs=$(nproc)

# build PRESET [TARGET...]: configures when needed and builds; quiet unless it fails. Its words go to stderr.
build() {
  local preset=$1 dir log
  shift
  dir=build/${preset/asan+ubsan/asan}
  log=$dir.log
  mkdir -p build
  if [ ! -f "$dir/build.ninja" ]; then
    "$top/script/bootstrap" >&2 || return 2
    if ! cmake --preset "$preset" >"$log" 2>&1; then
      cat "$log" >&2
      return 2
    fi
  fi
  local targets=()
  [ $# -gt 0 ] && targets=(--target "$@")
  if ! cmake --build "$dir" "${targets[@]}" >"$log" 2>&1; then
    cat "$log" >&2
    echo "script: building preset '$preset' failed" >&2
    return 2
  fi
}
