import Bytes

/// How the most lenient of servers might read a path below `/v1/`: with its escapes resolved.
struct PathReading {
    /// The segments behind `/v1/`, without their escapes.
    let segments: [String]
    /// Whether another server could take the path for that of an endpoint that it does not spell out: with empty segments,
    /// escapes, path parameters or capitals left out.
    let isAmbiguous: Bool

    /// nil for a path that may lead out of `/v1/` or that has no one reading: dot segments however they are escaped,
    /// backslashes, control bytes, escapes that are malformed, of no UTF-8, or themselves escaped.
    init?(_ path: Span<UInt8>) {
        guard let text = PercentCoding.strictlyDecoded(path.extracting(4..<path.count)) else { return nil }
        for scalar in text.unicodeScalars where scalar.value < 0x20 || scalar.value == 0x7F || scalar == "\\" {
            return nil
        }
        guard !PercentCoding.hasEscape(Array(text.utf8).span) else { return nil }
        segments = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !segments.contains(where: Self.isDotSegment) else { return nil }

        let isPlain = path.allSatisfy { $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: ";") }
        let hasEmpty = segments.contains("")
        let lenient = segments.filter { !$0.isEmpty }.map { Self.withoutParameters($0).lowercased() }
        isAmbiguous = Self.couldBeAnEndpoint(lenient) && !(isPlain && !hasEmpty && segments[0] == lenient[0])
    }

    /// `.` and `..`, also with path parameters behind (`..;a=b`), which some servers cut off before they resolve them.
    private static func isDotSegment(_ segment: String) -> Bool {
        let name = withoutParameters(segment)
        return name == "." || name == ".."
    }

    private static func withoutParameters(_ segment: String) -> String {
        segment.firstIndex(of: ";").map { String(segment[..<$0]) } ?? segment
    }

    private static func couldBeAnEndpoint(_ segments: [String]) -> Bool {
        switch segments.first {
        case nil, "models", "files", "batches", "realtime": return true
        default:
            let path = segments.joined(separator: "/")
            return Endpoint(rawValue: path) != nil || path == "v1/rerank" || path == "v2/rerank"
        }
    }
}
