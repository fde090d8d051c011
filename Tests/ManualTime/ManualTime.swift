import Clocks
import Synchronization

/// A clock for tests: it stands still until the test moves it.
///
/// Give it to everything that needs the time. An event loop that uses it fires its deadlines when the test advances the clock, so
/// a test of an hour's timeout takes no time and does not depend on the machine's speed:
///
/// ```swift
/// let clock = ManualTime()
/// let loop = try EventLoop(name: "test", clock: clock)
/// let wake = Task(executorPreference: loop) {
///     let (socket, peer) = try socketPair(on: loop)
///     defer { socket.close(); peer.close() }
///     return await socket.wait(for: .readable, until: loop.now + .seconds(3600))
/// }
/// await loop.settle()  // the task waits now
/// clock.advance(by: .seconds(3600))
/// #expect(try await wake.value == .timedOut)
/// ```
///
/// `advance` does not wait for what it sets off. A test awaits the result, or a barrier such as `loop.settle()`, before it advances again.
package final class ManualTime: SteppedTimeSource {
    private struct State: ~Copyable {
        var wall: Timestamp
        var monotonic: MonotonicTime
        var actions: [@Sendable () -> Void] = []
    }

    private let state: Mutex<State>

    /// A clock whose wall clock shows `wall`, and whose monotonic clock shows `monotonic`.
    package init(
        wall: Timestamp = Timestamp(seconds: 1_800_000_000),
        monotonic: MonotonicTime = MonotonicTime(nanoseconds: 1_000_000_000_000)
    ) {
        state = Mutex(State(wall: wall, monotonic: monotonic))
    }

    package var now: Timestamp { state.withLock { $0.wall } }

    package var monotonic: MonotonicTime { state.withLock { $0.monotonic } }

    /// Moves both clocks forward by `duration`, then wakes every loop that uses this clock. A negative duration moves the wall clock
    /// back and leaves the monotonic clock, which never goes back.
    package func advance(by duration: Duration) {
        step {
            $0.wall = $0.wall + duration
            $0.monotonic = $0.monotonic + duration
        }
    }

    /// Sets the wall clock alone, as an administrator or NTP does. `advance(by:)` followed by `setWall(_:)` moves the monotonic clock
    /// alone.
    package func setWall(_ moment: Timestamp) { step { $0.wall = moment } }

    package func onStep(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.actions.append(action) }
    }

    private func step(_ change: (inout State) -> Void) {
        let actions = state.withLock { state in
            change(&state)
            return state.actions
        }
        for action in actions { action() }
    }
}
