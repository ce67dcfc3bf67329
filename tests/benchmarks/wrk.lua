-- Asks the questions of a file in turn, and tells the numbers in one line that tests/benchmarks/wrk.py reads.
-- Each line of the file is a path, an entity tag to send as If-None-Match, and a body to POST, with tabs between them.

local requests, turn = {}, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    local path, tag, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
    local headers = nil
    if tag ~= "" then headers = { ["If-None-Match"] = tag } end
    if body ~= "" then
      requests[#requests + 1] = wrk.format("POST", path, headers, body)
    else
      requests[#requests + 1] = wrk.format("GET", path, headers)
    end
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    'MEASURED {"microseconds":%d,"requests":%d,"bytes":%d,"median":%d,"p99":%d,"most":%d,' ..
    '"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\n',
    summary.duration, summary.requests, summary.bytes, latency:percentile(50), latency:percentile(99), latency.max,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
