import Scanners

/// One page of the upstream's list of files or batches.
package struct ResourceListPage: Sendable {
    /// One resource of the list.
    package struct Entry: Sendable {
        /// The content of the entry.
        package let resource: ResourceResponse
        /// The range of the entry in the page.
        package let range: Range<Int>
    }

    /// The entries in their order. Entries without an id have no owner and are left out.
    package let entries: [Entry]
    /// Further pages follow.
    package let hasMore: Bool

    private static let paths = JSONPathSet([
        JSONPath("data", duplicates: .refuse), JSONPath("has_more", duplicates: .refuse),
    ])

    /// Reads the response `body`; nil if it is not a JSON object with an array `data`.
    package init?(_ body: [UInt8]) {
        var scanner = JSONScanner(Self.paths, acceptsNonFinite: true)
        do throws(JSONError) {
            try scanner.scan(body.span)
            try scanner.finish()
        } catch { return nil }
        guard let data = scanner.found(0), data.kind == .array else { return nil }
        entries = JSONElements.ranges(in: body, of: data.range).compactMap { range in
            ResourceResponse(body.span.extracting(range)).map { Entry(resource: $0, range: range) }
        }
        hasMore = scanner.kind(1) == .true
    }
}
