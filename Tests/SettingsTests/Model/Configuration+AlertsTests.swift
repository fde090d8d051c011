import Bytes
import Policy
import Testing

@testable import Settings

@Suite struct AlertsConfigurationTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"

    private func webhook(_ members: String) -> String { "alerts: { webhooks: [{ url: \"https://a\", \(members) }] }" }

    @Test func recipientsAreRead() throws {
        let (configuration, _) = try load(
            """
            alerts:
              webhooks:
                - { url: "https://a/b?c=d", secret: \(Self.secret) }
                - { url: "http://127.0.0.1:9", secret: [\(Self.secret), \(Self.other)], events: ["limit.*", store.recovered] }
              email: { to: [a@b.example, c.d+e@f], from: g@h, sendmail: /bin/mailer, events: ["key.*"] }
            """)
        let webhooks = configuration.alerts.webhooks
        #expect(webhooks.map(\.url) == [Secret("https://a/b?c=d"), Secret("http://127.0.0.1:9")])
        #expect(webhooks.map(\.secrets.count) == [1, 2])
        #expect(webhooks[1].secrets[1].webhookKey == Array(0...23))
        #expect(EventKind.matching(webhooks[0].events) == EventKind.allCases)
        #expect(EventKind.matching(webhooks[1].events) == [.limitReached, .limitRefused, .storeRecovered])
        let email = try #require(configuration.alerts.email)
        #expect(email.to == ["a@b.example", "c.d+e@f"])
        #expect(email.from == "g@h")
        #expect(email.sendmail == "/bin/mailer")
        #expect(EventKind.matching(email.events) == [.keyExpiring])
    }

    /// 24 to 64 bytes of Base64 with padding.
    @Test(arguments: [23, 24, 32, 64, 65]) func secretsHaveBounds(count: Int) {
        let text = "whsec_" + String(decoding: Base64.encoded([UInt8](repeating: 7, count: count)), as: UTF8.self)
        #expect(places(webhook("secret: \"\(text)\"")).isEmpty == (24...64).contains(count))
    }

    @Test(arguments: ["s3cret", "whsec_", "whsec_!!!!", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "•••"])
    func otherSecretsAreErrorsWithoutTheirText(text: String) throws {
        let found = issues(webhook("secret: \"\(text)\""))
        #expect(found.map(\.path) == ["alerts.webhooks[0].secret"])
        #expect(found.allSatisfy { !$0.description.contains(": \(text)") && !$0.description.contains("found") })
    }

    @Test(arguments: [
        ("alerts: { webhooks: [{ secret: \(secret) }] }", "alerts.webhooks[0].url"),
        ("alerts: { webhooks: [{ url: x, secret: \(secret) }] }", "alerts.webhooks[0].url"),
        ("alerts: { webhooks: [{ url: \"https://a\" }] }", "alerts.webhooks[0].secret"),
        ("alerts: { webhooks: [{ url: \"https://a\", secret: [] }] }", "alerts.webhooks[0].secret"),
        ("alerts: { webhooks: [{ url: \"https://a\", secret: [x] }] }", "alerts.webhooks[0].secret[0]"),
        (
            "alerts: { webhooks: [{ url: \"https://a\", secret: \(secret) }, { url: \"https://a\", secret: \(other) }] }",
            "alerts.webhooks[1].url"
        ),
        (
            "alerts: { webhooks: [{ url: \"https://a\", secret: \(secret), events: [] }] }",
            "alerts.webhooks[0].events"
        ),
        (
            "alerts: { webhooks: [{ url: \"https://a\", secret: \(secret), events: [limits.*] }] }",
            "alerts.webhooks[0].events[0]"
        ),
        ("alerts: { email: { to: [a@b] } }", "alerts.email.from"),
        ("alerts: { email: { from: a@b } }", "alerts.email.to"),
        ("alerts: { email: { to: [a@b], from: a@b, events: null } }", "alerts.email.events"),
        // The members of before.
        ("alerts: { webhook: \"https://a\" }", "alerts.webhook"), ("alerts: { secret: x }", "alerts.secret"),
    ])
    func impossibleRecipientsAreErrors(text: String, path: String) { #expect(issues(text).map(\.path) == [path]) }

    @Test func theMemberOfBeforeIsCorrected() {
        #expect(issues("alerts: { webhook: \"https://a\" }").map(\.suggestion) == ["webhooks"])
    }

    @Test func aMistypedKindIsCorrected() {
        let found = issues(webhook("secret: \(Self.secret), events: [limit.reachd]"))
        #expect(found.map(\.suggestion) == ["limit.reached"])
    }

    /// Nothing that could be an option of a program, a second line or a second address.
    @Test(arguments: [
        "a", "@b", "a@", "a@b@c", "-oQ/tmp@b", "a b@c", "a@b\\nBcc: c@d", "a@b,c@d", "a@b;c", "<a@b>", "é@b", "a@b\\0",
        "\\\"a\\\"@b", "a(b)@c", "a@[::1]",
    ])
    func otherAddressesAreErrors(text: String) {
        #expect(issues("alerts: { email: { to: [\"\(text)\"], from: a@b } }").map(\.path) == ["alerts.email.to[0]"])
        #expect(issues("alerts: { email: { to: [a@b], from: \"\(text)\" } }").map(\.path) == ["alerts.email.from"])
    }

    @Test func longAddressesAreErrors() {
        let domain = String(repeating: "a", count: 252)
        #expect(issues("alerts: { email: { to: [a@\(domain)], from: a@b } }").isEmpty)
        #expect(issues("alerts: { email: { to: [aa@\(domain)], from: a@b } }").count == 1)
    }
}
