import Bytes

/// The factor between a counted integer and the shown number, a power of ten. Prometheus wants base units; the gateway counts in
/// small ones.
package enum MetricScale: Sendable {
    /// Shown as counted.
    case one
    /// Counted in microseconds, shown in seconds.
    case microsecondsAsSeconds
    /// Counted in billionths (of a euro, for example), shown in ones.
    case billionthsAsOnes

    /// The number of decimal digits after the point.
    private var digits: Int {
        switch self {
        case .one: 0
        case .microsecondsAsSeconds: 6
        case .billionthsAsOnes: 9
        }
    }

    /// The exact decimal text of `value`, without trailing zeros. It is never rounded through a binary fraction.
    package func text(_ value: Int) -> String { DecimalText.text(Int64(value), places: digits) }
}
