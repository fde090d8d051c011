import Policy
import Testing

@Suite struct UsageTagsTests {
    @Test(arguments: [
        ("", []), (",, ,", []), ("a", ["a"]), (" b , a,b ", ["a", "b"]), ("two words", ["two words"]),
        ("a\u{0}b,\u{202E}c\n", ["ab", "c"]), ("é,🦉", ["é", "🦉"]),
        ("1,2,3,4,5,6,7,8,9", ["1", "2", "3", "4", "5", "6", "7", "8"]),
    ])
    func cleans(text: String, tags: [String]) { #expect(UsageTags.cleaned(text) == tags) }

    @Test func leavesOutWhatDoesNotFitTogether() {
        let long = String(repeating: "x", count: 100)
        #expect(UsageTags.cleaned("\(long),\(String(repeating: "y", count: 28)),z") == [long, "z"])
        #expect(
            UsageTags.cleaned("\(long),\(String(repeating: "y", count: 27))").joined(separator: ",").utf8.count == 128)
        #expect(UsageTags.cleaned(String(repeating: "x", count: 129)).isEmpty)
        #expect(UsageTags.cleaned(String(repeating: "x", count: 128)).count == 1)
    }
}
