import Bytes
import Clocks
import HTTPClient
import Policy
import Settings
import Transport

/// A recipient with the way to it.
struct AlertRoute: Sendable {
    let recipient: AlertRecipient
    let channel: any AlertChannel
}

extension AlertRoute {
    /// The routes to all recipients of `configuration`, with requests on `loop`.
    /// - Throws: the reason, where a proxy or the trust in certificates cannot be set up.
    static func all(of configuration: Configuration, on loop: EventLoop, time: any TimeSource) throws -> [AlertRoute] {
        let webhooks = try configuration.alerts.webhooks.enumerated().compactMap { index, webhook in
            try AlertRoute(webhook, number: index + 1, of: configuration, on: loop, time: time)
        }
        return webhooks + (configuration.alerts.email.map { [AlertRoute($0)] } ?? [])
    }

    /// The route to a webhook; nil for one without a URL, which no checked configuration has.
    private init?(
        _ webhook: Configuration.Webhook, number: Int, of configuration: Configuration, on loop: EventLoop,
        time: any TimeSource
    ) throws {
        guard let url = webhook.url?.reveal(), var call = HTTPCall("POST", url) else { return nil }
        call.proxy = try configuration.webhookProxy(for: call.origin)
        recipient = AlertRecipient(
            id: Self.digest(url), name: "webhook \(number)", kinds: EventKind.matching(webhook.events))
        channel = Webhook(
            call: call, tls: call.isSecure ? try TLSContext.client(caFile: nil) : nil,
            keys: webhook.secrets.compactMap(\.webhookKey), loop: loop, time: time)
    }

    private init(_ email: Configuration.Email) {
        recipient = AlertRecipient(id: "email", name: "email", kinds: EventKind.matching(email.events))
        channel = Mailer(email)
    }

    /// The digest of a URL, which may hold a token, as the store keeps it.
    private static func digest(_ url: String) -> String {
        Hexadecimal.text(KeyDigest(sha256(Array(url.utf8).span)).bytes)
    }
}
