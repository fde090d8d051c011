import Bytes
import Foundation
import Policy

/// A kind of value: reads the text of a scalar, writes it, and describes itself.
struct ValueFormat<Value> {
    /// The form, for the reference, as `size, 1KiB to 16MiB`.
    let form: String
    /// Returns true for values that no error may repeat.
    var isSecret = false
    /// Returns true for texts that YAML or the expansion of variables could misread, so that they are quoted.
    var isText = false
    let read: (String) throws(ParseProblem) -> Value
    let write: (Value) -> String
}

extension ValueFormat<String> {
    /// Any text. An empty one counts as none.
    static var text: Self { Self(form: "text", isText: true, read: { $0 }, write: { $0 }) }

    /// The path of a file or folder.
    static var path: Self {
        Self(
            form: "path", isText: true,
            read: { text throws(ParseProblem) in
                guard !text.utf8.contains(0) else { throw ParseProblem("a path has no zero byte") }
                return text
            }, write: { $0 })
    }

    /// The host of a URL, without a port: a name or an IP address. In lower case, IPv6 addresses without brackets.
    static var hostName: Self {
        Self(
            form: "host name or IP address", isText: true,
            read: { text throws(ParseProblem) in
                guard let host = ListenAddress.host(of: text) else {
                    throw ParseProblem("must be a host name or an IP address, without a port")
                }
                return host
            }, write: { $0 })
    }

    /// Printable ASCII of at most `limit` characters, fit for the value of a header.
    static func printable(limit: Int) -> Self {
        Self(
            form: "printable ASCII, at most \(limit) characters", isText: true,
            read: { text throws(ParseProblem) in
                guard text.utf8.count <= limit, text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else {
                    throw ParseProblem(
                        "must be printable ASCII of at most \(limit) characters, since it goes into a header")
                }
                return text
            }, write: { $0 })
    }

    /// The name of a header (RFC 9110, section 5.1) that the gateway does not interpret, in lower case.
    static var freeHeaderName: Self {
        headerName(
            except: [
                "api-key", "authorization", "connection", "content-length", "content-type", "cookie", "host",
                "proxy-authorization", "transfer-encoding", "x-api-key",
            ], suggestion: "x-propylon-user")
    }

    /// The name of a header (RFC 9110, section 5.1) in lower case, but none of `taken`.
    static func headerName(except taken: [String], suggestion: String? = nil) -> Self {
        Self(
            form: "name of a header", isText: true,
            read: { text throws(ParseProblem) in
                let name = text.lowercased()
                guard !name.isEmpty, name.utf8.allSatisfy(ASCIISet.token.contains) else {
                    throw ParseProblem("is not the name of a header")
                }
                guard !taken.contains(name) else {
                    throw ParseProblem("this header has a meaning of its own", suggestion: suggestion)
                }
                return name
            }, write: { $0 })
    }
}

extension ValueFormat<Bool> {
    /// `true` or `false`.
    static var boolean: Self {
        Self(
            form: "`true` or `false`",
            read: { text throws(ParseProblem) in
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
            }, write: { String($0) })
    }
}

extension ValueFormat<Secret> {
    private init(_ form: String, read: @escaping (String) throws(ParseProblem) -> Secret) {
        self.init(form: form, isSecret: true, isText: true, read: read, write: { $0.description })
    }

    /// A text that is never shown.
    static var secret: Self {
        Self("secret") { text throws(ParseProblem) in
            // The output of `config show` is no configuration with this text as its secret.
            guard text != Secret.mask else { throw ParseProblem("is the mask of a secret, not the secret itself") }
            return Secret(text)
        }
    }

