import Bytes
import Policy
import Store

/// A column of usage reports, in tables, JSON and CSV alike. `all` and `speeds` are the lists of columns.
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
    /// Percentiles of a measure.
    case speed(SpeedMeasure)

    /// The columns of how fast requests were.
    static let speeds: [UsageColumn] = SpeedMeasure.allCases.map { .speed($0) }

    private static let percentiles: [Int64] = [50, 95, 99]

    /// All other columns, in their order.
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
        case .speed(.firstByte): "FIRST BYTE S 50/95/99"
        case .speed(.tokensPerSecond): "TOKENS/S 50/95/99"
        case .speed(.duration): "DURATION S 50/95/99"
        }
    }

    /// The name in JSON, and in CSV of all but `otherUnits` and speeds.
    var name: String {
        switch self {
        case .requests: "requests"
        case .failedRequests: "failed_requests"
        case .unit(let unit): unit.member
        case .otherUnits: "other_units"
        case .cost: "cost_eur"
        case .energy: "energy_kwh"
        case .estimatedRequests: "estimated_requests"
        case .speed(let measure): measure.member
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
        case .speed(let measure):
            let cells = Self.percentiles.compactMap { row.speeds?.percentile($0, measure) }.map {
                DecimalText.text($0, places: measure.places, least: measure.places)
            }
            return cells.isEmpty ? "-" : cells.joined(separator: "/")
        case .requests, .failedRequests, .unit: return exact(row)
        }
    }

    /// The value in JSON, exact.
    func json(_ row: UsageRow) -> JSONText {
        switch self {
        case .otherUnits(let units): .object(units.map { ($0.member, .integer(row.units[$0])) })
        case .cost: .string(exact(row))
        case .speed(let measure): Self.json(row.speeds, measure)
        case .requests, .failedRequests, .unit, .energy, .estimatedRequests: .number(exact(row))
        }
    }

    /// The names and cells in CSV: one for each unit of `otherUnits` and each percentile of a measure, else one, exact.
    func csv(_ row: UsageRow) -> [(name: String, cell: String)] {
        switch self {
        case .otherUnits(let units): units.map { ($0.member, String(row.units[$0])) }
        case .speed(let measure):
            Self.percentiles.map { percent in
                let value = row.speeds?.percentile(percent, measure)
                return ("\(name)_p\(percent)", value.map { DecimalText.text($0, places: measure.places) } ?? "")
            }
        default: [(name, exact(row))]
        }
    }

    /// The percentiles of `measure` and the requests that were measured; null without any.
    private static func json(_ speeds: SpeedHistogram?, _ measure: SpeedMeasure) -> JSONText {
        let values = percentiles.compactMap { percent in
            speeds?.percentile(percent, measure).map {
                (name: "p\(percent)", value: JSONText.number(DecimalText.text($0, places: measure.places)))
            }
        }
        guard let speeds, !values.isEmpty else { return .null }
        return .object(values + [("requests", .integer(speeds.requests(measure)))])
    }

    /// The exact value as a decimal number. Empty for `otherUnits` and speeds, which are no numbers.
    private func exact(_ row: UsageRow) -> String {
        switch self {
        case .requests: String(row.requests)
        case .failedRequests: String(row.errors)
        case .unit(let unit): String(row.units[unit])
        case .otherUnits, .speed: ""
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
