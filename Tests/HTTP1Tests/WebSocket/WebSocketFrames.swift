import SeededRandom

@testable import HTTP1

/// A frame as RFC 6455, section 5.2 draws it, written bit by bit: the counterpart of the scanner.
struct WebSocketFrame: Equatable {
    var isFinal = true
    var reserved: UInt8 = 0
    var opcode: UInt8
    var mask: [UInt8]?
    var payload: [UInt8] = []

    var bytes: [UInt8] {
        var bytes = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
        let masked: UInt8 = mask == nil ? 0 : 0x80
        switch payload.count {
        case ...125: bytes.append(masked | UInt8(payload.count))
        case ...0xFFFF: bytes += [masked | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: bytes += [masked | 127] + (0..<8).map { UInt8(payload.count >> (56 - 8 * $0) & 0xFF) }
        }
        guard let mask else { return bytes + payload }
        return bytes + mask + payload.indices.map { payload[$0] ^ mask[$0 % 4] }
    }
}

/// The result of scanning bytes: the frames that ended, each with its end, and the fault.
struct ScannedFrames: Equatable {
    var ends: [Int] = []
    var opcodes: [WebSocketOpcode] = []
    var fault: WebSocketFault?
    var isAtBoundary = true

    init() {}

    /// Scans `pieces` one after the other.
    init(_ pieces: [[UInt8]], from sender: WebSocketFrameScanner.Sender, compresses: Bool = false) {
        var scanner = WebSocketFrameScanner(of: sender, compresses: compresses)
        var offset = 0
        for piece in pieces {
            var position = 0
            do throws(WebSocketFault) {
                while position < piece.count {
                    guard let opcode = try scanner.readFrame(piece.span, &position) else { break }
                    ends.append(offset + position)
                    opcodes.append(opcode)
                }
            } catch {
                fault = error
                return
            }
            offset += piece.count
        }
        isAtBoundary = scanner.isAtBoundary
    }

    /// The same from a slow, obvious parser that sees all of `bytes` at once.
    static func model(_ bytes: [UInt8], isMasked: Bool, compresses: Bool) -> ScannedFrames {
        var result = ScannedFrames()
        var index = 0
        var message: UInt8?
        while index < bytes.count {
            result.isAtBoundary = false
            let first = bytes[index]
            let (isFinal, reserved, code) = (first >= 128, first / 16 % 8, first % 16)
            guard [0, 1, 2, 8, 9, 10].contains(code) else { return result.failing(.reservedOpcode) }
            if reserved != 0, !(reserved == 4 && compresses && (1...2).contains(code)) {
                return result.failing(.reservedBits)
            }
            if code >= 8, !isFinal { return result.failing(.fragmentedControl) }
            if code == 0, message == nil { return result.failing(.unexpectedContinuation) }
            if code == 1 || code == 2, message != nil { return result.failing(.unfinishedMessage) }
            guard index + 1 < bytes.count else { return result }
            let second = bytes[index + 1]
            if (second >= 128) != isMasked { return result.failing(.wrongMasking) }
            var length = Int(second % 128)
            if code >= 8, length > 125 { return result.failing(.longControl) }
            if code == 8, length == 1 { return result.failing(.invalidClose) }
            var start = index + 2
            if length > 125 {
                let size = length == 126 ? 2 : 8
                guard start + size <= bytes.count else { return result }
                let digits = bytes[start..<start + size]
                if size == 8, digits.first! >= 128 { return result.failing(.invalidLength) }
                length = digits.reduce(0) { $0 * 256 + Int($1) }
                if length < (size == 2 ? 126 : 65_536) { return result.failing(.invalidLength) }
                start += size
            }
            if isMasked { start += 4 }
            guard start <= bytes.count, length <= bytes.count - start else { return result }
            if code < 8 { message = isFinal ? nil : message ?? code }
            index = start + length
            result.ends.append(index)
            result.opcodes.append(WebSocketOpcode(rawValue: code)!)
            result.isAtBoundary = true
        }
        return result
    }

    private func failing(_ fault: WebSocketFault) -> ScannedFrames {
        var result = self
        result.fault = fault
        result.isAtBoundary = true
        return result
    }
}

extension SeededGenerator {
    /// Valid frames of a client or a server, with fragmented messages and control frames between their parts.
    mutating func frames(_ count: Int, isMasked: Bool, compresses: Bool, upTo largest: Int = 70_000) -> [WebSocketFrame]
    {
        var isInMessage = false
        return (0..<count).map { _ in
            let mask = isMasked ? (0..<4).map { _ in UInt8(number(0...255)) } : nil
            if once(in: 4) {
                let opcode: UInt8 = once(in: 2) ? 9 : 10
                return WebSocketFrame(opcode: opcode, mask: mask, payload: payload(pick([0, 1, 124, 125])))
            }
            let isFinal = once(in: 2)
            let size = min(largest, pick([0, 1, 5, 125, 126, 127, 300, 65_535, 65_536, 65_537]))
            let opcode: UInt8 = isInMessage ? 0 : once(in: 2) ? 1 : 2
            let reserved: UInt8 = compresses && !isInMessage && once(in: 2) ? 4 : 0
            isInMessage = !isFinal
            return WebSocketFrame(
                isFinal: isFinal, reserved: reserved, opcode: opcode, mask: mask, payload: payload(size))
        }
    }

    private mutating func payload(_ count: Int) -> [UInt8] {
        let first = number(0...255)
        return (0..<count).map { UInt8(truncatingIfNeeded: first + $0) }
    }
}
