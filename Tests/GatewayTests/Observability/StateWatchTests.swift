import Clocks
import ManualTime
import Policy
import Testing

@testable import Gateway

@Suite struct StateWatchTests {
    private let events = CollectedEvents()
    private let clock = ManualTime()
    private let watch: StateWatch

    init() { watch = StateWatch("https://upstream", recovery: .upstreamRecovered, events) }

    private func fail(_ kind: EventKind = .upstreamUnreachable, _ cause: Cause = .upstreamHostUnknown) {
        watch.failed(kind, cause, detail: "why", at: clock)
    }

    private func succeed() { watch.succeeded(at: clock.monotonic, clock) }

    @Test func aTroubleIsTwoEvents() {
        succeed()
        for _ in 0..<100 { fail() }
        succeed()
        #expect(
            events.all == [
                Event(
                    at: clock.now, .upstreamUnreachable, "https://upstream", cause: .upstreamHostUnknown, detail: "why")
            ])
        clock.advance(by: LastingState.calm)
        succeed()
        #expect(events.all.count == 2)
        #expect(
            events.all.last
                == Event(at: clock.now, .upstreamRecovered, "https://upstream", cause: .upstreamHostUnknown, count: 100)
        )
        succeed()
        #expect(events.all.count == 2)
    }

    @Test func aGraverTroubleIsReportedWithinAnother() {
        fail(.upstreamKeyResting, .upstreamKeyLimited)
        fail(.upstreamKeyRefused, .upstreamKeyRefused)
        fail(.upstreamKeyResting, .upstreamKeyLimited)
        #expect(events.kinds == [.upstreamKeyResting, .upstreamKeyRefused])
    }

    @Test func itsStateHasTheLastSuccessAndFailure() {
        let start = clock.now
        #expect(watch.report(at: clock).lastSuccess == nil)
        succeed()
        clock.advance(by: .seconds(5))
        watch.failed(.upstreamKeyResting, .upstreamKeyLimited, restsUntil: clock.now + .seconds(60), at: clock)
        let state = watch.report(at: clock)
        #expect(
            state
                == WatchedState(
                    subject: "https://upstream", isTroubled: true, lastSuccess: start,
                    lastFault: WatchedFault(at: clock.now, cause: .upstreamKeyLimited),
                    restsUntil: clock.now + .seconds(60)))
        #expect(events.all.last?["until"] == .time(clock.now + .seconds(60)))
        clock.advance(by: .seconds(60))
        #expect(watch.report(at: clock).restsUntil == nil)
        #expect(watch.report(at: clock).isTroubled)
        succeed()
        #expect(!watch.report(at: clock).isTroubled)
        #expect(watch.report(at: clock).lastSuccess == clock.now)
    }
}
