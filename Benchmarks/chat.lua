-- For wrk: one small chat completion, again and again; then what came, as one line of JSON.
-- The key and the model come from the environment: BENCH_KEY, BENCH_MODEL.
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_KEY")
wrk.headers["Content-Type"] = "application/json"
-- The prompt has 60 bytes.
wrk.body = '{"model": "' .. os.getenv("BENCH_MODEL") .. '", "messages": [{"role": "user", "content": '
    .. '"Name three rivers of France and one city on each, in a line."}]}'

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '{"answers": %d, "errors": %d, "seconds": %.3f, "p50_us": %d, "p99_us": %d}\n',
        summary.requests, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        summary.duration / 1e6, latency:percentile(50), latency:percentile(99)))
end
