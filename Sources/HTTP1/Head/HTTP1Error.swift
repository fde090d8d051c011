/// Fault in a message. Every fault ends its connection, since the start of the next message is then unknown.
///
/// No case carries bytes of the message, so an error can be logged and sent as it is.
@usableFromInline package enum HTTP1Error: Error, Hashable, Sendable {
    /// A CR without LF or an LF without CR in a head, a chunk line or a trailer section (RFC 9112, 2.2).
    case invalidLineEnding
    /// The request line is not `method SP target SP HTTP/x.y` (RFC 9112, 3).
    case invalidRequestLine
    /// The method is empty or not a token (RFC 9110, 9.1).
    case invalidMethod
    /// The target's form does not fit the method, or has bytes that are not allowed (RFC 9112, section 3.2).
    case invalidTarget
    /// The request line does not fit into the limit of the head.
    case targetTooLong
    /// The protocol's major version is not 1.
    case unsupportedVersion
    /// The method is CONNECT: this is a gateway, not a tunnel.
    case connectUnsupported
    /// The status line is not `HTTP/x.y SP 3DIGIT SP reason` (RFC 9112, 4).
    case invalidStatusLine
    /// A header line without a colon.
    case missingColon
    /// A header name that is empty or not a token (RFC 9110, 5.1).
    case invalidHeaderName
    /// White space between the name of a request's header or of a trailer and its colon (RFC 9112, 5.1).
    case whitespaceBeforeColon
    /// A header line that begins with white space (RFC 9112, 5.2).
    case obsoleteLineFolding
    /// A control byte in a header's value (RFC 9110, 5.5).
    case invalidHeaderValue
    /// The head does not fit into its limit.
    case headersTooLarge
    /// More header fields, or more names in `connection`, than accepted.
    case tooManyHeaders
    /// An HTTP/1.1 request without `host` (RFC 9112, 3.2).
    case missingHost
    /// More than one `host`.
    case repeatedHost
    /// A `host` that is not a host with an optional port, or differs from the absolute target's.
    case invalidHost
    /// Both `transfer-encoding` and `content-length` (RFC 9112, section 6.1).
    case conflictingFraming
    /// A `transfer-encoding` that is not a list of codings with `chunked` once and last (RFC 9112, section 6.1).
    case invalidTransferCoding
    /// A transfer coding other than `chunked`.
    case unsupportedTransferCoding
    /// `transfer-encoding` in an HTTP/1.0 message (RFC 9112, 6.1).
    case transferCodingInHTTP10
    /// A `content-length` that is not a plain decimal number below 2^63.
    case invalidContentLength
    /// More than one `content-length`, equal or not.
    case repeatedContentLength
    /// More than one field of a kind that may be there once (RFC 9110, section 5.3).
    case repeatedField
    /// An `expect` other than `100-continue` (RFC 9110, 10.1.1).
    case unsupportedExpectation
    /// A chunk size that is not a hexadecimal number below 2^63 at the start of its line (RFC 9112, section 7.1).
    case invalidChunkSize
    /// A chunk extension that does not follow the grammar (RFC 9112, 7.1.1).
    case invalidChunkExtension
    /// A chunk's line beyond its limit.
    case chunkLineTooLong
    /// Chunk data not followed by CRLF.
    case missingChunkEnd
    /// The trailer section does not fit into its limit.
    case trailersTooLarge
    /// More 1xx responses than accepted, without a final one.
    case tooManyInterimResponses
    /// The peer closed the connection within a message.
    case unexpectedEnd

    /// Status of a server's response to the fault. 502 for faults that only an upstream response can have.
    package var status: Int {
        switch self {
        case .targetTooLong: 414
        case .unsupportedExpectation: 417
        case .headersTooLarge, .tooManyHeaders, .trailersTooLarge: 431
        case .connectUnsupported, .unsupportedTransferCoding: 501
        case .invalidStatusLine, .tooManyInterimResponses: 502
        case .unsupportedVersion: 505
        default: 400
        }
    }

    /// The `code` of the error object, in snake case. Stable.
    package var code: String {
        switch self {
        case .invalidLineEnding: "invalid_line_ending"
        case .invalidRequestLine: "invalid_request_line"
        case .invalidMethod: "invalid_method"
        case .invalidTarget: "invalid_target"
        case .targetTooLong: "target_too_long"
        case .unsupportedVersion: "unsupported_http_version"
        case .connectUnsupported: "connect_unsupported"
        case .invalidStatusLine: "invalid_status_line"
        case .missingColon, .invalidHeaderName, .whitespaceBeforeColon, .obsoleteLineFolding, .invalidHeaderValue:
            "invalid_header"
        case .headersTooLarge, .trailersTooLarge: "headers_too_large"
        case .tooManyHeaders: "too_many_headers"
        case .missingHost, .repeatedHost, .invalidHost: "invalid_host"
        case .conflictingFraming: "conflicting_framing"
        case .invalidTransferCoding, .transferCodingInHTTP10: "invalid_transfer_encoding"
        case .unsupportedTransferCoding: "unsupported_transfer_encoding"
        case .invalidContentLength, .repeatedContentLength: "invalid_content_length"
        case .repeatedField: "repeated_header"
        case .unsupportedExpectation: "unsupported_expectation"
        case .invalidChunkSize, .invalidChunkExtension, .chunkLineTooLong, .missingChunkEnd: "invalid_chunk"
        case .tooManyInterimResponses: "too_many_interim_responses"
        case .unexpectedEnd: "unexpected_end"
        }
    }
}
