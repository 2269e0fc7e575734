#!/usr/bin/env bash
# Put the plan in file $1 on the pull request: over our last comment where there is one, and only if there is a plan.
set -euo pipefail
plan="${1:?usage: comment.sh FILE}"
[[ -s "$plan" ]] || exit 0
cat "$plan" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
gh pr comment "$PULL_REQUEST" --edit-last --create-if-none --body-file "$plan"
