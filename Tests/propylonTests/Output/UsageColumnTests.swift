import Policy
import Store
import Testing

@testable import propylon

@Suite struct UsageColumnTests {
    private var row: UsageRow {
        var row = UsageRow(groups: [])
        row.requests = 3
        row.errors = 2
        row.estimatedRequests = 1
        row.cost = NanoEuros(1_234_567_891)
        row.milliwattHours = 2_500_049
        for unit in Unit.allCases { row.units[unit] = Int64(unit.rawValue + 10) }
        return row
    }

    @Test(arguments: Unit.allCases) func everyUnitIsInJSONAndCSVOnce(unit: Unit) {
        let names = UsageColumn.all.flatMap { $0.csv(row).map(\.name) }
        #expect(names.count { $0 == unit.member } == 1)
        let text = JSONText.object(UsageColumn.all.map { ($0.name, $0.json(row)) }).text
        #expect(text.contains("\"\(unit.member)\": \(unit.rawValue + 10)"))
    }

    @Test func namesAreUnique() {
        let names = UsageColumn.all.flatMap { $0.csv(row).map(\.name) }
        #expect(Set(names).count == names.count)
        #expect(Set(UsageColumn.all.map(\.title)).count == UsageColumn.all.count)
    }

    @Test func moneyAndEnergyAreRoundedForPeopleAlone() {
        #expect(UsageColumn.cost.cell(row) == "1.2346")
        #expect(UsageColumn.cost.csv(row).map(\.cell) == ["1.234567891"])
        #expect(UsageColumn.energy.cell(row) == "2.5000")
        #expect(UsageColumn.energy.csv(row).map(\.cell) == ["2.500049"])
    }

    @Test(
        arguments: [(0, 0, "0 %"), (0, 5, "0 %"), (1, 1000, "1 %"), (1, 3, "34 %"), (5, 5, "100 %")]
            as [(Int64, Int64, String)])
    func sharesAreRoundedUp(part: Int64, whole: Int64, text: String) {
        var row = UsageRow(groups: [])
        row.requests = whole
        row.estimatedRequests = part
        #expect(UsageColumn.estimatedRequests.cell(row) == text)
    }

    @Test func theLargestCountsDoNotTrap() {
        var row = UsageRow(groups: [])
        row.requests = .max
        row.estimatedRequests = .max
        #expect(UsageColumn.estimatedRequests.cell(row) == "100 %")
    }

    @Test func otherUnitsAreListedWhereTheyWereUsed() {
        var row = UsageRow(groups: [])
        #expect(UsageColumn.all.contains { $0.cell(row) == "-" })
        row.units.images = 2
        row.units.audioMinutes = 1
        #expect(UsageColumn.all.contains { $0.cell(row) == "1 audio minutes, 2 images" })
    }
}
