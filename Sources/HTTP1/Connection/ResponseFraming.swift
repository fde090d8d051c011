/// Length of a response's body, as far as it is known when the head is written.
package enum ResponseLength: Hashable, Sendable {
    /// Bytes of the whole body, which nothing changes on its way.
    case exact(Int)
    /// The end is not known, or the body may change on its way: an event stream, a filtered list, an appended error.
    case unknown

    /// `.exact` for a number that is not negative, else `.unknown`.
    package init(_ bytes: Int?) {
        if let bytes, bytes >= 0 { self = .exact(bytes) } else { self = .unknown }
    }
}

/// Framing of a response that this side sends (RFC 9112, section 6.3).
package enum ResponseFraming: Hashable, Sendable {
    /// No body follows the head. `statedLength` is the `content-length` that the head announces all the same.
    case bodiless(statedLength: Int?)
    /// `content-length`: so many bytes follow.
    case sized(Int)
    /// `transfer-encoding: chunked`.
    case chunked
    /// The close of the connection ends the body.
    case untilClose

    /// The one decision about a response's framing.
    ///
    /// - 1xx and 204 have neither body nor length (RFC 9110, section 8.6).
    /// - 304, and any response to HEAD, have no body. A length that is known describes the body that GET would bring.
    /// - A body of unknown length is chunked, or lasts until the close for HTTP/1.0, which has no chunks.
    package init(_ length: ResponseLength, status: Int, answeringHEAD: Bool, version: HTTPVersion) {
        var known: Int?
        if case .exact(let bytes) = length, bytes >= 0 { known = bytes }
        if status < 200 || status == 204 {
            self = .bodiless(statedLength: nil)
        } else if status == 304 || answeringHEAD {
            self = .bodiless(statedLength: known)
        } else if let known {
            self = .sized(known)
        } else {
            self = version == .http11 ? .chunked : .untilClose
        }
    }
}

/// Decisions about a response's head: its framing and the fate of the connection.
package struct ResponseStart: Hashable, Sendable {
    /// Content of the `connection` field.
    package enum Persistence: Hashable, Sendable {
        /// The version's default holds, and the field is left out.
        case byDefault
        /// `keep-alive`, which an HTTP/1.0 client needs to read (RFC 9112, appendix C.2.2).
        case keepAlive
        /// `close`.
        case close
    }

    package let framing: ResponseFraming
    package let persistence: Persistence

    /// Writes the framing fields and `connection`, in this order.
    package func writeFields(to writer: inout HeadWriter) {
        switch framing {
        case .bodiless(let length): if let length { writer.field("content-length", length) }
        case .sized(let length): writer.field("content-length", length)
        case .chunked: writer.field("transfer-encoding", "chunked")
        case .untilClose: break
        }
        switch persistence {
        case .byDefault: break
        case .keepAlive: writer.field("connection", "keep-alive")
        case .close: writer.field("connection", "close")
        }
    }
}
