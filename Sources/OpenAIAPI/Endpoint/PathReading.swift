import Bytes

/// A path below `/v1/` as different servers may read it, with its escapes resolved.
struct PathReading {
    /// The segments after `/v1/`, decoded.
    let segments: [String]
    /// The segments as the most lenient server reads them: without empty ones and path parameters, in lower case.
    let lenientSegments: [String]
    /// Has no escapes, no path parameters and no empty segments.
    let isPlain: Bool

    /// Returns nil for a path that may lead out of `/v1/` or that servers read differently.
    ///
    /// These are dot segments in any escaping, backslashes, control bytes, and escapes that are malformed, nested or
    /// not UTF-8.
    init?(_ path: Span<UInt8>) {
        guard let text = PercentCoding.strictlyDecoded(path.extracting(4..<path.count)) else { return nil }
        for scalar in text.unicodeScalars where scalar.value < 0x20 || scalar.value == 0x7F || scalar == "\\" {
            return nil
        }
        guard !PercentCoding.hasEscape(Array(text.utf8).span) else { return nil }
        // Scalars, not characters: a combining mark would make another character of a slash or semicolon.
        segments = text.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !segments.contains(where: Self.isDotSegment) else { return nil }
        lenientSegments = segments.filter { !$0.isEmpty }.map { Self.withoutParameters($0).lowercased() }
        isPlain =
            !segments.contains("") && path.allSatisfy { $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: ";") }
    }

    /// Returns true for `.` and `..`, also with path parameters (`..;a=b`), which some servers remove before they
    /// resolve them.
    private static func isDotSegment(_ segment: String) -> Bool {
        let name = withoutParameters(segment)
        return name == "." || name == ".."
    }

    private static func withoutParameters(_ segment: String) -> String {
        String(segment.unicodeScalars.prefix { $0 != ";" })
    }
}
