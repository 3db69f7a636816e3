-- SPDX-License-Identifier: Apache-2.0
for i = 1, 500 do
	redis.call("set", "k" .. i, i * i)
	redis.call("lpush", "list", i)
	redis.call("zadd", "set", i % 17, "m" .. i)
end
local sum = 0
for i = 1, 500 do sum = sum + redis.call("get", "k" .. i) end
return { sum, redis.call("llen", "list"), redis.call("zrange", "set", 0, 5) }
