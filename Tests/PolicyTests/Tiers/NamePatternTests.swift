import Policy
import SeededRandom
import Testing

@Suite struct NamePatternTests {
    @Test(arguments: [
        ("gpt-oss:*", "gpt-oss:120b", true), ("gpt-oss:*", "gpt-oss:", true), ("gpt-oss:*", "gpt-oss", false),
        ("gpt-oss:120b", "gpt-oss:120b", true), ("gpt-oss:120b", "gpt-oss:120bb", false), ("*", "", true),
        ("*", "anything/at:all", true), ("", "", true), ("", "a", false), ("*:30b", "qwen3-vl:30b", true),
        ("*:30b", "qwen3-vl:30b:30", false), ("a*b*c", "a-b-b-c", true), ("a*b*c", "acb", false), ("**", "x", true),
        ("GPT*", "gpt-oss", false), ("qwen*é", "qwen3é", true), ("a?c", "abc", false), ("[a]", "[a]", true),
    ])
    func matches(pattern: String, name: String, isMatch: Bool) {
        #expect(NamePattern(pattern).matches(name) == isMatch)
    }

    @Test func keepsWhatWasWritten() {
        #expect(NamePattern("a*").text == "a*")
    }

    @Test func agreesWithASlowModel() {
        var generator = SeededGenerator(seed: 10)
        var matched = 0
        for _ in 0..<20_000 {
            let pattern = text(from: "ab*", upTo: 7, &generator)
            let name = text(from: "ab", upTo: 7, &generator)
            let expected = Self.model(Array(pattern)[...], Array(name)[...])
            matched += expected ? 1 : 0
            #expect(NamePattern(pattern).matches(name) == expected, "\(pattern) and \(name)")
        }
        #expect(matched > 1000)
    }

    @Test func manyStarsTakeNoTimeBeyondTheProductOfTheLengths() {
        let pattern = NamePattern(String(repeating: "a*", count: 200) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 20_000)))
    }

    private func text(from letters: String, upTo length: Int, _ generator: inout SeededGenerator) -> String {
        let letters = Array(letters)
        return String(
            (0..<Int.random(in: 0...length, using: &generator)).map { _ in letters.randomElement(using: &generator)! })
    }

    /// The meaning of a pattern, written down.
    private static func model(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        let rest = pattern.dropFirst()
        if first == "*" { return model(rest, name) || (!name.isEmpty && model(pattern, name.dropFirst())) }
        return name.first == first && model(rest, name.dropFirst())
    }
}
