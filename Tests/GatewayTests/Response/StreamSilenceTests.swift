import Clocks
import Testing

@testable import Gateway

@Suite struct StreamSilenceTests {
    private static func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: 0) + .seconds(seconds) }

    /// The head comes at 10, the first byte is due at 300, comments are sent every 15.
    private let silence = StreamSilence(
        since: at(10), firstByteDeadline: at(300), .init(idle: .seconds(120), keepalive: .seconds(15)))

    private func due(_ state: StreamSilence.State, _ seconds: Int64) -> StreamSilence.Due? {
        silence.due(state, at: Self.at(seconds))
    }

    private func next(_ state: StreamSilence.State) -> MonotonicTime {
        silence.nextDue(state)
    }

    @Test func aHeadLeavesAfterASecond() {
        #expect(due(.headHeld(hasEvent: false), 10) == nil)
        #expect(due(.headHeld(hasEvent: false), 11) == .head)
        #expect(next(.headHeld(hasEvent: false)) == Self.at(11))
    }

    @Test func theFirstEventIsDueByTheFirstByteDeadline() {
        let waiting = StreamSilence.State.streaming(hasEvent: false, takesComments: true)
        #expect(due(waiting, 24) == nil)
        #expect(due(waiting, 140) == .keepalive)
        #expect(due(waiting, 299) == .keepalive)
        #expect(due(waiting, 300) == .timeout)
        #expect(due(.headHeld(hasEvent: false), 300) == .timeout)
    }

    @Test func laterSilenceEndsWithTheIdleTimeout() {
        let streaming = StreamSilence.State.streaming(hasEvent: true, takesComments: true)
        #expect(next(streaming) == Self.at(25))
        #expect(due(streaming, 25) == .keepalive)
        #expect(due(streaming, 129) == .keepalive)
        #expect(due(streaming, 130) == .timeout)
    }

    @Test func withinAnEventNoCommentIsSent() {
        let within = StreamSilence.State.streaming(hasEvent: true, takesComments: false)
        #expect(due(within, 129) == nil)
        #expect(next(within) == Self.at(130))
    }

    @Test func aClientThatSendsNothingMoreIsProbedUnlessAWriteTellsBefore() {
        var silence = silence
        silence.probe(at: Self.at(12))
        let streaming = StreamSilence.State.streaming(hasEvent: true, takesComments: true)
        let within = StreamSilence.State.streaming(hasEvent: true, takesComments: false)
        #expect(silence.nextDue(streaming) == Self.at(12))
        #expect(silence.nextLook == Self.at(12))
        #expect(silence.due(streaming, at: Self.at(11)) == nil)
        for state in [streaming, .document, .documentAwaited] { #expect(silence.due(state, at: Self.at(12)) == .probe) }
        // Within an event nothing can be written, and the head of a stream leaves soon anyway.
        #expect(silence.due(within, at: Self.at(20)) == nil)
        #expect(silence.due(.headHeld(hasEvent: false), at: Self.at(12)) == .head)
        silence.hasSent = true
        silence.begins(at: Self.at(12))
        #expect(silence.due(streaming, at: Self.at(13)) == nil)
        #expect(silence.nextLook == Self.at(27))
    }

    @Test func documentsHaveTheTimeoutsAlone() {
        #expect(next(.documentAwaited) == Self.at(300))
        #expect(next(.document) == Self.at(130))
        #expect(due(.document, 129) == nil)
        #expect(due(.document, 130) == .timeout)
    }

    @Test func whatWasSentOnPutsTheCommentOff() {
        var silence = silence
        let streaming = StreamSilence.State.streaming(hasEvent: true, takesComments: true)
        silence.hasSent = true
        silence.begins(at: Self.at(20))
        #expect(silence.nextDue(streaming) == Self.at(35))
        // A part of an event came, of which nothing could be sent on.
        silence.begins(at: Self.at(30))
        #expect(silence.nextDue(streaming) == Self.at(35))
        #expect(silence.due(streaming, at: Self.at(149)) == .keepalive)
        #expect(silence.due(streaming, at: Self.at(150)) == .timeout)
    }

    @Test func withoutAnIntervalNoCommentIsSent() {
        let silence = StreamSilence(
            since: Self.at(10), firstByteDeadline: Self.at(300), .init(idle: .seconds(120), keepalive: .zero))
        let streaming = StreamSilence.State.streaming(hasEvent: true, takesComments: true)
        #expect(silence.nextDue(streaming) == Self.at(130))
    }
}
