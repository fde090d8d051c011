import Clocks
import Policy
import SeededRandom
import Testing

@Suite struct PriceHistoryTests {
    private func prices(_ input: Int64) -> ModelPrices {
        var prices = ModelPrices.vendor
        prices.input = input
        return prices
    }

    @Test func aChangeHoldsFromItsMoment() {
        let history = PriceHistory(
            prices(1),
            [.init(from: Timestamp(seconds: 20), prices(3)), .init(from: Timestamp(seconds: 10), prices(2))])
        func input(_ moment: Timestamp) -> Int64 { history.prices(at: moment).input }
        #expect(input(Timestamp(microseconds: .min)) == 1)
        #expect(input(Timestamp(microseconds: 9_999_999)) == 1)
        #expect(input(Timestamp(seconds: 10)) == 2)
        #expect(input(Timestamp(microseconds: 19_999_999)) == 2)
        #expect(input(Timestamp(seconds: 20)) == 3)
        #expect(input(Timestamp(microseconds: .max)) == 3)
    }

    @Test func withoutAChangeOnePriceHolds() {
        for moment in [Int64.min, 0, .max] {
            #expect(PriceHistory(prices(7)).prices(at: Timestamp(microseconds: moment)).input == 7)
        }
    }

    /// The price is that of the last change that is not after the request, whatever the order of the changes.
    @Test func agreesWithASearchOfEveryMoment() {
        var generator = SeededGenerator(seed: 16)
        for _ in 0..<500 {
            let days = Set((0..<generator.number(0...6)).map { _ in Int64(generator.number(0...20)) })
            let changes = days.map { PriceHistory.Change(from: Timestamp(seconds: $0), prices($0 + 100)) }
            let history = PriceHistory(prices(1), changes)
            for second in 0...21 as ClosedRange<Int64> {
                let expected = days.filter { $0 <= second }.max().map { $0 + 100 } ?? 1
                #expect(history.prices(at: Timestamp(seconds: second)).input == expected)
            }
        }
    }

    /// A change of tomorrow reprices nothing of today.
    @Test func aLaterChangeLeavesThePastAsItWas() {
        let before = PriceList(models: ["m": PriceHistory(prices(5))])
        let after = PriceList(
            models: ["m": PriceHistory(prices(5), [.init(from: Timestamp(seconds: 100), prices(9))])])
        var units = BillableUnits()
        units.inputTokens = 3
        for second in 0..<100 as Range<Int64> {
            let moment = Timestamp(seconds: second)
            #expect(
                before.cost(of: units, kind: .tokens, model: "m", at: moment)
                    == after.cost(of: units, kind: .tokens, model: "m", at: moment))
        }
        #expect(after.cost(of: units, kind: .tokens, model: "m", at: Timestamp(seconds: 100)).amount == 27)
    }
}
