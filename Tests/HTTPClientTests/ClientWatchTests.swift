import Clocks
import Testing
import Transport

@testable import HTTPClient

@Suite struct ClientWatchTests {
    private let start = MonotonicTime(nanoseconds: 1000)
    private let grace = Duration.milliseconds(200)

    @Test func aClientThatSendsNothingMoreIsProbedOnceAfterTheGrace() {
        var watch = ClientWatch()
        #expect(watch.interest == .peerFinished)
        #expect(watch.probeDue == .never)
        let waits = watch.becameReady(at: start, grace: grace)
        #expect(waits)
        #expect(watch.interest == .broken)
        #expect(watch.probeDue == start + grace)
        let probes = [start, start + grace, start + .seconds(60)].map { watch.takesProbe(at: $0) }
        #expect(probes == [false, true, false])
    }

    @Test func aBrokenClientHasLeft() {
        var watch = ClientWatch()
        let waits = [start, start].map { watch.becameReady(at: $0, grace: grace) }
        #expect(waits == [true, false])
    }

    @Test func aClientThatNeedNotBeThereIsNotProbed() {
        var watch = ClientWatch()
        let waits = watch.becameReady(at: start, grace: nil)
        #expect(waits)
        #expect(watch.interest.isEmpty)
        #expect(watch.probeDue == .never)
    }

    @Test func aClientThatIsThereIsNotProbed() {
        var watch = ClientWatch()
        let isProbed = watch.takesProbe(at: start + .seconds(3600))
        #expect(!isProbed)
    }
}
