import Bytes

/// Reads the query of a request.
enum AdminQuery {
    /// The parameters of `query`, as `since=24h&by=key`, each of which `parameters` declares.
    /// - Throws: `AdminProblem` for a parameter that is unknown, repeated, malformed or wrong.
    static func read(
        _ query: String, _ parameters: [AdminOperation.Parameter]
    ) throws(AdminProblem) -> [String: String] {
        var values: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = text(parts[0]), let value = text(parts.count > 1 ? parts[1] : "") else {
                throw .invalid("the query is not percent-encoded UTF-8", param: nil)
            }
            guard let parameter = parameters.first(where: { $0.name == name }) else {
                let known = parameters.map(\.name).joined(separator: ", ")
                throw .invalid(
                    "there is no such parameter" + (known.isEmpty ? "" : "; there are \(known)"), param: name)
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .invalid("is given twice; remove one of the two", param: name)
            }
            if let fault = parameter.schema.fault(in: scalar(value, parameter.schema)) {
                throw .invalid(fault.message, param: name)
            }
        }
        return values
    }

    private static func text(_ encoded: Substring) -> String? {
        PercentCoding.strictlyDecoded(Array(encoded.replacing("+", with: "%20").utf8).span)
    }

    /// The value of a text in a query, which has no types, for `schema`.
    private static func scalar(_ text: String, _ schema: AdminSchema) -> AdminValue {
        switch schema {
        case .integer: Int64(text).map(AdminValue.integer) ?? .text(text)
        case .boolean: Bool(text).map(AdminValue.boolean) ?? .text(text)
        default: .text(text)
        }
    }
}
