import Clocks
import Synchronization
import Transport

/// The upstream's keys, used in turn. A key that the upstream refuses is left out for a while.
final class UpstreamKeys: Sendable {
    /// A key as it is sent.
    struct Chosen: Sendable {
        let index: Int
        /// The value of the `authorization` field: `Bearer …`.
        let authorization: String
    }

    /// The time for which a refused key is left out.
    static let pause = Duration.seconds(60)

    private let authorizations: [String]
    private let state: Mutex<State>

    private struct State {
        var next = 0
        var pausedUntil: [MonotonicTime]
    }

    init(_ keys: [String]) {
        authorizations = keys.map { "Bearer \($0)" }
        state = Mutex(State(pausedUntil: keys.map { _ in MonotonicTime(nanoseconds: 0) }))
    }

    var count: Int { authorizations.count }

    /// The next key that was not refused lately. If all were, the one that was refused first: the reason may be gone by now.
    /// Nil without any keys.
    func next(at now: MonotonicTime) -> Chosen? {
        guard authorizations.count > 1 else { return authorizations.first.map { Chosen(index: 0, authorization: $0) } }
        let index = state.withLock { state in
            for offset in authorizations.indices {
                let index = (state.next + offset) % authorizations.count
                guard state.pausedUntil[index] <= now else { continue }
                state.next = index + 1
                return index
            }
            return state.pausedUntil.indices.min { state.pausedUntil[$0] < state.pausedUntil[$1] } ?? 0
        }
        return Chosen(index: index, authorization: authorizations[index])
    }

    /// Leaves `chosen` out, to which the upstream answered 401.
    func refused(_ chosen: Chosen, at now: MonotonicTime) {
        state.withLock { $0.pausedUntil[chosen.index] = now + Self.pause }
    }
}
