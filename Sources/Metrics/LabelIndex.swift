/// Gives each set of label values a number, counted from zero, and bounds how many there are.
struct LabelIndex {
    /// The values that have a number, in the order of their numbers.
    private(set) var values: [LabelValues] = []
    private var numbers: [LabelValues: Int] = [:]
    private var latest = 0
    private let limit: Int

    /// An index that keeps values apart until there are `limit` of them: see `MetricFamily`.
    init(limit: Int) { self.limit = limit }

    /// The number of `wanted`, or of what it is counted under; `values.count` is one higher than before where it is new.
    mutating func number(of wanted: LabelValues) -> Int {
        // What was asked for last is mostly asked for again, and comparing is cheaper than hashing.
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
