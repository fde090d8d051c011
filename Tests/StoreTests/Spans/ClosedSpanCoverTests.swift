import SeededRandom
import Testing

@testable import Store

@Suite struct ClosedSpanCoverTests {
    /// Spans and rest are each quarter once, and no span is used that does not fit.
    @Test(arguments: 0..<200) func coversEachQuarterOnce(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let quarters = Quarter(number: -50)..<Quarter(number: 50)
        let spans = (0..<Int.random(in: 0...12, using: &generator)).map { number in
            let first = Int64.random(in: -50..<50, using: &generator)
            let end = Int64.random(in: first + 1...50, using: &generator)
            return ClosedSpan(number: Int64(number), quarters: Quarter(number: first)..<Quarter(number: end))
        }.sorted {
            ($0.quarters.lowerBound, $1.quarters.upperBound) < ($1.quarters.lowerBound, $0.quarters.upperBound)
        }
        let cover = ClosedSpan.Cover(quarters, with: spans)
        let parts = (cover.spans.map(\.quarters) + cover.rest).sorted { $0.lowerBound < $1.lowerBound }
        #expect(parts.first?.lowerBound == quarters.lowerBound && parts.last?.upperBound == quarters.upperBound)
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        #expect(cover.spans.allSatisfy(spans.contains))
        #expect(spans.isEmpty == cover.spans.isEmpty)
    }

    @Test func withoutSpansAllIsRest() {
        let always = Quarter(number: .min)..<Quarter(number: .max)
        #expect(ClosedSpan.Cover(always).rest == [always])
        #expect(ClosedSpan.Cover(always.lowerBound..<always.lowerBound).rest.isEmpty)
    }
}
