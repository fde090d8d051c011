import SeededRandom
import Testing

@testable import HTTP1

@Suite struct WebSocketDirectionTests {
    private static let close = WebSocketFrame(opcode: 8, payload: [3, 0xE9])

    /// What a receiver gets: bytes, then the act that ended them.
    private struct Received {
        var bytes: [UInt8] = []
        var action: WebSocketDirection.Action?

        mutating func take(_ direction: inout WebSocketDirection, _ piece: [UInt8]) -> WebSocketFault? {
            let (passing, fault) = direction.received(piece.span)
            if action != nil { #expect(passing == 0, "nothing passes after the end") }
            bytes += piece[..<passing]
            perform(&direction)
            return fault
        }

        mutating func perform(_ direction: inout WebSocketDirection) {
            guard let next = direction.nextAction() else { return }
            #expect(action == nil, "a direction ends once")
            action = next
        }

        /// True where the bytes are whole frames.
        var isWhole: Bool { ScannedFrames([bytes], from: .server).isAtBoundary }
    }

    @Test func theGatewayClosesBetweenTwoFramesWheneverItWantsTo() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            let frames = random.frames(5, isMasked: false, compresses: false, upTo: 300).map(\.bytes)
            let pieces = random.pieces(frames.flatMap { $0 })
            let closing = random.number(0...pieces.count)
            var direction = WebSocketDirection(from: .server, compresses: false)
            var received = Received()
            for index in 0...pieces.count {
                if index == closing {
                    direction.beginClosing()
                    received.perform(&direction)
                }
                if index < pieces.count { #expect(received.take(&direction, pieces[index]) == nil) }
            }
            #expect(received.action == .sendClose)
            #expect(received.isWhole)
            #expect(direction.isClosed)
            let before = pieces[..<closing].joined().count
            let boundary = frames.reduce(into: [0]) { $0.append($0.last! + $1.count) }.first { $0 >= before }
            #expect(received.bytes.count == boundary, "the frame in progress passes, and nothing after it")
        }
    }

    @Test func aFrameThatNeverEndsIsCut() {
        for endsConnection in [true, false] {
            var direction = WebSocketDirection(from: .server, compresses: false)
            var received = Received()
            #expect(received.take(&direction, [0x82, 5, 1]) == nil)
            if endsConnection { direction.senderEnded() }
            direction.beginClosing()
            received.perform(&direction)
            #expect((received.action == .cut) == endsConnection)
            direction.expire()
            received.perform(&direction)
            #expect(received.action == .cut)
            #expect(direction.isClosed)
        }
    }

    @Test func theSendersCloseFrameEndsTheDirectionByItself() {
        var direction = WebSocketDirection(from: .server, compresses: false)
        var received = Received()
        let bytes = WebSocketFrame(opcode: 1, payload: [1]).bytes + Self.close.bytes
        #expect(received.take(&direction, bytes + WebSocketFrame(opcode: 1, payload: [2]).bytes) == nil)
        #expect(received.bytes == bytes, "nothing passes after a close frame")
        #expect(direction.isClosed)
        #expect(direction.isSenderDone)
        direction.beginClosing()
        direction.senderEnded()
        direction.expire()
        received.perform(&direction)
        #expect(received.action == nil, "the receiver has had its close frame")
    }

    @Test func theSendersCloseFrameIsSeenAfterTheGatewayHasClosed() {
        var direction = WebSocketDirection(from: .server, compresses: false)
        var received = Received()
        direction.beginClosing()
        received.perform(&direction)
        #expect(received.take(&direction, WebSocketFrame(opcode: 1, payload: [1]).bytes) == nil)
        #expect(!direction.isSenderDone)
        for byte in Self.close.bytes { #expect(received.take(&direction, [byte]) == nil) }
        #expect(direction.isSenderDone)
        #expect(received.bytes.isEmpty)
    }

    @Test func theCloseFrameInProgressCountsAsTheSenders() {
        var direction = WebSocketDirection(from: .server, compresses: false)
        var received = Received()
        #expect(received.take(&direction, [0x88, 2, 3]) == nil)
        direction.beginClosing()
        #expect(received.take(&direction, [0xE9]) == nil)
        #expect(received.bytes == Self.close.bytes)
        #expect(received.action == nil)
        #expect(direction.isClosed)
    }

    @Test func framesInFrontOfAFaultPass() {
        let good = WebSocketFrame(opcode: 1, payload: [1, 2]).bytes
        let bad: [UInt8] = [0x81, 0x80]
        for pieces in everySplit(good + bad) {
            var direction = WebSocketDirection(from: .server, compresses: false)
            var received = Received()
            let faults = pieces.compactMap { received.take(&direction, $0) }
            #expect(faults == [.wrongMasking])
            #expect(direction.isSenderDone)
            // A header of which a part has passed cannot be taken back.
            let isSplitInHeader = pieces.dropLast().reduce(into: [0]) { $0.append($0.last! + $1.count) }.contains(
                good.count + 1)
            #expect(received.action == (isSplitInHeader ? .cut : .sendClose))
            #expect(received.bytes == good + (isSplitInHeader ? bad.prefix(1) : []))
        }
    }
}
