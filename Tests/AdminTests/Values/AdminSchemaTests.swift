import SeededRandom
import Testing

@testable import Admin

@Suite struct AdminSchemaTests {
    private static let limits = AdminSchema.table(
        names: ["a", "b"], .either([.integer(1...9), .text(1...2), .null]))
    private static let form = AdminSchema.object([
        .init("name", .text(1...3), "Name.", required: true), .init("limits", limits, "Limits."),
        .init("models", .optional(.list(.text(), atMost: 2)), "Models."),
        .init("state", .choice(["on", "off"]), "State."),
        .init("flag", .boolean, "Flag."),
    ])

    @Test(arguments: [
        #"{"name": "a"}"#, #"{"name": "äöü", "limits": {"a": 1, "b": "xx"}, "models": null}"#,
        #"{"name": "a", "models": ["x", "y"], "state": "on", "flag": true, "limits": {"a": null}}"#,
    ])
    func valuesOfTheFormHaveNoFault(json: String) throws {
        let value = try #require(AdminValue(json: Array(json.utf8)))
        #expect(Self.form.fault(in: value) == nil)
    }

    @Test(
        arguments: [
            (#"{}"#, "name"), (#"{"name": "abcd"}"#, "name"), (#"{"name": null}"#, "name"),
            (#"{"name": "a", "limits": {"c": 1}}"#, "limits.c"), (#"{"name": "a", "limits": {"a": 10}}"#, "limits.a"),
            (#"{"name": "a", "limits": {"a": 1.5}}"#, "limits.a"), (#"{"name": "a", "models": ["x", 1]}"#, "models[1]"),
            (#"{"name": "a", "models": ["x", "y", "z"]}"#, "models"), (#"{"name": "a", "state": "of"}"#, "state"),
            (#"{"name": "a", "flag": 1}"#, "flag"), (#"{"name": "a", "other": 1}"#, "other"), ("[]", ""), ("1", ""),
            (#"{"name": "a", "limits": {"a": 9223372036854775808}}"#, "limits.a"),
        ])
    func faultsHaveTheirPlace(json: String, path: String) throws {
        let value = try #require(AdminValue(json: Array(json.utf8)))
        #expect(Self.form.fault(in: value)?.path == path)
    }

    @Test func nestingIsBounded() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(AdminValue(json: nested(16)) != nil)
        #expect(AdminValue(json: nested(17)) == nil)
        #expect(AdminValue(json: nested(30_000)) == nil)
    }

    /// No bytes stop the reader, and what it reads it writes as JSON that is the same value.
    @Test func anyBytesAreReadOrRefused() {
        var random = SeededGenerator(seed: 15)
        let pieces = [
            "{", "}", "[", "]", "\"", ":", ",", "1", "-", ".5", "e9", "1e999", "null", "true", "\\u0000", "\\ud800",
            "ä", "\u{0}",
        ]
        for _ in 0..<3_000 {
            let text = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            guard let value = AdminValue(json: Array(text.utf8)) else { continue }
            #expect(AdminValue(json: value.json) == value, "\(text)")
        }
    }
}
