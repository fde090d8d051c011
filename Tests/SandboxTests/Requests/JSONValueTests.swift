import Foundation
import SeededRandom
import Testing

@testable import Sandbox

@Suite struct JSONValueTests {
    @Test func whatIsReadIsWrittenAgain() throws {
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
    func nonsenseIsNoValue(_ text: String) {
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

    @Test func elementsStandWhereTheyAre() {
        let text = Array(#"[ "a,]" , [1, 2] ,{"b":"]"}, -3 ,null]"#.utf8)
        let elements = JSONElements.ranges(in: text, of: 0..<text.count).map {
            String(decoding: text[$0], as: UTF8.self)
        }
        #expect(elements == [#""a,]""#, "[1, 2]", #"{"b":"]"}"#, "-3", "null"])
        #expect(JSONElements.ranges(in: Array("[]".utf8), of: 0..<2).isEmpty)
    }

    @Test func samplesFitTheirSchema() {
        let schema = JSONValue(
            ##"{"type":"object","properties":{"s":{"type":"string"},"n":{"type":"integer","minimum":3},"e":{"enum":["x"]},"r":{"$ref":"#/$defs/R"},"l":{"type":"array","items":{"type":"boolean"}}},"$defs":{"R":{"type":["null","string"]}}}"##
                .utf8)
        var json = JSONOutput()
        SchemaSample.value(schema).append(to: &json)
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"s":"sandbox","n":3,"e":"x","r":null,"l":[true]}"#)
    }

    @Test func selfReferencesEnd() {
        _ = SchemaSample.value(
            JSONValue(##"{"$ref":"#/$defs/A","$defs":{"A":{"properties":{"a":{"$ref":"#/$defs/A"}}}}}"##.utf8))
    }
}
