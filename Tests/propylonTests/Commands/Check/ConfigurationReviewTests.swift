import Clocks
import Foundation
import Settings
import Testing

@testable import propylon

@Suite struct ConfigurationReviewTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The issues with the configuration `text`, which listens on free ports and has its data in the test's folder.
    private func issues(_ text: String, at now: Timestamp = .now) throws -> [ConfigurationIssue] {
        let (configuration, warnings, places) = try Configuration.load(
            text: text, file: "test.yaml", environment: ["LLMAAS_API_KEY": "sk-of-the-upstream"]
        ) { _ in "" }
        let file = ConfigurationFile(configuration: configuration, warnings: warnings, places: places)
        return ConfigurationReview(file, at: now).issues
    }

    private func lines(_ text: String, at now: Timestamp = .now) throws -> [String] {
        try issues(text, at: now).map { "\($0.line):\($0.column) \($0.severity.rawValue) \($0.path)" }
    }

    /// A new certificate, valid for thirty days from now on.
    private func certificate(_ name: String) throws -> (certificate: String, key: String) {
        let certificates = TestCertificates(folder: folder)
        return (try certificates.make(name), certificates.key(name))
    }

    @Test func theDefaultsHaveNoIssue() throws {
        #expect(try issues("data: \(folder.path)/data\n").isEmpty)
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/data"))
    }

    @Test func everyFileIsOpened() throws {
        let text = """
            data: \(folder.path)
            listen:
              - 127.0.0.1:0
              - address: 127.0.0.1:0
                tls: { certificate: /none/a.pem, key: /none/a.key, client_ca: /none/ca.pem }
            upstream:
              ca_file: /none/b.pem
            log: { access_file: /none/access.log }
            alerts: { email: { to: [a@b], from: a@b, sendmail: /none/sendmail } }
            """
        #expect(
            try lines(text) == [
                "5:25 error listen[1].tls.certificate", "5:43 error listen[1].tls.key",
                "5:67 error listen[1].tls.client_ca", "7:12 error upstream.ca_file", "8:21 error log.access_file",
                "9:52 warning alerts.email.sendmail",
            ])
        #expect(
            try issues(text).first?.message == "the file /none/a.pem cannot be opened: No such file or directory")
    }

    @Test func filesOfAnotherKindAreErrors() throws {
        let text = try folder.write("no certificate\n", to: "text")
        let issues = try issues(
            "data: \(text)/data\nlisten: { address: 127.0.0.1:0, tls: { certificate: \(text), key: \(text) } }\n"
                + "upstream: { ca_file: \(text) }\n")
        #expect(issues.map(\.path) == ["listen.tls", "upstream.ca_file", "data"])
        #expect(issues.allSatisfy { $0.severity == .error })
    }

    @Test func certificatesHaveTheirKeyAndTheirTime() throws {
        let (certificate, key) = try certificate("own")
        func text(_ key: String) -> String {
            "data: \(folder.path)\nadmin:\n  listen:\n    address: 127.0.0.1:0\n    tls:\n      certificate: \(certificate)\n"
                + "      key: \(key)\n"
        }
        #expect(try lines(text(key)).isEmpty)
        let other = try self.certificate("other").key
        #expect(try lines(text(other)) == ["6:7 error admin.listen.tls"])
        #expect(try issues(text(other)).first?.message.contains("does not belong to the certificate") == true)
        let soon = Timestamp.now + .seconds(10 * 86_400)
        #expect(try lines(text(key), at: soon) == ["6:20 warning admin.listen.tls.certificate"])
        let later = Timestamp.now + .seconds(31 * 86_400)
        #expect(try lines(text(key), at: later) == ["6:20 error admin.listen.tls.certificate"])
        let earlier = Timestamp.now + .seconds(-86_400)
        #expect(try lines(text(key), at: earlier) == ["6:20 warning admin.listen.tls.certificate"])
    }

    @Test func authoritiesHaveTheirTime() throws {
        let (certificate, key) = try certificate("own")
        let text = """
            data: \(folder.path)
            listen: { address: 127.0.0.1:0, tls: { certificate: \(certificate), key: \(key), client_ca: \(certificate) } }
            upstream: { base_url: "https://127.0.0.1:9/v1", ca_file: \(certificate) }
            """
        #expect(try issues(text).isEmpty)
        let members = ["listen.tls.certificate", "listen.tls.client_ca", "upstream.ca_file"]
        for (days, severity) in [(10, ConfigurationIssue.Severity.warning), (31, .error)] {
            let issues = try issues(text, at: Timestamp.now + .seconds(days * 86_400))
            #expect(issues.map(\.path) == members)
            #expect(issues.allSatisfy { $0.severity == severity })
        }
    }

    @Test func addressesAreThoseOfThisMachine() throws {
        #expect(try lines("data: \(folder.path)\nlisten: gateway.example:80\n") == ["2:9 error listen"])
        // TEST-NET-1 (RFC 5737) is no address of any machine.
        #expect(
            try lines("data: \(folder.path)\nlisten: [127.0.0.1:0, 192.0.2.1:80]\n") == ["2:23 warning listen[1]"])
    }

    @Test func theUpstreamNeedsItsKeys() throws {
        let text = "data: \(folder.path)\nupstream:\n  api_keys: []\n"
        #expect(try lines(text) == ["3:13 warning upstream.api_keys"])
        #expect(try lines(text + "  base_url: http://127.0.0.1:9\n").isEmpty)
        let fallback = "  fallbacks:\n    - base_url: https://api.ai.cloud-temple.com/v1\n"
        #expect(
            try lines("data: \(folder.path)\nupstream:\n" + fallback) == ["4:7 warning upstream.fallbacks[0]"])
    }

    @Test func namesOfModelsAndEndpointsAreKnown() throws {
        let text = """
            data: \(folder.path)
            tiers:
              student:
                models: ["gpt-oss:*", "gpt-os:*", "llama:7b", "own:1b"]
                endpoints: ["chat/*", "chat/completion"]
                per_model: { "gpt-oss:12b": { tokens_per_day: 5 } }
            models:
              aliases: { gpt-4o: "gpt-oss:120", small: "own:1b" }
              prices: { "own:1b": { input: 1 }, "gemma3:27b": { input: 1 } }
              energy_kwh_per_million_tokens: { "voxtrall": 1 }
            """
        let issues = try issues(text)
        #expect(issues.allSatisfy { $0.severity == .warning })
        #expect(
            issues.map { "\($0.path) \($0.suggestion ?? "-")" } == [
                "tiers.student.endpoints[1] chat/completions", "tiers.student.models[1] gpt-oss:*",
                "tiers.student.models[2] -", "tiers.student.per_model.gpt-oss:12b gpt-oss:120b",
                "models.aliases.gpt-4o gpt-oss:120b", "models.prices.own:1b -",
                "models.energy_kwh_per_million_tokens.voxtrall voxtral",
            ])
        #expect(issues.first.map { "\($0.line):\($0.column)" } == "5:27")
        #expect(issues.last.map { "\($0.line):\($0.column)" } == "10:36")
        // Models of another upstream stand in no catalogue; endpoints are the gateway's own.
        #expect(try self.issues(text + "\nupstream: { base_url: http://127.0.0.1:9 }\n").map(\.path).count == 1)
    }
}
