import SeededRandom
import Testing

@testable import HTTP1

@Suite struct HeadIntakeTests {
    private static let body = "body"

    /// Feeds `pieces` as a connection does: what an intake does not use is kept in front of the next piece.
    private func feed<Reader>(_ pieces: [[UInt8]], to intake: inout HeadIntake<Reader>) throws(HTTP1Error) -> [UInt8] {
        var rest: [UInt8] = []
        for piece in pieces {
            if intake.isComplete {
                rest += piece
                continue
            }
            let used = try intake.read(piece.span)
            rest += piece[used...]
        }
        return rest
    }

    @Test func aRequestIsFoundInEverySplit() throws {
        let bytes = Array((request("content-length: 4") + Self.body).utf8)
        for pieces in everySplit(bytes) {
            var intake = HeadIntake(RequestHeadReader(limit: 4096))
            let rest = try feed(pieces, to: &intake)
            #expect(rest == Array(Self.body.utf8))
            #expect(intake.head?.framing == .length(4))
        }
    }

    @Test func aResponseAfterInterimOnesIsFoundInEverySplit() throws {
        let text =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + response("content-length: 4")
            + Self.body
        for pieces in everySplit(Array(text.utf8)) {
            var intake = HeadIntake(ResponseHeadReader(limit: 4096, answeringHEAD: false))
            let rest = try feed(pieces, to: &intake)
            #expect(rest == Array(Self.body.utf8))
            #expect(intake.head?.status == 200)
        }
    }

    @Test(arguments: [(true, BodyFraming.none), (false, .length(4))])
    func aResponseIsReadForItsMethod(answeringHEAD: Bool, framing: BodyFraming) throws {
        var intake = HeadIntake(ResponseHeadReader(limit: 4096, answeringHEAD: answeringHEAD))
        _ = try feed([Array(response("content-length: 4").utf8)], to: &intake)
        #expect(intake.head?.framing == framing)
    }

    @Test func itIsEmptyUntilTheFirstByteOfAHead() throws {
        var intake = HeadIntake(RequestHeadReader(limit: 4096))
        #expect(intake.isEmpty)
        // The empty line that may precede a request line.
        _ = try feed([Array("\r\n".utf8)], to: &intake)
        #expect(intake.isEmpty)
        _ = try feed([Array("G".utf8)], to: &intake)
        #expect(!intake.isEmpty)
        #expect(!intake.isComplete)
        #expect(intake.head == nil)
    }

    @Test func anInterimResponseIsNoEmptyIntake() throws {
        var intake = HeadIntake(ResponseHeadReader(limit: 4096, answeringHEAD: false))
        #expect(intake.isEmpty)
        _ = try feed([Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)], to: &intake)
        #expect(!intake.isEmpty)
        #expect(!intake.isComplete)
    }

    @Test func aFaultIsFoundInEverySplit() {
        for pieces in everySplit(Array("GET / HTTP/1.1\r\nhost: a\r\nna me: x\r\n\r\n".utf8)) {
            var intake = HeadIntake(RequestHeadReader(limit: 4096))
            #expect(throws: HTTP1Error.whitespaceBeforeColon) { try feed(pieces, to: &intake) }
            #expect(intake.head == nil)
        }
    }

    @Test func theLimitHoldsInEverySplit() {
        for pieces in everySplit(Array(request("x: " + String(repeating: "a", count: 80)).utf8)) {
            var intake = HeadIntake(RequestHeadReader(limit: 64))
            #expect(throws: HTTP1Error.headersTooLarge) { try feed(pieces, to: &intake) }
        }
    }
}
