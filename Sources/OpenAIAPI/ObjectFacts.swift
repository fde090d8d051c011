import WireScan

/// What the gateway has to know of a file or a batch, by the object that the upstream answers with.
package struct ObjectFacts: Equatable, Sendable {
    /// Its id.
    package var id: String
    /// What it is doing: of a batch `in_progress`, `completed`…
    package var status: String?
    /// The file that a batch has written its answers to.
    package var outputFileID: String?
    /// The file that a batch has written its errors to.
    package var errorFileID: String?

    private static let watches = JSONWatchList(
        ["id", "status", "output_file_id", "error_file_id"].map { JSONWatch($0) })

    /// What the JSON object `bytes` says; nil where it is none, or has no id.
    package init?(_ bytes: Span<UInt8>) {
        var scanner = JSONScanner(Self.watches)
        do throws(JSONError) {
            try scanner.scan(bytes)
            try scanner.finish()
        } catch { return nil }
        func text(_ index: Int, in scanner: borrowing JSONScanner) -> String? {
            scanner.found(index).flatMap { $0.kind == .string ? $0.text : nil }.flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let id = text(0, in: scanner) else { return nil }
        self.id = id
        status = text(1, in: scanner)
        outputFileID = text(2, in: scanner)
        errorFileID = text(3, in: scanner)
    }

    /// Whether a batch writes nothing any more.
    package var hasEnded: Bool {
        switch status {
        case "completed", "expired", "cancelled", "failed": true
        default: false
        }
    }
}

/// A page of files or batches.
package struct ObjectPage: Sendable {
    /// One entry: its id, and where its object stands in the page.
    package struct Entry: Sendable {
        package let facts: ObjectFacts
        package let range: Range<Int>
    }

    /// The entries, in their order.
    package let entries: [Entry]
    /// Whether there are further ones behind the last.
    package let hasMore: Bool

    private static let watches = JSONWatchList([JSONWatch("data"), JSONWatch("has_more")])

    /// What the answer `body` says; nil where it is no list of objects with ids.
    package init?(_ body: [UInt8]) {
        var scanner = JSONScanner(Self.watches)
        do throws(JSONError) {
            try scanner.scan(body.span)
            try scanner.finish()
        } catch { return nil }
        guard let data = scanner.found(0), data.kind == .array else { return nil }
        hasMore = scanner.kind(1) == .true
        var entries: [Entry] = []
        for range in JSONElements.ranges(in: body, of: data.range) {
            guard let facts = ObjectFacts(body.span.extracting(range)) else { return nil }
            entries.append(Entry(facts: facts, range: range))
        }
        self.entries = entries
    }

    /// A page of the objects `kept`, each with its id, in the API's shape.
    package static func text(of kept: [(id: String, object: ArraySlice<UInt8>)], hasMore: Bool) -> [UInt8] {
        var output = Array(#"{"object":"list","data":["#.utf8)
        for (index, entry) in kept.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: entry.object)
        }
        func append(_ name: StaticString, _ id: String?) {
            output.append(contentsOf: name.description.utf8)
            if let id { JSONText.append(id, to: &output) } else { output.append(contentsOf: "null".utf8) }
        }
        append(#"],"first_id":"#, kept.first?.id)
        append(#","last_id":"#, kept.last?.id)
        output.append(contentsOf: #","has_more":\#(hasMore)}"#.utf8)
        return output
    }
}

/// The query of a list: which part of it is asked for.
package struct PageQuery: Equatable, Sendable {
    /// What is neither `after` nor `limit`, as it was written.
    private var others: [String] = []
    /// How many entries are asked for; nil for as many as the upstream gives.
    package private(set) var limit: Int?

    /// Reads `query`, the part behind the `?`.
    package init(_ query: Span<UInt8>) {
        for parameter in String(decoding: Array(query: query), as: UTF8.self).split(separator: "&") {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            switch parts.first {
            case "limit": limit = parts.count == 2 ? Int(parts[1]).flatMap { $0 > 0 ? $0 : nil } : nil
            case "after": break
            default: others.append(String(parameter))
            }
        }
    }

    /// Of no query.
    package init() {}

    /// The query for the `limit` entries behind that with the id `after`.
    package func next(after: String, limit: Int) -> String {
        var escaped: [UInt8] = []
        PercentEscapes.append(after, to: &escaped)
        return (others + ["limit=\(limit)", "after=" + String(decoding: escaped, as: UTF8.self)]).joined(separator: "&")
    }
}

extension Array where Element == UInt8 {
    fileprivate init(query: Span<UInt8>) {
        self.init()
        query.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
