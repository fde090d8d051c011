import Policy

/// Values of limits: the same in the configuration and on the command line.
extension LimitKind {
    /// The format of a value: EUR, or a whole number.
    var format: ValueFormat<Int64> {
        isMoney ? .decimal(places: 9, "number of EUR", isPositive: true) : .integer(1...Int64.max)
    }

    /// The limit that `text` says, in its unit, money in nano-euros.
    package func value(_ text: String) throws(ParseProblem) -> Int64 { try format.read(text) }

    /// The limit with the name `name`.
    package static func named(_ name: String) throws(ParseProblem) -> LimitKind {
        if let kind = LimitKind(rawValue: name) { return kind }
        let names = allCases.map(\.rawValue)
        throw ParseProblem(
            "there is no limit \(name); there are \(names.joined(separator: ", "))",
            suggestion: Suggestion.nearest(to: name, among: names))
    }
}
