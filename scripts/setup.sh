#!/usr/bin/env bash
# What ./demo and ./check start with: the packages of packages.txt, then a release build in build/.
#   scripts/setup.sh [NINJA_TARGET...]    (default: everything)
# A second run installs nothing and builds only what changed.
set -euo pipefail
cd "$(dirname "$0")/.."

# Packages that are not installed, one a line. Without dpkg all of them.
missing_packages() {
  local wanted installed
  wanted=$(sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' packages.txt | sort -u)
  # dpkg-query reports packages it does not know on stderr and in its exit code; what counts is what it lists.
  # shellcheck disable=SC2086
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
    sed -n 's/^installed //p' | sort -u) || true
  comm -23 <(printf '%s\n' "$wanted") <(printf '%s\n' "$installed")
}

is_debian_12() {
  [ -r /etc/os-release ] && (. /etc/os-release && [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ])
}

install_packages() {
  local missing as_root=()
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  if ! is_debian_12; then
    echo "This is not Debian 12, so nothing is installed here. These packages of Debian 12 are missing:" >&2
    printf '  %s\n' $missing >&2
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "Installing needs root, and there is no sudo. Run as root: apt-get install" $missing >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  echo "Installing:" $missing
  "${as_root[@]}" apt-get update -q
  # shellcheck disable=SC2086
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
  missing=$(missing_packages)
  if [ -n "$missing" ]; then
    echo "apt reported success, but these packages are still missing:" $missing >&2
    exit 1
  fi
}

# Quiet when all is well; the whole log when it is not.
configure_release() {
  [ -f build/build.ninja ] && return 0
  mkdir -p build
  if ! cmake --preset release >build/configure.log 2>&1; then
    cat build/configure.log >&2
    exit 1
  fi
}

install_packages
configure_release
ninja -C build --quiet "$@"
