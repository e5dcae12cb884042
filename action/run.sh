#!/usr/bin/env bash
# Runs `loadgate run` with the action's inputs, which come as INPUT_… variables and are never part of a script.
# The exit code is loadgate's own.
set -euo pipefail

arguments=(run "$INPUT_PLAN" --baseline "$INPUT_BASELINE" --comment "$INPUT_COMMENT")
[[ -z $INPUT_TARGET ]] || arguments+=(--target "$INPUT_TARGET")
[[ -z $INPUT_PROFILE ]] || arguments+=(--profile "$INPUT_PROFILE")
while IFS= read -r argument; do
  [[ -z $argument ]] || arguments+=("$argument")
done <<<"$INPUT_ARGS"

folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/loadgate.XXXXXX")
arguments+=(--out "$folder/measurement.json" --report "markdown=$folder/report.md")
exec "$LOADGATE" "${arguments[@]}"
