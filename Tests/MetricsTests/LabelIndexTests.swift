import SeededRandom
import Testing

@testable import Metrics

@Suite struct LabelIndexTests {
    @Test func numbersInOrderAndKeepsThem() {
        var index = LabelIndex(limit: 10)
        let asked: [LabelValues] = [["a"], ["b"], ["a"], ["a"], ["c"], ["b"]]
        #expect(asked.map { index.number(of: $0) } == [0, 1, 0, 0, 2, 1])
        #expect(index.values == [["a"], ["b"], ["c"]])
    }

    @Test func beyondTheLimitTheLastValueIsOther() {
        var index = LabelIndex(limit: 2)
        let asked: [LabelValues] = [
            ["chat", "x"], ["chat", "y"], ["chat", "z"], ["embed", "x"], ["image", "x"], ["chat", "y"],
        ]
        #expect(asked.map { index.number(of: $0) } == [0, 1, 2, 3, 4, 1])
        #expect(
            index.values == [
                ["chat", "x"], ["chat", "y"], ["chat", "other"], ["embed", "other"], ["other", "other"],
            ])
        #expect(index.number(of: ["image", "y"]) == 4)
        #expect(index.number(of: ["chat", "w"]) == 4)
    }

    @Test(arguments: 0..<10) func isBounded(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let limit = Int.random(in: 1...20, using: &random)
        var index = LabelIndex(limit: limit)
        for _ in 0..<1_000 {
            let first = String(Int.random(in: 0..<30, using: &random))
            let number = index.number(of: [first, String(Int.random(in: 0..<30, using: &random))])
            #expect(number < index.values.count)
            #expect([first, "other"].contains(index.values[number].array[0]))
        }
        #expect(index.values.count <= 2 * limit + 1)
        #expect(Set(index.values).count == index.values.count)
    }
}
