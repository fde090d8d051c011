import Bytes
import Clocks
import Foundation
import GRDB
import Policy

/// The span of time of a report: whole quarters of an hour, read from totals, and the rest at its ends, read from rows.
struct ReportSpan {
    /// The most time between a row's number and its request's start. Ids are made at the start, so it is ample.
    private static let slack = Duration.seconds(60)

    /// The whole quarters.
    let quarters: Range<Quarter>
    /// The rest, from the first moment of each to the last one.
    let rest: [ClosedRange<Timestamp>]

    /// A span from `since` (included) to `until` (excluded); nil for no bound.
    init(since: Timestamp?, until: Timestamp?) {
        let first = since.map { Self.quarterAtOrAfter($0) } ?? Quarter(number: .min)
        let end = until.map { Quarter(of: $0) } ?? Quarter(number: .max)
        if let since, let until, first >= end {
            // Not one whole quarter, or a span that ends before it begins.
            quarters = first..<first
            rest = since < until ? [since...until.before] : []
            return
        }
        quarters = first..<end
        var rest: [ClosedRange<Timestamp>] = []
        if let since, since < Timestamp(seconds: first.second) {
            rest.append(since...Timestamp(seconds: first.second).before)
        }
        if let until, until > Timestamp(seconds: end.second) {
            rest.append(Timestamp(seconds: end.second)...until.before)
        }
        self.rest = rest
    }

    /// Returns the SQL condition on rows within `moments`, and its arguments. Numbers find the rows, since they begin with the
    /// time.
    static func condition(_ moments: ClosedRange<Timestamp>) -> (sql: String, arguments: StatementArguments) {
        (
            "WHERE number >= ? AND number < ? AND started_at BETWEEN ? AND ?",
            [
                firstNumber(since: moments.lowerBound), firstNumber(after: moments.upperBound),
                moments.lowerBound.microseconds, moments.upperBound.microseconds,
            ]
        )
    }

    /// Returns the SQL condition on rows that began at `moment` or later, and its arguments.
    static func condition(since moment: Timestamp) -> (sql: String, arguments: StatementArguments) {
        ("WHERE number >= ? AND started_at >= ?", [firstNumber(since: moment), moment.microseconds])
    }

    /// Returns a number above those of all requests that began at `moment` or before.
    static func firstNumber(after moment: Timestamp) -> Int64 {
        RequestID.firstRowNumber(at: moment + slack + .milliseconds(1))
    }

    private static func firstNumber(since moment: Timestamp) -> Int64 {
        RequestID.firstRowNumber(at: moment + (.zero - slack))
    }

    private static func quarterAtOrAfter(_ moment: Timestamp) -> Quarter {
        let quarter = Quarter(of: moment)
        return Timestamp(seconds: quarter.second) == moment ? quarter : Quarter(number: quarter.number + 1)
    }
}

extension Timestamp {
    /// The last moment before this one.
    fileprivate var before: Timestamp { Timestamp(microseconds: microseconds.subtractingSaturated(1)) }
}
