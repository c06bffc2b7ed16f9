"""What Valkey does in one step, by its own clock: letting a call in, and taking its answer in.

`used` counts every call let in, so that it never lags behind; what the org tells of its own count
takes its place. A call that began before the last telling can only raise it: answers overtake each
other. Leases end by themselves, so that a killed worker's calls do not count for ever.
"""

ENTER = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local lease, cap, lease_ms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local reserve, emergency, look_ms = tonumber(ARGV[4]), ARGV[5] == '1', tonumber(ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local running = redis.call('ZCARD', KEYS[2])
if running >= cap then return {'busy', running} end
if redis.call('HEXISTS', KEYS[1], 'allowed') == 0 and ARGV[8] ~= '' then
  redis.call('HSET', KEYS[1], 'used', ARGV[7], 'allowed', ARGV[8], 'seen', now - tonumber(ARGV[9]))
end
local s = redis.call('HMGET', KEYS[1], 'used', 'allowed', 'seen', 'looked')
local used, allowed = tonumber(s[1] or '0'), tonumber(s[2] or '')
if not emergency then
  if not allowed then
    if running > 0 then return {'busy', running} end
  elseif used + 1 > allowed - math.ceil(allowed * reserve / 100) then
    local last = math.max(tonumber(s[3] or '0'), tonumber(s[4] or '0'))
    if now - last < look_ms then return {'spent', last + look_ms - now} end
    redis.call('HSET', KEYS[1], 'looked', now)
  end
end
redis.call('HINCRBY', KEYS[1], 'used', 1)
redis.call('ZADD', KEYS[2], now + lease_ms, lease)
redis.call('PEXPIRE', KEYS[1], 90000000)
redis.call('PEXPIRE', KEYS[2], 90000000)
return {'in', now}
"""

LEAVE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREM', KEYS[2], ARGV[1])
if ARGV[3] == '' then return 0 end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local told = tonumber(ARGV[3]) + redis.call('ZCARD', KEYS[2])
local s = redis.call('HMGET', KEYS[1], 'used', 'seen')
if s[2] and tonumber(ARGV[2]) < tonumber(s[2]) then
  told = math.max(told, tonumber(s[1] or '0'))
end
redis.call('HSET', KEYS[1], 'used', told, 'allowed', ARGV[4], 'seen', now)
return 1
"""

LOOK = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local s = redis.call('HMGET', KEYS[1], 'used', 'allowed')
return {s[1] or '', s[2] or '', redis.call('ZCARD', KEYS[2])}
"""
