import SeededRandom
import Testing

@testable import HTTP1

@Suite struct WebSocketFrameScannerTests {
    @Test(arguments: [true, false], [true, false])
    func findsTheEndOfEveryFrameInAnySplit(isMasked: Bool, compresses: Bool) {
        var random = SeededGenerator(seed: 6455)
        for _ in 0..<100 {
            let frames = random.frames(random.number(1...8), isMasked: isMasked, compresses: compresses)
            var expected = ScannedFrames()
            var bytes: [UInt8] = []
            for frame in frames {
                bytes += frame.bytes
                expected.ends.append(bytes.count)
                expected.opcodes.append(WebSocketOpcode(rawValue: frame.opcode)!)
            }
            let pieces = random.pieces(bytes, upTo: [1, 3, 40, 5000, 100_000])
            #expect(ScannedFrames(pieces, from: isMasked ? .client : .server, compresses: compresses) == expected)
        }
    }

    @Test(arguments: [true, false]) func everySplitOfSmallFramesGivesTheSame(isMasked: Bool) {
        var random = SeededGenerator(seed: 1)
        let bytes = random.frames(6, isMasked: isMasked, compresses: false, upTo: 130).flatMap(\.bytes)
        let whole = ScannedFrames([bytes], from: isMasked ? .client : .server)
        #expect(whole.ends.count == 6)
        for pieces in everySplit(bytes) {
            #expect(ScannedFrames(pieces, from: isMasked ? .client : .server) == whole)
        }
    }

    @Test func agreesWithTheModelOnMutatedFrames() {
        var random = SeededGenerator(seed: 9)
        var faults: Set<WebSocketFault> = []
        for _ in 0..<30_000 {
            let isMasked = random.once(in: 2)
            let compresses = random.once(in: 2)
            let valid = random.frames(random.number(1...4), isMasked: isMasked, compresses: compresses, upTo: 127)
            let telling: [UInt8] = [0, 1, 2, 8, 0x7E, 0x7F, 0x80, 0x81, 0x88, 0x89, 0xC1, 0xFE, 0xFF]
            let bytes = random.mutated(valid.flatMap(\.bytes), with: telling)
            let model = ScannedFrames.model(bytes, isMasked: isMasked, compresses: compresses)
            let sender = isMasked ? WebSocketFrameScanner.Sender.client : .server
            #expect(ScannedFrames([bytes], from: sender, compresses: compresses) == model)
            #expect(ScannedFrames(random.pieces(bytes), from: sender, compresses: compresses) == model)
            if let fault = model.fault { faults.insert(fault) }
        }
        #expect(faults == Set(WebSocketFault.allCases), "every fault was tried")
    }

    @Test(
        arguments: [
            ([0x81, 0x01, 0x41], WebSocketFault.wrongMasking), ([0x83, 0x80], .reservedOpcode),
            ([0x8B, 0x80], .reservedOpcode),
            ([0xC1, 0x80], .reservedBits), ([0xA1, 0x80], .reservedBits), ([0x91, 0x80], .reservedBits),
            ([0x09, 0x80], .fragmentedControl), ([0x89, 0xFE], .longControl), ([0x88, 0xFF], .longControl),
            ([0x88, 0x81], .invalidClose), ([0x80, 0x80], .unexpectedContinuation),
            ([0x01, 0x80, 0, 0, 0, 0, 0x82, 0x80], .unfinishedMessage), ([0x82, 0xFE, 0, 125], .invalidLength),
            ([0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .invalidLength),
            ([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], .invalidLength),
            ([0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .invalidLength),
        ] as [([UInt8], WebSocketFault)])
    func refuses(bytes: [UInt8], fault: WebSocketFault) {
        for pieces in everySplit(bytes) { #expect(ScannedFrames(pieces, from: .client).fault == fault) }
    }

    @Test func theMarkOfCompressionStandsAtTheStartOfAMessageAlone() {
        func fault(_ frames: [WebSocketFrame]) -> WebSocketFault? {
            ScannedFrames([frames.flatMap(\.bytes)], from: .server, compresses: true).fault
        }
        let first = WebSocketFrame(isFinal: false, reserved: 4, opcode: 1)
        #expect(fault([first, WebSocketFrame(opcode: 0)]) == nil)
        #expect(fault([first, WebSocketFrame(reserved: 4, opcode: 0)]) == .reservedBits)
        #expect(fault([WebSocketFrame(reserved: 4, opcode: 9)]) == .reservedBits)
        #expect(fault([WebSocketFrame(reserved: 6, opcode: 1)]) == .reservedBits)
    }

    @Test func theLargestLengthIsCountedWithoutOverflow() {
        var scanner = WebSocketFrameScanner(of: .server, compresses: false)
        let header: [UInt8] = [0x82, 0x7F, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
        var position = 0
        #expect(throws: Never.self) { _ = try scanner.readFrame(header.span, &position) }
        let payload = [UInt8](repeating: 0, count: 1 << 20)
        for _ in 0..<100 {
            position = 0
            #expect(throws: Never.self) { _ = try scanner.readFrame(payload.span, &position) }
            #expect(position == payload.count)
        }
        #expect(!scanner.isAtBoundary)
    }
}
