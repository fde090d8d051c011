import Clocks
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct ReportSpanTests {
    /// Every moment of a span lies in one of its parts, and no other moment does.
    @Test func thePartsCoverTheSpanOnce() {
        var generator = SeededGenerator(seed: 111)
        for _ in 0..<3000 {
            let since = moment(&generator)
            let until = moment(&generator)
            let bounds: (Timestamp?, Timestamp?) = generator.pick([
                (since, until), (since, nil), (nil, until), (nil, nil),
            ])
            let span = ReportSpan(since: bounds.0, until: bounds.1)
            let moments = [since, until].flatMap { [$0, $0 + .microseconds(1), $0 + .microseconds(-1)] }
            for moment in moments + [self.moment(&generator)] {
                let isInside = bounds.0.map { $0 <= moment } ?? true && bounds.1.map { moment < $0 } ?? true
                let parts =
                    (span.quarters.contains(Quarter(of: moment)) ? 1 : 0) + span.rest.count { $0.contains(moment) }
                #expect(parts == (isInside ? 1 : 0))
            }
        }
    }

    @Test func aSpanThatEndsBeforeItBeginsIsEmpty() {
        let span = ReportSpan(since: Timestamp(seconds: 5000), until: Timestamp(seconds: 10))
        #expect(span.quarters.isEmpty)
        #expect(span.rest.isEmpty)
    }

    @Test func aSpanOfWholeQuartersHasNoRest() {
        let span = ReportSpan(since: Timestamp(seconds: 900), until: Timestamp(seconds: 9000))
        #expect(span.quarters == Quarter(number: 1)..<Quarter(number: 10))
        #expect(span.rest.isEmpty)
    }

    @Test func numbersAfterAMomentAreBehindItsRequests() {
        var generator = SeededGenerator(seed: 112)
        for _ in 0..<500 {
            let moment = Timestamp(microseconds: .random(in: 0..<4_000_000_000_000_000, using: &generator))
            let id = RequestID(at: moment, random: (generator.next(), generator.next()))
            #expect(id.rowNumber < ReportSpan.firstNumber(after: moment))
        }
    }

    @Test(arguments: [Int64.min, .min + 1, -1, 0, .max - 1, .max], [Int64.min, 0, .max])
    func momentsAtTheEndsOfTimeDoNotTrap(since: Int64, until: Int64) {
        let span = ReportSpan(since: Timestamp(microseconds: since), until: Timestamp(microseconds: until))
        #expect(since < until || span.quarters.isEmpty)
        #expect(ReportSpan.firstNumber(after: Timestamp(microseconds: since)) >= 0)
    }

    private func moment(_ generator: inout SeededGenerator) -> Timestamp {
        // Few quarters, and often their first moment.
        let quarter = Int64(generator.number(2_000_000...2_000_004)) * 900_000_000
        let rest = generator.once(in: 3) ? 0 : Int64.random(in: 0..<900_000_000, using: &generator)
        return Timestamp(microseconds: quarter + rest)
    }
}
