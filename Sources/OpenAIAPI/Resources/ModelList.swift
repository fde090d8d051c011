import Bytes
import Scanners

/// The response of `GET /v1/models` as a client may see it.
package enum ModelList {
    private static let listPaths = JSONPathSet([JSONPath("data", duplicates: .refuse)])
    private static let entryPaths = JSONPathSet([JSONPath("id", duplicates: .refuse)])

    /// The upstream's list without the models that the client may not use, and with its aliases.
    ///
    /// Entries keep their bytes. An alias is a copy of its target's entry with another `id`, at the end of the list.
    ///
    /// - Parameters:
    ///   - body: The upstream's response.
    ///   - allows: Returns true if the client may use the model with this id.
    ///   - aliases: Further names of models. One that the upstream lists itself is left out.
    /// - Returns: nil if `body` is not a JSON object with an array `data`.
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
            if !isFirst { output.append(ASCII.comma) }
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
        guard let data = match(in: body.span, listPaths), data.kind == .array else { return nil }
        return data.range
    }

    private static func entry(in body: [UInt8], at range: Range<Int>) -> Entry? {
        guard let match = match(in: body.span.extracting(range), entryPaths), match.kind == .string,
            let id = match.text
        else { return nil }
        let start = range.lowerBound
        return Entry(id: id, range: range, idRange: match.range.lowerBound + start..<match.range.upperBound + start)
    }

    /// The match of the only path of `paths` in a document that is valid to its end.
    private static func match(in bytes: Span<UInt8>, _ paths: JSONPathSet) -> JSONMatch? {
        var scanner = JSONScanner(paths, acceptsNonFinite: true)
        do throws(JSONError) {
            try scanner.scan(bytes)
            try scanner.finish()
        } catch {
            return nil
        }
        return scanner.found(0)
    }
}
