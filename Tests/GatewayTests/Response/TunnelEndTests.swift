import HTTP1
import OpenAIAPI
import Policy
import Testing

@testable import Gateway

@Suite struct TunnelEndTests {
    /// Rows: the code for the client, the code for the upstream, the ending, the cause.
    private static let rows: [(TunnelEnd, client: WebSocketClose.Code, upstream: WebSocketClose.Code, Ending, Cause?)] =
        [
            (.closed, .normal, .normal, .complete, nil),
            (.clientGone, .goingAway, .goingAway, .clientGone, .clientGone),
            (.upstreamGone, .internalError, .goingAway, .upstreamInterrupted, .upstreamInterrupted),
            (.clientFault(.wrongMasking), .protocolError, .goingAway, .clientGone, .invalidRequest),
            (.upstreamFault(.reservedBits), .internalError, .protocolError, .upstreamInterrupted, .upstreamMalformed),
            (.idle, .goingAway, .goingAway, .idleTimeout, nil), (.draining, .goingAway, .goingAway, .drained, nil),
            (.aborted, .goingAway, .goingAway, .drained, nil),
            (.refused(.refused(.keyRevoked)), .policyViolation, .goingAway, .keyRefused, .keyRevoked),
            (.overrun, .policyViolation, .goingAway, .overrun, .overrun),
            (.cancelled, .policyViolation, .goingAway, .cancelled, .requestCancelled),
        ]

    @Test(arguments: rows.indices) func everyEndSaysWhatEachSideIsTold(index: Int) {
        let (end, client, upstream, ending, cause) = Self.rows[index]
        #expect(end.closeForClient.code == client)
        #expect(end.closeForUpstream.code == upstream)
        #expect(end.closeForUpstream.reason.isEmpty, "the upstream learns nothing about the client")
        #expect(end.ending == ending)
        #expect(end.failure?.cause == cause)
        #expect(end.failure?.wasSent != false)
    }

    @Test func aRefusalIsToldByItsCode() {
        let close = TunnelEnd.refused(.refused(.modelNotAllowed(String(repeating: "m", count: 200)))).closeForClient
        #expect(close.reason.hasPrefix("model_not_allowed: This key may not use the model 'mmm"))
        #expect(close.reason.utf8.count == 123)
    }
}
