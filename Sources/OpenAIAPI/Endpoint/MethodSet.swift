import Bytes

/// The methods that a path takes (RFC 9110, section 9.1; names are case-sensitive).
struct MethodSet: OptionSet, Sendable {
    let rawValue: UInt8

    static let get = MethodSet(rawValue: 1)
    static let head = MethodSet(rawValue: 2)
    static let post = MethodSet(rawValue: 4)
    static let put = MethodSet(rawValue: 8)
    static let patch = MethodSet(rawValue: 16)
    static let delete = MethodSet(rawValue: 32)
    static let options = MethodSet(rawValue: 64)
    static let read: MethodSet = [.get, .head]
    /// All methods that the gateway forwards; CONNECT and TRACE are not among them.
    static let any = MethodSet(rawValue: 127)

    private static let names: [(method: MethodSet, name: StaticString)] = [
        (.get, "GET"), (.head, "HEAD"), (.post, "POST"), (.put, "PUT"), (.patch, "PATCH"), (.delete, "DELETE"),
        (.options, "OPTIONS"),
    ]

    func contains(_ method: Span<UInt8>) -> Bool {
        // Nearly every request is one of these two.
        if method.equals("POST") { return contains(.post) }
        if method.equals("GET") { return contains(.get) }
        return Self.names.contains { contains($0.method) && method.equals($0.name) }
    }

    /// The value of the `allow` header (RFC 9110, section 10.2.1).
    var allow: String {
        Self.names.filter { contains($0.method) }.map { $0.name.description }.joined(separator: ", ")
    }
}
