import Scanners
import Testing

@testable import OpenAIAPI

@Suite struct JSONScannerStringTests {
    private static let set = JSONPathSet([JSONPath("a")], captureLimit: 8)

    private func string(_ value: String) throws -> String? {
        var scanner = JSONScanner(Self.set)
        try scanner.scan(Array(#"{"a":\#(value)}"#.utf8).span)
        try scanner.finish()
        return scanner.string(0)
    }

    @Test func aStringIsDecoded() throws {
        #expect(try string(#""x\u00e9""#) == "xé")
        #expect(try string(#""""#) == "")
    }

    @Test(arguments: ["1", "null", "true", "[]", "{}"]) func otherValuesAreNoString(value: String) throws {
        #expect(try string(value) == nil)
    }

    @Test func aStringBeyondTheCaptureLimitIsNotKept() throws {
        #expect(try string(#""12345678""#) == "12345678")
        #expect(try string(#""123456789""#) == nil)
    }

    @Test func anAbsentMemberIsNoString() throws {
        var scanner = JSONScanner(Self.set)
        try scanner.scan(Array("{}".utf8).span)
        try scanner.finish()
        let string = scanner.string(0)
        #expect(string == nil)
    }
}
