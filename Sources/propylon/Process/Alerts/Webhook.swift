import Bytes
import Clocks
import Gateway
import HTTP1
import HTTPClient
import Transport

/// A webhook that takes alerts, as Standard Webhooks say: https://www.standardwebhooks.com.
struct Webhook: AlertChannel {
    /// The request without fields and body.
    let call: HTTPCall
    /// The trust in certificates; nil without TLS.
    let tls: TLSContext?
    /// The keys of the signatures, one at least.
    let keys: [[UInt8]]
    let loop: EventLoop
    let time: any TimeSource

    /// Bounds of an attempt: five seconds to connect, and half a minute of waiting for the head of the response.
    private static var limits: ClientLimits {
        var limits = ClientLimits()
        limits.firstByteTimeout = .seconds(30)
        limits.idleTimeout = .seconds(30)
        limits.retries = 0
        return limits
    }

    func deliver(_ message: AlertMessage) async -> AlertOutcome {
        let now = time.now
        do throws(ClientError) {
            return Self.outcome(
                try await request(message, at: now).responseHead(on: loop, tls: tls), at: now)
        } catch {
            switch error {
            case .timedOut: return .failed("no response within 30 s")
            case .truncated: return .failed("the connection was closed without a response")
            default: return .failed(error.detail ?? "no response")
            }
        }
    }

    /// The signed request.
    func request(_ message: AlertMessage, at now: Timestamp) -> HTTPCall {
        var call = call
        call.limits = Self.limits
        call.body = Array(message.json.line.utf8)
        let signed = Array("\(message.id).\(now.seconds).".utf8) + call.body
        let signatures = keys.map { key in
            "v1,\(String(decoding: Base64.encoded(hmacSHA256(key: key, message: signed)), as: UTF8.self))"
        }
        call.fields = [
            ("content-type", "application/json"), HTTPCall.userAgent,
            ("webhook-id", message.id), ("webhook-timestamp", String(now.seconds)),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
        return call
    }

    /// The meaning of a response; redirects are failures (Standard Webhooks, "Delivery success and failure").
    private static func outcome(_ head: ResponseHead, at now: Timestamp) -> AlertOutcome {
        switch head.status {
        case 200..<300: .delivered("HTTP status \(head.status)")
        case 410: .gone("HTTP status 410: the receiver wants no more alerts")
        default: .failed("HTTP status \(head.status)", pause: RetryAfter.duration(in: head.fields, at: now))
        }
    }
}
