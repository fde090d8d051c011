import Testing

@testable import Scanners

@Suite struct EventFieldsTests {
    private func data(_ text: String, isFirst: Bool = true) -> String? {
        let event = Array(text.utf8)
        return EventFields(event.span, isFirst: isFirst).data.map { String(decoding: event[$0], as: UTF8.self) }
    }

    private func fields(_ text: String) -> EventFields {
        let event = Array(text.utf8)
        return EventFields(event.span)
    }

    @Test func oneSpaceBehindTheColonIsNoPartOfThePayload() {
        #expect(data("data: [DONE]\n\n") == "[DONE]")
        #expect(data("data:[DONE]\n\n") == "[DONE]")
        #expect(data("data:  x \r\n\r\n") == " x ")
        #expect(data("data:\n\n") == "")
        #expect(data("data\n\n") == "")
    }

    @Test func otherFieldsAndCommentsArePassedOver() {
        #expect(data(": note\nevent: message\nid: 1\ndata: x\nretry: 5\n\n") == "x")
        #expect(data("database: x\nDATA: y\n data: z\n\n") == nil)
    }

    @Test func severalLinesAreJoinedWithLineFeeds() {
        let event = Array("data: a\r\ndata\rdata:b\n\n".utf8)
        let fields = EventFields(event.span)
        #expect(fields.data == nil)
        #expect(fields.dataLines == 3)
        #expect(fields.joinedData(of: event.span) == Array("a\n\nb".utf8))
    }

    @Test func whatHasNoFieldIsCommentOnly() {
        #expect(fields(": keep-alive\n\n").isCommentOnly)
        #expect(fields("\n").isCommentOnly)
        #expect(!fields(": x\nid: 1\n\n").isCommentOnly)
        #expect(!fields("data: x\n\n").isCommentOnly)
        #expect(fields(": x\n\n").dataLines == 0)
    }

    @Test func aByteOrderMarkCountsForNothingAtTheStartOfTheStreamOnly() {
        #expect(data("\u{FEFF}data: x\n\n") == "x")
        #expect(data("\u{FEFF}data: x\n\n", isFirst: false) == nil)
    }

    @Test func theLineFeedOfACutLineEndIsPassedOver() {
        #expect(data("\ndata: x\r\n\r\n") == "x")
    }
}
