import Bytes
import Clocks
import Foundation
import Gateway
import Policy
import Settings
import Store

/// The charges of a FOCUS dataset from the ledger. Their costs add up to those of a usage report of the same time.
///
/// A repricing changes the costs of past requests. Where their month was over, FOCUS wants the month to stay and a correction in the
/// month of the repricing: so the change is taken back in the one and made in the other.
struct FocusReport {
    /// The length of charge periods.
    enum Period {
        case day
        case hour

        /// The one that `--by` names: days, unless it names hours. Nil for other groups.
        init?(_ groupings: [UsageGrouping]) {
            switch groupings {
            case [.key], [.day]: self = .day
            case [.hour]: self = .hour
            default: return nil
            }
        }

        var grouping: UsageGrouping { self == .day ? .day : .hour }
    }

    /// The members by which repricings are added up.
    private struct Repriced: Hashable {
        let month: Range<Int64>
        let period: Range<Int64>
        let keyID: String
        let team: String?
        let model: String?
    }

    let period: Period
    /// The zone whose hours, days and months are periods.
    let zone: TimeZone
    let provider: FocusProvider

    /// The charges for requests that began from `since` (included) to `until` (excluded), nil for no bound.
    func charges(
        _ report: UsageReport, since: Timestamp?, until: Timestamp?, where filter: UsageFilter, energy: EnergyTable
    ) throws -> [FocusCharge] {
        let rows = try report.report(
            by: [period.grouping, .key, .team, .model, .endpoint, .tag], since: since, until: until, where: filter,
            timeZone: zone, energy: energy, byTagLists: true)
        let repricings = try report.repricings(since: since, until: until, where: filter)
        let time = TimeText(zone: zone)
        let starts = try rows.map { try time.moment($0[period.grouping] ?? "").seconds }
        let seconds = starts + repricings.flatMap { [$0.change.at.seconds, $0.madeAt.seconds] }
        guard let first = seconds.min(), let last = seconds.max() else { return [] }
        // Beyond the months of both ends.
        let offsets = ZoneOffsets(
            of: zone, from: first.subtractingSaturated(3_000_000), to: last.addingSaturated(3_000_000))
        let names = Dictionary(rows.map { ($0[.key] ?? "", $0.keyName) }) { name, _ in name }
        return zip(rows, starts).compactMap { charge($0, at: $1, offsets) }
            + corrections(repricings, offsets) { names[$0] ?? nil }
    }

    /// The charge of `row`; nil for requests that used nothing.
    private func charge(_ row: UsageRow, at second: Int64, _ offsets: ZoneOffsets) -> FocusCharge? {
        let endpoint = row[.endpoint]
        let isCredit = endpoint == UsageReport.endpointOfCredits
        let isOfUse = Unit.allCases.contains { row.units[$0] != 0 }
        guard isCredit || isOfUse || row.cost != .zero else { return nil }
        let consumption = FocusCharge.Consumption(row, kind: endpoint.flatMap { ServiceKind(endpoint: $0) })
        return FocusCharge(
            kind: isCredit ? .credit : .usage(consumption, row), period: span(of: second, offsets),
            billingPeriod: offsets.month(at: second), keyID: row[.key] ?? "", keyName: row.keyName, team: row[.team],
            model: row[.model], endpoint: isCredit ? nil : endpoint, tags: UsageTags.list(row[.tag]), cost: row.cost)
    }

    /// Two charges for each repricing of a month that was over, which add up to nothing.
    private func corrections(
        _ repricings: [UsageRepricing], _ offsets: ZoneOffsets, keyName: (String) -> String?
    ) -> [FocusCharge] {
        var changes: [Repriced: NanoEuros] = [:]
        var order: [Repriced] = []
        for repricing in repricings {
            let (change, month) = (repricing.change, offsets.month(at: repricing.madeAt.seconds))
            guard offsets.month(at: change.at.seconds).upperBound <= month.lowerBound else { continue }
            let repriced = Repriced(
                month: month, period: span(of: change.at.seconds, offsets), keyID: change.owner.keyID,
                team: change.owner.team, model: change.owner.model)
            if changes[repriced] == nil { order.append(repriced) }
            changes[repriced] = (changes[repriced] ?? .zero) + NanoEuros(change.change)
        }
        return order.flatMap { repriced -> [FocusCharge] in
            let change = changes[repriced] ?? .zero
            func charge(_ kind: FocusCharge.Kind, _ month: Range<Int64>, _ cost: NanoEuros) -> FocusCharge {
                FocusCharge(
                    kind: kind, period: repriced.period, billingPeriod: month, keyID: repriced.keyID,
                    keyName: keyName(repriced.keyID), team: repriced.team, model: repriced.model, endpoint: nil,
                    cost: cost)
            }
            return [
                charge(
                    .restoration, offsets.month(at: repriced.period.lowerBound),
                    NanoEuros(Int64(0).subtractingSaturated(change.amount))),
                charge(.correction, repriced.month, change),
            ]
        }
    }

    private func span(of second: Int64, _ offsets: ZoneOffsets) -> Range<Int64> {
        period == .day ? offsets.day(at: second) : offsets.hour(at: second)
    }
}

extension FocusReport {
    /// A report as `configuration` says, by periods of `period`.
    init(_ configuration: Configuration, by period: Period) {
        self.init(
            period: period, zone: configuration.timeZone, provider: FocusProvider(configuration.upstream.baseURL))
    }
}
