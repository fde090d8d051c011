import Bytes
import SeededRandom
import Testing

@testable import Scanners

@Suite struct EventBoundaryScannerTests {
    /// Cuts a stream that arrives in `pieces` into its events, and what is left.
    static func events(_ pieces: [[UInt8]]) -> (events: [[UInt8]], rest: [UInt8]) {
        var scanner = EventBoundaryScanner()
        var events: [[UInt8]] = []
        var open: [UInt8] = []
        for piece in pieces {
            var position = 0
            while let end = scanner.nextEnd(in: piece.span, from: position) {
                #expect(end > position)
                events.append(open + piece[position..<end])
                open = []
                position = end
            }
            open += piece[position...]
        }
        return (events, open)
    }

    static func events(_ text: String) -> [String] {
        events([Array(text.utf8)]).events.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func anEventEndsBehindItsBlankLine(end: String) {
        let first = "data: a\(end)id: 1\(end)\(end)"
        let second = ": note\(end)\(end)"
        #expect(Self.events(first + second + "data: unfinished\(end)") == [first, second])
    }

    @Test func lineEndsMayBeMixed() {
        #expect(
            Self.events("data: a\r\n\ndata: b\n\r\ndata: c\r\n\rdata: d\r\rx") == [
                "data: a\r\n\n", "data: b\n\r\n", "data: c\r\n\r", "data: d\r\r",
            ])
    }

    @Test func moreBlankLinesAreEventsWithoutContent() {
        #expect(Self.events("\n\ndata: a\n\n\n\r\n") == ["\n", "\n", "data: a\n\n", "\n", "\r\n"])
    }

    @Test func aByteOrderMarkIsNoPartOfALine() {
        #expect(Self.events("\u{FEFF}\ndata: a\n\n") == ["\u{FEFF}\n", "data: a\n\n"])
        #expect(Self.events("data: a\n\n\u{FEFF}\n\n") == ["data: a\n\n", "\u{FEFF}\n\n"])
        // Only the whole of it is one.
        let half: [UInt8] = [0xEF, 0xBB, 0x0A, 0x0A]
        #expect(Self.events([half]).events == [half])
        #expect(Self.events(half.map { [$0] }).events == [half])
    }

    @Test func aReturnEndsAnEventAtOnceAndItsLineFeedIsNoLine() {
        let (events, rest) = Self.events([Array("data: a\r\n\r".utf8), Array("\ndata: b\r\n\r\n".utf8)])
        #expect(events == [Array("data: a\r\n\r".utf8), Array("\ndata: b\r\n\r\n".utf8)])
        #expect(rest.isEmpty)
    }

    @Test func anySplitGivesTheSameData() {
        var random = SeededGenerator(seed: 11)
        for round in 0..<2000 {
            let stream = Self.stream(&random)
            let expected = EventModel.data(stream)
            let splits =
                round % 20 == 0 ? everySplit(stream) : [[stream], random.pieces(stream), random.pieces(stream)]
            for pieces in splits {
                let (events, rest) = Self.events(pieces)
                #expect(events.flatMap { $0 } + rest == stream, "round \(round)")
                var data: [[UInt8]] = []
                for (index, event) in events.enumerated() {
                    let fields = EventFields(event.span, isFirst: index == 0)
                    if fields.dataLines > 0 { data.append(fields.joinedData(of: event.span)) }
                    if let range = fields.data { #expect(Array(event[range]) == data.last, "round \(round)") }
                    #expect((fields.data != nil) == (fields.dataLines == 1))
                }
                #expect(data == expected, "round \(round)")
            }
        }
    }

    private static func stream(_ random: inout SeededGenerator) -> [UInt8] {
        let pieces = [
            "data: {\"a\":1}", "data:x", "data", "data:", "data:  y", ": note", ":", "id: 7", "event: error", "dat",
            "datax: 1",
            "\u{FEFF}", "é", "\n", "\n\n", "\r\n", "\r", "\r\n\r\n", "\n", "\r\n",
        ]
        return (0..<random.number(0...25)).flatMap { _ in Array(random.pick(pieces).utf8) }
    }
}

/// The standard's algorithm word by word (WHATWG HTML, 9.2.6), on the whole stream.
enum EventModel {
    /// The data of every event that is dispatched.
    static func data(_ stream: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var bytes = stream[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        while let byte = bytes.popFirst() {
            if byte == 0x0D, bytes.first == 0x0A { bytes = bytes.dropFirst() }
            if byte == 0x0A || byte == 0x0D { lines.append([]) } else { lines[lines.count - 1].append(byte) }
        }
        // What no line end follows is not a line.
        lines.removeLast()

        var events: [[UInt8]] = []
        var buffer: [UInt8] = []
        for line in lines {
            if line.isEmpty {
                if !buffer.isEmpty { events.append(buffer.dropLast()) }
                buffer = []
                continue
            }
            let colon = line.firstIndex(of: 0x3A)
            let field = line[..<(colon ?? line.count)]
            var value = colon.map { line[($0 + 1)...] } ?? []
            if value.first == 0x20 { value = value.dropFirst() }
            if Array(field) == Array("data".utf8) { buffer += value + [0x0A] }
        }
        return events
    }
}
