import Bytes
import Scanners

/// The response of `GET /v1/models`, with the models that a client may see.
package struct ModelList: Sendable {
    /// A model under one of its names.
    struct Model: Sendable {
        /// The name: the upstream's id, or an alias.
        let id: String
        /// The upstream's entry.
        let range: Range<Int>
        /// The id in the entry.
        let idRange: Range<Int>
        let isAlias: Bool
    }

    private static let listPaths = JSONPathSet([JSONPath("data", duplicates: .refuse)])
    private static let entryPaths = JSONPathSet([JSONPath("id", duplicates: .refuse)])

    /// The upstream's response.
    let body: [UInt8]
    private let data: Range<Int>
    /// The models in their order, aliases last.
    let models: [Model]

    /// The models of the upstream's response that the client may use, and its aliases.
    ///
    /// - Parameters:
    ///   - body: The upstream's response. Nil is returned if it is not a JSON object with an array `data`.
    ///   - allows: Returns true if the client may use the model with this id.
    ///   - aliases: Further names of models. One that the upstream lists itself is left out.
    package init?(_ body: [UInt8], allows: (String) -> Bool, aliases: [(alias: String, target: String)]) {
        guard let data = match(in: body.span, Self.listPaths), data.kind == .array else { return nil }
        var entries: [String: Model] = [:]
        var models: [Model] = []
        for range in JSONElements.ranges(in: body, of: data.range) {
            guard let model = Self.model(in: body, at: range) else { continue }
            entries[model.id] = model
            if allows(model.id) { models.append(model) }
        }
        for (alias, target) in aliases where entries[alias] == nil {
            guard let model = entries[target], allows(target) else { continue }
            models.append(Model(id: alias, range: model.range, idRange: model.idRange, isAlias: true))
        }
        self.body = body
        self.data = data.range
        self.models = models
    }

    private static func model(in body: [UInt8], at range: Range<Int>) -> Model? {
        guard let match = match(in: body.span.extracting(range), entryPaths), match.kind == .string,
            let id = match.text
        else { return nil }
        let start = range.lowerBound
        return Model(
            id: id, range: range, idRange: match.range.lowerBound + start..<match.range.upperBound + start,
            isAlias: false)
    }

    /// The upstream's list of these models. Entries keep their bytes. An alias is a copy of its target's entry with another `id`.
    package var document: [UInt8] {
        var output = Array(body[..<(data.lowerBound + 1)])
        output.reserveCapacity(body.count)
        for (index, model) in models.enumerated() {
            if index > 0 { output.append(ASCII.comma) }
            guard model.isAlias else {
                output.append(contentsOf: body[model.range])
                continue
            }
            output.append(contentsOf: body[model.range.lowerBound..<model.idRange.lowerBound])
            JSONString.append(model.id, to: &output)
            output.append(contentsOf: body[model.idRange.upperBound..<model.range.upperBound])
        }
        output.append(contentsOf: body[(data.upperBound - 1)...])
        return output
    }
}

/// The match of the only path of `paths` in a document that is valid to its end.
private func match(in bytes: Span<UInt8>, _ paths: JSONPathSet) -> JSONMatch? {
    var scanner = JSONScanner(paths, acceptsNonFinite: true)
    do throws(JSONError) {
        try scanner.scan(bytes)
        try scanner.finish()
    } catch {
        return nil
    }
    return scanner.found(0)
}
