"""What Redis does in one step: Lua scripts. They take values as text and know nothing of what is in them.

Each begins with the check that the store is still the one that the caller has open; all keys have one hash tag.
"""

from __future__ import annotations

FORMAT = 1  # of the keys

OPEN = """
local id = redis.call('HGET', KEYS[1], 'id')
if not id and ARGV[1] ~= '' then
  redis.call('HSET', KEYS[1], 'id', ARGV[1], 'version', 0, 'selections', '{}', 'swept', 0, 'format', ARGV[2])
end
return redis.call('HMGET', KEYS[1], 'id', 'format')
"""
"""KEYS: head. ARGV: an id for a new store ('' makes none), the format."""

COMMIT = """
local head, manifests, order, history, verdicts, commits = unpack(KEYS)
local id, expect, token, selections, resting, revision, manifest, swept, channel = unpack(ARGV)
local there = redis.call('HMGET', head, 'id', 'version', 'swept', 'token')
if there[1] ~= id then return {'moved'} end
local version = tonumber(there[2])
if version ~= tonumber(expect) or (there[4] or '') ~= ARGV[12] then
  local after = redis.call('LPOS', commits, token)
  if after then return {'done', version - after, 0} end
  return {'stale', version}
end
if revision ~= '' and there[3] ~= swept then return {'swept', there[3]} end
version = version + 1
local gone = {}
if revision ~= '' then
  redis.call('HSET', manifests, revision, manifest)
  redis.call('ZADD', order, version, revision)
  gone = redis.call('ZRANGE', order, 0, -(tonumber(ARGV[10]) + 1))
  for _, old in ipairs(gone) do
    redis.call('ZREM', order, old)
    redis.call('HDEL', manifests, old)
    redis.call('HDEL', verdicts, old)
  end
  redis.call('HSET', head, 'revision', revision)
end
redis.call('HSET', head, 'version', version, 'token', token)
if selections ~= '' then redis.call('HSET', head, 'selections', selections) end
if resting ~= '' then redis.call('HSET', head, 'resting', resting) end
for number = 13, #ARGV do redis.call('LPUSH', history, ARGV[number]) end
redis.call('LTRIM', history, 0, tonumber(ARGV[11]) - 1)
redis.call('LPUSH', commits, token)
redis.call('LTRIM', commits, 0, 999)
redis.call('PUBLISH', channel, version)
return {'done', version, #gone}
"""
"""ARGV 10 and 11: how many revisions and lines of history are kept; 12: the token of the commit that is expected to be
the last, since a store that lost some may count to the same version again; from 13 on lines of history.
'' leaves a field as it is.

A commit that is sent again, since its answer was lost, is known by its token: it is done once.
"""

MISSING = """
local lacking = {}
for _, digest in ipairs(ARGV) do
  if redis.call('HEXISTS', KEYS[2], digest) == 0 then lacking[#lacking + 1] = digest end
end
return {redis.call('HGET', KEYS[1], 'swept'), lacking}
"""
"""KEYS: head, bodies. Which bodies are not there, and how often bodies were swept so far."""

SWEEP = """
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return {0} end
for number = 2, #ARGV do redis.call('HDEL', KEYS[2], ARGV[number]) end
redis.call('HINCRBY', KEYS[1], 'swept', 1)
return {1}
"""
"""KEYS: head, bodies. Nothing where the head has moved since it was decided what goes."""

_NOW = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
"""

TIME = _NOW + "return {tostring(now)}"
"""In milliseconds."""

REPORT = (
    _NOW
    + """
local head, workers, said, seen, verdicts = unpack(KEYS)
local id, name, report, version, revision, error, counts, channel, keep = unpack(ARGV)
local there = redis.call('HMGET', head, 'id', 'version', 'revision')
if there[1] ~= id then return {'moved'} end
for _, old in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now - tonumber(keep), 'LIMIT', 0, 100)) do
  redis.call('ZREM', seen, old)
  redis.call('ZREM', said, old)
  redis.call('HDEL', workers, old)
  redis.call('HINCRBY', head, 'left', 1)
end
redis.call('ZADD', seen, now, name)
if redis.call('HGET', workers, name) == report then return {'same'} end
redis.call('HSET', workers, name, report)
local number = redis.call('HINCRBY', head, 'reports', 1)
redis.call('ZADD', said, number, name)
if counts == '1' and there[3] and tonumber(version) >= tonumber(there[2]) then
  if error == '' and revision == there[3] then redis.call('HSET', verdicts, there[3], 1) end
  if error ~= '' and revision ~= there[3] then redis.call('HSETNX', verdicts, there[3], 0) end
