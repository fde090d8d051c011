import Admin
import Clocks
import Policy

extension LimitsReport.Limit {
    /// The state of a limit of `key`.
    init(_ state: LimitState, key: KeyRecord) {
        let subject: String? =
            switch state.scope {
            case .key: key.id
            case .team(let name): name
            case .account: nil
            }
        self.init(
            scope: state.scope.name, subject: subject, tier: state.tier, limit: state.kind.rawValue,
            allowed: state.kind.decimal(state.limit), used: state.kind.decimal(state.used),
            reserved: state.kind.decimal(state.reserved), left: state.kind.decimal(state.left),
            windowStart: state.window.map { Timestamp(seconds: $0.lowerBound).utcText },
            windowEnd: state.window.map { Timestamp(seconds: $0.upperBound).utcText })
    }
}

extension LimitKind {
    /// An amount without its unit: a whole number, or a decimal number of EUR.
    func decimal(_ amount: Int64) -> String { isMoney ? NanoEuros(amount).decimal : String(amount) }
}
