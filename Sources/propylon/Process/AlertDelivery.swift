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

/// Delivers alerts about limits: a line in the log, and a request to the webhook, if there is one.
///
/// No client request waits for it. Alerts are sent one after the other, each up to five times with growing pauses. Up to
/// `capacity` alerts wait; further ones are in the log alone.
final class AlertDelivery: AlertSink {
    private static let capacity = 256
    private static let attempts = 5

    private struct Target: Sendable {
        let url: String
        let secret: [UInt8]?
        let tls: TLSContext?
        let proxy: Proxy?
    }

    private let log: Logger
    private let target: Mutex<Target?>
    private let deliveries: AsyncStream<LimitAlert>
    private let waiting: AsyncStream<LimitAlert>.Continuation
    private let time: any TimeSource
    private let firstPause: Duration
    /// Missing prices that the log has reported. Bounded, since clients name models.
    private let unpriced = Mutex<Set<MissingPrice>>([])
    private static let unpricedLimit = 256
    /// The endpoints whose usage could not be read.
    private let unread = Mutex<Set<String>>([])

    /// Delivers to the webhook of `configuration`.
    ///
    /// - Parameter firstPause: The wait before the second attempt. Each further wait is twice as long.
    init(
        _ configuration: Configuration, log: Logger, time: any TimeSource, firstPause: Duration = .seconds(1)
    ) throws {
        self.log = log
        self.time = time
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

    /// Delivers further alerts to the webhook of `configuration`.
    func use(_ configuration: Configuration) throws {
        let new = try Self.target(configuration)
        target.withLock { $0 = new }
    }

    private static func target(_ configuration: Configuration) throws -> Target? {
        guard let url = configuration.alerts.webhook?.reveal() else { return nil }
        return Target(
            url: url, secret: configuration.alerts.secret.map { Array($0.reveal().utf8) },
            tls: url.hasPrefix("https:") ? try TLSContext.client(caFile: nil) : nil,
            proxy: try HTTPCall("POST", url).flatMap { try configuration.webhookProxy(for: $0.origin) })
    }

    func reached(_ alert: LimitAlert) {
        var metadata: Logger.Metadata = [
            "scope": "\(alert.scope.name)", "subject": "\(alert.subject)", "limit": "\(alert.kind.rawValue)",
            "used": "\(alert.kind.plainAmount(alert.used))", "allowed": "\(alert.kind.plainAmount(alert.limit))",
            "until": "\(alert.window.map { Timestamp(seconds: $0.upperBound).utcText } ?? "ever")",
        ]
        // Names of users are for the webhook alone.
        if let part = alert.part { metadata["of"] = "\(part.model ?? "a user")" }
        log.warning("\(alert.percent) % of a limit is used", metadata: metadata)
        guard target.withLock({ $0 != nil }) else { return }
        if case .dropped = waiting.yield(alert) {
            log.warning("an alert was not sent: the webhook is too slow", metadata: ["subject": "\(alert.subject)"])
        }
    }

    func hasNoPrice(_ missing: MissingPrice) {
        let isNew = unpriced.withLock { $0.count < Self.unpricedLimit && $0.insert(missing).inserted }
        guard isNew else { return }
        log.warning("\(missing)", metadata: missing.model.map { ["model": "\($0)"] })
    }

    func hasUnreadUsage(_ endpoint: String) {
        guard unread.withLock({ $0.insert(endpoint).inserted }) else { return }
        log.warning(
            "an endpoint states its usage in units that are not known: it is estimated, and its rows say so",
            metadata: ["endpoint": "\(endpoint)"])
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
            "webhook delivery failed after \(Self.attempts) attempts: check alerts.webhook",
            metadata: ["subject": "\(alert.subject)", "limit": "\(alert.kind.rawValue)"])
    }

    private func post(_ alert: LimitAlert, to target: Target, on loop: EventLoop) async -> Bool {
        guard var call = HTTPCall("POST", target.url) else { return false }
        call.proxy = target.proxy
        call.body = Array(alert.json(sentAt: time.now).text.utf8)
        call.fields = [("content-type", "application/json"), ("user-agent", "propylon/\(Version.text)")]
        if let secret = target.secret {
            let code = hmacSHA256(key: secret, message: call.body)
            call.fields.append(("x-propylon-signature", "sha256=\(Hexadecimal.text(code))"))
        }
        do throws(ClientError) {
            return (200..<300).contains(try await call.send(on: loop, tls: target.tls, limit: 64 << 10).status)
        } catch { return false }
    }
}

extension LimitAlert {
    /// The body of the request. The signature covers `sent_at`, so that a replay of an old alert is noticed.
    func json(sentAt: Timestamp) -> JSONText {
        .object([
            ("type", .string("limit_reached")), ("sent_at", .string(sentAt.utcText)), ("scope", .string(scope.name)),
            ("subject", .string(subject)), ("model", .optional(part?.model)), ("user", .optional(part?.user)),
            ("limit", .string(kind.rawValue)), ("percent", .integer(Int64(percent))),
            ("used", .string(kind.plainAmount(used))), ("allowed", .string(kind.plainAmount(limit))),
            ("window_start", .optional(window.map { Timestamp(seconds: $0.lowerBound).utcText })),
            ("window_end", .optional(window.map { Timestamp(seconds: $0.upperBound).utcText })),
        ])
    }
}
