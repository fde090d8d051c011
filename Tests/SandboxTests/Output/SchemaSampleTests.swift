import Testing

@testable import Sandbox

@Suite struct SchemaSampleTests {
    private func sample(_ schema: String) -> String {
        written { SchemaSample.value(JSONValue(schema.utf8)).append(to: &$0) }
    }

    @Test(
        arguments: [
            (#"{"type":"string"}"#, #""sandbox""#), (#"{"type":"integer"}"#, "1"), (#"{"type":"number"}"#, "1"),
            (#"{"type":"integer","minimum":3}"#, "3"), (#"{"type":"integer","minimum":-3}"#, "1"),
            (#"{"type":"boolean"}"#, "true"), (#"{"type":"null"}"#, "null"), (#"{"type":["null","string"]}"#, "null"),
            (#"{"const":{"a":1}}"#, #"{"a":1}"#), (#"{"enum":["x","y"]}"#, #""x""#), (#"{"enum":[]}"#, "{}"),
            (#"{"anyOf":[{"type":"boolean"},{"type":"null"}]}"#, "true"),
            (#"{"oneOf":[{"type":"null"}]}"#, "null"), (#"{"allOf":[{"type":"string"}]}"#, #""sandbox""#),
            (#"{"type":"array"}"#, #"["sandbox"]"#), (#"{"type":"array","items":{"type":"null"}}"#, "[null]"),
            (#"{"type":"array","minItems":3,"items":{"type":"null"}}"#, "[null,null,null]"),
            (#"{"type":"array","minItems":0}"#, "[]"), (#"{"type":"array","minItems":-5}"#, "[]"),
            (#"{"type":"object"}"#, "{}"), ("{}", "{}"),
            (#"{"properties":{"b":{"type":"null"},"a":{"type":"boolean"}}}"#, #"{"b":null,"a":true}"#),
        ])
    func samplesFit(_ schema: String, _ expected: String) {
        #expect(sample(schema) == expected)
    }

    @Test func aMissingSchemaIsAnObject() {
        #expect(written { SchemaSample.value(nil).append(to: &$0) } == "{}")
    }

    @Test(
        arguments: [
            (##"{"$ref":"#/$defs/A","$defs":{"A":{"type":"boolean"}}}"##, "true"),
            (##"{"$ref":"#/$defs/none"}"##, "{}"), (##"{"$ref":"other.json"}"##, "{}"), (##"{"$ref":5}"##, "{}"),
        ])
    func referencesAreResolved(_ schema: String, _ expected: String) {
        #expect(sample(schema) == expected)
    }

    @Test func selfReferencesEnd() {
        let value = sample(##"{"$ref":"#/$defs/A","$defs":{"A":{"properties":{"a":{"$ref":"#/$defs/A"}}}}}"##)
        #expect(value.hasPrefix(#"{"a":{"a":"#))
        #expect(value.contains("null"))
    }

    /// Sixteen elements on sixteen levels would be 16^16 values.
    @Test func samplesAreBounded() {
        let value = sample(##"{"type":"array","minItems":16,"items":{"$ref":"#"},"a":0}"##)
        #expect(value.utf8.count < 1_000_000)
        let recursive = sample(
            ##"{"$ref":"#/$defs/A","$defs":{"A":{"type":"array","minItems":1000000,"items":{"$ref":"#/$defs/A"}}}}"##)
        #expect(recursive.utf8.count < 1_000_000)
    }
}
