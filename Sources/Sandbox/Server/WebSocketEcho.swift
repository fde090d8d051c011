import HTTP1
import Transport

/// The server's end of a WebSocket (RFC 6455) that echoes messages: bytes in, bytes out, without a socket.
struct WebSocketEcho {
    /// Frames that are not sent yet.
    private(set) var output: [UInt8] = []
    /// True once the last frame is in `output`: the connection ends after it.
    private(set) var isOver = false
    /// The received part of an unfinished frame.
    private var input: [UInt8] = []
    /// The fault of the frame that echoes the first message.
    private let fault: Behaviour.Fault?
    /// True where nothing more is sent, and everything that comes is dropped.
    private var isSilent = false
    /// True between a ping and its pong.
    private var awaitsPong = false

    init(fault: Behaviour.Fault? = nil) { self.fault = fault }

    /// The most bytes of one frame.
    private static let frameLimit = 16 << 20

    /// Reasons to close a connection (section 7.4.1).
    private enum Reason: UInt16 {
        case goingAway = 1001
        case protocolError = 1002
        case tooLarge = 1009
        case internalError = 1011
    }

    /// The header `sec-websocket-accept` for a `sec-websocket-key` (section 4.2.2). Empty, which no client takes, where the
    /// system's OpenSSL has no SHA-1.
    static func accept(key: String) -> String { webSocketAccept(key: key) ?? "" }

    /// Pings the client, or closes where it has not answered the last ping (section 5.5.2).
    mutating func ping() {
        guard !isSilent else { return }
        if awaitsPong { return close(.internalError) }
        awaitsPong = true
        write(0x80 | WebSocketOpcode.ping.rawValue, Array("ping".utf8))
    }

    /// Closes because the server shuts down.
    mutating func goAway() { close(.goingAway) }

    /// Receives bytes of the client: a part of a frame, or several frames.
    mutating func receive(_ bytes: some Sequence<UInt8>) {
        guard !isSilent else { return }
        input += bytes
        var position = 0
        while !isOver, !isSilent, let end = respondToFrame(at: position) { position = end }
        input.removeFirst(position)
    }

    /// Removes and returns `output`.
    mutating func drainOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    /// Responds to the frame that begins at `start`.
    ///
    /// - Returns: the end of the frame; nil for an unfinished frame, and for one that a client must not send.
    private mutating func respondToFrame(at start: Int) -> Int? {
        guard input.count >= start + 2 else { return nil }
        let first = input[start]
        let second = input[start + 1]
        guard first & 0x70 == 0, second & 0x80 != 0, let opcode = WebSocketOpcode(rawValue: first & 0x0F) else {
            return refuse(.protocolError)
        }
        var position = start + 2
        var length = Int(second & 0x7F)
        guard !opcode.isControl || length < 126 && first & 0x80 != 0 else { return refuse(.protocolError) }
        if length >= 126 {
            let size = length == 126 ? 2 : 8
            guard input.count >= position + size else { return nil }
            let long = input[position..<position + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard long <= UInt64(Self.frameLimit) else { return refuse(.tooLarge) }
            length = Int(long)
            position += size
        }
        let end = position + 4 + length
        guard input.count >= end else { return nil }
        let mask = Array(input[position..<position + 4])
        let payload = input[position + 4..<end].enumerated().map { $1 ^ mask[$0 & 3] }
        switch opcode {
        case .continuation, .text, .binary: echo(first, payload)
        case .ping: write(0x80 | WebSocketOpcode.pong.rawValue, payload)
        case .pong: awaitsPong = false
        case .close:
            write(0x80 | WebSocketOpcode.close.rawValue, payload)
            isOver = true
        }
        return end
    }

    /// Echoes a frame of a message, or performs the fault in its place.
    private mutating func echo(_ first: UInt8, _ payload: [UInt8]) {
        let start = output.count
        write(first, payload)
        switch fault {
        case .cut: isOver = true
        case .stall: isSilent = true
        case .malformed:
            // A reserved bit without an extension.
            output[start] |= 0x40
            return
        default: return
        }
        output.removeLast((output.count - start) / 2)
    }

    /// Closes after an invalid frame.
    private mutating func refuse(_ reason: Reason) -> Int? {
        close(reason)
        return nil
    }

    private mutating func close(_ reason: Reason) {
        write(
            0x80 | WebSocketOpcode.close.rawValue,
            [UInt8(reason.rawValue >> 8), UInt8(truncatingIfNeeded: reason.rawValue)])
        isOver = true
    }

    /// Appends an unmasked frame to `output`.
    private mutating func write(_ first: UInt8, _ payload: [UInt8]) {
        output.append(first)
        if payload.count < 126 {
            output.append(UInt8(payload.count))
        } else {
            let size = payload.count <= 0xFFFF ? 2 : 8
            output.append(size == 2 ? 126 : 127)
            output += (0..<size).map { UInt8(truncatingIfNeeded: payload.count >> (8 * (size - 1 - $0))) }
        }
        output += payload
    }
}
