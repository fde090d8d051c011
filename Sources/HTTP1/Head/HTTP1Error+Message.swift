extension HTTP1Error {
    /// Cause and remedy in English, without a byte of the message.
    package var message: String {
        switch self {
        case .invalidLineEnding: "A line of the message ends in a bare CR or LF. End every line with CRLF."
        case .invalidRequestLine:
            "The request line is not of the form 'METHOD target HTTP/1.1' with single spaces. Send it in that form."
        case .invalidMethod:
            "The request method is empty or has a character that is not allowed. Send one such as GET or POST."
        case .invalidTarget:
            "The request target is not a path (or has a space, control or non-ASCII byte). "
                + "Send a path that begins with '/', percent-encoded where needed."
        case .targetTooLong: "The request line is longer than the server accepts. Shorten the path or the query."
        case .unsupportedVersion: "The protocol version is not supported. Use HTTP/1.1."
        case .connectUnsupported:
            "CONNECT is not supported: this server is not a proxy for tunnels. Use it as the base URL instead."
        case .invalidStatusLine:
            "The response's status line is malformed. The upstream server must send 'HTTP/1.1 STATUS reason'."
        case .missingColon: "A header line has no colon. Send headers as 'name: value'."
        case .invalidHeaderName:
            "A header name is empty or has a character that is not allowed. Use letters, digits and hyphens."
        case .whitespaceBeforeColon: "A header name is followed by white space. Put the colon directly after the name."
        case .obsoleteLineFolding:
            "A header line begins with white space (line folding is obsolete). Put each header on one line."
        case .invalidHeaderValue: "A header value has a control character. Remove it."
        case .headersTooLarge: "The header section is larger than accepted. Send fewer or shorter headers."
        case .tooManyHeaders: "The message has more header fields or connection options than accepted. Send fewer."
        case .missingHost: "The request has no Host header. HTTP/1.1 requires one."
        case .repeatedHost: "The request has more than one Host header. Send exactly one."
        case .invalidHost:
            "The Host header is not a host name with an optional port, or differs from the target's. Correct it."
        case .conflictingFraming:
            "The message's length is stated in conflicting ways (Content-Length, Transfer-Encoding). State it once."
        case .invalidTransferCoding:
            "The Transfer-Encoding header is malformed or does not end in one 'chunked'. Send 'chunked' alone."
        case .unsupportedTransferCoding:
            "The Transfer-Encoding header names a coding that is not supported. Send 'chunked' alone."
        case .transferCodingInHTTP10:
            "An HTTP/1.0 message has a Transfer-Encoding header. Use HTTP/1.1, or send Content-Length."
        case .invalidContentLength:
            "The Content-Length header is not a decimal number in range. Send the body's length in bytes."
        case .repeatedContentLength: "The message has more than one Content-Length header. Send exactly one."
        case .repeatedField:
            "A header that has one value, such as Content-Type or Authorization, was sent several times. Send it once."
        case .unsupportedExpectation: "The Expect header asks for something other than '100-continue'. Remove it."
        case .invalidChunkSize:
            "A chunk's size is not a hexadecimal number in range. Send the size alone, without sign, prefix or space."
        case .invalidChunkExtension:
            "A chunk's size is followed by white space or by a malformed extension. Send the size alone."
        case .chunkLineTooLong: "A chunk's size line is longer than accepted. Leave chunk extensions out."
        case .missingChunkEnd:
            "A chunk's data is not followed by CRLF, so its size is wrong. Send as many bytes as the size says."
        case .trailersTooLarge: "The trailer section is larger than accepted. Send fewer or shorter trailers."
        case .tooManyInterimResponses:
            "Too many 1xx responses came without a final one. The upstream server must send a final status."
        case .unexpectedEnd: "The connection was closed within a message. Send the whole message."
        }
    }
}
