import Testing

@testable import HTTP1

@Suite struct WebSocketCloseTests {
    @Test(arguments: WebSocketClose.Code.allCases) func aServersFrame(code: WebSocketClose.Code) {
        let frame = WebSocketClose(code, "why").frame(mask: nil)
        #expect(frame == [0x88, 5, UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)] + Array("why".utf8))
        #expect(ScannedFrames([frame], from: .server).opcodes == [.close])
    }

    @Test func aClientsFrameIsMasked() {
        let frame = WebSocketClose(.goingAway, "bye").frame(mask: 0x37FA_213D)
        let expected = WebSocketFrame(
            opcode: 8, mask: [0x37, 0xFA, 0x21, 0x3D], payload: [0x03, 0xE9] + Array("bye".utf8))
        #expect(frame == expected.bytes)
        #expect(ScannedFrames([frame], from: .client).opcodes == [.close])
    }

    @Test(arguments: [122, 123, 124, 500], ["a", "é", "👩‍🔬"])
    func aReasonIsCutBetweenCharacters(length: Int, character: String) {
        let reason = String(repeating: character, count: length / character.utf8.count + 1)
        let close = WebSocketClose(.policyViolation, reason)
        #expect(close.reason.utf8.count <= 123)
        #expect(close.reason.utf8.count > 123 - 4 || close.reason == reason)
        #expect(
            reason.hasPrefix(close.reason)
                || close.reason.unicodeScalars.elementsEqual(
                    reason.unicodeScalars.prefix(close.reason.unicodeScalars.count))
        )
        #expect(ScannedFrames([close.frame(mask: nil)], from: .server).opcodes == [.close])
    }
}
