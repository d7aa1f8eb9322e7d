-- Each request with the next of many tokens, which stand in a file.
local tokens = {}
for line in io.lines(os.getenv("BENCH_TOKEN_FILE")) do
  tokens[#tokens + 1] = line
end
local at = 0
request = function()
  at = at % #tokens + 1
  return wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. tokens[at] })
end
