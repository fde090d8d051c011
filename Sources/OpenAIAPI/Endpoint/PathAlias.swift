import Bytes

/// Other beginnings of paths, which clients build from other base URLs.
enum PathAlias {
    /// Prefixes that stand for `/v1/`, and the bytes of them that the upstream does not get.
    private static let prefixes: [(prefix: StaticString, surplus: Int)] = [
        // A base URL with /v1 in a client that appends it once more.
        ("/v1/v1/", 3),
        // Azure's API without versions, and proxies with a path for each vendor.
        ("/openai/v1/", 7),
    ]

    /// The bytes at the start of `path` that precede `/v1/`; nil for a path without an alias.
    static func surplus(of path: Span<UInt8>) -> Int? {
        prefixes.first { path.hasPrefix($0.prefix) }?.surplus
    }

    /// Azure's path of one model: `/openai/deployments/{model}/chat/completions`.
    private static let deployments: StaticString = "/openai/deployments/"

    /// The range of the model in a path of Azure's. A slash and an endpoint's path below `/v1` follow.
    static func deployment(in path: Span<UInt8>) -> Range<Int>? {
        guard path.hasPrefix(deployments) else { return nil }
        let start = deployments.utf8CodeUnitCount
        let end = path.index(of: ASCII.slash, from: start)
        return end < path.count ? start..<end : nil
    }
}
