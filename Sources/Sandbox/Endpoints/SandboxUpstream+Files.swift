/// `/v1/files` and below.
extension SandboxUpstream {
    func routeFiles(_ segments: [String], _ call: Call) throws(SandboxError) -> SandboxResponse {
        switch (call.request.method, segments.count) {
        case ("POST", 1): return try upload(call)
        case ("GET", 1), ("HEAD", 1): return try listFiles(call)
        case (_, 1): throw .methodNotAllowed("GET, HEAD, POST")
        case ("DELETE", 2): return try deleteFile(segments[1], call)
        case (_, 2):
            guard call.request.method == "GET" || call.request.method == "HEAD" else {
                throw .methodNotAllowed("GET, HEAD, DELETE")
            }
            return try showFile(segments[1], call)
        default:
            guard segments[2] == "content" else { throw .notFound("Invalid URL") }
            return try get(call) { call throws(SandboxError) in try fileContent(segments[1], call) }
        }
    }

    private func upload(_ call: Call) throws(SandboxError) -> SandboxResponse {
        let form = try MultipartForm(call.request)
        guard let part = form.file else { throw .missing("file") }
        guard let purpose = form.value("purpose"), !purpose.isEmpty else { throw .missing("purpose") }
        let file = SandboxStore.File(
            id: id("file-", call.number), name: part.fileName ?? "", purpose: purpose, created: options.clock(),
            content: Array(call.request.body[part.range]))
        try add(file)
        return deliver(object(file), call)
    }

    /// Stores `file`.
    func add(_ file: SandboxStore.File) throws(SandboxError) {
        try store.withLock { store throws(SandboxError) in try store.add(file) }
    }

    private func listFiles(_ call: Call) throws(SandboxError) -> SandboxResponse {
        var files = store.withLock { $0.files }
        if let purpose = call.query["purpose"] {
            files.removeAll { $0.purpose != purpose }
        }
        // The newest is first by default.
        if call.query["order"] != "asc" { files.reverse() }
        let page = try Page(files, query: call.query, standardLimit: 10_000) { $0.id }
        return deliver(list(page.elements.map { ($0.id, object($0)) }, hasMore: page.hasMore), call)
    }

    private func showFile(_ name: String, _ call: Call) throws(SandboxError) -> SandboxResponse {
        let file = try store.withLock { store throws(SandboxError) in try store.file(name) }
        return deliver(object(file), call)
    }

    private func fileContent(_ name: String, _ call: Call) throws(SandboxError) -> SandboxResponse {
        let file = try store.withLock { store throws(SandboxError) in try store.file(name) }
        return deliver(file.content, type: "application/octet-stream", id: id("req-", call.number), to: call)
    }

    private func deleteFile(_ name: String, _ call: Call) throws(SandboxError) -> SandboxResponse {
        try store.withLock { store throws(SandboxError) in try store.removeFile(name) }
        return deliver(.object([("id", .string(name)), ("object", .string("file")), ("deleted", .bool(true))]), call)
    }

    private func object(_ file: SandboxStore.File) -> JSONValue {
        .object([
            ("id", .string(file.id)), ("object", .string("file")), ("bytes", .number(String(file.content.count))),
            ("created_at", .number(String(file.created))), ("filename", .string(file.name)),
            ("purpose", .string(file.purpose)), ("status", .string("processed")),
        ])
    }
}
