import Bytes
import Policy
import Store

/// A column of usage reports. `all` is the one list of columns for tables, JSON and CSV.
enum UsageColumn {
    case requests
    case failedRequests
    /// One unit.
    case unit(Unit)
    /// All other units together.
    case otherUnits([Unit])
    case cost
    case energy
    case estimatedRequests

    /// All columns, in their order.
    static let all: [UsageColumn] = {
        let tokens = Unit.allCases.filter { $0.column.hasSuffix(tokenSuffix) }
        let others = Unit.allCases.filter { !$0.column.hasSuffix(tokenSuffix) }
        return [.requests, .failedRequests] + tokens.map { .unit($0) }
            + [.otherUnits(others), .cost, .energy, .estimatedRequests]
    }()

    private static let tokenSuffix = "_tokens"

    /// The title in tables.
    var title: String {
        switch self {
        case .requests: "REQUESTS"
        case .failedRequests: "FAILED"
        case .unit(let unit): unit.column.dropLast(Self.tokenSuffix.count).uppercased()
        case .otherUnits: "OTHER UNITS"
        case .cost: "COST EUR"
        case .energy: "ENERGY KWH"
        case .estimatedRequests: "ESTIMATED"
        }
    }

    /// The name in JSON, and in CSV of all but `otherUnits`.
    var name: String {
        switch self {
        case .requests: "requests"
        case .failedRequests: "failed_requests"
        case .unit(let unit): unit.member
        case .otherUnits: "other_units"
        case .cost: "cost_eur"
        case .energy: "energy_kwh"
        case .estimatedRequests: "estimated_requests"
        }
    }

    /// The cell of a table, rounded for people.
    func cell(_ row: UsageRow) -> String {
        switch self {
        case .otherUnits(let units):
            let used = units.filter { row.units[$0] != 0 }.map { "\(row.units[$0]) \($0.member)" }
            return used.isEmpty ? "-" : used.joined(separator: ", ").replacing("_", with: " ")
        case .cost: return DecimalText.rounded(row.cost.amount, places: 9, to: 4)
        case .energy: return DecimalText.rounded(row.milliwattHours, places: 6, to: 4)
        case .estimatedRequests: return Self.share(row.estimatedRequests, of: row.requests)
        case .requests, .failedRequests, .unit: return exact(row)
        }
    }

    /// The value in JSON, exact.
    func json(_ row: UsageRow) -> JSONText {
        switch self {
        case .otherUnits(let units): .object(units.map { ($0.member, .integer(row.units[$0])) })
        case .cost: .string(exact(row))
        case .requests, .failedRequests, .unit, .energy, .estimatedRequests: .number(exact(row))
        }
    }

    /// The names and cells in CSV, exact: one for each unit of `otherUnits`, else one.
    func csv(_ row: UsageRow) -> [(name: String, cell: String)] {
        guard case .otherUnits(let units) = self else { return [(name, exact(row))] }
        return units.map { ($0.member, String(row.units[$0])) }
    }

    /// The exact value as a decimal number. Empty for `otherUnits`, which is no number.
    private func exact(_ row: UsageRow) -> String {
        switch self {
        case .requests: String(row.requests)
        case .failedRequests: String(row.errors)
        case .unit(let unit): String(row.units[unit])
        case .otherUnits: ""
        case .cost: DecimalText.text(row.cost.amount, places: 9, least: 2)
        case .energy: DecimalText.text(row.milliwattHours, places: 6)
        case .estimatedRequests: String(row.estimatedRequests)
        }
    }

    /// A percentage, rounded up, so that a share that exists is never shown as none.
    private static func share(_ part: Int64, of whole: Int64) -> String {
        "\(part.scaled(by: 100, over: whole, limit: 100)) %"
    }
}
