/// Kind of a frame (RFC 6455, section 5.2).
package enum WebSocketOpcode: UInt8, Sendable, CaseIterable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    /// True for frames about the connection, which may stand between the parts of a message.
    package var isControl: Bool { rawValue >= 8 }
}

/// Finds the boundaries of the frames that one side of a WebSocket sends, in any split of their bytes (RFC 6455, section 5).
///
/// Payloads are counted and not read. After a fault the scanner cannot be used.
package struct WebSocketFrameScanner: Sendable {
    /// The side that sends the frames. A client masks them, a server does not (section 5.1).
    package enum Sender: Sendable, CaseIterable { case client, server }

    /// The next byte's place in a frame.
    private enum State {
        case first
        case second
        /// `left` bytes of a length of `size` bytes are missing; `value` is the part before them.
        case length(size: Int, left: Int, value: UInt64)
        case mask(left: Int, length: UInt64)
        case payload(left: UInt64)
    }

    private let sender: Sender
    /// True where `permessage-deflate` was agreed on, which marks the first frame of a message (RFC 7692, section 6).
    private let compresses: Bool
    private var state = State.first
    private var opcode = WebSocketOpcode.continuation
    /// True between the first and the last frame of a message.
    private var isInMessage = false

    package init(of sender: Sender, compresses: Bool) {
        self.sender = sender
        self.compresses = compresses
    }

    /// True between two frames, where a frame of another source may be inserted.
    package var isAtBoundary: Bool { if case .first = state { true } else { false } }

    /// Reads on from `position`, at most to the end of one frame.
    ///
    /// - Returns: the kind of the frame that has ended; nil where the bytes end within a frame or before one.
    package mutating func readFrame(
        _ bytes: Span<UInt8>, _ position: inout Int
    ) throws(WebSocketFault) -> WebSocketOpcode? {
        while position < bytes.count {
            if case .payload(let left) = state {
                let count = min(left, UInt64(bytes.count - position))
                position += Int(count)
                state = .payload(left: left - count)
            } else {
                try readHeader(bytes[position])
                position += 1
            }
            if case .payload(left: 0) = state {
                state = .first
                return opcode
            }
        }
        return nil
    }

    private mutating func readHeader(_ byte: UInt8) throws(WebSocketFault) {
        switch state {
        case .first: try readFirst(byte)
        case .second: try readSecond(byte)
        case .length(let size, let left, let value):
            let value = value << 8 | UInt64(byte)
            guard left == 1 else {
                state = .length(size: size, left: left - 1, value: value)
                return
            }
            guard value >= (size == 2 ? 126 : 1 << 16), value < 1 << 63 else { throw .invalidLength }
            endLength(value)
        case .mask(let left, let length):
            state = left == 1 ? .payload(left: length) : .mask(left: left - 1, length: length)
        case .payload: break
        }
    }

    /// Reads the bits of the message and the kind of the frame.
    private mutating func readFirst(_ byte: UInt8) throws(WebSocketFault) {
        guard let opcode = WebSocketOpcode(rawValue: byte & 0x0F) else { throw .reservedOpcode }
        let isFinal = byte & 0x80 != 0
        let reserved = byte & 0x70
        let mayBeCompressed = compresses && (opcode == .text || opcode == .binary)
        guard reserved == 0 || reserved == 0x40 && mayBeCompressed else { throw .reservedBits }
        switch opcode {
        case .close, .ping, .pong: guard isFinal else { throw .fragmentedControl }
        case .continuation:
            guard isInMessage else { throw .unexpectedContinuation }
            isInMessage = !isFinal
        case .text, .binary:
            guard !isInMessage else { throw .unfinishedMessage }
            isInMessage = !isFinal
        }
        self.opcode = opcode
        state = .second
    }

    /// Reads the bit of the mask and the short length, or the size of the long one.
    private mutating func readSecond(_ byte: UInt8) throws(WebSocketFault) {
        guard (byte & 0x80 != 0) == (sender == .client) else { throw .wrongMasking }
        let length = byte & 0x7F
        guard !opcode.isControl || length < 126 else { throw .longControl }
        guard opcode != .close || length != 1 else { throw .invalidClose }
        switch length {
        case 126: state = .length(size: 2, left: 2, value: 0)
        case 127: state = .length(size: 8, left: 8, value: 0)
        default: endLength(UInt64(length))
        }
    }

    private mutating func endLength(_ length: UInt64) {
        state = sender == .client ? .mask(left: 4, length: length) : .payload(left: length)
    }
}