end
redis.call('PUBLISH', channel, number)
return {'done', number}
"""
)
"""A report that says nothing new only says that the worker lives: nobody is woken by it."""

FORGET = """
local head, workers, said, seen = unpack(KEYS)
if redis.call('HDEL', workers, ARGV[1]) == 0 then return {0} end
redis.call('ZREM', seen, ARGV[1])
redis.call('ZREM', said, ARGV[1])
redis.call('HINCRBY', head, 'left', 1)
redis.call('PUBLISH', ARGV[2], redis.call('HINCRBY', head, 'reports', 1))
return {1}
"""

WORKERS = (
    _NOW
    + """
local head, workers, said, seen = unpack(KEYS)
local there = redis.call('HMGET', head, 'id', 'reports', 'left')
local whole = there[1] ~= ARGV[1] or (there[3] or '0') ~= ARGV[3]
local names = redis.call('ZRANGEBYSCORE', said, whole and '-inf' or ('(' .. ARGV[2]), '+inf')
local rows = {}
for start = 1, #names, 1000 do
  local last = math.min(start + 999, #names)
  for _, row in ipairs(redis.call('HMGET', workers, unpack(names, start, last))) do rows[#rows + 1] = row end
end
local times = redis.call('ZRANGEBYSCORE', seen, whole and '-inf' or ARGV[4], '+inf', 'WITHSCORES')
return {there[1], there[2] or '0', there[3] or '0', whole and 1 or 0, tostring(now), names, rows, times}
"""
)
"""ARGV: the id of the store, the counts of reports and of leavers, and the time of the last answer."""

RESTORE = """
local head, manifests, order, history, commits = unpack(KEYS)
local id, version, revision, manifest, selections, resting, channel, format, count_tokens = unpack(ARGV)
local there = redis.call('HMGET', head, 'id', 'version')
local count = tonumber(there[2] or '0')
if count > 0 and (there[1] ~= id or count >= tonumber(version)) then return {'counts'} end
redis.call('HSET', head, 'id', id, 'version', version, 'selections', selections, 'resting', resting, 'format', format)
redis.call('HSETNX', head, 'swept', 0)
if revision ~= '' then
  redis.call('HSET', head, 'revision', revision)
  redis.call('HSET', manifests, revision, manifest)
  redis.call('ZADD', order, version, revision)
end
redis.call('DEL', history, commits)
for number = 10, #ARGV do
  redis.call('RPUSH', number < 10 + tonumber(count_tokens) and commits or history, ARGV[number])
end
redis.call('HSET', head, 'token', redis.call('LINDEX', commits, 0) or '')
redis.call('PUBLISH', channel, version)
return {'done'}
"""
"""ARGV from 10 on: tokens of commits (as many as ARGV 9 says), then lines of history, each newest first.

A store that has a head of its own, or a newer one, counts.
"""

COUNT = """
local about, rows, order = unpack(KEYS)
redis.call('HSETNX', about, 'epoch', ARGV[1])
for number = 3, #ARGV, 2 do
  redis.call('HSET', rows, ARGV[number], ARGV[number + 1])
  redis.call('ZADD', order, redis.call('HINCRBY', about, 'written', 1), ARGV[number])
end
local beyond = redis.call('ZCARD', order) - tonumber(ARGV[2])
if beyond > 0 then
  for _, old in ipairs(redis.call('ZRANGE', order, 0, math.min(beyond, 1000) - 1)) do
    redis.call('ZREM', order, old)
    redis.call('HDEL', rows, old)
  end
end
return {redis.call('HGET', about, 'epoch')}
"""
"""The epoch. KEYS: about, rows, order. ARGV: an epoch for a new start, how many rows are kept, then names and rows."""

COUNTED = """
local about, rows, order = unpack(KEYS)
local epoch = redis.call('HGET', about, 'epoch')
local since = epoch == ARGV[1] and '(' .. ARGV[2] or '-inf'
local found = redis.call('ZRANGEBYSCORE', order, since, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local names, last = {}, epoch == ARGV[1] and ARGV[2] or '0'
for number = 1, #found, 2 do names[#names + 1], last = found[number], found[number + 1] end
local values = {}
if #names > 0 then values = redis.call('HMGET', rows, unpack(names)) end
return {epoch, last, names, values}
"""
"""KEYS: about, rows, order. ARGV: the epoch and the number up to which was read, how many rows at most."""
