/// Different values, numbered in the order in which they came.
struct NumberedValues<Value: Hashable> {
    private(set) var values: [Value] = []
    private var numbers: [Value: Int] = [:]

    /// No values.
    init() {}

    subscript(number: Int) -> Value { values[number] }

    /// The number of `value`, which gets the next one if it is new.
    mutating func number(of value: Value) -> Int {
        if let known = numbers[value] { return known }
        numbers[value] = values.count
        values.append(value)
        return values.count - 1
    }
}
