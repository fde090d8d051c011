import HTTP1

/// The coding of a body, as far as the gateway can read it.
enum ContentCoding {
    /// The body as it is.
    case identity
    /// One that `Inflater` reads.
    case inflatable
    /// Any other, and several.
    case other
}

extension HeaderFields {
    /// The coding of the body that the fields describe (RFC 9110, section 8.4).
    var contentCoding: ContentCoding {
        var coding = ContentCoding.identity
        for index in 0..<count where isNamed(self[index], "content-encoding") {
            let value = self[index].value
            if equals(value, "identity") { continue }
            coding = coding == .identity && isInflatable(value) ? .inflatable : .other
        }
        return coding
    }

    /// Returns true for a coding that `Inflater` reads.
    private func isInflatable(_ coding: Range<Int>) -> Bool {
        equals(coding, "gzip") || equals(coding, "x-gzip") || equals(coding, "deflate")
    }
}
