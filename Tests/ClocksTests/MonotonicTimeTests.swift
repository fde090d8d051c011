import Testing

@testable import Clocks

@Suite struct MonotonicTimeTests {
    @Test func additionSaturates() {
        let moment = MonotonicTime(nanoseconds: 5)
        #expect(moment + .nanoseconds(7) == MonotonicTime(nanoseconds: 12))
        #expect(moment + .seconds(-1) == moment)
        #expect(moment + .seconds(Int64.max) == .never)
        #expect(MonotonicTime(nanoseconds: 9) - moment == .nanoseconds(4))
        #expect(moment - MonotonicTime(nanoseconds: 9) == .zero)
    }
}
