import Policy
import Testing

@testable import Store

@Suite struct UsageRowTests {
    @Test func addingAddsEveryNumber() {
        var row = row(1)
        row.add(self.row(10))
        #expect(row == self.row(11))
    }

    @Test func sumsStopAtTheLargestNumber() {
        var row = row(.max)
        row.add(self.row(5))
        #expect(row == self.row(.max))
    }

    @Test func groupsAndNameStay() {
        var row = UsageRow(groups: [UsageRow.Group(.key, "k"), UsageRow.Group(.team, nil)])
        row.keyName = "ada"
        row.add(self.row(1))
        #expect(row[.key] == "k")
        #expect(row[.team] == nil)
        #expect(row[.model] == nil)
        #expect(row.keyName == "ada")
    }

    /// A row with `number` everywhere.
    private func row(_ number: Int64) -> UsageRow {
        var row = UsageRow(groups: [])
        row.requests = number
        row.countedRequests = number
        for unit in Unit.allCases { row.units[unit] = number }
        row.cost = NanoEuros(number)
        row.milliwattHours = number
        row.estimatedRequests = number
        row.errors = number
        return row
    }
}
