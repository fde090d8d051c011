import Clocks
import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy
import Testing
import Transport

@testable import Gateway

@Suite struct RequestFailureTests {
    private static let upstreamErrors: [(ClientError, code: String?, Ending, RequestFailure.Side)] = [
        (.unreachable(.timedOut), "upstream_unreachable", .upstreamFailed, .upstream),
        (.tls(.closed), "upstream_tls", .upstreamFailed, .upstream),
        (.exhausted, "overloaded", .refused, .gateway),
        (.broken(SystemError("read", 104)), "upstream_protocol", .upstreamFailed, .upstream),
        (.truncated, "upstream_protocol", .upstreamFailed, .upstream),
        (.malformed(.invalidStatusLine), "upstream_protocol", .upstreamFailed, .upstream),
        (.uninvitedSwitch, "upstream_protocol", .upstreamFailed, .upstream),
        (.timedOut, "upstream_timeout", .upstreamTimeout, .upstream),
        (.unreadableBody(SystemError("read", 5)), "store_unavailable", .refused, .gateway),
        (.clientGone, nil, .clientGone, .client),
    ]

    @Test(arguments: upstreamErrors.indices, [false, true])
    func errorsOfTheClientSayWhoseFaultTheyAre(index: Int, wasSent: Bool) {
        let (error, code, ending, side) = Self.upstreamErrors[index]
        let failure = RequestFailure.upstream(UpstreamFailure(error, wasSent: wasSent))
        #expect(failure.error?.code == code)
        #expect(failure.ending == ending)
        #expect(failure.side == side)
        #expect(!failure.cause.isEmpty)
        if error != .exhausted { #expect(failure.wasSent == wasSent) }
        #expect(failure.status == (code == nil ? 499 : failure.error?.status))
    }

    @Test(arguments: WebSocketHandshake.Fault.allCases) func handshakesAreTheClientsFault(
        fault: WebSocketHandshake.Fault
    ) {
        let failure = RequestFailure.handshake(fault)
        #expect(failure.status == (fault == .unsupportedVersion ? 426 : 400))
        #expect(failure.side == .client)
        #expect(!failure.wasSent)
    }

    @Test(arguments: WebSocketHandshake.Refusal.allCases)
    func agreementsAreTheUpstreamsFault(refusal: WebSocketHandshake.Refusal) {
        let failure = RequestFailure.handshake(refusal)
        #expect(failure.error?.code == "upstream_protocol")
        #expect(failure.cause == "handshake: \(refusal.rawValue)")
        #expect(failure.wasSent)
    }

    @Test func refusedKeysAreTheGatewaysFaultAndCostNothing() {
        let failure = RequestFailure.upstream(.keysRefused)
        #expect(failure.error?.code == "upstream_auth")
        #expect(failure.error?.status == 502)
        #expect(!failure.wasSent)
    }

    @Test(
        arguments: [
            (.unknown, "invalid_api_key"), (.expired(Timestamp(seconds: 1)), "api_key_expired"),
            (.suspended(Timestamp(seconds: 1)), "api_key_suspended"),
            (.revoked(Timestamp(seconds: 1)), "api_key_revoked"), (.rotated(Timestamp(seconds: 1)), "api_key_revoked"),
        ] as [(KeyRefusal, String)])
    func keysAreRefusedByName(refusal: KeyRefusal, code: String) {
        let failure = RequestFailure.key(refusal)
        #expect(failure.error?.code == code)
        #expect(failure.error?.status == 401)
        #expect(failure.side == .client)
    }

    @Test func admissionNamesWhatIsNotAllowed() {
        func message(_ refusal: AdmissionRefusal) -> String {
            RequestFailure.admission(refusal, endpoint: .embeddings, model: "secret-model").error?.message ?? ""
        }
        #expect(message(.modelNotAllowed).contains("secret-model"))
        #expect(message(.endpointNotAllowed).contains("embeddings"))
        #expect(!message(.modelNotNamed).contains("secret-model"))
        #expect(message(.tierUnknown("gone")).contains("'gone'"))
    }

    @Test func anExchangeFailsByItsClient() {
        #expect(RequestFailure.exchange(.timedOut).error?.status == 408)
        #expect(RequestFailure.exchange(.clientGone).error == nil)
        #expect(RequestFailure.exchange(.malformed(.invalidChunkSize)).error?.status == 400)
    }

    @Test func anOutcomeFollowsFromAFailure() throws {
        let sent = Outcome(RequestFailure.upstream(UpstreamFailure(.timedOut, wasSent: true)))
        #expect(sent.status == 504)
        guard case .sent = sent.progress else { return #expect(Bool(false), "\(sent.progress)") }
        guard case .error(let error) = sent.reply else { return #expect(Bool(false), "\(sent.reply)") }
        #expect(error.code == "upstream_timeout")
        let gone = Outcome(RequestFailure.clientGone())
        #expect(gone.status == 499)
        guard case .notSent = gone.progress else { return #expect(Bool(false), "\(gone.progress)") }
        guard case .nothing = gone.reply else { return #expect(Bool(false), "\(gone.reply)") }
    }
}
