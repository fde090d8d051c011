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
            scope: state.scope.name, subject: subject, name: state.scope == .key ? key.name : nil,
            model: state.part?.model, user: state.part?.user,
            tier: state.tier, limit: state.kind.rawValue,
            allowed: state.kind.plainAmount(state.limit), used: state.kind.plainAmount(state.used),
            reserved: state.kind.plainAmount(state.reserved), left: state.kind.plainAmount(state.left),
            percent: state.percent,
            windowStart: state.window.map { Timestamp(seconds: $0.lowerBound).utcText },
            windowEnd: state.window.map { Timestamp(seconds: $0.upperBound).utcText })
    }
}

extension LimitState {
    /// The part of the limit that is used or reserved, in percent, rounded down.
    var percent: Int {
        Int(clamping: Int64(saturating: Double(used.addingSaturated(reserved)) / Double(max(1, limit)) * 100))
    }
}
