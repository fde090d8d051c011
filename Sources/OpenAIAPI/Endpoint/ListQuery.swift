import Bytes

/// The query of a request for a list, as `limit=20&after=file-abc&order=asc`.
package struct ListQuery: Equatable, Sendable {
    /// How many entries are asked for, where that is a number of at least 1.
    package let limit: Int?
    /// The id behind which the page begins.
    package let after: String?
    /// Everything else, as it was written: the upstream's to judge.
    private let rest: [[UInt8]]
    /// Whether `rest` has a limit that is none, which the upstream will refuse.
    private let hasOddLimit: Bool

    /// Reads `query`, the part behind the `?`. Of a name that stands twice the first counts.
    package init(_ query: Span<UInt8>) {
        var limit: Int?
        var after: String?
        var rest: [[UInt8]] = []
        var hasOddLimit = false
        var start = 0
        while start < query.count {
            var end = start
            while end < query.count, query[end] != UInt8(ascii: "&") { end += 1 }
            let part = query.extracting(start..<end)
            start = end + 1
            var equals = 0
            while equals < part.count, part[equals] != UInt8(ascii: "=") { equals += 1 }
            let value = PercentCoding.strictlyDecoded(part.extracting(min(equals + 1, part.count)..<part.count))
            switch (PercentCoding.strictlyDecoded(part.extracting(0..<equals)), value) {
            case ("after", let value?):
                if after == nil, !value.isEmpty { after = value }
            case ("limit", let value?) where limit != nil || Int(value) ?? 0 > 0:
                limit = limit ?? Int(value)
            case (let name, _):
                if name == "limit" { hasOddLimit = true }
                rest.append(part.withUnsafeBufferPointer { Array($0) })
            }
        }
        self.limit = limit
        self.after = after
        self.rest = rest
        self.hasOddLimit = hasOddLimit
    }

    /// The query for a page of `limit` entries behind the object `after`.
    package func page(limit: Int?, after: String?) -> [UInt8] {
        var parts = rest
        if let limit, !hasOddLimit { parts.append(Array("limit=\(limit)".utf8)) }
        if let after {
            var part = Array("after=".utf8)
            PercentCoding.append(after, plain: .identifier, to: &part)
            parts.append(part)
        }
        return Array(parts.joined(separator: [UInt8(ascii: "&")]))
    }
}
