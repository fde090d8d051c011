import Bytes

/// Writes a list for a client, in the frame of a page: of files or batches, the upstream's entries byte for byte.
package struct ResourceListWriter: Sendable {
    private var output: [UInt8] = []
    private var firstID: String?
    private var lastID: String?
    /// The number of entries.
    package private(set) var count = 0

    /// Creates an empty list.
    package init() { self.init(opening: #"{"object":"list","data":["#) }

    /// Creates an empty list that begins with `opening`.
    init(opening: StaticString) { output.append(opening) }

    /// The size of the list so far.
    package var byteCount: Int { output.count }

    /// Adds the resource `id`, which is written as `entry`.
    package mutating func add(_ entry: ArraySlice<UInt8>, id: String) {
        if count > 0 { output.append(ASCII.comma) }
        output.append(contentsOf: entry)
        firstID = firstID ?? id
        lastID = id
        count += 1
    }

    /// The complete list.
    package consuming func finish(hasMore: Bool) -> [UInt8] {
        output.append(#"],"first_id":"#)
        JSONString.append(orNull: firstID, to: &output)
        output.append(#","last_id":"#)
        JSONString.append(orNull: lastID, to: &output)
        output.append(hasMore ? #","has_more":true}"# : #","has_more":false}"#)
        return output
    }
}
