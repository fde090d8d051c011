import HTTP1

/// The method of a request, as far as the gateway treats methods differently.
enum RequestMethod: Equatable {
    case head
    /// GET, PUT, DELETE, OPTIONS: sending it twice does what sending it once does (RFC 9110, section 9.2.2).
    case idempotent
    case other

    init(_ head: RequestHead) {
        let fields = head.fields
        if fields.equals(head.method, "head") {
            self = .head
        } else if fields.equals(head.method, "post") || fields.equals(head.method, "patch") {
            self = .other
        } else {
            self = .idempotent
        }
    }

    var isIdempotent: Bool { self != .other }
}
