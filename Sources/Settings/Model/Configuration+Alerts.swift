import Policy

extension Configuration {
    /// Recipients of alerts.
    package struct Alerts: Sendable, Equatable {
        /// `webhooks`: each with a URL of its own and a secret.
        package var webhooks: [Webhook] = []
        /// `email`: with a sender and a recipient.
        package var email: Email?

        static var members: [Member<Alerts>] {
            [
                Member(
                    sections: \.webhooks, "webhooks", Webhook.members, Webhook(),
                    "Webhooks that events are posted to, signed as Standard Webhooks say. Each gets its events in their "
                        + "order; one that fails is tried again for three days, and holds up no other.",
                    example: """
                        alerts:
                          webhooks:
                            - { url: "https://hooks.example.com/propylon", secret: "${file:/run/secrets/propylon_alerts}" }
                            - url: "https://billing.example.com/alerts"
                              # The new secret and the old one, while the receiver changes over.
                              secret: ["${file:/run/secrets/propylon_billing}", "${file:/run/secrets/propylon_alerts}"]
                              events: ["limit.*"]
                        """),
                Member(
                    optionalSection: \.email, "email", Email.members, Email(),
                    "Mail about events, handed to the `sendmail` program of this machine.",
                    example: """
                        alerts:
                          email: { to: [admin@example.com], from: propylon@example.com, events: ["certificate.*", "store.*"] }
                        """),
            ]
        }
    }

    /// A webhook of `alerts.webhooks`.
    package struct Webhook: Sendable, Equatable {
        /// `url`: http or https. It may hold a token, so it is a secret.
        package var url: Secret?
        /// `secret`: one at least. Each signs every request.
        package var secrets: [Secret] = []
        /// `events`: patterns of kinds.
        package var events = [NamePattern("*")]

        static var members: [Member<Webhook>] {
            [
                Member(optional: \.url, "url", .secretURL, "URL that events are posted to, as JSON. Must be given."),
                Member(
                    list: \.secrets, "secret", .webhookSecret,
                    "Key of the signature, or several while the receiver changes over to another one. Must be given."),
                Member.events(\.events),
            ]
        }
    }

    /// Mail about events.
    package struct Email: Sendable, Equatable {
        /// `to`: one address at least.
        package var to: [String] = []
        /// `from`
        package var from = ""
        /// `sendmail`
        package var sendmail = "/usr/sbin/sendmail"
        /// `events`: patterns of kinds.
        package var events = [NamePattern("*")]

        static var members: [Member<Email>] {
            [
                Member(list: \.to, "to", .mailAddress, "Addresses that get the mail. Must be given."),
                Member(\.from, "from", .mailAddress, "Address of the sender. Must be given."),
                Member(
                    \.sendmail, "sendmail", .path,
                    "Program that takes the mail, called as `sendmail -i -f FROM -- TO…` with the message on its standard "
                        + "input. It has a minute."),
                Member.events(\.events),
            ]
        }
    }
}

extension Member {
    /// `events` of a recipient.
    fileprivate static func events(_ path: WritableKeyPath<Owner, [NamePattern]>) -> Member {
        Member(
            list: path, "events", .eventPattern,
            "Kinds of events that are sent, by name or pattern: see [events.md](events.md).")
    }
}
