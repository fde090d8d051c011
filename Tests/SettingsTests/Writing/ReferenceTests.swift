import Foundation
import Policy
import Testing

@testable import Settings

@Suite struct ReferenceTests {
    private static let marker = "<!-- Generated from the members of the configuration; see ReferenceTests. -->\n"

    private static var file: URL {
        let file = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        let root = (0..<4).reduce(file) { url, _ in url.deletingLastPathComponent() }
        return root.appendingPathComponent("config/README.md")
    }

    /// Writes the file anew with `PROPYLON_WRITE_REFERENCE=1 swift test --filter ReferenceTests`.
    @Test func configurationPageIsUpToDate() throws {
        let page = try String(contentsOf: Self.file, encoding: .utf8)
        let mark = try #require(page.firstRange(of: Self.marker))
        let generated = page[..<mark.upperBound] + "\n" + Configuration.reference()
        if ProcessInfo.processInfo.environment["PROPYLON_WRITE_REFERENCE"] != nil {
            try Data(generated.utf8).write(to: Self.file)
        } else {
            let isCurrent = page == generated
            #expect(isCurrent, "config/README.md is out of date: PROPYLON_WRITE_REFERENCE=1 writes it anew")
        }
    }

    @Test func defaultsComeFromTheConfiguration() {
        let reference = Configuration.reference()
        #expect(
            reference.contains("| `body_bytes` | size, 1KiB to 1024GiB | `64MiB` | Size of the body of a request. |"))
        #expect(reference.contains("Size of the head of a request. A change takes effect at the next start. |"))
        #expect(reference.contains("| `weight` | whole number, 1 to 1000 | `1` |"))
        #expect(reference.contains("| `alert_at` | list of: whole number, 1 to 100 | `[80, 100]` |"))
        #expect(reference.contains("| `input` | price in EUR per million, at least 0, at most 3 decimals | `1.8` |"))
    }

    @Test(arguments: LimitKind.allCases) func everyLimitIsThere(kind: LimitKind) {
        #expect(Configuration.memberPaths.contains("tiers.*.\(kind.rawValue)"))
    }

    @Test func pathsAreUnique() {
        let paths = Configuration.memberPaths
        #expect(Set(paths).count == paths.count)
    }

    @Test func examplesAreValid() throws {
        var count = 0
        for block in Configuration.reference().components(separatedBy: "```yaml\n").dropFirst() {
            let yaml = block.components(separatedBy: "\n```")[0]
            let found = issues(
                yaml,
                files: [
                    "/run/secrets/llmaas_api_key": "upstream-key-1", "/run/secrets/fallback_key": "upstream-key-2",
                    "/run/secrets/propylon_alerts": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                    "/run/secrets/propylon_billing": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
                    "/run/secrets/monitoring_token": "t1",
                    "/run/secrets/research_token": "t2", "/run/secrets/otlp_token": "t3",
                ])
            #expect(found.isEmpty, "\(yaml)")
            count += 1
        }
        #expect(count >= 8)
    }

    @Test func everyMemberHasAMeaning() {
        func check(_ members: [MemberReference]) {
            for member in members {
                #expect(member.meaning.hasSuffix("."), "\(member.name)")
                check(member.members)
            }
        }
        check(Configuration.members.map { $0.reference(Configuration(machineName: "here")) })
    }
}