    /// A key for a header: visible ASCII.
    static var headerSecret: Self {
        Self("secret, visible ASCII") { text throws(ParseProblem) in
            guard text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
                throw ParseProblem("has characters that cannot be sent in a header: spaces, line ends or non-ASCII")
            }
            return Secret(text)
        }
    }

    /// The value of a header: printable ASCII, with spaces inside.
    static var headerText: Self {
        Self("secret, printable ASCII") { text throws(ParseProblem) in
            guard text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }), text.utf8.first != 0x20, text.utf8.last != 0x20 else {
                throw ParseProblem(
                    "has characters that cannot be sent in a header: line ends, non-ASCII, spaces at an end")
            }
            return try secret.read(text)
        }
    }

    /// A key of the upstream: visible ASCII, or empty for none. Too long to be a word of a response, where keys are masked.
    static var upstreamKey: Self {
        Self("secret, visible ASCII, at least 12 characters") { text throws(ParseProblem) in
            let key = try headerSecret.read(text)
            guard text.isEmpty || text.utf8.count >= 12 else {
                throw ParseProblem(
                    "has fewer than 12 characters: it could be a word of a response, where the upstream's keys are "
                        + "masked. Use a longer key, or [] for an upstream that needs none")
            }
            return key
        }
    }

    /// The URL of an HTTP proxy, which may hold a user and a password.
    static var proxyURL: Self {
        Self("`http://[USER:PASSWORD@]HOST:PORT`, secret") { text throws(ParseProblem) in
            guard text.lowercased().hasPrefix("http://") else {
                throw ParseProblem("the URL of a proxy starts with http://")
            }
            let rest = text.dropFirst("http://".count)
            let hostStart = rest.lastIndex(of: "@").map { rest.index(after: $0) } ?? rest.startIndex
            let user = rest[..<hostStart].dropLast()
            guard try UpstreamURL(parsing: "http://\(rest[hostStart...])").path.isEmpty, !user.contains("/") else {
                throw ParseProblem("the URL of a proxy has no path; a slash in a password is written %2F")
            }
            let name = user.prefix { $0 != ":" }
            guard PercentCoding.strictlyDecoded(Array(user.utf8).span) != nil,
                PercentCoding.strictlyDecoded(Array(name.utf8).span)?.contains(":") == false
            else { throw ParseProblem("the user or the password of the proxy is not percent-encoded text") }
            return Secret(text)
        }
    }

    /// An http or https URL that may hold a token.
    static var secretURL: Self {
        Self("http or https URL, secret") { text throws(ParseProblem) in
            let address = text.prefix { $0 != "?" }
            _ = try UpstreamURL(parsing: String(address))
            guard text.unicodeScalars.allSatisfy({ ("!"..."~").contains($0) }), !text.contains("#") else {
                throw ParseProblem("a URL has no spaces, no fragment and no characters beyond ASCII")
            }
            return Secret(text)
        }
    }
}

extension ValueFormat<NamePattern> {
    /// A pattern with `*` for any run of characters.
    static var pattern: Self {
        Self(form: "pattern, `*` for any characters", isText: true, read: { NamePattern($0) }, write: { $0.text })
    }
}

extension ValueFormat where Value: RawRepresentable<String> & CaseIterable {
    /// A word of an enumeration.
    static var choice: Self {
        let words = Value.allCases.map(\.rawValue)
        return Self(
            form: words.map { "`\($0)`" }.joined(separator: ", "),
            read: { text throws(ParseProblem) in
                if let value = Value(rawValue: text) { return value }
                throw ParseProblem(
                    "must be \(words.dropLast().joined(separator: ", ")) or \(words.last ?? "")",
                    suggestion: Suggestion.nearest(to: text, among: words))
            }, write: { $0.rawValue })
    }
}

extension ValueFormat<AdminScope> {
    /// The rights of a token.
    static var scope: Self {
        Self(
            form: "`read`, `admin` or `keys:team=NAME`", isText: true,
            read: { text throws(ParseProblem) in
                if let scope = AdminScope(text) { return scope }
                throw ParseProblem(
                    "must be read, admin or keys:team=NAME",
                    suggestion: Suggestion.nearest(to: text, among: ["read", "admin"]))
            }, write: { $0.text })
    }
}

extension ValueFormat<UpstreamURL> {
    /// The URL of the upstream. Treated as a secret while it is read, since a wrong one may hold a password.
    static var url: Self {
        Self(
            form: "http or https URL", isSecret: true, isText: true,
            read: { text throws(ParseProblem) in try UpstreamURL(parsing: text) }, write: { $0.text })
    }
}

extension ValueFormat<ListenAddress> {
    /// The address of a listener, without its certificate.
    static var address: Self {
        Self(
            form: "`ADDRESS:PORT`", isText: true,
            read: { text throws(ParseProblem) in try ListenAddress(parsing: text) }, write: { $0.text })
    }
}

extension ValueFormat<TimeZone> {
    /// A time zone of the IANA database.
    static var timeZone: Self {
        Self(
            form: "time zone of the IANA database", isText: true,
            read: { text throws(ParseProblem) in
                if let zone = TimeZone(identifier: text) { return zone }
                throw ParseProblem(
                    "is not a time zone of the IANA database; write one as Europe/Paris or UTC",
                    suggestion: Suggestion.nearest(to: text, among: TimeZone.knownTimeZoneIdentifiers))
            }, write: { $0.identifier })
    }
}
