/// Files, batches, responses and conversations in memory, the oldest first, within limits.
struct SandboxStore: Sendable {
    struct File: Sendable {
        var id: String
        var name: String
        var purpose: String
        var created: Int64
        var content: [UInt8]
    }

    struct Batch: Sendable {
        var id: String
        var inputFile: String
        var outputFile: String?
        var errorFile: String?
        var endpoint: String
        var window: String
        var metadata: JSONValue?
        var created: Int64
        /// The batch stays in progress until it is cancelled.
        var isHeld: Bool
        /// The time from which on a batch that is not held has ended.
        var endsAt: Int64 = 0
        var isCancelled = false
        var total = 0
        var completed = 0
        var failed = 0
    }

    struct Response: Sendable {
        var id: String
        var object: JSONValue
        var input: JSONValue
    }

    private let byteLimit: Int
    private let itemLimit: Int
    private(set) var files: [File] = []
    private(set) var batches: [Batch] = []
    private var responses: [Response] = []
    private var conversations: [String] = []
    private var byteCount = 0

    init(byteLimit: Int, itemLimit: Int) {
        self.byteLimit = byteLimit
        self.itemLimit = itemLimit
    }

    mutating func add(_ file: File) throws(SandboxError) {
        guard files.count < itemLimit, file.content.count <= byteLimit - byteCount else {
            throw .invalid("The sandbox keeps no more files than this. Delete some first.", code: "storage_full")
        }
        byteCount += file.content.count
        files.append(file)
    }

    func file(_ id: String) throws(SandboxError) -> File {
        guard let file = files.first(where: { $0.id == id }) else {
            throw .notFound("No such File object: \(id.prefix(64))")
        }
        return file
    }

    mutating func removeFile(_ id: String) throws(SandboxError) {
        byteCount -= try file(id).content.count
        files.removeAll { $0.id == id }
    }

    mutating func add(_ batch: Batch) throws(SandboxError) {
        guard batches.count < itemLimit else {
            throw .invalid("The sandbox keeps no more batches than this. Start it anew.", code: "storage_full")
        }
        batches.append(batch)
    }

    func batch(_ id: String) throws(SandboxError) -> Batch {
        guard let batch = batches.first(where: { $0.id == id }) else {
            throw .notFound("No batch found with id '\(id.prefix(64))'.")
        }
        return batch
    }

    /// Cancels a held batch.
    /// - Throws: status 409 for a batch that has ended.
    mutating func cancel(_ id: String) throws(SandboxError) -> Batch {
        var batch = try batch(id)
        guard batch.isHeld, !batch.isCancelled else {
            throw SandboxError(
                status: 409, type: "invalid_request_error",
                message: "Cannot cancel a batch with status '\(batch.isCancelled ? "cancelled" : "completed")'.")
        }
        batch.isCancelled = true
        batches = batches.map { $0.id == id ? batch : $0 }
        return batch
    }
}

extension SandboxStore {
    /// Keeps `response`, in place of the oldest one where there is no room.
    mutating func add(_ response: Response) {
        if responses.count >= itemLimit { responses.removeFirst() }
        responses.append(response)
    }

    func response(_ id: String) throws(SandboxError) -> Response {
        guard let response = responses.first(where: { $0.id == id }) else {
            throw .notFound("Response with id '\(id.prefix(64))' not found.")
        }
        return response
    }

    mutating func removeResponse(_ id: String) { responses.removeAll { $0.id == id } }

    /// Keeps a conversation, in place of the oldest one where there is no room.
    mutating func addConversation(_ id: String) {
        if conversations.count >= itemLimit { conversations.removeFirst() }
        conversations.append(id)
    }

    func conversation(_ id: String) throws(SandboxError) -> String {
        guard conversations.contains(id) else { throw .notFound("Conversation with id '\(id.prefix(64))' not found.") }
        return id
    }

    mutating func removeConversation(_ id: String) { conversations.removeAll { $0 == id } }
}
