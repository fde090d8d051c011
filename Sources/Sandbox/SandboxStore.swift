/// Files and batches, in memory, in the order of their coming, within limits.
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
        var isHeld: Bool
        var isCancelled = false
        var total = 0
        var completed = 0
        var failed = 0
    }

    private let byteLimit: Int
    private let itemLimit: Int
    private(set) var files: [File] = []
    private(set) var batches: [Batch] = []
    private var byteCount = 0

    init(byteLimit: Int, itemLimit: Int) {
        self.byteLimit = byteLimit
        self.itemLimit = itemLimit
    }

    mutating func add(_ file: File) throws(SandboxRefusal) {
        guard files.count < itemLimit, byteCount + file.content.count <= byteLimit else {
            throw .invalid("The sandbox keeps no more files than this. Delete some first.", code: "storage_full")
        }
        byteCount += file.content.count
        files.append(file)
    }

    func file(_ id: String) throws(SandboxRefusal) -> File {
        guard let file = files.first(where: { $0.id == id }) else {
            throw .notFound("No such File object: \(id.prefix(64))")
        }
        return file
    }

    mutating func removeFile(_ id: String) throws(SandboxRefusal) {
        byteCount -= try file(id).content.count
        files.removeAll { $0.id == id }
    }

    mutating func add(_ batch: Batch) throws(SandboxRefusal) {
        guard batches.count < itemLimit else {
            throw .invalid("The sandbox keeps no more batches than this. Start it anew.", code: "storage_full")
        }
        batches.append(batch)
    }

    func batch(_ id: String) throws(SandboxRefusal) -> Batch {
        guard let batch = batches.first(where: { $0.id == id }) else {
            throw .notFound("No batch found with id '\(id.prefix(64))'.")
        }
        return batch
    }

    /// Cancels a batch that is held back; one that has ended stays as it is, and the caller is told.
    mutating func cancel(_ id: String) throws(SandboxRefusal) -> Batch {
        var batch = try batch(id)
        guard batch.isHeld, !batch.isCancelled else {
            throw SandboxRefusal(
                status: 409, type: "invalid_request_error",
                message: "Cannot cancel a batch with status '\(batch.isCancelled ? "cancelled" : "completed")'.")
        }
        batch.isCancelled = true
        batches = batches.map { $0.id == id ? batch : $0 }
        return batch
    }
}

/// One page of a list, as `after` and `limit` ask for it.
struct Page<Element> {
    let elements: ArraySlice<Element>
    let hasMore: Bool

    /// - Parameters:
    ///   - all: in the order of the list.
    ///   - query: `after`, the id of the element before the page, and `limit`.
    init(_ all: [Element], query: String?, standardLimit: Int, id: (Element) -> String) throws(SandboxRefusal) {
        var rest = all[...]
        if let after = PercentCoding.value(of: "after", in: query), !after.isEmpty {
            guard let index = all.firstIndex(where: { id($0) == after }) else {
                throw .invalid("Invalid parameter 'after': no such object", param: "after")
            }
            rest = all[(index + 1)...]
        }
        var limit = standardLimit
        if let text = PercentCoding.value(of: "limit", in: query) {
            guard let number = Int(text), (1...10_000).contains(number) else {
                throw .invalid("Invalid parameter 'limit': must be from 1 to 10000", param: "limit")
            }
            limit = number
        }
        elements = rest.prefix(limit)
        hasMore = rest.count > limit
    }
}
