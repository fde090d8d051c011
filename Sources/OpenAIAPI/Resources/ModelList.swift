import Bytes
import Scanners

/// The answer of `GET /v1/models` as a caller may see it.
package enum ModelList {
    private static let listWatches = JSONPathSet([JSONPath("data", duplicates: .refuse)])
    private static let entryWatches = JSONPathSet([JSONPath("id", duplicates: .refuse)])

    /// The upstream's list with the entries whose id is allowed, their bytes as they are, and behind them one more for every
    /// alias whose target is among them: a copy of the target's entry with another `id`.
    ///
    /// - Parameters:
    ///   - body: the upstream's answer.
    ///   - allows: whether the caller may use the model with this id.
    ///   - aliases: other names for models; one that the upstream lists as a model of its own is left out.
    /// - Returns: nil where `body` is no JSON object with an array `data`.
    package static func filtered(
        _ body: [UInt8], allows: (String) -> Bool, aliases: [(alias: String, target: String)]
    ) -> [UInt8]? {
        guard let data = rangeOfData(in: body) else { return nil }
        var entries: [String: Entry] = [:]
        var listed: [Range<Int>] = []
        for range in JSONElements.ranges(in: body, of: data) {
            guard let entry = entry(in: body, at: range) else { continue }
            entries[entry.id] = entry
            if allows(entry.id) { listed.append(range) }
        }
        var output = Array(body[..<(data.lowerBound + 1)])
        output.reserveCapacity(body.count)
        var isFirst = true
        func separate() {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
        }
        for range in listed {
            separate()
            output.append(contentsOf: body[range])
        }
        for (alias, target) in aliases where entries[alias] == nil {
            guard let entry = entries[target], allows(target) else { continue }
            separate()
            output.append(contentsOf: body[entry.range.lowerBound..<entry.idRange.lowerBound])
            JSONString.append(alias, to: &output)
            output.append(contentsOf: body[entry.idRange.upperBound..<entry.range.upperBound])
        }
        output.append(contentsOf: body[(data.upperBound - 1)...])
        return output
    }

    /// A model in the list.
    private struct Entry {
        let id: String
        let range: Range<Int>
        let idRange: Range<Int>
    }

    private static func rangeOfData(in body: [UInt8]) -> Range<Int>? {
        guard let data = found(in: body.span, listWatches), data.kind == .array else { return nil }
        return data.range
    }

    private static func entry(in body: [UInt8], at range: Range<Int>) -> Entry? {
        guard let found = found(in: body.span.extracting(range), entryWatches), found.kind == .string,
            let id = found.text
        else { return nil }
        return Entry(
            id: id, range: range,
            idRange: found.range.lowerBound + range.lowerBound..<found.range.upperBound + range.lowerBound)
    }

    /// What the first of `paths` finds in a document that is valid to its end.
    private static func found(in bytes: Span<UInt8>, _ paths: JSONPathSet) -> JSONMatch? {
        var scanner = JSONScanner(paths)
        do throws(JSONError) {
            try scanner.scan(bytes)
            try scanner.finish()
        } catch {
            return nil
        }
        return scanner.found(0)
    }
}

/// The elements of an array in a document that is known to be valid.
enum JSONElements {
    /// Where the elements of the array at `array` of `document` stand, without the white space around them.
    static func ranges(in document: [UInt8], of array: Range<Int>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var depth = 0
        var isInString = false
        var start: Int?
        var end = 0
        var index = array.lowerBound + 1
        while index < array.upperBound - 1 {
            let byte = document[index]
            if isInString {
                if byte == UInt8(ascii: "\\") { index += 1 }
                isInString = byte != UInt8(ascii: "\"")
                end = index + 1
            } else if depth == 0, byte == UInt8(ascii: ",") {
                if let start { ranges.append(start..<end) }
                start = nil
            } else if byte > 0x20 {
                start = start ?? index
                end = index + 1
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
            }
            index += 1
        }
        if let start { ranges.append(start..<end) }
        return ranges
    }
}
