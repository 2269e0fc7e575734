#!/usr/bin/env bash
# Write what the change means into the file $1, as markdown; the base is the branch $2 of `origin`.
# Exits 1 when the plan needs force (something protected, many removals), with the plan written all the same.
set -euo pipefail
out="${1:?usage: plan.sh FILE BRANCH}"
branch="${2:?usage: plan.sh FILE BRANCH}"
git fetch --quiet --depth=1 origin "$branch"
code=0
modelctl plan --against git:FETCH_HEAD --format markdown >"$out.part" || code=$?
# Something was said: a plan, be it a refused one. Nothing: the catalog has errors, told above.
if [[ -s "$out.part" ]]; then
  mv "$out.part" "$out"
else
  rm -f "$out.part"
fi
exit "$code"
