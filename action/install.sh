#!/usr/bin/env bash
# Finds the loadgate that the action runs: the one that the input `binary` names, else the release that action/VERSION names,
# which it downloads, verifies and keeps in the runner's tool cache.
#
# action/VERSION and action/checksums lie in the action's own commit: who pins the action to a commit pins the binary with it. No
# binary runs that was not verified, a cached one neither. Bash 3.2, which macOS has, must do.
set -euo pipefail

# An error for the log, on one line. What an input holds is never repeated: a log line of the runner's can be a command to it.
fail() {
  printf '::error title=loadgate::%s\n' "$1"
  exit 4
}

given_binary() {
  local binary=$INPUT_BINARY
  case $binary in *$'\n'* | *$'\r'*) fail 'the input `binary` has more than one line; give the path of a loadgate' ;; esac
  case $binary in /* | [A-Za-z]:[\\/]*) ;; *) binary=$PWD/$binary ;; esac
  [[ -f $binary && -x $binary ]] ||
    fail 'the input `binary` names no file that can be run; give the path of a loadgate, and make it executable (chmod +x)'
  printf 'binary=%s\n' "$binary" >>"$GITHUB_OUTPUT"
  exit 0
}

# Where the release's file is for this runner.
target_of_runner() {
  case "${RUNNER_OS:-} ${RUNNER_ARCH:-}" in
    'Linux X64') target=x86_64-unknown-linux-gnu ;;
    'Linux ARM64') target=aarch64-unknown-linux-gnu ;;
    'macOS ARM64') target=aarch64-apple-darwin ;;
    'Windows X64') target=x86_64-pc-windows-msvc suffix=.exe ;;
    *)
      fail "there is no loadgate for ${RUNNER_OS:-an unknown system} on ${RUNNER_ARCH:-an unknown processor}; use a runner with \
Linux (x64, arm64), macOS (arm64) or Windows (x64), or build loadgate from source and name it with the input \`binary\`"
      ;;
  esac
}

sha256_of() {
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}

known_hash() {
  awk -v name="$file" '$1 !~ /^#/ && $2 == name { print $1; exit }' "$action/checksums"
}

# Whether the file is what was released.
verified() {
  if [[ -n $known ]]; then
    [[ $(sha256_of "$1") == "$known" ]]
  else
    # Only what the release workflow built and attested.
    gh attestation verify "$1" --repo "$repository" --signer-workflow "$repository/.github/workflows/release.yml" >&2
  fi
}

download() {
  local proto=
  local loopback='^http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(/|$)'
  case $releases in
    https://*) proto='=https' ;;
    *) [[ ! $releases =~ $loopback ]] || proto='=http' ;;
  esac
  [[ -n $proto ]] || fail 'LOADGATE_RELEASES must begin with https:// (http:// is for a mirror on this machine alone)'
  curl --silent --show-error --fail --location --retry 3 --connect-timeout 20 --max-time 300 --proto "$proto" \
    --output "$1" -- "$releases/v$version/$file" ||
    fail "$file of release v$version can't be downloaded; if that release doesn't exist, use the action of one that does, or \
build loadgate from source and name it with the input \`binary\`; behind a firewall set LOADGATE_RELEASES to a mirror"
}

[[ -z $INPUT_BINARY ]] || given_binary

action=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
version=$(tr -d '[:space:]' <"$action/VERSION")
suffix=
target_of_runner
file=loadgate-$version-$target$suffix

repository=${ACTION_REPOSITORY:-}
[[ $repository =~ ^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$ ]] ||
  fail 'the action was not taken from a repository (as with `uses: ./`), so it has no releases; name a loadgate with the input `binary`'
releases=${LOADGATE_RELEASES:-https://github.com/$repository/releases/download}
releases=${releases%/}

known=$(known_hash)
if [[ -z $known ]] && ! command -v gh >/dev/null; then
  fail "$file can't be verified: action/checksums doesn't know it, and gh, which would ask for its attestation, is not installed; \
pin the action to a commit that knows its checksums (a release's tag), install gh, or name a loadgate with the input \`binary\`"
fi

folder=${RUNNER_TOOL_CACHE:-${RUNNER_TEMP:-/tmp}}/loadgate/$version/$target
binary=$folder/loadgate$suffix
mkdir -p -- "$folder"
if [[ -f $binary ]] && ! verified "$binary"; then
  echo '::warning title=loadgate::the binary in the tool cache is not the one that was released; it is downloaded again'
  rm -f -- "$binary"
fi
if [[ ! -f $binary ]]; then
  # Beside its place and renamed: a cancelled job leaves no half of a binary behind.
  new=$(mktemp "$folder/new.XXXXXX")
  trap 'rm -f -- "$new"' EXIT
  download "$new"
  verified "$new" || fail "$file is not the file that was released: it was changed on its way or at its place, and is not run; \
if LOADGATE_RELEASES names a mirror, repair it, else tell loadgate's maintainers"
  chmod 755 "$new"
  mv -f -- "$new" "$binary"
fi
printf 'binary=%s\n' "$binary" >>"$GITHUB_OUTPUT"
