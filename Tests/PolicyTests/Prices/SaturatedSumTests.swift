import SeededRandom
import Testing

@testable import Policy

@Suite struct SaturatedSumTests {
    private func units(output: Int64, reasoning: Int64) -> BillableUnits {
        var units = BillableUnits()
        units.outputTokens = output
        units.reasoningTokens = reasoning
        return units
    }

    @Test func productsAddUp() {
        var sum = SaturatedSum()
        sum.add(3, at: 5)
        sum.add(2, at: 7)
        #expect(sum.amount == 29)
    }

    @Test(arguments: [(.min, .min), (-1, 5), (5, -1), (.min, .max), (.max, .min)] as [(Int64, Int64)])
    func negativeNumbersCountAsZero(count: Int64, price: Int64) {
        var sum = SaturatedSum()
        sum.add(count, at: price)
        #expect(sum.amount == 0)
    }

    @Test func theSumStopsAtTheLargestNumber() {
        var sum = SaturatedSum()
        sum.add(.max, at: 2)
        #expect(sum.amount == .max)
        sum.add(1, at: 1)
        #expect(sum.amount == .max)
    }

    @Test(
        arguments: [(10, 4, 60), (3, 5, 15), (0, 2, 6), (5, 0, 40), (-5, 2, 6), (5, -2, 40)]
            as [(Int64, Int64, Int64)])
    func reasoningIsTakenOutOfTheOutput(output: Int64, reasoning: Int64, expected: Int64) {
        var sum = SaturatedSum()
        sum.addOutput(units(output: output, reasoning: reasoning), at: 8, reasoning: 3)
        #expect(sum.amount == expected)
    }

    @Test func agreesWithWiderIntegers() {
        var generator = SeededGenerator(seed: 31)
        for _ in 0..<2000 {
            var sum = SaturatedSum()
            var exact: Int128 = 0
            for _ in 0..<4 {
                let count =
                    Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0...62, using: &generator)
                let price =
                    Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0...62, using: &generator)
                sum.add(count, at: price)
                exact += Int128(max(0, count)) * Int128(max(0, price))
            }
            #expect(sum.amount == Int64(clamping: exact))
        }
    }
}
