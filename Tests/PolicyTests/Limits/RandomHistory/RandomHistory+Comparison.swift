import Clocks
import SeededRandom
import Testing

@testable import Policy

/// The comparison with the model.
extension RandomHistory {
    /// Compares all counters with the model's.
    func look(everything: Bool) {
        model.advance(followed)
        for key in everything ? keys : [keys.randomElement(using: &generator)!] {
            let record = record(key)
            var last: (scope: String, requests: [LimitModel.Request])?
            for state in limiter.states(of: record, at: now) {
                let owner =
                    switch state.scope {
                    case .key: "key " + key
                    case .team(let name): "team " + name
                    case .account: "account"
                    }
                let scope =
                    switch state.part {
                    case nil: owner
                    case .model(let entry): "model \(entry)|\(owner)"
                    case .user(let user): "user \(user)|\(owner)"
                    }
                // Credits may exceed what was used.
                #expect(state.used >= 0 || state.kind.isMoney && state.part == nil)
                #expect(state.reserved >= 0)
                switch state.kind.form {
                case .rate:
                    let level = model.level(scope, state.kind)
                    #expect(
                        state.used + state.reserved == (level + 59_999_999) / 60_000_000, "\(scope) \(state.kind)")
                case .window, .concurrent:
                    // States come scope by scope.
                    if last?.scope != scope { last = (scope, model.requests(of: scope)) }
                    let sums = model.sums(state.kind, of: last?.requests ?? [])
                    #expect(state.used == sums.used, "\(scope) \(state.kind)")
                    #expect(state.reserved == sums.reserved, "\(scope) \(state.kind)")
                case .perRequest: Issue.record("a limit of one request has no state")
                }
            }
        }
    }
}
