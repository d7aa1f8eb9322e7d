-- One of 10,000 posts at random.
math.randomseed(os.time())
request = function()
  return wrk.format("GET", "/api/v1/posts/" .. math.random(1, 10000))
end
