/// A bounded table that gives each set of label values a number, counted from zero.
struct LabelIndex {
    /// The values in the order of their numbers.
    private(set) var values: [LabelValues] = []
    private var numbers: [LabelValues: Int] = [:]
    private var latest = 0
    private let limit: Int

    /// An index that tells `limit` sets of values apart: see `MetricFamily`.
    init(limit: Int) { self.limit = limit }

    /// The number of `wanted`, or of the values that replace it. A new number is the last one: `values.count` grows by one.
    mutating func number(of wanted: LabelValues) -> Int {
        // Most calls ask for the same values as the call before, and comparing is cheaper than hashing.
        if latest < values.count, values[latest] == wanted { return latest }
        latest = numbers[wanted] ?? number(ofNew: wanted)
        return latest
    }

    private mutating func number(ofNew wanted: LabelValues) -> Int {
        let place =
            values.count < limit
            ? wanted : values.count < 2 * limit ? wanted.withLastOverflowed : wanted.withAllOverflowed
        if let number = numbers[place] { return number }
        numbers[place] = values.count
        values.append(place)
        return values.count - 1
    }
}
