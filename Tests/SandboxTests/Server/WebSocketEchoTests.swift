import SeededRandom
import Testing

@testable import Sandbox

/// A frame as a client sends it, with the first byte `first`.
func frame(_ first: UInt8, _ payload: [UInt8], mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]) -> [UInt8] {
    var frame = plainFrame(first, payload)
    frame[1] |= 0x80
    let masked = payload.enumerated().map { $1 ^ mask[$0 % 4] }
    return frame.dropLast(payload.count) + mask + masked
}

/// A frame as a server sends it.
private func plainFrame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let count = payload.count
    let length: [UInt8] =
        if count < 126 {
            [UInt8(count)]
        } else if count < 65_536 {
            [126, UInt8(count >> 8), UInt8(count & 255)]
        } else {
            [
                127, 0, 0, 0, 0, UInt8(count >> 24 & 255), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255),
                UInt8(count & 255),
            ]
        }
    return [first] + length + payload
}

@Suite struct WebSocketEchoTests {
    private static let closes: [UInt8] = [0x88, 2, 0x03, 0xEA]

    /// The example of RFC 6455, section 1.3.
    @Test func handshake() {
        #expect(WebSocketEcho.accept(key: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func echoesFramesInAnySplit() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            var input: [UInt8] = []
            var expected: [UInt8] = []
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let count = [0, 1, 125, 126, 300, 65_535, 65_536].randomElement(using: &generator)!
                let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
                let mask = (0..<4).map { _ in UInt8.random(in: 0...255, using: &generator) }
                let first: UInt8 = [0x81, 0x82, 0x01, 0x00, 0x80].randomElement(using: &generator)!
                input += frame(first, payload, mask: mask)
                expected += plainFrame(first, payload)
            }
            var echo = WebSocketEcho()
            var position = 0
            while position < input.count {
                let end = min(input.count, position + Int.random(in: 1...2000, using: &generator))
                echo.receive(input[position..<end])
                position = end
            }
            #expect(echo.drainOutput() == expected)
            #expect(echo.drainOutput().isEmpty)
            #expect(!echo.isOver)
        }
    }

    @Test func respondsToControlFrames() {
        var echo = WebSocketEcho()
        echo.receive(frame(0x89, [1, 2]) + frame(0x8A, [3]))
        #expect(echo.drainOutput() == [0x8A, 2, 1, 2])
        echo.receive(frame(0x88, [0x03, 0xE8]) + frame(0x81, [1]))
        #expect(echo.drainOutput() == [0x88, 2, 0x03, 0xE8])
        #expect(echo.isOver)
    }

    @Test(
        arguments: [
            [0x81, 0x01, 0x41],  // not masked
            [0xC1, 0x80, 0, 0, 0, 0],  // a reserved bit
            [0x83, 0x80, 0, 0, 0, 0],  // no such opcode
            [0x09, 0x80, 0, 0, 0, 0],  // a ping in parts
            [0x89, 0xFE, 0, 126, 0, 0, 0, 0],  // a long ping
        ] as [[UInt8]])
    func closesAfterInvalidFrames(bytes: [UInt8]) {
        var echo = WebSocketEcho()
        echo.receive(bytes)
        #expect(echo.isOver)
        #expect(echo.drainOutput() == Self.closes)
    }

    @Test func pingsUntilThereIsNoPong() {
        var echo = WebSocketEcho()
        for _ in 0..<3 {
            echo.ping()
            #expect(echo.drainOutput() == [0x89, 4] + Array("ping".utf8))
            echo.receive(frame(0x8A, Array("ping".utf8)))
            #expect(!echo.isOver)
        }
        echo.ping()
        #expect(echo.drainOutput().first == 0x89)
        echo.ping()
        #expect(echo.drainOutput() == [0x88, 2, 0x03, 0xF3])
        #expect(echo.isOver)
    }

    @Test func saysThatItGoesAway() {
        var echo = WebSocketEcho()
        echo.goAway()
        #expect(echo.drainOutput() == [0x88, 2, 0x03, 0xE9])
        #expect(echo.isOver)
    }

    @Test func faultsSpoilTheFirstMessage() {
        let message = frame(0x82, [1, 2, 3, 4, 5, 6])
        var cut = WebSocketEcho(fault: .cut)
        cut.receive(message)
        #expect(cut.drainOutput() == [0x82, 6, 1, 2])
        #expect(cut.isOver)
        var stalled = WebSocketEcho(fault: .stall)
        stalled.receive(message + message)
        stalled.receive(frame(0x88, [3, 0xE8]))
        stalled.ping()
        #expect(stalled.drainOutput().prefix(4) == [0x82, 6, 1, 2])
        #expect(!stalled.isOver)
        var malformed = WebSocketEcho(fault: .malformed)
        malformed.receive(message)
        #expect(malformed.drainOutput() == [0xC2, 6, 1, 2, 3, 4, 5, 6])
    }

    @Test func closesAfterTooLongFrames() {
        var echo = WebSocketEcho()
        echo.receive([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0])
        #expect(echo.isOver)
        #expect(echo.drainOutput() == [0x88, 2, 0x03, 0xF1])
    }
}
