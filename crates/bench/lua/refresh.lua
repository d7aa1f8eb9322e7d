-- Refreshes sessions in turns; the first token of each stands in a file. There are more of them than connections.
local free = {}
for line in io.lines(os.getenv("BENCH_TOKEN_FILE")) do
  free[#free + 1] = line
end
local headers = { ["Content-Type"] = "application/json" }
request = function()
  local token = table.remove(free, 1)
  return wrk.format("POST", nil, headers, '{"refresh_token":"' .. token .. '"}')
end
response = function(status, _, body)
  free[#free + 1] = string.match(body, '"refresh_token":"([^"]+)"')
end
