import Testing

@testable import Metrics

@Suite struct MetricFamilyTests {
    @Test func givesTheSameChildForTheSameValues() {
        let family = CounterFamily(labelNames: ["endpoint", "status"], limit: 10) { Counter() }
        let first = family.with(labels: ["chat", "200"])
        #expect(family.with(labels: ["chat", "200"]) === first)
        #expect(family.with(labels: ["chat", "201"]) !== first)
        #expect(family.with(labels: ["200", "chat"]) !== first)
    }

    @Test func childrenAreSortedByTheirValues() {
        let family = CounterFamily(labelNames: ["a", "b"], limit: 10) { Counter() }
        for values: LabelValues in [["b", "a"], ["a", "z"], ["a", "b"], ["", "x"]] { family.with(labels: values).add() }
        #expect(family.sortedChildren.map(\.values) == [["", "x"], ["a", "b"], ["a", "z"], ["b", "a"]])
    }

    /// The order of a page is kept for the next one, until there is another child.
    @Test func aLaterChildIsThereToo() {
        let family = CounterFamily(labelNames: ["a"], limit: 10) { Counter() }
        for name in ["m", "z", "a"] {
            family.with(labels: [name]).add()
            #expect(family.sortedChildren.contains { $0.values == [name] })
        }
        #expect(family.sortedChildren.map(\.values) == [["a"], ["m"], ["z"]])
        family.with(labels: ["m"]).add(4)
        #expect(family.sortedChildren.map(\.child.value) == [1, 5, 1])
    }

    @Test func countsAllThatOverflows() {
        let family = CounterFamily(labelNames: ["model"], limit: 3) { Counter() }
        for index in 0..<100 { family.with(labels: [String(index)]).add() }
        #expect(family.sortedChildren.map(\.values) == [["0"], ["1"], ["2"], ["other"]])
        #expect(family.sortedChildren.map(\.child.value) == [1, 1, 1, 97])
    }

    @Test func losesNothingUnderContention() async {
        let family = CounterFamily(labelNames: ["model"], limit: 5) { Counter() }
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { @concurrent in
                    for index in 0..<5_000 { family.with(labels: [String((index + task) % 10)]).add() }
                }
            }
        }
        #expect(family.sortedChildren.count == 6)
        #expect(family.sortedChildren.map(\.child.value).reduce(0, +) == 40_000)
    }
}
