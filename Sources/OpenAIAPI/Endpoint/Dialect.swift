import Bytes

/// An API whose requests the gateway can make chat completions of.
package enum Dialect: CaseIterable, Sendable {
    /// OpenAI's Responses API.
    case responses
    /// Anthropic's Messages API.
    case messages

    /// The paths that all others of the API are below.
    private static let paths: [(path: StaticString, dialect: Dialect)] = [
        ("/v1/responses", .responses), ("/v1/conversations", .responses), ("/v1/messages", .messages),
    ]

    /// The API that `path` belongs to, by its beginning alone; nil for every other path. `path` is as the client wrote it.
    package init?(path: Span<UInt8>) {
        let path = path.extracting((PathAlias.surplus(of: path) ?? 0)..<path.count)
        let found = Self.paths.first { entry in
            let count = entry.path.utf8CodeUnitCount
            return path.hasPrefix(entry.path) && (path.count == count || path[count] == ASCII.slash)
        }
        guard let found else { return nil }
        self = found.dialect
    }
}
