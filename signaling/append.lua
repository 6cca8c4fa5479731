-- The one atomic step: append events to streams if nobody was faster, and change the board with them.
--
-- KEYS: log, board, deadlines, unrecorded, then one stream a write.
-- ARGV: bound of the log, then for each write:
--   name, expected version, due ('' = none), row of the board ('' = none, '-' = never on the board), '1' if it is to be recorded in SQL,
--   seconds to live ('' = for ever), number of events, then for each event: event, log entry.
-- Returns {1, seq} or {0, name, actual version}.

local function version_of(key)
  local last = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)
  if #last == 0 then return 0 end
  return tonumber(string.match(last[1][1], '^(%d+)'))
end

local writes, at, key = {}, 2, 5
while at <= #ARGV do
  local write = {
    stream = KEYS[key], name = ARGV[at], expected = tonumber(ARGV[at + 1]), due = ARGV[at + 2], row = ARGV[at + 3],
    record = ARGV[at + 4], ttl = ARGV[at + 5], count = tonumber(ARGV[at + 6]), first = at + 7,
  }
  local actual = version_of(write.stream)
  if actual ~= write.expected then return {0, write.name, actual} end
  writes[#writes + 1] = write
  at = write.first + 2 * math.max(write.count, 0)
  key = key + 1
end

local seq = ''
for _, write in ipairs(writes) do
  for n = 1, write.count do
    redis.call('XADD', write.stream, string.format('%d-0', write.expected + n), 'r', ARGV[write.first + 2 * n - 2])
    seq = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'e', ARGV[write.first + 2 * n - 1])
  end
  -- A write without events is a condition: its stream is still at that version. With -1 events it says the rest again. A companion has neither row nor deadline.
  if write.count ~= 0 and write.row ~= '-' then
    if write.row == '' then redis.call('HDEL', KEYS[2], write.name) else redis.call('HSET', KEYS[2], write.name, write.row) end
    if write.due == '' then redis.call('ZREM', KEYS[3], write.name) else redis.call('ZADD', KEYS[3], write.due, write.name) end
  end
  if write.record == '1' then redis.call('SADD', KEYS[4], write.name) end
  if write.ttl ~= '' then redis.call('EXPIRE', write.stream, write.ttl) end
end
return {1, seq}
