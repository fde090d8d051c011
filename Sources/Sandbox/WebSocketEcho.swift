/// The server's end of a WebSocket (RFC 6455) that says back what it is told: bytes in, bytes out, without a socket.
struct WebSocketEcho {
    /// What is to be sent.
    private(set) var output: [UInt8] = []
    /// Whether the last frame has been written: the connection ends when it is sent.
    private(set) var isOver = false
    /// The beginning of a frame whose end has not come yet.
    private var input: [UInt8] = []

    /// Bytes of one frame.
    private static let frameLimit = 16 << 20

    /// The kinds of frames, by their opcodes (section 5.2).
    private enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10
    }

    /// Why a connection is closed (section 7.4.1).
    private enum Reason: UInt16 {
        case protocolError = 1002
        case tooLarge = 1009
    }

    /// What proves that a server has understood the handshake: `sec-websocket-accept` for `sec-websocket-key` (section 4.2.2).
    static func accept(key: String) -> String {
        var text: [UInt8] = []
        Base64.append(SHA1.digest(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)), to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Takes in what the peer sent, any part of a frame or several.
    mutating func take(_ bytes: some Sequence<UInt8>) {
        input += bytes
        var position = 0
        while !isOver, let end = answerFrame(at: position) { position = end }
        input.removeFirst(position)
    }

    /// What is to be sent now; it is not given again.
    mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    /// Answers the frame that begins at `start`.
    ///
    /// - Returns: its end; nil where it is not whole, or no frame that a client may send.
    private mutating func answerFrame(at start: Int) -> Int? {
        guard input.count >= start + 2 else { return nil }
        let first = input[start]
        let second = input[start + 1]
        guard first & 0x70 == 0, second & 0x80 != 0, let opcode = Opcode(rawValue: first & 0x0F) else {
            return close(.protocolError)
        }
        var position = start + 2
        var length = Int(second & 0x7F)
        let isControl = opcode.rawValue >= 8
        guard !isControl || length < 126 && first & 0x80 != 0 else { return close(.protocolError) }
        if length >= 126 {
            let size = length == 126 ? 2 : 8
            guard input.count >= position + size else { return nil }
            let long = input[position..<position + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard long <= UInt64(Self.frameLimit) else { return close(.tooLarge) }
            length = Int(long)
            position += size
        }
        let end = position + 4 + length
        guard input.count >= end else { return nil }
        let mask = Array(input[position..<position + 4])
        let payload = input[position + 4..<end].enumerated().map { $1 ^ mask[$0 & 3] }
        switch opcode {
        case .continuation, .text, .binary: write(first, payload)
        case .ping: write(0x80 | Opcode.pong.rawValue, payload)
        case .pong: break
        case .close:
            write(0x80 | Opcode.close.rawValue, payload)
            isOver = true
        }
        return end
    }

    private mutating func close(_ reason: Reason) -> Int? {
        write(
            0x80 | Opcode.close.rawValue,
            [UInt8(reason.rawValue >> 8), UInt8(truncatingIfNeeded: reason.rawValue)])
        isOver = true
        return nil
    }

    /// Writes a frame, unmasked as a server's are, with the first byte `first`.
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
