import Clocks
import Policy
import Synchronization
import Transport

/// The keys of one upstream, used in turn. A key that the upstream refuses is left out for a while.
final class UpstreamKeys: Sendable {
    /// A key as it is sent.
    struct Chosen: Sendable {
        let index: Int
        /// The value of the `authorization` field: `Bearer …`.
        let authorization: String
    }

    private let authorizations: [String]
    /// The state of each key.
    let watches: [StateWatch]
    private let state: Mutex<State>

    private struct State {
        var next = 0
        var pausedUntil: [MonotonicTime]
    }

    var count: Int { authorizations.count }

    /// - Parameters:
    ///   - upstream: its name, in events.
    init(_ keys: [String], of upstream: String, _ events: (any EventSink)?) {
        watches = keys.indices.map {
            StateWatch("\(upstream), key \($0 + 1)", recovery: .upstreamKeyRestored, events)
        }
        authorizations = keys.map { "Bearer \($0)" }
        state = Mutex(State(pausedUntil: keys.map { _ in MonotonicTime(nanoseconds: 0) }))
    }

    /// The next key that is not left out. If all are, the one whose pause ends first: the reason may be gone by now. Nil without
    /// any keys.
    func next(at now: MonotonicTime) -> Chosen? {
        guard authorizations.count > 1 else { return authorizations.first.map { Chosen(index: 0, authorization: $0) } }
        return state.withLock { state in
            let available = index(in: state, at: now, except: [])
            if let available { state.next = available + 1 }
            let index =
                available ?? state.pausedUntil.indices.min { state.pausedUntil[$0] < state.pausedUntil[$1] } ?? 0
            return Chosen(index: index, authorization: authorizations[index])
        }
    }

    /// Another key than those at `tried`, that is not left out; nil where there is none.
    func another(than tried: [Int], at now: MonotonicTime) -> Chosen? {
        state.withLock { index(in: $0, at: now, except: tried) }
            .map { Chosen(index: $0, authorization: authorizations[$0]) }
    }

    private func index(in state: State, at now: MonotonicTime, except tried: [Int]) -> Int? {
        for offset in authorizations.indices {
            let index = (state.next + offset) % authorizations.count
            if state.pausedUntil[index] <= now, !tried.contains(index) { return index }
        }
        return nil
    }

    /// Leaves the key at `index` out until `time`.
    func pause(_ index: Int, until time: MonotonicTime) {
        state.withLock { $0.pausedUntil[index] = max($0.pausedUntil[index], time) }
    }
}
