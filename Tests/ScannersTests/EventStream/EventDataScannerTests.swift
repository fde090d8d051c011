import SeededRandom
import Testing

@testable import Scanners

@Suite struct EventDataScannerTests {
    private func data(_ pieces: [[UInt8]]) -> [UInt8] {
        var scanner = EventDataScanner()
        var data: [UInt8] = []
        for piece in pieces {
            scanner.scan(piece.span) { piece in
                for index in 0..<piece.count { data.append(piece[index]) }
            }
        }
        return data
    }

    private static let events = [
        "data: abc\n\n", "data:abc\r\n\r\n", "data:  a\r\r", ": c\nid: 1\ndata: a\ndata: b\n\n", "data\ndata\n\n",
        "data:\ndata: x\n\n", "dat: a\ndata2: b\nxdata: c\nData: d\n\n", "\u{FEFF}data: a\n\n",
        "\u{FEFF}\u{FEFF}data: a\n\n",
        "data: \u{FEFF}\n\n", "\n\ndata: a: b\n", "data: no end", "data", "dat", "event: data\ndata: é\n\n", "",
    ]

    @Test(arguments: events) func thePiecesAreTheDataOfTheWholeEvent(event: String) {
        let bytes = Array(event.utf8)
        let expected = EventFields(bytes.span).joinedData(of: bytes.span)
        for pieces in everySplit(bytes) { #expect(data(pieces) == expected) }
        #expect(data(bytes.map { [$0] }) == expected)
    }

    @Test func randomEvents() {
        var random = SeededGenerator(seed: 71)
        for _ in 0..<5000 {
            let parts = ["data", ":", " ", "a", "\n", "\r", "\r\n", "data: ", "\u{FEFF}", "id: 1\n", "d"]
            let event = (0..<Int.random(in: 0...12, using: &random)).map { _ in random.pick(parts) }.joined()
            let bytes = Array((event + "\n").utf8)
            #expect(data(random.pieces(bytes)) == EventFields(bytes.span).joinedData(of: bytes.span), "\(bytes)")
        }
    }
}
