"""The schema of `usage.db`, as migrations (see `database.MIGRATIONS`)."""

from __future__ import annotations

_FAILURES = ("rate_limit", "timeout", "auth", "bad_request", "upstream", "other")
_FIRST_COUNTS = (
    "requests", *(f"failed_{name}" for name in _FAILURES), "cached", "closed", "attempts",
    *(f"attempts_{name}" for name in _FAILURES), "streams", "prompt_tokens", "completion_tokens", "cached_read_tokens",
    "cache_creation_tokens", "reasoning_tokens", "cost_unknown", "not_counted",
)  # fmt: skip
_FIRST_SUMS = ("cost", "request_seconds", "attempt_seconds", "first_token_seconds")
_FIRST_SKETCHES = ("request_bins", "attempt_bins", "first_token_bins")
_COLUMNS = ", ".join(
    [*(f"{name} INTEGER NOT NULL" for name in _FIRST_COUNTS), *(f"{name} REAL NOT NULL" for name in _FIRST_SUMS)]
    + [f"{name} BLOB NOT NULL" for name in _FIRST_SKETCHES]
)
_FIRST = f"""
CREATE TABLE IF NOT EXISTS series (
  id INTEGER PRIMARY KEY, route TEXT NOT NULL, model TEXT NOT NULL, deployment TEXT NOT NULL, provider TEXT NOT NULL,
  worker TEXT NOT NULL, seen REAL NOT NULL, UNIQUE (worker, route, model, deployment, provider));
CREATE TABLE IF NOT EXISTS usage (
  grain INTEGER NOT NULL, at INTEGER NOT NULL, series INTEGER NOT NULL, {_COLUMNS},
  PRIMARY KEY (grain, at, series)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS price_map (
  at INTEGER NOT NULL, worker TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (at, worker, version)) WITHOUT ROWID;
"""  # files that count no versions may have these tables
_PARSED = """ALTER TABLE usage ADD COLUMN tool_calls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage ADD COLUMN tool_calls_invalid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage ADD COLUMN json_answers INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage ADD COLUMN json_answers_invalid INTEGER NOT NULL DEFAULT 0;
"""
_TAG = """CREATE TABLE tagged (
  id INTEGER PRIMARY KEY, route TEXT NOT NULL, model TEXT NOT NULL, deployment TEXT NOT NULL, provider TEXT NOT NULL,
  worker TEXT NOT NULL, seen REAL NOT NULL, tag TEXT NOT NULL,
  UNIQUE (worker, route, model, deployment, provider, tag));
INSERT INTO tagged SELECT id, route, model, deployment, provider, worker, seen, '' FROM series;
DROP TABLE series;
ALTER TABLE tagged RENAME TO series;
"""
MIGRATIONS = (_FIRST, _PARSED, _TAG)
