import Testing

@testable import Metrics

@Suite struct LabelValuesTests {
    @Test func literalsAndInitializersAreTheSame() {
        #expect(LabelValues("a") == ["a"])
        #expect(LabelValues("a", "b") == ["a", "b"])
        #expect(LabelValues("a", "b", "c") == ["a", "b", "c"])
        #expect(LabelValues("a", "b", "c", "d") == ["a", "b", "c", "d"])
    }

    @Test func anEmptyValueIsNotAMissingOne() {
        #expect(LabelValues("a") != LabelValues("a", ""))
        #expect(LabelValues("a", "").array == ["a", ""])
    }

    @Test(arguments: 1...4) func overflows(count: Int) {
        let names = Array(["a", "b", "c", "d"].prefix(count))
        let all: [LabelValues] = [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]
        let values = all[count - 1]
        #expect(values.array == names)
        #expect(values.withLastOverflowed.array == names.dropLast() + ["other"])
        #expect(values.withAllOverflowed.array == Array(repeating: "other", count: count))
    }
}
