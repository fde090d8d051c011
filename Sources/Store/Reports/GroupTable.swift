import Bytes

/// Values of groups by their numbers, for readers that ask in nearly ascending order.
///
/// Totals of a period come by ascending numbers of groups. So the next value is near the last one, where a dictionary would
/// miss the processor's cache for each of a million totals.
struct GroupTable<Value> {
    private var numbers: [Int64] = []
    private var values: [Value] = []
    /// Values that came after those of larger numbers.
    private var late: [Int64: Value] = [:]
    /// The place where the last search ended.
    private var last = 0

    /// No values.
    init() {}

    /// Returns the value of the group `number`.
    mutating func value(of number: Int64) -> Value? {
        let guess = guess(of: number)
        last = guess < numbers.count && numbers[guess] == number ? guess : place(of: number)
        return last < numbers.count && numbers[last] == number ? values[last] : late[number]
    }

    /// The place of `number` if no number is missing between it and that of the last search, as in most ledgers.
    private func guess(of number: Int64) -> Int {
        guard last < numbers.count else { return 0 }
        let place = Int64(last).addingSaturated(number.subtractingSaturated(numbers[last]))
        return Int(clamping: max(0, place))
    }

    /// Keeps the value of the group `number`. Cheaper to read for ascending numbers.
    mutating func insert(_ value: Value, for number: Int64) {
        guard let newest = numbers.last, newest >= number else {
            numbers.append(number)
            values.append(value)
            return
        }
        let place = place(of: number)
        if numbers[place] == number { values[place] = value } else { late[number] = value }
    }

    /// The place of the first number that is not below `number`.
    private func place(of number: Int64) -> Int {
        var (low, high) = (0, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
