import ArgumentParser
import Foundation
import Glibc
import Transport

/// What the program's end says to scripts.
enum ExitStatus: Int32 {
    /// Done.
    case done = 0
    /// It was asked for rightly, but could not be done.
    case failed = 1
    /// The command line is wrong.
    case wrongUsage = 2
    /// The configuration cannot be read or used.
    case badConfiguration = 3
}

/// Why a command ends without having done what it was asked: a text for people, and a status for scripts.
struct Failure: Error, CustomStringConvertible {
    let description: String
    let status: ExitStatus
    /// Whether the description consists of lines that say themselves that they are errors, and where.
    let isListing: Bool

    /// The failure that `message` explains: what, where, what to do.
    init(_ message: String, status: ExitStatus = .failed, isListing: Bool = false) {
        description = message
        self.status = status
        self.isListing = isListing
    }

    /// The failure that `error` explains.
    init(_ error: any Error, status: ExitStatus = .failed) {
        if let failure = error as? Failure {
            self = failure
        } else {
            self.init("\(error)", status: status)
        }
    }
}

extension Propylon {
    /// Runs the command of the command line, and ends with the status that is promised for it; the library's own status
    /// for wrong usage would be 64.
    static func main() async {
        // Here, where the process has one thread.
        EventLoop.limitHeaps(to: GatewayProcess.loopCount)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(error)
        }
    }

    private static func end(_ error: any Error) -> Never {
        if let failure = error as? Failure {
            complain(failure.isListing ? "\(failure)" : "error: \(failure)")
            Foundation.exit(failure.status.rawValue)
        }
        if exitCode(for: error) == .validationFailure {
            complain(fullMessage(for: error))
            Foundation.exit(ExitStatus.wrongUsage.rawValue)
        }
        // Help, the version, shell completions, and what is left.
        exit(withError: error)
    }
}

/// Writes a line for people to standard error, so that standard output holds results alone.
func complain(_ text: String) { writeLine(text, to: STDERR_FILENO) }

/// Writes a line in one piece. That nobody reads it is no fault: `FileHandle` would end the process.
func writeLine(_ text: String, to descriptor: Int32) {
    _ = Array((text + "\n").utf8).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
}
