import Bytes

/// The user that a client names for a request, in the body's `user` or in a header.
package enum UserName {
    /// The most Unicode scalars that are kept.
    package static let limit = 128

    /// `name` without control characters, line separators and bidirectional overrides, cut to `limit` Unicode scalars.
    ///
    /// Returns nil if no character remains.
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
