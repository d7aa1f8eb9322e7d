-- A post of 1 KB; the token stands in a file, since arguments can be read by anybody. Titles differ, as in a blog.
local token = io.open(os.getenv("BENCH_TOKEN_FILE")):read("*l")
local content = string.rep("0123456789abcdef", 60)
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. token
math.randomseed(os.time())
request = function()
  local body = '{"title":"A title of a usual length ' .. math.random(1000000000) .. '","content":"' .. content .. '"}'
  return wrk.format(nil, nil, nil, body)
end
