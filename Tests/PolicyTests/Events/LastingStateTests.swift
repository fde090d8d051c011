import Clocks
import Policy
import Testing

@Suite struct LastingStateTests {
    /// An object, since `#expect` cannot change a value.
    private final class State {
        private var state = LastingState()

        var isOn: Bool { state.isOn }
        func failed(at now: MonotonicTime) -> Bool { state.failed(at: now) }
        func succeeded(at now: MonotonicTime) -> Int64? { state.succeeded(at: now) }
    }

    private func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: 5_000_000_000) + .seconds(seconds) }

    @Test func aFloodIsOneBeginningAndOneEnd() {
        let state = State()
        #expect(state.succeeded(at: at(0)) == nil)
        #expect(state.failed(at: at(0)))
        for _ in 1..<144 { #expect(!state.failed(at: at(1))) }
        #expect(state.isOn)
        #expect(state.succeeded(at: at(1) + LastingState.calm) == 144)
        #expect(!state.isOn)
        #expect(state.succeeded(at: at(100)) == nil)
        #expect(state.failed(at: at(101)))
    }

    @Test func whatComesAndGoesDoesNotEnd() {
        let state = State()
        #expect(state.failed(at: at(0)))
        for second in Int64(1)..<100 {
            #expect(state.succeeded(at: at(second)) == nil)
            #expect(!state.failed(at: at(second)))
        }
        #expect(state.succeeded(at: at(98) + LastingState.calm) == nil)
        #expect(state.succeeded(at: at(99) + LastingState.calm) == 100)
    }
}
