import Bytes

/// An API whose requests the gateway can make chat completions of.
package enum Dialect: CaseIterable, Sendable {
    /// OpenAI's Responses API.
    case responses
    /// Anthropic's Messages API.
    case messages

    /// The path that all others of the API are below.
    private var path: StaticString {
        switch self {
        case .responses: "/v1/responses"
        case .messages: "/v1/messages"
        }
    }

    /// The API that `path` belongs to, by its beginning alone; nil for every other path. `path` is as the client wrote it.
    package init?(path: Span<UInt8>) {
        let path = path.extracting((PathAlias.surplus(of: path) ?? 0)..<path.count)
        let found = Self.allCases.first { dialect in
            let count = dialect.path.utf8CodeUnitCount
            return path.hasPrefix(dialect.path) && (path.count == count || path[count] == ASCII.slash)
        }
        guard let found else { return nil }
        self = found
    }
}
