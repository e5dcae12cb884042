#!/usr/bin/env bash
# Runs loadgate with the action's inputs, which come as INPUT_… variables and are never part of a script. An empty input is
# one that was not given. The exit code is loadgate's own.
set -euo pipefail

# Only these: another command would get options that it doesn't know. The value is not repeated, since a log line of the
# runner's can be a command to it.
command=${INPUT_COMMAND:-run}
case $command in
  run) arguments=(run) ;;
  merge) arguments=(merge) ;;
  'baseline refresh') arguments=(baseline refresh) ;;
  *)
    echo '::error title=loadgate::the input `command` must be `run`, `merge` or `baseline refresh`'
    exit 2
    ;;
esac

# `--option=value` and `--` before the plan: no value is taken for an option. What is merged has its target and profile.
[[ -z $INPUT_TARGET || $command == merge ]] || arguments+=("--target=$INPUT_TARGET")
[[ -z $INPUT_REFERENCE || $command != run ]] || arguments+=("--reference=$INPUT_REFERENCE")
[[ -z $INPUT_PROFILE || $command == merge ]] || arguments+=("--profile=$INPUT_PROFILE")
[[ -z $INPUT_BASELINE ]] || arguments+=("--baseline=$INPUT_BASELINE")
# A baseline is refreshed without any comment.
[[ -z $INPUT_COMMENT || $command == 'baseline refresh' ]] || arguments+=("--comment=$INPUT_COMMENT")
while IFS= read -r argument; do
  argument=${argument%$'\r'}
  [[ -z $argument ]] || arguments+=("$argument")
done <<<"$INPUT_ARGS"

folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/loadgate.XXXXXX")
arguments+=("--out=$folder/measurement.json" "--report=markdown=$folder/report.md")
if [[ $command == merge ]]; then
  [[ -z $INPUT_PLAN ]] || arguments+=("--plan=$INPUT_PLAN")
else
  [[ -z $INPUT_PLAN ]] || arguments+=(-- "$INPUT_PLAN")
fi
exec "$LOADGATE" "${arguments[@]}"
