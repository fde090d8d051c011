import Testing

@testable import OpenAIAPI

@Suite struct QueryPartsTests {
    private func parts(_ query: String) -> [String] {
        var parts: [String] = []
        let bytes = Array(query.utf8)
        QueryParts.forEach(in: bytes.span) { name, value, part in
            let text = String(decoding: bytes[part], as: UTF8.self)
            parts.append("\(name ?? "nil")|\(value ?? "nil")|\(text)")
        }
        return parts
    }

    @Test func namesAndValuesAreDecoded() {
        #expect(parts("") == [])
        #expect(parts("a=1&%62=%3D2&c&=d") == ["a|1|a=1", "b|=2|%62=%3D2", "c||c", "|d|=d"])
        #expect(parts("a=b=c&&") == ["a|b=c|a=b=c", "||"])
    }

    @Test func partsThatAreNoTextHaveTheirPlaceAlone() {
        #expect(parts("a=%FF&%ZZ=1") == ["a|nil|a=%FF", "nil|1|%ZZ=1"])
    }
}
