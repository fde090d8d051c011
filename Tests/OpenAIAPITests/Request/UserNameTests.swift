import OpenAIAPI
import Testing

@Suite struct UserNameTests {
    @Test func namesStayAsTheyAre() {
        #expect(UserName.cleaned("zoé@example.org 😀") == "zoé@example.org 😀")
    }

    @Test func whatSpoilsALineIsTakenOut() {
        #expect(UserName.cleaned("a\r\nb\u{0}\u{7F}\u{85}\u{2028}\u{202E}\u{2066}c") == "abc")
        #expect(UserName.cleaned("\n") == nil)
        #expect(UserName.cleaned("") == nil)
    }

    @Test func longNamesAreCut() {
        #expect(UserName.cleaned(String(repeating: "é", count: 200)) == String(repeating: "é", count: 128))
        // One character of very many scalars is no way around the limit.
        #expect(UserName.cleaned("e" + String(repeating: "\u{301}", count: 5000))?.unicodeScalars.count == 128)
    }
}
