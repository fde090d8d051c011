import Foundation
import Testing

@testable import OpenAIAPI

@Suite struct AnthropicModelTests {
    private func described(_ entry: String, named name: String? = nil) -> NSDictionary? {
        AnthropicModel(Array(entry.utf8).span, named: name) { "second \($0)" }.map {
            parsed(String(decoding: $0.document, as: UTF8.self)) as? NSDictionary ?? [:]
        }
    }

    @Test func everyMemberOfTheAPIIsThere() {
        let null = NSNull()
        #expect(
            described(#"{"object":"model","created":1749110897,"id":"gpt-oss:\"120b","max_model_len":120000}"#) == [
                "type": "model", "id": "gpt-oss:\"120b", "display_name": "gpt-oss:\"120b",
                "created_at": "second 1749110897", "max_input_tokens": 120_000, "max_tokens": null,
                "capabilities": null,
                "line": null, "lifecycle": "active", "deprecated_at": null, "retires_at": null,
            ])
    }

    /// An upstream may speak Anthropic's form itself.
    @Test func whatTheUpstreamStatesInThisFormStays() throws {
        let entry = """
            {"id":"a","type":"model","display_name":"A","created_at":"2026-01-02T03:04:05Z","max_input_tokens":7,"created":1}
            """
        let model = try #require(described(entry))
        #expect(model["display_name"] as? String == "A")
        #expect(model["created_at"] as? String == "2026-01-02T03:04:05Z")
        #expect(model["max_input_tokens"] as? Int == 7)
    }

    @Test func aliasHasItsOwnName() throws {
        let model = try #require(described(#"{"id":"a","display_name":"A"}"#, named: "gpt-4o"))
        #expect(model["id"] as? String == "gpt-4o")
        #expect(model["display_name"] as? String == "gpt-4o")
    }

    @Test(arguments: [
        ("", 0), (#","created":-5"#, 0), (#","created":"soon""#, 0), (#","created":1e30"#, 0), (#","created":1.5"#, 0),
        (#","created":9223372036854775807"#, 253_402_300_799),
    ])
    func anyTimeOfTheUpstreamIsATime(_ members: String, _ second: Int) throws {
        let model = try #require(described(#"{"id":"a"\#(members)}"#))
        #expect(model["created_at"] as? String == "second \(second)")
    }

    @Test(arguments: ["", "[]", "{}", #"{"id":5}"#, #"{"id":"a""#, #"{"error":{"message":"no"}}"#])
    func whatIsNoModelIsNotDescribed(_ text: String) { #expect(described(text) == nil) }
}
