import Bytes

/// The paths of requests that the gateway makes by itself.
package enum ResourcePath {
    /// `/v1/files/{id}`
    package static func file(_ id: String) -> [UInt8] { path("/v1/files/", id, "") }

    /// `/v1/files/{id}/content`
    package static func content(ofFile id: String) -> [UInt8] { path("/v1/files/", id, "/content") }

    /// `/v1/batches/{id}`
    package static func batch(_ id: String) -> [UInt8] { path("/v1/batches/", id, "") }

    /// `/v1/batches/{id}/cancel`
    package static func cancel(batch id: String) -> [UInt8] { path("/v1/batches/", id, "/cancel") }

    /// `/v1/responses/{id}`
    package static func response(_ id: String) -> [UInt8] { path("/v1/responses/", id, "") }

    /// `/v1/conversations/{id}`
    package static func conversation(_ id: String) -> [UInt8] { path("/v1/conversations/", id, "") }

    private static func path(_ start: StaticString, _ id: String, _ end: StaticString) -> [UInt8] {
        var path: [UInt8] = []
        path.append(start)
        PercentCoding.append(id, plain: .identifier, to: &path)
        path.append(end)
        return path
    }
}
