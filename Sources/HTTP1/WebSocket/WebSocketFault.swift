/// Violation of the framing rules of RFC 6455 by the sender of a frame. Its connection is closed with 1002 (section 7.4.1).
///
/// No case carries bytes of a message, so a fault can be logged.
package enum WebSocketFault: String, Error, Hashable, Sendable, CaseIterable {
    /// A reserved bit is set that no extension has a meaning for (section 5.2).
    case reservedBits = "reserved_bits"
    /// The kind of the frame is not defined (section 5.2).
    case reservedOpcode = "reserved_opcode"
    /// A client's frame without a mask, or a server's with one (section 5.1).
    case wrongMasking = "wrong_masking"
    /// A control frame in parts (section 5.5).
    case fragmentedControl = "fragmented_control"
    /// A control frame with more than 125 bytes (section 5.5).
    case longControl = "long_control"
    /// A close frame with one byte, half a status code (section 5.5.1).
    case invalidClose = "invalid_close"
    /// A length that is not written in the fewest bytes, or is 2^63 or more (section 5.2).
    case invalidLength = "invalid_length"
    /// A continuation without a message to continue (section 5.4).
    case unexpectedContinuation = "unexpected_continuation"
    /// A message that begins within another one (section 5.4).
    case unfinishedMessage = "unfinished_message"
}
