import SeededRandom
import Testing

@testable import HTTP1

@Suite struct HeadWriterTests {
    private func text(_ write: (inout HeadWriter) -> Void) -> String {
        var writer = HeadWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func requestIsWrittenAndReadAgain() throws {
        let incoming = try requestHead(request("X-Odd-CASE:\t a \t b", line: "PATCH /v1/a%20b?c HTTP/1.1"))
        var writer = HeadWriter()
        incoming.fields.withSpan(incoming.target) { target in
            writer.request(method: incoming.method, of: incoming.fields, target: target)
        }
        writer.field("host", "example.org")
        writer.copy(incoming.fields[1], of: incoming.fields)
        writer.field("content-length", 5)
        writer.end()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == "PATCH /v1/a%20b?c HTTP/1.1\r\nhost: example.org\r\nX-Odd-CASE: a \t b\r\ncontent-length: 5\r\n\r\n")
        #expect(readRequest([writer.bytes]).seen?.framing == .length(5))
    }

    @Test func copiedFieldsAreReadTheSameHoweverTheyWereSpelled() throws {
        let spellings = ["a: b", "a:b", "a:  b", "a:\tb", "a: b ", "a: b\t", "a:", "a: ", "a:  ", "a:b ", "Abc: d e"]
        for spelling in spellings {
            let incoming = try requestHead(request(spelling)).fields
            let name = incoming.string(incoming[1].name)
            let value = incoming.string(incoming[1].value)
            #expect(text { $0.copy(incoming[1], of: incoming) } == "\(name): \(value)\r\n")
        }
    }

    @Test func targetsCannotEndTheLine() {
        let target = Array("/a b\r\nx: y\u{0}é#\\".utf8)
        let line = text { $0.request(method: "GET", target: target.span) }
        #expect(line == "GET /a%20b%0D%0Ax:%20y%00%C3%A9%23%5C HTTP/1.1\r\n")
    }

    @Test func everyStatusIsReadAgain() {
        for status in 200...999 where status != 204 && status != 304 {
            let line = text {
                $0.status(status)
                $0.field("content-length", 0)
                $0.end()
            }
            #expect(readResponse(line).seen?.line == ["\(status)", "http11"])
        }
        #expect(text { $0.status(200) } == "HTTP/1.1 200 OK\r\n")
        #expect(text { $0.status(429) } == "HTTP/1.1 429 Too Many Requests\r\n")
        #expect(text { $0.status(100) } == "HTTP/1.1 100 Continue\r\n")
        #expect(text { $0.status(299) } == "HTTP/1.1 299 \r\n")
    }

    @Test func valuesCannotEndTheirLine() {
        let evil = "a\r\nset: x\u{0}\u{7F}é\tb\u{1B}"
        let bytes = Array(evil.utf8)
        #expect(text { $0.field("x", evil) } == "x: a  set: x  é\tb \r\n")
        #expect(text { $0.field("x", bytes: bytes.span) } == "x: a  set: x  é\tb \r\n")
        #expect(text { $0.field("x", "") } == "x: \r\n")
    }

    @Test func anyBytesStayOneField() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<500 {
            let count = Int.random(in: 0...60, using: &generator)
            let value = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            var writer = HeadWriter()
            writer.status(204)
            writer.field("x", bytes: value.span)
            writer.field("y", "z")
            writer.end()
            #expect(readResponse([writer.bytes]).seen?.fields.map { $0[0] } == ["x", "y"])
        }
    }

    @Test func integers() {
        for value in [0, 7, 10, 99, 100, 12345, Int.max, -1, Int.min] {
            #expect(text { $0.field("n", value) } == "n: \(value)\r\n")
        }
    }

    @Test func literalFields() {
        #expect(text { $0.field("connection", "close" as StaticString) } == "connection: close\r\n")
    }

    @Test func theCapacityIsUsedAgain() {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1000)
        let address = bytes.withUnsafeBufferPointer { $0.baseAddress }
        for _ in 0..<3 {
            var writer = HeadWriter(reusing: consume bytes)
            writer.status(200)
            writer.end()
            #expect(writer.bytes == Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
            bytes = []
            swap(&bytes, &writer.bytes)
            let reused = bytes.withUnsafeBufferPointer { $0.baseAddress }
            #expect(reused == address)
        }
    }
}
