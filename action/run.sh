#!/usr/bin/env bash
# Runs loadgate with the action's inputs, which come as INPUT_… variables and are never part of a script. An empty input is
# one that was not given. The exit code is loadgate's own.
set -euo pipefail
# Git's bash on Windows would take an argument that begins with a slash for a path of its own.
export MSYS_NO_PATHCONV=1

# Only these: another command would get options that it doesn't know. The value is not repeated, since a log line of the
# runner's can be a command to it.
command=${INPUT_COMMAND:-run}
case $command in
  run | merge | comment) arguments=("$command") ;;
  'baseline refresh') arguments=(baseline refresh) ;;
  *)
    echo '::error title=loadgate::the input `command` must be `run`, `merge`, `comment` or `baseline refresh`'
    exit 2
    ;;
esac

# Whether the command is one of these.
is() {
  local one
  for one in "$@"; do [[ $command != "$one" ]] || return 0; done
  return 1
}

# `--option=value` and `--` before the plan: no value is taken for an option. What is merged, or was measured in a fork, has
# its target and profile.
if is run 'baseline refresh'; then
  [[ -z $INPUT_TARGET ]] || arguments+=("--target=$INPUT_TARGET")
  [[ -z $INPUT_PROFILE ]] || arguments+=("--profile=$INPUT_PROFILE")
fi
if is run && [[ -n $INPUT_REFERENCE ]]; then arguments+=("--reference=$INPUT_REFERENCE"); fi
[[ -z $INPUT_BASELINE ]] || arguments+=("--baseline=$INPUT_BASELINE")
# A baseline is refreshed without a comment or a check run, and `comment` is there for nothing else.
if is run merge; then
  [[ -z $INPUT_COMMENT ]] || arguments+=("--comment=$INPUT_COMMENT")
  [[ -z $INPUT_CHECK ]] || arguments+=("--check=$INPUT_CHECK")
fi
while IFS= read -r argument; do
  argument=${argument%$'\r'}
  [[ -z $argument ]] || arguments+=("$argument")
done <<<"$INPUT_ARGS"

if ! is comment; then
  folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/loadgate.XXXXXX")
  arguments+=("--out=$folder/measurement.json" "--report=markdown=$folder/report.md")
fi
if [[ -n $INPUT_PLAN ]]; then
  if is merge comment; then arguments+=("--plan=$INPUT_PLAN"); else arguments+=(-- "$INPUT_PLAN"); fi
fi
exec "$LOADGATE" "${arguments[@]}"
