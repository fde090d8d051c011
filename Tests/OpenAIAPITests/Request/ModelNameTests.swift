import Testing

@testable import OpenAIAPI

@Suite struct ModelNameTests {
    @Test(arguments: ["m", "gpt-oss:120b", "org/model@1", "a b", "modèle", "模型", String(repeating: "m", count: 256)])
    func valid(name: String) { #expect(ModelName.isValid(name)) }

    @Test(arguments: [
        "", "\u{0}", "a\u{1B}[0m", "a\r\nb", "a\tb", "\u{7F}", "\u{85}", "\u{202E}a", "\u{2028}", "\u{FFFD}",
        String(repeating: "m", count: 257), String(repeating: "é", count: 129),
    ])
    func invalid(name: String) { #expect(!ModelName.isValid(name)) }
}
