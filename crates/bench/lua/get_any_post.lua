-- One post at random, of those whose ids stand in a file.
local ids = {}
for line in io.lines(os.getenv("BENCH_TOKEN_FILE")) do
  ids[#ids + 1] = line
end
math.randomseed(os.time())
request = function()
  return wrk.format("GET", "/api/v2/posts/" .. ids[math.random(#ids)])
end
