-- A post of 1 KB; the token stands in a file, since arguments can be read by anybody.
local token = io.open(os.getenv("BENCH_TOKEN_FILE")):read("*l")
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. token
wrk.body = '{"title":"A title of a usual length","content":"' .. string.rep("0123456789abcdef", 60) .. '"}'
