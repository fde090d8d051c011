import Clocks
import Synchronization
import Transport

/// The upstream's keys: used in turn, and a key that the upstream refuses rests for a while.
final class UpstreamKeys: Sendable {
    /// One key as it is sent.
    struct Chosen: Sendable {
        let index: Int
        /// `Bearer …`
        let authorization: String
    }

    /// For how long a refused key rests.
    static let rest = Duration.seconds(60)

    private let authorizations: [String]
    private let state: Mutex<State>

    private struct State {
        var next = 0
        var restsUntil: [MonotonicTime]
    }

    init(_ keys: [String]) {
        authorizations = keys.map { "Bearer \($0)" }
        state = Mutex(State(restsUntil: keys.map { _ in MonotonicTime(nanoseconds: 0) }))
    }

    var count: Int { authorizations.count }

    /// The next key that does not rest; where all do, the one whose rest ends first, since a refusal may be over by now. Nil
    /// where there are no keys at all.
    func next(at now: MonotonicTime) -> Chosen? {
        guard authorizations.count > 1 else { return authorizations.first.map { Chosen(index: 0, authorization: $0) } }
        let index = state.withLock { state in
            for offset in authorizations.indices {
                let index = (state.next + offset) % authorizations.count
                guard state.restsUntil[index] <= now else { continue }
                state.next = index + 1
                return index
            }
            return state.restsUntil.indices.min { state.restsUntil[$0] < state.restsUntil[$1] } ?? 0
        }
        return Chosen(index: index, authorization: authorizations[index])
    }

    /// The upstream answered 401 to `chosen`.
    func refused(_ chosen: Chosen, at now: MonotonicTime) {
        state.withLock { $0.restsUntil[chosen.index] = now + Self.rest }
    }
}
