import SeededRandom
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

    /// The model splits the event at its line ends and the lines at their first colon.
    @Test func anyEventAgreesWithASimpleModel() {
        var random = SeededGenerator(seed: 51)
        let pieces = ["data", ":", " ", "x", "\n", "\r", "\r\n", "id", "é", "data: y", "data:", ": note"]
        for _ in 0..<5000 {
            let event = Array((0..<random.number(0...10)).map { _ in random.pick(pieces) }.joined().utf8)
            var payloads: [[UInt8]] = []
            var hasField = false
            for line in event.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) where line.first != 0x3A {
                hasField = true
                let parts = line.split(separator: 0x3A, maxSplits: 1, omittingEmptySubsequences: false)
                guard parts[0].elementsEqual("data".utf8) else { continue }
                var value = parts.count == 2 ? parts[1] : []
                if value.first == 0x20 { value = value.dropFirst() }
                payloads.append(Array(value))
            }
            let fields = EventFields(event.span, isFirst: false)
            #expect(fields.dataLines == payloads.count)
            #expect(fields.isCommentOnly == !hasField)
            #expect(fields.joinedData(of: event.span) == Array(payloads.joined(separator: [0x0A])))
            #expect(fields.data.map { Array(event[$0]) } == (payloads.count == 1 ? payloads[0] : nil))
        }
    }
}
