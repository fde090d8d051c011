/// How an integer is shown: divided by a power of ten. Prometheus wants base units, and the gateway counts in small ones.
package enum MetricScale: Sendable {
    /// As it is.
    case one
    /// Counted in microseconds, shown in seconds.
    case microsecondsAsSeconds
    /// Counted in billionths (of a euro, say), shown in ones.
    case billionthsAsOnes

    /// How many decimal digits stand behind the point.
    var digits: Int {
        switch self {
        case .one: 0
        case .microsecondsAsSeconds: 6
        case .billionthsAsOnes: 9
        }
    }

    /// The exact decimal text of `value`, without zeros at its end. Never rounded through a binary fraction.
    func text(_ value: Int) -> String {
        guard digits > 0 else { return String(value) }
        var figures = String(value.magnitude)
        if figures.utf8.count <= digits {
            figures = String(repeating: "0", count: digits + 1 - figures.utf8.count) + figures
        }
        var fraction = figures.suffix(digits)
        while fraction.last == "0" { fraction.removeLast() }
        let whole = (value < 0 ? "-" : "") + figures.dropLast(digits)
        return fraction.isEmpty ? whole : whole + "." + fraction
    }
}
