import Testing

@testable import HTTP1

@Suite struct FieldSectionTests {
    @Test(arguments: [
        (" x: y", HTTP1Error.obsoleteLineFolding), ("\tx: y", .obsoleteLineFolding),
        ("a: b\r\n c", .obsoleteLineFolding),
        (": y", .invalidHeaderName), ("x(: y", .invalidHeaderName), ("é: y", .invalidHeaderName),
        ("x\u{0}: y", .invalidHeaderName), ("x/y: z", .invalidHeaderName), ("\"x\": z", .invalidHeaderName),
        ("xy", .missingColon), ("x: a\u{0}b", .invalidHeaderValue), ("x: a\u{1F}b", .invalidHeaderValue),
        ("x: \u{7F}", .invalidHeaderValue), ("x:\u{8}", .invalidHeaderValue), ("x: 12345678\u{B}", .invalidHeaderValue),
        ("x: y\t\u{C}", .invalidHeaderValue), ("x: a\nb: c", .invalidLineEnding), ("x: a\rb", .invalidLineEnding),
    ])
    func refusesLines(line: String, error: HTTP1Error) {
        #expect(readRequest(request(line)).error == error)
        #expect(readResponse(response(line)).error == error)
        // As the first line behind the request line, too.
        #expect(readRequest(request(line, host: "")).error == error)
    }

    @Test(arguments: [
        ("x : y", HTTP1Error.whitespaceBeforeColon), ("x\t: y", .whitespaceBeforeColon),
        ("x y: z", .whitespaceBeforeColon), ("x ", .whitespaceBeforeColon),
        ("content-length : 5", .whitespaceBeforeColon), ("transfer-encoding\t: chunked", .whitespaceBeforeColon),
    ])
    func requestsHaveNoBlankBeforeAColon(line: String, error: HTTP1Error) {
        #expect(readRequest(request(line)).error == error)
    }

    /// A gateway removes it (RFC 9112, section 5.1), and reads the field like any other.
    @Test func responsesMayHaveBlanksBeforeAColon() {
        let text = response("Content-Length \t : 5", "x\t:y", "z : ")
        for pieces in [[Array(text.utf8)], text.utf8.map { [$0] }] {
            let seen = readResponse(pieces).seen
            #expect(seen?.fields == [["Content-Length", "5"], ["x", "y"], ["z", ""]])
            #expect(seen?.framing == .length(5))
        }
        #expect(readResponse(response("x y: z")).error == .invalidHeaderName)
        #expect(readResponse(response("x ")).error == .missingColon)
        #expect(readResponse(response(" : z")).error == .obsoleteLineFolding)
        #expect(readResponse(response("Content-Length : 5", "content-length: 6")).error == .repeatedContentLength)
    }

    @Test func everyByteOfAValueIsChecked() {
        for byte in UInt8.min...UInt8.max {
            for offset in 0..<20 {
                var value = [UInt8](repeating: UInt8(ascii: "v"), count: 20)
                value[offset] = byte
                let bytes = Array("HTTP/1.1 204 x\r\nx: ".utf8) + value + Array("\r\n\r\n".utf8)
                let expected: HTTP1Error? =
                    switch byte {
                    case 9: nil
                    case 10, 13: .invalidLineEnding
                    case 0..<32, 127: .invalidHeaderValue
                    default: nil
                    }
                // A CR before the last byte stands before no LF; the one at the end stands before the CR of the line
                // end.
                #expect(readResponse([bytes]).error == expected)
            }
        }
    }

    @Test func valuesLoseTheBlanksAroundThemAlone() {
        let seen = readResponse(response("a: \t b \t c \t ", "d:e", "f:\t")).seen
        #expect(seen?.fields == [["a", "b \t c"], ["d", "e"], ["f", ""]])
    }

    @Test func fieldsAreCounted() {
        let fields = (0..<FieldSection.maximumFields - 1).map { "f\($0): v\r\n" }.joined()
        let text = "GET / HTTP/1.1\r\nhost: a\r\n\(fields)"
        #expect(readRequest(text + "\r\n", limit: 1 << 20).seen?.fields.count == FieldSection.maximumFields)
        #expect(readRequest(text + "x: y\r\n\r\n", limit: 1 << 20).error == .tooManyHeaders)
    }

    @Test func namesHaveAnEnd() {
        let name = String(repeating: "n", count: 65535)
        #expect(readResponse(response("\(name): v"), limit: 1 << 20).seen?.fields == [[name, "v"]])
        #expect(readResponse(response("\(name)n: v"), limit: 1 << 20).error == .headersTooLarge)
    }

    @Test func connectionOptionsAreCounted() {
        let option = String(repeating: "x,", count: FieldSection.maximumFields / 4 - 1)
        #expect(readRequest(request("connection: \(option)y")).seen != nil)
        #expect(readRequest(request("connection: \(option)y,z")).error == .tooManyHeaders)
    }
}
