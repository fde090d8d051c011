import Bytes
import Scanners

/// One page of the upstream's list of files or batches.
package struct ResourceListPage: Sendable {
    /// One object of the list.
    package struct Entry: Sendable {
        /// What it says.
        package let object: ResourceResponse
        /// Where it stands in the page.
        package let range: Range<Int>
    }

    /// Its objects in their order, but for those without an id, which are nobody's.
    package let entries: [Entry]
    /// Whether there are further pages.
    package let hasMore: Bool

    private static let paths = JSONPathSet([
        JSONPath("data", duplicates: .refuse), JSONPath("has_more", duplicates: .refuse),
    ])

    /// Reads the answer `body`; nil where it is no JSON object with an array `data`.
    package init?(_ body: [UInt8]) {
        var scanner = JSONScanner(Self.paths)
        do throws(JSONError) {
            try scanner.scan(body.span)
            try scanner.finish()
        } catch { return nil }
        guard let data = scanner.found(0), data.kind == .array else { return nil }
        entries = JSONElements.ranges(in: body, of: data.range).compactMap { range in
            ResourceResponse(body.span.extracting(range)).map { Entry(object: $0, range: range) }
        }
        hasMore = scanner.kind(1) == .true
    }
}

/// A list of files or batches as a caller is to see it: entries byte for byte, and a new frame around them.
package struct ResourceListWriter: Sendable {
    private var output = Array(#"{"object":"list","data":["#.utf8)
    private var firstID: String?
    private var lastID: String?
    /// How many entries there are.
    package private(set) var count = 0

    /// A list without entries.
    package init() {}

    /// Bytes of the list so far.
    package var byteCount: Int { output.count }

    /// Adds an entry: the object `id`, which is written as `entry`.
    package mutating func add(_ entry: ArraySlice<UInt8>, id: String) {
        if count > 0 { output.append(UInt8(ascii: ",")) }
        output.append(contentsOf: entry)
        firstID = firstID ?? id
        lastID = id
        count += 1
    }

    /// The whole list.
    package consuming func finish(hasMore: Bool) -> [UInt8] {
        output.append(contentsOf: #"],"first_id":"#.utf8)
        Self.append(firstID, to: &output)
        output.append(contentsOf: #","last_id":"#.utf8)
        Self.append(lastID, to: &output)
        output.append(contentsOf: (hasMore ? #","has_more":true}"# : #","has_more":false}"#).utf8)
        return output
    }

    private static func append(_ id: String?, to output: inout [UInt8]) {
        if let id { JSONString.append(id, to: &output) } else { output.append(contentsOf: "null".utf8) }
    }
}
