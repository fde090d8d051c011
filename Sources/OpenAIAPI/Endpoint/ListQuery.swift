import Bytes

/// The query of a request for a list, for example `limit=20&after=file-abc&order=asc`.
package struct ListQuery: Equatable, Sendable {
    /// The number of entries requested, if it is a number of at least 1.
    package let limit: Int?
    /// The id after which the page begins.
    package let after: String?
    /// All other parts, unchanged. The upstream judges them.
    private let rest: [[UInt8]]
    /// Has a `limit` in `rest` that is not a positive number, which the upstream will refuse.
    private let hasInvalidLimit: Bool

    /// Reads `query`, the part after the `?`. The first of two parts with the same name counts.
    package init(_ query: Span<UInt8>) {
        var limit: Int?
        var after: String?
        var rest: [[UInt8]] = []
        var hasInvalidLimit = false
        QueryParts.forEach(in: query) { name, value, part in
            switch (name, value) {
            case ("after", let value?):
                if after == nil, !value.isEmpty { after = value }
            case ("limit", let value?) where limit != nil || Int(value) ?? 0 > 0:
                limit = limit ?? Int(value)
            default:
                if name == "limit" { hasInvalidLimit = true }
                rest.append([UInt8](part, of: query))
            }
        }
        self.limit = limit
        self.after = after
        self.rest = rest
        self.hasInvalidLimit = hasInvalidLimit
    }

    /// The query for a page of `limit` entries after the resource `after`.
    package func page(limit: Int?, after: String?) -> [UInt8] {
        var parts = rest
        if let limit, !hasInvalidLimit { parts.append(Array("limit=\(limit)".utf8)) }
        if let after {
            var part = Array("after=".utf8)
            PercentCoding.append(after, plain: .identifier, to: &part)
            parts.append(part)
        }
        return Array(parts.joined(separator: [UInt8(ascii: "&")]))
    }
}
