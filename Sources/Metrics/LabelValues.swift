/// The values of a family's labels, in the order of the label names: one to four.
///
/// The values are stored in place, so that looking up a child allocates no array.
package struct LabelValues: Hashable, Sendable {
    private let first: String
    private let second: String
    private let third: String
    private let fourth: String
    /// The number of values.
    package let count: Int

    /// One value.
    package init(_ first: String) { self.init(first, "", "", "", count: 1) }

    /// Two values.
    package init(_ first: String, _ second: String) { self.init(first, second, "", "", count: 2) }

    /// Three values.
    package init(_ first: String, _ second: String, _ third: String) { self.init(first, second, third, "", count: 3) }

    /// Four values.
    package init(_ first: String, _ second: String, _ third: String, _ fourth: String) {
        self.init(first, second, third, fourth, count: 4)
    }

    private init(_ first: String, _ second: String, _ third: String, _ fourth: String, count: Int) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
        self.count = count
    }

    /// The values as an array, of `count` elements.
    package var array: [String] { Array([first, second, third, fourth].prefix(count)) }

    /// The value that replaces others beyond a family's limit.
    static let overflow = "other"

    /// The same values, with the last replaced by `overflow`.
    var withLastOverflowed: LabelValues {
        switch count {
        case 1: LabelValues(Self.overflow)
        case 2: LabelValues(first, Self.overflow)
        case 3: LabelValues(first, second, Self.overflow)
        default: LabelValues(first, second, third, Self.overflow)
        }
    }

    /// The same number of values, all `overflow`.
    var withAllOverflowed: LabelValues {
        LabelValues(
            Self.overflow, count > 1 ? Self.overflow : "", count > 2 ? Self.overflow : "",
            count > 3 ? Self.overflow : "",
            count: count)
    }
}

extension LabelValues: ExpressibleByArrayLiteral {
    /// One to four values in brackets: `["chat/completions", "200"]`.
    package init(arrayLiteral values: String...) {
        switch values.count {
        case 1: self.init(values[0])
        case 2: self.init(values[0], values[1])
        case 3: self.init(values[0], values[1], values[2])
        case 4: self.init(values[0], values[1], values[2], values[3])
        default: preconditionFailure("a metric has one to four labels")
        }
    }
}
