import Bytes
import Foundation
import Policy

/// What is wrong with one value: a phrase, and what may have been meant.
package struct ParseProblem: Error, Hashable, Sendable {
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
struct ValueParser<Value> {
    /// Whether the text may be shown in an error.
    var isSecret = false
    let read: (String) throws(ParseProblem) -> Value
}

extension ValueParser {
    /// The values as `transform` makes something else of them.
    func map<Other>(_ transform: @escaping (Value) -> Other) -> ValueParser<Other> {
        let read = self.read
        return ValueParser<Other>(isSecret: isSecret) { text throws(ParseProblem) in transform(try read(text)) }
    }
}

extension ValueParser<String> {
    /// Any text, which is not empty: an empty one counts as none.
    static var text: Self { Self { $0 } }

    /// A path of a file or folder.
    static var path: Self {
        Self { text throws(ParseProblem) in
            guard !text.utf8.contains(0) else { throw ParseProblem("a path has no zero byte") }
            return text
        }
    }

    /// Printable ASCII of at most `limit` characters, fit for a header's value.
    static func printable(limit: Int) -> Self {
        Self { text throws(ParseProblem) in
            guard text.utf8.count <= limit, text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else {
                throw ParseProblem(
                    "must be printable ASCII of at most \(limit) characters, since it goes into a header")
            }
            return text
        }
    }

    /// The name of a header (RFC 9110, section 5.1) that callers are free to send; in lower case.
    static var freeHeaderName: Self {
        Self { text throws(ParseProblem) in
            let name = text.lowercased()
            let marks = Array("!#$%&'*+-.^_`|~".utf8)
            let isToken = name.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || marks.contains(byte)
            }
            guard isToken else { throw ParseProblem("is no name of a header") }
            let taken = [
                "authorization", "connection", "content-length", "content-type", "cookie", "host", "transfer-encoding",
            ]
            guard !taken.contains(name) else {
                throw ParseProblem("this header has a meaning of its own", suggestion: "x-propylon-user")
            }
            return name
        }
    }
}

extension ValueParser<Bool> {
    /// `true` or `false`.
    static var boolean: Self {
        Self { text throws(ParseProblem) in
            switch text {
            case "true": return true
            case "false": return false
            default:
                let word = text.lowercased()
                let suggestion: String? =
                    ["yes", "on", "true", "1"].contains(word)
                    ? "true" : ["no", "off", "false", "0"].contains(word) ? "false" : nil
                throw ParseProblem("must be true or false", suggestion: suggestion)
            }
        }
    }
}

extension ValueParser<Secret> {
    /// A text that is never shown.
    static var secret: Self {
        Self(isSecret: true) { text throws(ParseProblem) in
            // What `config show` prints cannot be taken for the secret when it is used as a file.
            guard text != Secret.mask else { throw ParseProblem("is the mask of a secret, not the secret itself") }
            return Secret(text)
        }
    }

    /// A key that is sent in a header, so visible ASCII.
    static var headerSecret: Self {
        Self(isSecret: true) { text throws(ParseProblem) in
            guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
                throw ParseProblem("has characters that cannot be sent in a header: spaces, line ends or non-ASCII")
            }
            return Secret(text)
        }
    }

    /// An http or https URL that may hold a token.
    static var secretURL: Self {
        Self(isSecret: true) { text throws(ParseProblem) in
            let address = text.prefix { $0 != "?" }
            _ = try UpstreamURL(parsing: String(address))
            guard text.unicodeScalars.allSatisfy({ ("!"..."~").contains($0) }), !text.contains("#") else {
                throw ParseProblem("a URL has no spaces, no fragment and no characters beyond ASCII")
            }
            return Secret(text)
        }
    }
}

extension ValueParser<NamePattern> {
    /// A pattern, in which `*` stands for any run of characters.
    static var pattern: Self { Self { NamePattern($0) } }
}

extension ValueParser where Value: RawRepresentable<String> & CaseIterable {
    /// One of the words of an enumeration.
    static var choice: Self {
        Self { text throws(ParseProblem) in
            if let value = Value(rawValue: text) { return value }
            let words = Value.allCases.map(\.rawValue)
            throw ParseProblem(
                "must be \(words.dropLast().joined(separator: ", ")) or \(words[words.count - 1])",
                suggestion: Suggestion.nearest(to: text, among: words))
        }
    }
}

extension ValueParser<UpstreamURL> {
    /// A URL of the upstream.
    static var url: Self { Self(isSecret: true) { text throws(ParseProblem) in try UpstreamURL(parsing: text) } }
}

extension ValueParser<ListenAddress> {
    /// Where a listener listens.
    static var address: Self { Self { text throws(ParseProblem) in try ListenAddress(parsing: text) } }
}

extension ValueParser<TimeZone> {
    /// A time zone of the IANA data base.
    static var timeZone: Self {
        Self { text throws(ParseProblem) in
            if let zone = TimeZone(identifier: text) { return zone }
            throw ParseProblem(
                "is no time zone of the IANA data base, as Europe/Paris or UTC",
                suggestion: Suggestion.nearest(to: text, among: TimeZone.knownTimeZoneIdentifiers))
        }
    }
}
