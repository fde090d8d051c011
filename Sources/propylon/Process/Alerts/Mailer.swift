import Clocks
import Settings
import Transport

/// Hands alerts as mail to a `sendmail` program, which has a minute for each.
struct Mailer: AlertChannel {
    let email: Configuration.Email
    /// The time after which the program is ended.
    let patience: Duration

    init(_ email: Configuration.Email, patience: Duration = .seconds(60)) {
        self.email = email
        self.patience = patience
    }

    func deliver(_ message: AlertMessage) async -> AlertOutcome {
        let mail = MailMessage(from: email.from, to: email.to, alert: message)
        let arguments = [email.sendmail, "-i", "-f", email.from, "--"] + email.to
        do throws(SystemError) {
            let program = try SpawnedProgram(arguments, input: mail.bytes)
            switch await program.end(within: patience) {
            case .exited(0): return .delivered("\(email.sendmail) took the mail")
            case .exited(let status): return .failed("\(email.sendmail) ended with status \(status)")
            case .signaled(let signal): return .failed("\(email.sendmail) was ended by signal \(signal)")
            case .unknown: return .failed("\(email.sendmail) ended with an unknown status: SIGCHLD is ignored")
            case .unending: return .failed("\(email.sendmail) did not end within \(patience), and cannot be ended")
            case .timedOut: return .failed("\(email.sendmail) did not end within \(patience), and was ended")
            }
        } catch { return .failed("the mail program cannot be started: \(error)") }
    }
}
