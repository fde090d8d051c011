import Bytes

/// Finds the operation of a request.
struct AdminRouter: Sendable {
    let routes: [AdminRoute]

    /// What a path and a method lead to.
    enum Match {
        case route(AdminRoute, path: [String: String])
        /// The path has other methods, as `GET, HEAD`.
        case otherMethods(String)
        case nothing
    }

    /// The longest segment that a client may choose, in bytes: the name of a key, each byte escaped.
    private static let segmentLimit = 600

    /// Finds the route of `method` at `path`, which is percent-encoded.
    func match(_ method: String, _ path: String) -> Match {
        guard let segments = Self.segments(of: path) else { return .nothing }
        let found = routes.compactMap { route in
            Self.parameters(of: segments, by: route.operation.segments).map { (route, $0) }
        }
        let asked = method == "HEAD" ? AdminOperation.Method.get.rawValue : method
        if let (route, parameters) = found.first(where: { $0.0.operation.method.rawValue == asked }) {
            return .route(route, path: parameters)
        }
        guard !found.isEmpty else { return .nothing }
        return .otherMethods(
            AdminOperation.Method.allCases.filter { method in found.contains { $0.0.operation.method == method } }
                .map { $0 == .get ? "GET, HEAD" : $0.rawValue }.joined(separator: ", "))
    }

    /// The decoded segments of an absolute path; nil for one that is malformed or has empty segments.
    private static func segments(of path: String) -> [String]? {
        var segments: [String] = []
        for segment in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            guard !segment.isEmpty, segment.utf8.count <= segmentLimit,
                let text = PercentCoding.strictlyDecoded(Array(segment.utf8).span)
            else { return nil }
            segments.append(text)
        }
        return segments
    }

    private static func parameters(
        of segments: [String], by pattern: [AdminOperation.Segment]
    ) -> [String: String]? {
        guard segments.count == pattern.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, expected) in zip(segments, pattern) {
            switch expected {
            case .fixed(let text): guard text == segment else { return nil }
            case .parameter(let name): parameters[name] = segment
            }
        }
        return parameters
    }
}
