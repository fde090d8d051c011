/// `/v1/batches` and below. A batch completes at once. With `"sandbox": "hold"` in its `metadata` it stays in progress until
/// it is cancelled, and with `"sandbox": "after=5"` for so many seconds.
extension SandboxUpstream {
    /// The most lines of one batch.
    private static let lineLimit = 50_000

    func routeBatches(_ segments: [String], _ call: Call) throws(SandboxError) -> SandboxResponse {
        switch (call.request.method, segments.count) {
        case ("POST", 1): return try createBatch(call)
        case ("GET", 1), ("HEAD", 1): return try listBatches(call)
        case (_, 1): throw .methodNotAllowed("GET, HEAD, POST")
        case (_, 2):
            return try get(call) { call throws(SandboxError) in
                let batch = try store.withLock { store throws(SandboxError) in try store.batch(segments[1]) }
                return deliver(object(batch), call)
            }
        default:
            guard segments[2] == "cancel" else { throw .notFound("Invalid URL") }
            return try post(call) { call throws(SandboxError) in
                let batch = try store.withLock { store throws(SandboxError) in try store.cancel(segments[1]) }
                return deliver(object(batch), call)
            }
        }
    }

    private func createBatch(_ call: Call) throws(SandboxError) -> SandboxResponse {
        let body = try JSONValue(object: call.request.body)
        guard let input = body["input_file_id"]?.string else { throw .missing("input_file_id") }
        guard let endpoint = body["endpoint"]?.string else { throw .missing("endpoint") }
        guard ["/v1/chat/completions", "/v1/completions", "/v1/embeddings"].contains(endpoint) else {
            throw .invalid("Invalid parameter 'endpoint': cannot be used in batches", param: "endpoint")
        }
        let file = try store.withLock { store throws(SandboxError) in try store.file(input) }
        var batch = SandboxStore.Batch(
            id: id("batch_", call.number), inputFile: input, endpoint: endpoint,
            window: body["completion_window"]?.string ?? "24h", metadata: body["metadata"], created: options.clock(),
            isHeld: body["metadata"]?["sandbox"]?.string == "hold")
        if let word = body["metadata"]?["sandbox"]?.string, word.hasPrefix("after="),
            let wait = UInt16(word.dropFirst(6))
        {
            batch.endsAt = batch.created + Int64(wait)
        }
        if !batch.isHeld { try run(file.content, of: &batch, call) }
        let finished = batch
        try store.withLock { store throws(SandboxError) in try store.add(finished) }
        return deliver(object(batch), call)
    }

    /// Responds to every line. Responses go into one file, errors into another.
    private func run(_ content: [UInt8], of batch: inout SandboxStore.Batch, _ call: Call) throws(SandboxError) {
        let lines = content.split(separator: UInt8(ascii: "\n")).filter { $0.contains { $0 > 0x20 } }
        guard lines.count <= Self.lineLimit else {
            throw .invalid("At most \(Self.lineLimit) lines", param: "input_file_id")
        }
        var output: [UInt8] = []
        var errors: [UInt8] = []
        for (index, line) in lines.enumerated() {
            let result = respond(toLine: line, number: index, of: batch, call)
            if result.isOK {
                batch.completed += 1
                output += result.line
            } else {
                batch.failed += 1
                errors += result.line
            }
        }
        batch.total = lines.count
        if !output.isEmpty { batch.outputFile = try keep(output, "output", call) }
        if !errors.isEmpty { batch.errorFile = try keep(errors, "error", call) }
    }

    private func keep(_ content: [UInt8], _ kind: String, _ call: Call) throws(SandboxError) -> String {
        let id = id("file-\(kind)-", call.number)
        try add(
            SandboxStore.File(
                id: id, name: "\(id).jsonl", purpose: "batch_output", created: options.clock(), content: content))
        return id
    }

    private func respond(
        toLine line: ArraySlice<UInt8>, number: Int, of batch: SandboxStore.Batch, _ call: Call
    ) -> (line: [UInt8], isOK: Bool) {
        let value = JSONValue(line)
        var body = JSONOutput()
        value?["body"]?.append(to: &body)
        var request = SandboxRequest(method: "POST", target: value?["url"]?.string ?? batch.endpoint, body: body.bytes)
        request.authorization = call.request.authorization
        let response = request.path == batch.endpoint ? respond(to: request, isBatch: true) : nil
        let isOK = response?.status == 200

        var json = JSONOutput()
        json.raw(#"{"id":"#)
        json.string("batch_req_\(batch.id.dropFirst(6))-\(number)")
        json.raw(#","custom_id":"#)
        json.string(value?["custom_id"]?.string ?? "")
        json.raw(#","response":"#)
        if let response {
            json.raw(#"{"status_code":"#)
            json.integer(response.status)
            json.raw(#","request_id":"#)
            json.string(response.header("id") ?? "")
            json.raw(#","body":"#)
            json.raw(response.wholeBody)
            json.raw("}")
        } else {
            json.raw(
                #"null,"error":{"code":"invalid_request","message":"The line is not a request to the endpoint of the batch."}"#
            )
        }
        json.raw("}\n")
        return (json.bytes, isOK)
    }

    private func listBatches(_ call: Call) throws(SandboxError) -> SandboxResponse {
        let batches = store.withLock { $0.batches }.reversed()
        let page = try Page(Array(batches), query: call.query, standardLimit: 20) { $0.id }
        return deliver(list(page.elements.map { ($0.id, object($0)) }, hasMore: page.hasMore), call)
    }

    private func object(_ batch: SandboxStore.Batch) -> JSONValue {
        func moment(_ happened: Bool) -> JSONValue { happened ? .number(String(batch.created)) : .null }
        let isDone = !batch.isHeld && batch.endsAt <= options.clock()
        return .object([
            ("id", .string(batch.id)), ("object", .string("batch")), ("endpoint", .string(batch.endpoint)),
            ("errors", .null), ("input_file_id", .string(batch.inputFile)),
            ("completion_window", .string(batch.window)),
            ("status", .string(isDone ? "completed" : batch.isCancelled ? "cancelled" : "in_progress")),
            ("output_file_id", isDone ? batch.outputFile.map { .string($0) } ?? .null : .null),
            ("error_file_id", isDone ? batch.errorFile.map { .string($0) } ?? .null : .null),
            ("created_at", moment(true)), ("in_progress_at", moment(true)),
            ("expires_at", .number(String(batch.created + 86_400))), ("completed_at", moment(isDone)),
            ("cancelled_at", moment(batch.isCancelled)),
            (
                "request_counts",
                .object([
                    ("total", .number(String(batch.total))), ("completed", .number(String(batch.completed))),
                    ("failed", .number(String(batch.failed))),
                ])
            ),
            ("metadata", batch.metadata ?? .null),
        ])
    }
}
