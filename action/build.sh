#!/usr/bin/env bash
# Builds loadgate from the source that the action was checked out with, once per source and runner: the binary is kept in
# the runner's tool cache under a hash of everything that it is built from.
set -euo pipefail

source_dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$source_dir"

if ! command -v cargo >/dev/null; then
  echo "::error title=loadgate::cargo is not installed: until there is a release, the action builds from source;" \
    "install Rust (https://rustup.rs) in a step before"
  exit 4
fi

hash_of_source() {
  { cargo --version && find Cargo.toml Cargo.lock .cargo src -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; } |
    sha256sum | cut -c 1-16
}

cache=${RUNNER_TOOL_CACHE:-${RUNNER_TEMP:-/tmp}}/loadgate/$(hash_of_source)
binary=$cache/bin/loadgate
if [[ ! -x $binary ]]; then
  # Built beside and renamed, so that a cancelled build leaves no half of a binary behind.
  staging=$(mktemp -d "${RUNNER_TEMP:-/tmp}/loadgate-build.XXXXXX")
  cargo install --locked --path . --root "$staging" --no-track
  mkdir -p -- "$cache/bin"
  mv -- "$staging/bin/loadgate" "$binary.$$"
  mv -f -- "$binary.$$" "$binary"
  rm -rf -- "$staging"
fi

echo "binary=$binary" >>"$GITHUB_OUTPUT"
