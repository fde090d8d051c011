import Bytes
import SeededRandom
import Testing

@Suite struct BytePatternTests {
    @Test func noBytesAreNoPattern() { #expect(BytePattern([]) == nil) }

    /// A search byte by byte.
    private func naive(_ pattern: [UInt8], in text: [UInt8], from start: Int) -> Int? {
        guard text.count >= pattern.count else { return nil }
        return (0...text.count - pattern.count).first { $0 >= start && Array(text[$0..<$0 + pattern.count]) == pattern }
    }

    @Test(arguments: 0..<300) func itFindsWhatASimpleSearchFinds(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        // Few letters, so that beginnings and repetitions are frequent.
        let letters = Array("aAb-".utf8).prefix(random.number(1...4))
        func text(_ length: Int) -> [UInt8] { (0..<length).map { _ in letters.randomElement(using: &random)! } }
        // Both ways to search: short patterns and long ones.
        let pattern = text(seed.isMultiple(of: 2) ? random.number(1...6) : random.number(12...20))
        let searched = try #require(BytePattern(pattern))
        var haystack = text(random.number(0...60))
        if random.number(0...1) == 0 {
            haystack.insert(contentsOf: pattern, at: random.number(0...haystack.count))
        }
        for start in 0...haystack.count + 1 {
            #expect(searched.firstIndex(in: haystack.span, from: start) == naive(pattern, in: haystack, from: start))
        }
        for start in 0...haystack.count {
            let begun = (0..<pattern.count).last {
                $0 <= haystack.count - start && Array(haystack.suffix($0)) == Array(pattern.prefix($0))
            }
            #expect(searched.lengthBegun(atEndOf: haystack.span, from: start) == begun)
        }
    }

    /// Jumps of a pattern that is longer than a jump can be.
    @Test func aVeryLongPatternIsFound() throws {
        let pattern = (0..<600).map { UInt8(truncatingIfNeeded: $0 / 3) }
        let searched = try #require(BytePattern(pattern))
        let haystack = Array(repeating: UInt8(199), count: 1000) + pattern + pattern
        #expect(searched.firstIndex(in: haystack.span, from: 0) == 1000)
        #expect(searched.firstIndex(in: haystack.span, from: 1001) == 1600)
        #expect(searched.firstIndex(in: haystack.span, from: 1601) == nil)
        #expect(searched.lengthBegun(atEndOf: haystack.span.extracting(..<1599), from: 0) == 599)
    }
}
