/// Whom a caller names as the user of a request: the body's `user`, or a header.
package enum UserName {
    /// How many Unicode scalars of a name are kept.
    package static let limit = 128

    /// `name` without the characters that would spoil a line or turn a report around (controls, line separators,
    /// bidirectional overrides), cut to `limit` Unicode scalars; nil where nothing is left.
    package static func cleaned(_ name: String) -> String? {
        var kept = String.UnicodeScalarView()
        var count = 0
        for scalar in name.unicodeScalars where !isUnprintable(scalar) {
            guard count < limit else { break }
            kept.append(scalar)
            count += 1
        }
        return kept.isEmpty ? nil : String(kept)
    }

    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
