import Bytes
import Foundation
import SeededRandom
import Testing

@testable import Scanners

@Suite struct JSONDocumentTests {
    private func root(_ text: String) throws(JSONError) -> JSONValue? {
        let document = JSONDocument()
        var scanner = JSONScanner(JSONPathSet([]))
        try document.read(Array(text.utf8), with: &scanner)
        return document.root
    }

    @Test func membersAreFoundInAnyOrder() throws {
        let root = try #require(
            try root(#" {"b": {"c": [1, "x", {"d": true}]}, "a": -1.50e1, "e": null, "e\u0066": "\u00e9"} "#))
        #expect(root["a"]?.kind == .number)
        #expect(root["a"]?.integer == -15)
        #expect(root["a"].map { String(decoding: $0.bytes, as: UTF8.self) } == "-1.50e1")
        #expect(root["b"]?["c"]?.elements.map(\.kind) == [.number, .string, .object])
        #expect(root["b"]?["c"]?.elements.compactMap { $0["d"]?.bool } == [true])
        #expect(root["e"] == nil)
        #expect(root["ef"]?.string == "é")
        #expect(root["f"] == nil)
        #expect(root["a"]?["b"] == nil)
        #expect(root.members.map { $0.key.string } == ["b", "a", "e", "ef"])
    }

    @Test func theLastOfTwoMembersCounts() throws {
        #expect(try root(#"{"a":1,"a":2}"#)?["a"]?.integer == 2)
        #expect(try root(#"{"a":1,"a":null}"#)?["a"] == nil)
    }

    @Test func contentIsAsWritten() throws {
        let value = try #require(try root(#""a\n\"b""#))
        #expect(String(decoding: value.contentBytes, as: UTF8.self) == #"a\n\"b"#)
        #expect(value.text == Array("a\n\"b".utf8))
        #expect(value.hasEscapes)
        #expect(value.equals("a\n\"b"))
        #expect(try root("7")?.content.isEmpty == true)
        #expect(try root(#""plain""#)?.hasEscapes == false)
    }

    @Test(arguments: ["", "{", "[1,]", #"{"a" 1}"#, "nul", "\"\u{1}\""])
    func aFaultLeavesNothing(_ text: String) {
        let document = JSONDocument()
        var scanner = JSONScanner(JSONPathSet([]))
        #expect(throws: JSONError.self) { try document.read(Array(text.utf8), with: &scanner) }
        #expect(document.root == nil)
    }

    @Test func moreValuesThanTheLimitAreRefused() throws {
        #expect(try root("[" + String(repeating: "0,", count: JSONDocument.valueLimit - 2) + "0]") != nil)
        let error = #expect(throws: JSONError.self) {
            try root("[" + String(repeating: "0,", count: JSONDocument.valueLimit - 1) + "0]")
        }
        #expect(error?.kind == .tooManyValues)
    }

    @Test func aDocumentIsReadAgain() throws {
        let document = JSONDocument()
        var scanner = JSONScanner(JSONPathSet([]))
        for text in [#"{"a":[1,2]}"#, "\u{FEFF}[true]", "\"x\"", "{}"] {
            let bytes = Array(text.utf8)
            try document.read(copying: bytes.span, with: &scanner)
            #expect(document.root?.range.upperBound == bytes.count)
        }
        #expect(document.root?.kind == .object)
    }

    /// Every value stands where the slow reader finds it, also in a document that is read after one with a fault.
    @Test func theIndexIsTheModel() throws {
        func isSame(_ value: JSONValue, _ model: JSONModel) -> Bool {
            guard value.range == model.range else { return false }
            switch model.content {
            case .object(let members):
                return value.kind == .object && Array(value.members).count == members.count
                    && zip(value.members, members).allSatisfy { found, member in
                        found.key.text == member.name && found.key.range.lowerBound == member.keyStart
                            && isSame(found.value, member.value)
                    }
            case .array(let elements):
                return value.kind == .array && Array(value.elements).count == elements.count
                    && zip(value.elements, elements).allSatisfy(isSame)
            case .string(let text):
                return value.kind == .string && value.text == text
                    && value.hasEscapes == model.literal.contains(UInt8(ascii: "\\"))
            case .number: return value.kind == .number
            case .true: return value.kind == .true
            case .false: return value.kind == .false
            case .null: return value.kind == .null
            }
        }
        var generator = JSONGenerator(seed: 7)
        let document = JSONDocument()
        var scanner = JSONScanner(JSONPathSet([]))
        for round in 0..<2000 {
            let bytes = generator.document()
            let model = try #require(JSONModel.parse(bytes))
            if generator.random.once(in: 3) {
                let cut = bytes.prefix(generator.random.number(0...bytes.count - 1))
                try? document.read(Array(cut), with: &scanner)
            }
            try document.read(bytes, with: &scanner)
            let root = try #require(document.root)
            #expect(isSame(root, model), "round \(round)")
        }
    }

    @Test func decodingIsFoundations() throws {
        var random = SeededGenerator(seed: 3)
        let pieces = [
            "a", "é", "\\n", "\\\"", "\\\\", "\\/", "\\b\\f\\r\\t", "\\u0041", "\\ud83d\\ude00", "😀", "\\u00e9", "u",
        ]
        for _ in 0..<2000 {
            let text = (0..<random.number(0...8)).map { _ in random.pick(pieces) }.joined()
            let quoted = "\"\(text)\""
            let expected =
                try JSONSerialization.jsonObject(with: Data(quoted.utf8), options: .fragmentsAllowed) as? String
            #expect(try root(quoted)?.string == expected)
        }
    }

    @Test(arguments: [
        (#"\ud800"#, "\u{FFFD}"), (#"\ud800x"#, "\u{FFFD}x"), (#"\udc00"#, "\u{FFFD}"),
        (#"\ud800\ud83d\ude00"#, "\u{FFFD}\u{1F600}"), (#"\ud800\u0041"#, "\u{FFFD}A"), (#"\ud800\n"#, "\u{FFFD}\n"),
    ])
    func loneSurrogatesAreReplaced(_ content: String, _ expected: String) throws {
        #expect(try root("\"\(content)\"")?.string == expected)
        let hasEscape = Array(content.utf8).span.hasSurrogateEscape()
        #expect(hasEscape)
    }

    @Test(
        arguments: [
            (#"a\ud83d"#, 1), (#"\ud83d"#, 0), (#"\\ud83d"#, nil), (#"\\\ud83d"#, 2), (#"\ude00"#, nil), ("", nil),
            ("d83d", nil),
        ] as [(String, Int?)])
    func aHighSurrogateAtTheEndIsFound(_ content: String, _ start: Int?) {
        let found = Array(content.utf8).span.startOfLastHighSurrogate()
        #expect(found == start)
    }
}
