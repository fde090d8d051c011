import Clocks
import Gateway
import Policy
import Store

/// Services that were used lately and have no price of their own.
enum UnpricedUse {
    /// The time that counts as lately.
    private static let time = Duration.seconds(30 * 86_400)

    /// Those in `database` without a price in `prices` at `now`. Blocks.
    static func find(
        in database: LedgerDatabase, _ prices: PriceList, at now: Timestamp
    ) throws(LedgerError) -> [MissingPrice] {
        let rows = try UsageReport(database).report(
            by: [.endpoint, .model], since: now + (.zero - time), timeZone: .gmt, energy: .vendor, withCredits: false)
        return rows.filter { $0.units != BillableUnits() }.compactMap { row in
            row[.endpoint].flatMap { ServiceKind(endpoint: $0) }.flatMap {
                prices.missingPrice(of: row[.model], kind: $0, at: now)
            }
        }
    }
}
