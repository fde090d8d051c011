import Bytes

/// Whom a caller names as the user of a request: the body's `user`, or a header.
package enum UserName {
    /// How many Unicode scalars of a name are kept.
    package static let limit = 128

    /// `name` without the characters that would spoil a line or turn a report around (controls, line separators,
    /// bidirectional overrides), cut to `limit` Unicode scalars; nil where nothing is left.
    package static func cleaned(_ name: String) -> String? {
        var kept = String.UnicodeScalarView()
        var count = 0
        for scalar in name.unicodeScalars where scalar.isPrintable {
            guard count < limit else { break }
            kept.append(scalar)
            count += 1
        }
        return kept.isEmpty ? nil : String(kept)
    }

}
