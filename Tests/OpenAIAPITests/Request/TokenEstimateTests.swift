import OpenAIAPI
import SeededRandom
import Testing

@Suite struct TokenEstimateTests {
    private func tokens(_ text: String) -> Int64 {
        TokenEstimate.tokens(ofScalars: text.unicodeScalars.count, utf8Bytes: text.utf8.count)
    }

    @Test func noTextHasNoTokensAndAnyTextHasOne() {
        #expect(tokens("") == 0)
        #expect(tokens("a") == 1)
        #expect(tokens("é") == 1)
    }

    @Test func fourCharactersOfEnglishAreAToken() {
        #expect(tokens(String(repeating: "abcd", count: 100)) == 100)
        #expect(tokens("abcde") == 2)
    }

    @Test func threeCharactersOfChineseAreTwoTokens() {
        #expect(tokens(String(repeating: "关", count: 300)) == 200)
    }

    @Test func moreTextNeverHasFewerTokens() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<1000 {
            var text = ""
            var last: Int64 = 0
            for _ in 0..<20 {
                text += random.pick(["a", "é", "关", "😀"])
                let now = tokens(text)
                #expect(now >= last)
                #expect(now <= text.utf8.count)
                last = now
            }
        }
    }

    @Test func largeTextsDoNotOverflow() {
        #expect(TokenEstimate.tokens(ofScalars: 1 << 50, utf8Bytes: 1 << 50) == 1 << 48)
    }
}
