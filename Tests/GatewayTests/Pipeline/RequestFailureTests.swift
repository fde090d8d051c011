import Clocks
import Glibc
import HTTP1
import HTTPServer
import OpenAIAPI
import Policy
import Testing
import Transport

@testable import Gateway
@testable import HTTPClient

@Suite struct RequestFailureTests {
    private static let upstreamErrors: [(ClientError, Cause, begun: Cause, code: String?, Ending)] = [
        (
            .unreachable(.timedOut), .upstreamConnectTimeout, .upstreamConnectTimeout, "upstream_unreachable",
            .upstreamFailed
        ),
        (
            .unreachable(.unknownHost("x.invalid", "no such name")), .upstreamHostUnknown, .upstreamHostUnknown,
            "upstream_unreachable", .upstreamFailed
        ),
        (
            .unreachable(.refused(SystemError("connect", ECONNREFUSED))), .upstreamConnectionRefused,
            .upstreamConnectionRefused, "upstream_unreachable", .upstreamFailed
        ),
        (
            .unreachable(.refused(SystemError("connect", EHOSTUNREACH))), .upstreamUnreachable, .upstreamUnreachable,
            "upstream_unreachable", .upstreamFailed
        ),
        (
            .unreachable(.system(SystemError("socket", EMFILE))), .connectFailed, .connectFailed,
            "upstream_unreachable",
            .upstreamFailed
        ),
        (
            .proxy(ProxyFailure(proxy: "http://p", reason: .unreachable)), .proxyFailed, .proxyFailed,
            "upstream_unreachable", .upstreamFailed
        ),
        (.tls(.certificate("expired")), .upstreamCertificate, .upstreamCertificate, "upstream_tls", .upstreamFailed),
        (.tls(.closed), .upstreamTLS, .upstreamTLS, "upstream_tls", .upstreamFailed),
        (.exhausted, .poolFull, .poolFull, "overloaded", .refused),
        (
            .broken(SystemError("read", 104)), .upstreamClosed, .upstreamInterrupted, "upstream_protocol",
            .upstreamFailed
        ),
        (.truncated, .upstreamClosed, .upstreamInterrupted, "upstream_protocol", .upstreamFailed),
        (.malformed(.invalidStatusLine), .upstreamMalformed, .upstreamMalformed, "upstream_protocol", .upstreamFailed),
        (.uninvitedSwitch, .upstreamMalformed, .upstreamMalformed, "upstream_protocol", .upstreamFailed),
        (.timedOut, .upstreamFirstByteTimeout, .upstreamIdleTimeout, "upstream_timeout", .upstreamTimeout),
        (.unreadableBody(SystemError("read", 5)), .storeUnavailable, .storeUnavailable, "store_unavailable", .refused),
        (.clientGone, .clientGone, .clientGone, nil, .clientGone),
    ]

    @Test(arguments: upstreamErrors.indices, [false, true])
    func errorsOfTheClientHaveTheirCause(index: Int, wasSent: Bool) {
        let (error, cause, begun, code, ending) = Self.upstreamErrors[index]
        let failure = RequestFailure.upstream(UpstreamFailure(error, wasSent: wasSent))
        #expect(failure.error?.code == code)
        #expect(failure.ending == ending)
        #expect(failure.cause == cause)
        if error != .exhausted { #expect(failure.wasSent == wasSent) }
        #expect(failure.status == (code == nil ? 499 : failure.error?.status))
        #expect(RequestFailure.upstream(UpstreamFailure(error, wasSent: wasSent), hasBegun: true).cause == begun)
    }

    @Test func reasonsAreToldInWords() {
        func detail(_ error: ClientError) -> String? {
            RequestFailure.upstream(UpstreamFailure(error, wasSent: false)).detail
        }
        #expect(detail(.tls(.certificate("self-signed")))?.contains("self-signed") == true)
        #expect(detail(.unreachable(.unknownHost("x.invalid", "no such name")))?.contains("x.invalid") == true)
        #expect(detail(.unreachable(.refused(SystemError("connect", ECONNREFUSED))))?.contains("refused") == true)
        #expect(detail(.proxy(ProxyFailure(proxy: "http://p", reason: .refused(status: 407))))?.contains("407") == true)
    }

    /// Every refusal by the gateway itself, as its error's code tells.
    @Test(
        arguments: [
            (.invalidAPIKey, .invalidKey), (.missingAPIKey, .invalidKey), (.keyExpired, .keyExpired),
            (.keyRevoked, .keyRevoked), (.keySuspended, .keySuspended), (.modelNotAllowed("m"), .modelNotAllowed),
            (.modelNotNamed, .modelNotAllowed), (.endpointNotAllowed("e"), .endpointNotAllowed),
            (.tierUnknown("t"), .tierUnknown), (.unknownURL, .unknownURL), (.notFound, .notFound),
            (.methodNotAllowed(allow: "GET"), .methodNotAllowed), (.requestTooLarge(limit: 1), .requestTooLarge),
            (.requestTimeout, .requestTimeout), (.overloaded, .overloaded), (.draining, .draining),
            (.storeUnavailable, .storeUnavailable), (.invalidEncoding, .invalidRequest),
            (.maxTokensExceeded(asked: "2", limit: "1", whose: "this key"), .maxTokensExceeded),
            (.malformedHTTP(status: 505, code: "unsupported_version", message: ""), .invalidRequest),
        ] as [(APIError, Cause)])
    func refusalsHaveTheirErrorsCause(error: APIError, cause: Cause) {
        #expect(RequestFailure.refused(error).cause == cause)
    }

    @Test(
        arguments: [
            (200, nil), (302, nil), (399, nil), (400, .upstreamRejected), (402, .upstreamKeyRefused),
            (404, .upstreamRejected), (429, .upstreamKeyLimited), (499, .upstreamRejected), (500, .upstreamError),
            (503, .upstreamError), (599, .upstreamError),
        ] as [(Int, Cause?)])
    func errorsThatPassHaveACause(status: Int, cause: Cause?) {
        #expect(RequestFailure.passing(status: status)?.cause == cause)
    }

    @Test(arguments: WebSocketHandshake.Fault.allCases) func handshakesAreTheClientsFault(
        fault: WebSocketHandshake.Fault
    ) {
        let failure = RequestFailure.handshake(fault)
        #expect(failure.status == (fault == .unsupportedVersion ? 426 : 400))
        #expect(failure.cause.side == .client)
        #expect(!failure.wasSent)
    }

    @Test(arguments: WebSocketHandshake.Refusal.allCases)
    func agreementsAreTheUpstreamsFault(refusal: WebSocketHandshake.Refusal) {
        let failure = RequestFailure.handshake(refusal)
        #expect(failure.error?.code == "upstream_protocol")
        #expect(failure.cause == .upstreamHandshake)
        #expect(failure.detail == refusal.rawValue)
        #expect(failure.wasSent)
    }

    @Test func refusedKeysAreTheGatewaysFaultAndCostNothing() {
        let failure = RequestFailure.upstream(.keysRefused)
        #expect(failure.cause == .upstreamKeyRefused)
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
        #expect(failure.cause.side == .client)
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
