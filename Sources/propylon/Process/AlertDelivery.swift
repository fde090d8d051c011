import Bytes
import Clocks
import Foundation
import Gateway
import HTTPClient
import Logging
import OpenAIAPI
import Policy
import Settings
import Synchronization
import Transport

/// Tells people of limits that are nearly or wholly used up: a line in the log, and a webhook where one is configured.
///
/// No request waits for it. The webhook gets one alert after the other, each up to five times with growing pauses; while it is
/// out of reach up to `capacity` alerts wait, and what comes beyond these is in the log alone.
final class AlertDelivery: AlertSink {
    private static let capacity = 256
    private static let attempts = 5

    private struct Target: Sendable {
        let url: String
        let secret: [UInt8]?
        let tls: TLSContext?
    }

    private let log: Logger
    private let target: Mutex<Target?>
    private let deliveries: AsyncStream<LimitAlert>
    private let waiting: AsyncStream<LimitAlert>.Continuation
    private let firstPause: Duration
    /// Models that were told of as having no price; bounded, since callers name them.
    private let unpriced = Mutex<Set<String>>([])
    private static let unpricedLimit = 256

    /// Tells as `configuration` says. `firstPause` is the wait before the second attempt; each further one is twice as long.
    init(_ configuration: Configuration, log: Logger, firstPause: Duration = .seconds(1)) throws {
        self.log = log
        self.firstPause = firstPause
        target = Mutex(try Self.target(configuration))
        (deliveries, waiting) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.capacity))
        let loop = try EventLoop(name: "propylon.alerts")
        let deliveries = deliveries
        Task { [weak self] in
            for await alert in deliveries { await self?.deliver(alert, on: loop) }
        }
    }

    deinit { waiting.finish() }

    /// Tells from now on as `configuration` says.
    func use(_ configuration: Configuration) throws {
        let new = try Self.target(configuration)
        target.withLock { $0 = new }
    }

    private static func target(_ configuration: Configuration) throws -> Target? {
        guard let url = configuration.alerts.webhook?.reveal() else { return nil }
        return Target(
            url: url, secret: configuration.alerts.secret.map { Array($0.reveal().utf8) },
            tls: url.hasPrefix("https:") ? try TLSContext.client(caFile: nil) : nil)
    }

    func reached(_ alert: LimitAlert) {
        log.warning(
            "\(alert.percent) % of a limit are used",
            metadata: [
                "scope": "\(alert.scope.name)", "subject": "\(alert.subject)", "limit": "\(alert.kind.rawValue)",
                "used": "\(alert.kind.text(alert.used))", "allowed": "\(alert.kind.text(alert.limit))",
                "until": "\(Timestamp(seconds: alert.window.upperBound).utcText)",
            ])
        guard target.withLock({ $0 != nil }) else { return }
        if case .dropped = waiting.yield(alert) {
            log.warning("the webhook is too slow: an alert was not sent", metadata: ["subject": "\(alert.subject)"])
        }
    }

    func hasNoPrice(_ model: String) {
        let isNew = unpriced.withLock { $0.count < Self.unpricedLimit && $0.insert(model).inserted }
        guard isNew else { return }
        log.warning(
            "a model has no price of its own: it is billed at the default price; see models.prices",
            metadata: ["model": "\(JSONString.quoted(model))"])
    }

    private func deliver(_ alert: LimitAlert, on loop: EventLoop) async {
        guard let target = target.withLock({ $0 }) else { return }
        var pause = firstPause
        for attempt in 1...Self.attempts {
            if await post(alert, to: target, on: loop) { return }
            guard attempt < Self.attempts else { break }
            try? await Task.sleep(for: pause)
            pause *= 2
        }
        log.error(
            "the webhook took no alert", metadata: ["subject": "\(alert.subject)", "attempts": "\(Self.attempts)"])
    }

    private func post(_ alert: LimitAlert, to target: Target, on loop: EventLoop) async -> Bool {
        guard var call = HTTPCall("POST", target.url) else { return false }
        call.body = Array(alert.json(sentAt: .now).text.utf8)
        call.fields = [("content-type", "application/json"), ("user-agent", "propylon/\(Version.text)")]
        if let secret = target.secret {
            let code = hmacSHA256(key: secret, message: call.body)
            let digits = code.map { String(Int($0) + 0x100, radix: 16).dropFirst() }.joined()
            call.fields.append(("x-propylon-signature", "sha256=\(digits)"))
        }
        do throws(ClientError) {
            return (200..<300).contains(try await call.send(on: loop, tls: target.tls, limit: 64 << 10).status)
        } catch { return false }
    }
}

extension LimitAlert {
    /// What is posted. `sent_at` is part of what is signed, so that an old alert cannot be sent again unseen.
    func json(sentAt: Timestamp) -> JSONText {
        .object([
            ("type", .string("limit_reached")), ("sent_at", .string(sentAt.utcText)), ("scope", .string(scope.name)),
            ("subject", .string(subject)), ("limit", .string(kind.rawValue)), ("percent", .integer(Int64(percent))),
            ("used", .string(kind.plainAmount(used))), ("allowed", .string(kind.plainAmount(limit))),
            ("window_start", .string(Timestamp(seconds: window.lowerBound).utcText)),
            ("window_end", .string(Timestamp(seconds: window.upperBound).utcText)),
        ])
    }
}
