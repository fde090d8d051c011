import Foundation
import SeededRandom
import Testing

@testable import Sandbox

@Suite struct JSONValueTests {
    @Test func documentsAreWrittenAsTheyWereRead() throws {
        let text = #"{"a":[1,-2.5e3,"x\"\\y",true,false,null,{},[]],"b":{"c":"é"},"a":18446744073709551615}"#
        var json = JSONOutput()
        try #require(JSONValue(text.utf8)).append(to: &json)
        #expect(String(decoding: json.bytes, as: UTF8.self) == text)
    }

    @Test func escapesAreResolved() throws {
        let value = JSONValue(#" "a\n\t\u00e9\ud83d\ude00\/b\\" "#.utf8)
        #expect(value?.string == "a\n\té😀/b\\")
    }

    @Test(arguments: ["", "{", "[1,]", "{\"a\" 1}", "tru", "\"", "1 2", String(repeating: "[", count: 100)])
    func invalidDocumentsAreRefused(_ text: String) {
        #expect(JSONValue(text.utf8) == nil)
    }

    @Test func randomValuesAgreeWithFoundation() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            let value = Self.randomValue(&generator, depth: 0)
            let data = try JSONSerialization.data(withJSONObject: ["v": value], options: [.sortedKeys])
            var json = JSONOutput()
            try #require(JSONValue(data)).append(to: &json)
            let again = try JSONSerialization.jsonObject(with: Data(json.bytes)) as? NSDictionary
            #expect(again == (try JSONSerialization.jsonObject(with: data) as? NSDictionary))
        }
    }

    private static func randomValue(_ generator: inout SeededGenerator, depth: Int) -> Any {
        switch Int.random(in: 0..<(depth > 3 ? 4 : 6), using: &generator) {
        case 0: return Int.random(in: -1_000_000...1_000_000, using: &generator)
        case 1: return Bool.random(using: &generator)
        case 2: return NSNull()
        case 3:
            let scalars: [Character] = ["a", "\"", "\\", "\n", "\u{1}", "é", "東", "😀", "/", " "]
            return String(
                (0..<Int.random(in: 0..<8, using: &generator)).map { _ in scalars.randomElement(using: &generator)! })
        case 4:
            return (0..<Int.random(in: 0..<4, using: &generator)).map { _ in randomValue(&generator, depth: depth + 1) }
        default:
            var members: [String: Any] = [:]
            for index in 0..<Int.random(in: 0..<4, using: &generator) {
                members["k\(index)"] = randomValue(&generator, depth: depth + 1)
            }
            return members
        }
    }

    @Test func theLastOfRepeatedNamesCounts() {
        let value = JSONValue(#"{"a":1,"b":2,"a":3}"#.utf8)
        #expect(value?["a"]?.integer == 3)
        #expect(value?.object?.map(\.name) == ["a", "b", "a"])
    }

    @Test func accessorsAreOfTheirKindAlone() {
        let text = JSONValue(#""1""#.utf8)
        #expect(text?.string == "1")
        #expect(text?.integer == nil)
        #expect(text?.bool == nil)
        #expect(text?.array == nil)
        #expect(text?.object == nil)
        #expect(text?["a"] == nil)
    }

    @Test(arguments: [("1", 1), ("-0", 0), ("9223372036854775807", Int.max), ("-9223372036854775808", .min)])
    func integersAreRead(_ text: String, _ value: Int) {
        #expect(JSONValue(text.utf8)?.integer == value)
    }

    @Test(arguments: ["1.0", "1e3", "9223372036854775808", "1e400"])
    func otherNumbersAreNoIntegers(_ text: String) throws {
        #expect(try #require(JSONValue(text.utf8)).integer == nil)
    }

    @Test(arguments: ["[]", "1", "null", "{", ""])
    func aBodyIsAnObject(_ text: String) {
        #expect(throws: SandboxError.self) { try JSONValue(object: Array(text.utf8)) }
    }

    @Test func aModelNameIsRequired() throws {
        #expect(try JSONValue(object: Array(#"{"model":"m"}"#.utf8)).modelName() == "m")
        for text in [#"{}"#, #"{"model":""}"#, #"{"model":5}"#] {
            #expect(throws: SandboxError.self) { try JSONValue(object: Array(text.utf8)).modelName() }
        }
    }

    @Test func depthIsBounded() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(JSONValue(nested(64).utf8) != nil)
        #expect(JSONValue(nested(65).utf8) == nil)
    }

    /// A valid document that is changed at random is either refused, or read as Foundation reads it.
    @Test func changedDocumentsStopNothing() {
        var generator = SeededGenerator(seed: 11)
        let document = Array(#"{"a":[1,-2.5e3,"x\"\\y\u00e9",true,false,null,{},[]],"b":{"c":"é"}}"#.utf8)
        for _ in 0..<2000 {
            let bytes = generator.mutated(document, with: Array(#"{}[]",:\u0"#.utf8))
            guard let value = JSONValue(bytes) else { continue }
            #expect(JSONValue(written { value.append(to: &$0) }.utf8) != nil)
        }
    }
}
