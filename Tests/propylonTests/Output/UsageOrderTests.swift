import Policy
import Store
import Testing

@testable import propylon

@Suite struct UsageOrderTests {
    private func row(_ key: String, cost: Int64 = 0, requests: Int64 = 0) -> UsageRow {
        var row = UsageRow(groups: [UsageRow.Group(.key, key)])
        row.cost = NanoEuros(cost)
        row.requests = requests
        return row
    }

    @Test func theDearestComeFirstUnlessTimeIsAsked() {
        #expect(UsageOrder.usual(by: [.key]) == .cost)
        #expect(UsageOrder.usual(by: [.model, .day]) == .cost)
        #expect(UsageOrder.usual(by: []) == .cost)
        for time in [UsageGrouping.hour, .day, .month] { #expect(UsageOrder.usual(by: [time, .key]) == .groups) }
    }

    @Test func theLargestComesFirstAndEqualOnesAsTheyCame() {
        let rows = [row("a", cost: 1, requests: 9), row("b", cost: 5), row("c", cost: 1), row("d", cost: -3)]
        func order(_ order: UsageOrder) -> [String?] { order.sorted(rows).map { $0[.key] } }
        #expect(order(.cost) == ["b", "a", "c", "d"])
        #expect(order(.requests) == ["a", "b", "c", "d"])
        #expect(order(.groups) == ["a", "b", "c", "d"])
    }

    @Test(arguments: UsageOrder.allCases) func everyOrderKeepsTheRows(order: UsageOrder) {
        let rows = [row("a", cost: 1), row("b", cost: 5, requests: 2)]
        #expect(Set(order.sorted(rows).map { $0[.key] }) == ["a", "b"])
    }
}
