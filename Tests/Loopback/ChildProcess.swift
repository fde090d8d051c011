import Foundation

/// Another program, which runs beside the test. Descriptors that are not close-on-exec are inherited.
///
/// Foundation's `Process` copies an entry of /proc/self/fd with the bytes after it, which the address sanitizer reports.
package final class ChildProcess {
    /// The program could not be started, for the reason of this error number.
    package struct NotStarted: Error { let code: Int32 }

    /// The number of the process.
    package let number: pid_t
    private var end: Int32?

    /// Starts `program`, a path or a name that the system looks up.
    ///
    /// - Parameters:
    ///   - arguments: The arguments after the program's name.
    ///   - variables: Variables of its environment beside those of this process.
    ///   - input: The descriptor that it reads from; nil for none.
    ///   - output: The descriptor that it writes to; nil for none. Its errors go nowhere.
    package init(
        _ program: String, _ arguments: [String], variables: [String: String] = [:], input: Int32? = nil,
        output: Int32? = nil
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (stream, descriptor) in [(STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, nil)] {
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, stream)
            } else {
                posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
            }
        }
        let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }.map { "\($0)=\($1)" }
        let pointers = [[program] + arguments, environment].map { $0.map { strdup($0) } + [nil] }
        defer { for pointer in pointers.joined() { free(pointer) } }
        var number: pid_t = 0
        let code = posix_spawnp(&number, program, &actions, nil, pointers[0], pointers[1])
        guard code == 0 else { throw NotStarted(code: code) }
        self.number = number
    }

    /// Starts this test program again, with the one test whose name is `filter`.
    package convenience init(test filter: String, variables: [String: String]) throws {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        try self.init(program, ["--testing-library", "swift-testing", "--filter", filter], variables: variables)
    }

    /// True until the process has ended.
    package var isRunning: Bool { look(WNOHANG) == nil }

    /// Waits for the end. Returns the exit status, or minus the number of the signal that ended the process.
    @discardableResult
    package func wait() -> Int32 {
        while true { if let end = look(0) { return end } }
    }

    /// Ends the process at once. It may have inherited this one's blocked signals, which do not include SIGKILL.
    package func kill() {
        guard isRunning else { return }
        Foundation.kill(number, SIGKILL)
        wait()
    }

    private func look(_ options: Int32) -> Int32? {
        var status: Int32 = 0
        guard end == nil else { return end }
        let found = waitpid(number, &status, options)
        precondition(found >= 0 || errno == EINTR, "somebody else has waited for the process")
        if found == number { end = status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F) }
        return end
    }
}
