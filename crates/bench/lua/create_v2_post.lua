-- A post of 1 KB with headings, a list, code and tags; the token stands in a file, since arguments can be read by
-- anybody. One title of a thousand, so that slugs are numbered as in a blog that has grown.
local token = io.open(os.getenv("BENCH_TOKEN_FILE")):read("*l")
local sentence = "The first version took an afternoon, and the second one **four days** of `measuring`. "
local content = sentence:rep(4) .. "\n\n## What we tried\n\n- one change at a time\n- measure, then [argue](https://example.com)\n\n"
  .. sentence:rep(3) .. "\n\n```rust\nlet limit = 3;\n```\n\n" .. sentence:rep(2)
content = content:gsub("\n", "\\n")
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. token
math.randomseed(os.time())
request = function()
  local body = '{"title":"A title of a usual length ' .. math.random(1000) .. '","tags":["rust","Benchmarks","slow disks"],'
    .. '"content":"' .. content .. '"}'
  return wrk.format(nil, nil, nil, body)
end
