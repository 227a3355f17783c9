#!/usr/bin/env bash
# Which lines of ours the unit tests and scripts reach: builds build-coverage/, runs them, prints a table by file.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f build-coverage/build.ninja ] || cmake --preset coverage >/dev/null
ninja -C build-coverage --quiet
rm -rf build-coverage/profiles
LLVM_PROFILE_FILE="$PWD/build-coverage/profiles/%p.profraw" \
  ctest --test-dir build-coverage -LE slow -j2 --output-on-failure >build-coverage/tests.log ||
  echo "Some tests failed: see build-coverage/tests.log" >&2
llvm-profdata-22 merge -sparse build-coverage/profiles/*.profraw -o build-coverage/all.profdata
objects=()
for program in build-coverage/bin/*; do objects+=(-object "$program"); done
llvm-cov-22 report "${objects[@]}" -instr-profile=build-coverage/all.profdata \
  -ignore-filename-regex='/usr/|/tests/' "$@"
