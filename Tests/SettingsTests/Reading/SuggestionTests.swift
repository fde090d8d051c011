import SeededRandom
import Testing

@testable import Settings

@Suite struct SuggestionTests {
    @Test(
        arguments: [
            ("wieght", "weight"), ("weigth", "weight"), ("Weight", "weight"), ("weights", "weight"),
            ("overun", "overrun"), ("colour", nil),
            ("w", nil), ("requests_per_minutes", "requests_per_minute"), ("request_per_minut", "requests_per_minute"),
        ] as [(String, String?)])
    func nearestWordWithinReach(word: String, meant: String?) {
        #expect(Suggestion.nearest(to: word, among: ["overrun", "weight", "requests_per_minute"]) == meant)
    }

    @Test func nearestIsPreferredAndThenTheFirst() {
        #expect(Suggestion.nearest(to: "tier-5", among: ["monthly", "tier-1", "tier-2"]) == "tier-1")
        #expect(Suggestion.nearest(to: "bodybytes", among: ["bodybits", "body_bytes"]) == "body_bytes")
        #expect(Suggestion.nearest(to: "anything", among: [String]()) == nil)
    }

    @Test func distanceAgreesWithItsDefinition() {
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<1500 {
            let first = word(&generator)
            let second = word(&generator)
            #expect(Suggestion.distance(from: first, to: second) == Self.model(first[...], second[...]))
        }
    }

    private func word(_ generator: inout SeededGenerator) -> [Unicode.Scalar] {
        (0..<Int.random(in: 0...5, using: &generator)).map { _ in ["a", "b", "c"].randomElement(using: &generator)! }
    }

    private static func model(_ first: ArraySlice<Unicode.Scalar>, _ second: ArraySlice<Unicode.Scalar>) -> Int {
        guard let a = first.last, let b = second.last else { return first.count + second.count }
        var least = min(
            model(first.dropLast(), second) + 1, model(first, second.dropLast()) + 1,
            model(first.dropLast(), second.dropLast()) + (a == b ? 0 : 1))
        if first.count > 1, second.count > 1, first.dropLast().last == b, second.dropLast().last == a {
            least = min(least, model(first.dropLast(2), second.dropLast(2)) + 1)
        }
        return least
    }
}
