import Foundation
import Policy

/// What is wrong with one value: a phrase, and what may have been meant.
package struct ValueProblem: Error, Hashable, Sendable {
    /// What is wrong, without the value itself, which may be a secret.
    package let message: String
    /// What may have been meant; made of known words or of the value, so not for secrets.
    package let suggestion: String?

    init(_ message: String, suggestion: String? = nil) {
        self.message = message
        self.suggestion = suggestion
    }
}

/// How the text of a scalar is read as a value, and how strictly. One for each kind of member.
struct ValueForm<Value> {
    /// Whether the text may be shown in an error.
    var isSecret = false
    let read: (String) throws(ValueProblem) -> Value
}

extension ValueForm {
    /// The values as `transform` makes something else of them.
    func map<Other>(_ transform: @escaping (Value) -> Other) -> ValueForm<Other> {
        let read = self.read
        return ValueForm<Other>(isSecret: isSecret) { text throws(ValueProblem) in transform(try read(text)) }
    }
}

extension ValueForm<String> {
    /// Any text, which is not empty: an empty one counts as none.
    static var text: Self { Self { $0 } }

    /// A path of a file or folder.
    static var path: Self {
        Self { text throws(ValueProblem) in
            guard !text.utf8.contains(0) else { throw ValueProblem("a path has no zero byte") }
            return text
        }
    }

    /// Printable ASCII of at most `limit` characters, fit for a header's value.
    static func printable(limit: Int) -> Self {
        Self { text throws(ValueProblem) in
            guard text.utf8.count <= limit, text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else {
                throw ValueProblem(
                    "must be printable ASCII of at most \(limit) characters, since it goes into a header")
            }
            return text
        }
    }

    /// The name of a header (RFC 9110, section 5.1) that callers are free to send; in lower case.
    static var freeHeaderName: Self {
        Self { text throws(ValueProblem) in
            let name = text.lowercased()
            let marks = Array("!#$%&'*+-.^_`|~".utf8)
            let isToken = name.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || marks.contains(byte)
            }
            guard isToken else { throw ValueProblem("is no name of a header") }
            let taken = [
                "authorization", "connection", "content-length", "content-type", "cookie", "host", "transfer-encoding",
            ]
            guard !taken.contains(name) else {
                throw ValueProblem("this header has a meaning of its own", suggestion: "x-propylon-user")
            }
            return name
        }
    }
}

extension ValueForm<Bool> {
    /// `true` or `false`.
    static var boolean: Self {
        Self { text throws(ValueProblem) in
            switch text {
            case "true": return true
            case "false": return false
            default:
                let word = text.lowercased()
                let suggestion: String? =
                    ["yes", "on", "true", "1"].contains(word)
                    ? "true" : ["no", "off", "false", "0"].contains(word) ? "false" : nil
                throw ValueProblem("must be true or false", suggestion: suggestion)
            }
        }
    }
}

extension ValueForm<Secret> {
    /// A text that is never shown.
    static var secret: Self {
        Self(isSecret: true) { text throws(ValueProblem) in
            // What `config show` prints cannot be taken for the secret when it is used as a file.
            guard text != Secret.mask else { throw ValueProblem("is the mask of a secret, not the secret itself") }
            return Secret(text)
        }
    }

    /// A key that is sent in a header, so visible ASCII.
    static var headerSecret: Self {
        Self(isSecret: true) { text throws(ValueProblem) in
            guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
                throw ValueProblem("has characters that cannot be sent in a header: spaces, line ends or non-ASCII")
            }
            return Secret(text)
        }
    }

    /// An http or https URL that may hold a token.
    static var secretURL: Self {
        Self(isSecret: true) { text throws(ValueProblem) in
            let address = text.prefix { $0 != "?" }
            _ = try UpstreamURL(parsing: String(address))
            guard text.unicodeScalars.allSatisfy({ ("!"..."~").contains($0) }), !text.contains("#") else {
                throw ValueProblem("a URL has no spaces, no fragment and no characters beyond ASCII")
            }
            return Secret(text)
        }
    }
}

extension ValueForm<NamePattern> {
    /// A pattern, in which `*` stands for any run of characters.
    static var pattern: Self { Self { NamePattern($0) } }
}

extension ValueForm where Value: RawRepresentable<String> & CaseIterable {
    /// One of the words of an enumeration.
    static var choice: Self {
        Self { text throws(ValueProblem) in
            if let value = Value(rawValue: text) { return value }
            let words = Value.allCases.map(\.rawValue)
            throw ValueProblem(
                "must be \(words.dropLast().joined(separator: ", ")) or \(words[words.count - 1])",
                suggestion: Suggestion.nearest(to: text, among: words))
        }
    }
}

extension ValueForm<UpstreamURL> {
    /// A URL of the upstream.
    static var url: Self { Self(isSecret: true) { text throws(ValueProblem) in try UpstreamURL(parsing: text) } }
}

extension ValueForm<ListenAddress> {
    /// Where a listener listens.
    static var address: Self { Self { text throws(ValueProblem) in try ListenAddress(parsing: text) } }
}

extension ValueForm<TimeZone> {
    /// A time zone of the IANA data base.
    static var timeZone: Self {
        Self { text throws(ValueProblem) in
            if let zone = TimeZone(identifier: text) { return zone }
            throw ValueProblem(
                "is no time zone of the IANA data base, as Europe/Paris or UTC",
                suggestion: Suggestion.nearest(to: text, among: TimeZone.knownTimeZoneIdentifiers))
        }
    }
}
