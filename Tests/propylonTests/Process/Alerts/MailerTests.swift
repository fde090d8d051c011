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

    /// Delivers `message`. The file of the program may be busy for a moment: another test's process, which has just been made, has
    /// it open until its own program starts.
    private func deliver(_ message: AlertMessage, by mailer: Mailer) async -> AlertOutcome {
        while true {
            let outcome = await mailer.deliver(message)
            guard outcome.text.hasSuffix("Text file busy") else { return outcome }
            await Task.yield()
        }
    }

    private func text(_ name: String) -> String? {
        try? String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
    }

    @Test func theProgramGetsTheMessageAndTheAddresses() async throws {
        let path = try program("printf '%s\\n' \"$@\" > %%/arguments; env > %%/environment; cat > %%/mail")
        setenv("PROPYLON_TEST_SECRET", "swordfish", 1)
        #expect(try await deliver(try message(), by: mailer(path)) == .delivered("\(path) took the mail"))
        #expect(text("arguments") == "-i\n-f\ne@f.example\n--\na@b.example\nc@d.example\n")
        let email = try mailer(path).email
        let mail = MailMessage(from: email.from, to: email.to, alert: try message())
        #expect(text("mail") == String(decoding: mail.bytes, as: UTF8.self))
        #expect(text("environment")?.contains("PATH=") == true)
        #expect(text("environment")?.contains("swordfish") == false)
    }

    @Test(arguments: [1, 75, 255]) func anotherStatusFails(status: Int) async throws {
        let path = try program("cat > /dev/null; exit \(status)")
        #expect(try await deliver(try message(), by: mailer(path)) == .failed("\(path) ended with status \(status)"))
    }

    /// A program that reads nothing breaks no pipe.
    @Test func aProgramThatDoesNotReadMayEnd() async throws {
        let path = try program("exit 0")
        for _ in 0..<20 { #expect(try await deliver(try message(), by: mailer(path)).isDelivered) }
    }

    @Test func aProgramThatDiesFails() async throws {
        let path = try program("kill -KILL $$")
        #expect(try await deliver(try message(), by: mailer(path)) == .failed("\(path) was ended by signal 9"))
    }

    /// Its children too: the pid of the inner one is gone.
    @Test func aProgramThatHangsIsEnded() async throws {
        let path = try program("sleep 600 & echo $! > %%/child; wait")
        let start = MonotonicTime.now
        let outcome = try await deliver(try message(), by: mailer(path, patience: .seconds(1)))
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
        let delivery = Task { await deliver(message, by: mailer) }
        let hasBegun = await eventually { text("begun") != nil }
        #expect(hasBegun)
        delivery.cancel()
        #expect(await !delivery.value.isDelivered)
    }

    @Test(arguments: ["/no/such/program", "/etc/passwd", "/"]) func aMissingProgramFails(path: String) async throws {
        guard case .failed(let reason, nil) = try await deliver(try message(), by: mailer(path)) else {
            Issue.record("there is no such program, and it is no failure")
            return
        }
        #expect(reason.hasPrefix("the mail program cannot be started: \(path): "))
    }

    /// A pipe holds 64 KiB, and a program that is slow, or reads nothing, holds nobody up.
    @Test(arguments: [0, 40_000, 70_000, 5_000_000]) func messagesHaveAnySize(count: Int) async throws {
        let path = try program("ls -l /proc/$$/fd | grep -c propylon-input > %%/inputs; sleep 0.1; cat > %%/mail")
        let mailer = try mailer(path)
        let message = try message(String(repeating: "a", count: count))
        #expect(await deliver(message, by: mailer).isDelivered)
        let mail = MailMessage(from: mailer.email.from, to: mailer.email.to, alert: message)
        #expect(text("mail") == String(decoding: mail.bytes, as: UTF8.self))
        // Its standard input alone.
        #expect(text("inputs") == "1\n")
        let deaf = try program("exit 0")
        #expect(await deliver(message, by: try self.mailer(deaf)).isDelivered)
    }

    /// As one of another user, which the gateway may not kill. Once it has ended, the system forgets it.
    @Test func aProgramThatCannotBeEndedHoldsNobodyUp() async throws {
        var process: pid_t = 0
        let program = try SpawnedProgram(["/bin/sleep", "600"], input: [])
        let end = await program.end(within: .milliseconds(50), grace: .milliseconds(50)) { process = $0 }
        #expect(end == .unending)
        try #require(process > 0)
        #expect(kill(process, SIGKILL) == 0)
        let isGone = await eventually { [process] in kill(process, 0) != 0 }
        #expect(isGone)
    }
}
