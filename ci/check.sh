#!/usr/bin/env bash
# The catalog has no error, and the committed config is what it renders to.
# MODELCTL_STRICT=1: warnings fail too. MODELCTL_FORMAT: text, github, json, sarif.
set -euo pipefail
modelctl check --format "${MODELCTL_FORMAT:-text}" ${MODELCTL_STRICT:+--strict}
if [[ -f litellm_config.yaml ]]; then
  modelctl render --check
fi
