import Clocks
import Foundation
import Glibc
import Loopback
import Policy
import Settings
import Testing

@testable import propylon

@Suite(.ownThread) struct MailerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A program with `script` as its text. Two `%` stand for the folder.
    private func program(_ script: String) throws -> String {
        let path = try folder.write("#!/bin/sh\n" + script.replacing("%%", with: folder.path) + "\n", to: "sendmail")
        #expect(chmod(path, 0o700) == 0)
        return path
    }

    private func mailer(_ program: String, patience: Duration = .seconds(60)) throws -> Mailer {
        let text = "to: [a@b.example, c@d.example], from: e@f.example, sendmail: \(program)"
        let email = try configuration("alerts: { email: { \(text) } }\n").alerts.email
        return Mailer(try #require(email), patience: patience)
    }

    private func message(_ detail: String? = nil) throws -> AlertMessage {
        AlertMessage(
            NumberedEvent(3, Event(at: Timestamp(seconds: 5), .storeRecovered, "store", detail: detail), keyName: nil),
            from: try .test())
    }

    private func text(_ name: String) -> String? {
        try? String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
    }

    @Test func theProgramGetsTheMessageAndTheAddresses() async throws {
        let path = try program("printf '%s\\n' \"$@\" > %%/arguments; env > %%/environment; cat > %%/mail")
        setenv("PROPYLON_TEST_SECRET", "swordfish", 1)
        #expect(try await mailer(path).deliver(try message()) == .delivered("\(path) took the mail"))
        #expect(text("arguments") == "-i\n-f\ne@f.example\n--\na@b.example\nc@d.example\n")
        let email = try mailer(path).email
        let mail = MailMessage(from: email.from, to: email.to, alert: try message())
        #expect(text("mail") == String(decoding: mail.bytes, as: UTF8.self))
        #expect(text("environment")?.contains("PATH=") == true)
        #expect(text("environment")?.contains("swordfish") == false)
    }

    @Test(arguments: [1, 75, 255]) func anotherStatusFails(status: Int) async throws {
        let path = try program("cat > /dev/null; exit \(status)")
        #expect(try await mailer(path).deliver(try message()) == .failed("\(path) ended with status \(status)"))
    }

    /// A program that reads nothing breaks no pipe.
    @Test func aProgramThatDoesNotReadMayEnd() async throws {
        let path = try program("exit 0")
        for _ in 0..<20 { #expect(try await mailer(path).deliver(try message()).isDelivered) }
    }

    @Test func aProgramThatDiesFails() async throws {
        let path = try program("kill -KILL $$")
        #expect(try await mailer(path).deliver(try message()) == .failed("\(path) was ended by signal 9"))
    }

    /// Its children too: the pid of the inner one is gone.
    @Test func aProgramThatHangsIsEnded() async throws {
        let path = try program("sleep 600 & echo $! > %%/child; wait")
        let start = MonotonicTime.now
        let outcome = try await mailer(path, patience: .seconds(1)).deliver(try message())
        #expect(outcome == .failed("\(path) did not end within 1.0 seconds, and was ended"))
        #expect(MonotonicTime.now - start < .seconds(30))
        let child = try #require(text("child").flatMap { Int32($0.dropLast()) })
        let isGone = await eventually { kill(child, 0) != 0 || Self.isZombie(child) }
        #expect(isGone)
    }

    /// An ended orphan may wait for a first process that does not ask for it, as in containers.
    private static func isZombie(_ process: Int32) -> Bool {
        (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8))?.contains(") Z ") ?? true
    }

    @Test func aCancelledDeliveryEndsTheProgram() async throws {
        let path = try program("echo > %%/begun; sleep 600")
        let (mailer, message) = (try mailer(path), try message())
        let delivery = Task { await mailer.deliver(message) }
        let hasBegun = await eventually { text("begun") != nil }
        #expect(hasBegun)
        delivery.cancel()
        #expect(await !delivery.value.isDelivered)
    }

    @Test(arguments: ["/no/such/program", "/etc/passwd", "/"]) func aMissingProgramFails(path: String) async throws {
        guard case .failed(let reason, nil) = try await mailer(path).deliver(try message()) else {
            Issue.record("there is no such program, and it is no failure")
            return
        }
        #expect(reason.hasPrefix("the mail program cannot be started: \(path): "))
    }

    @Test func aMessageBeyondAPipeFails() async throws {
        let path = try program("cat > /dev/null")
        #expect(try await mailer(path).deliver(try message(String(repeating: "a", count: 40_000))).isDelivered)
        #expect(try await !mailer(path).deliver(try message(String(repeating: "a", count: 70_000))).isDelivered)
    }
}
