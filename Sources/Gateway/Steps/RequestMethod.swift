import HTTP1

/// The method of a request, as far as the gateway treats methods differently.
enum RequestMethod: Equatable {
    case head
    /// GET, DELETE, OPTIONS: sending it twice does what sending it once does (RFC 9110, section 9.2.2).
    case idempotent
    /// PUT: the same, and it stores or makes something.
    case put
    /// POST and PATCH.
    case other

    init(_ head: RequestHead) {
        let fields = head.fields
        if fields.equals(head.method, "head") {
            self = .head
        } else if fields.equals(head.method, "post") || fields.equals(head.method, "patch") {
            self = .other
        } else if fields.equals(head.method, "put") {
            self = .put
        } else {
            self = .idempotent
        }
    }

    var isIdempotent: Bool { self != .other }

    /// True for methods that may make the upstream work, and not only read or delete.
    var isWrite: Bool { self == .other || self == .put }
}
