import CLinux
import Clocks
import Glibc
import Transport

/// A program that reads an input and ends. It gets no output, and of the environment only what programs need: other variables may
/// be secrets. All other descriptors close when it starts (FD_CLOEXEC). It is the first process of a group, which `end` can end.
struct SpawnedProgram: ~Copyable {
    /// The end of a program.
    enum End: Equatable, Sendable {
        case exited(Int32)
        case signaled(Int32)
        /// It ran too long, and was killed.
        case timedOut
        /// It ran too long, and still runs: this user may not kill it, or it waits for a device.
        case unending
        /// It ended, and the system does not tell how, since this process was started with SIGCHLD ignored.
        case unknown
    }

    private static let inherited = ["HOME", "LANG", "LOGNAME", "PATH", "TZ", "USER"]

    private let process: pid_t

    /// Starts `arguments[0]` with `input` as its standard input.
    ///
    /// - Throws: the error of the system.
    init(_ arguments: [String], input: [UInt8]) throws(SystemError) {
        let file = try Self.file(with: input)
        defer { close(file) }
        process = try Self.spawn(arguments, input: file)
    }

    /// A file in memory with `bytes`, at its beginning: unlike a pipe it takes all of them before somebody reads, and a program
    /// that ends early breaks nothing.
    private static func file(with bytes: [UInt8]) throws(SystemError) -> CInt {
        let file = CLinux_memoryFile("propylon-input")
        guard file >= 0 else { throw SystemError("memfd_create", errno) }
        let written = pwrite(file, bytes, bytes.count, 0)
        guard written == bytes.count else {
            let error = SystemError("pwrite", written < 0 ? errno : ENOSPC)
            close(file)
            throw error
        }
        return file
    }

    private static func spawn(_ arguments: [String], input: CInt) throws(SystemError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        for output in [1, 2] as [CInt] { posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0) }

        // Signals that this process ignores or blocks have their defaults there.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: flags))

        var pointers = arguments.map { strdup($0) } + [nil]
        var environment =
            inherited.compactMap { name in
                getenv(name).map { strdup("\(name)=\(String(cString: $0))") }
            } + [nil]
        defer { for pointer in pointers + environment { free(pointer) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, arguments[0], &actions, &attributes, &pointers, &environment)
        guard code == 0 else { throw SystemError(arguments[0], code) }
        return process
    }

    /// Waits until the program ends. After `patience`, or when the task is cancelled, its group is killed, and has `grace` to end.
    ///
    /// - Parameter kill: Ends a group of processes.
    consuming func end(
        within patience: Duration, grace: Duration = .seconds(5),
        kill: (pid_t) -> Void = { _ = Glibc.kill(-$0, SIGKILL) }
    ) async -> End {
        let deadline = MonotonicTime.now + patience
        while MonotonicTime.now < deadline, !Task.isCancelled {
            if let end = Self.end(of: process) { return end }
            try? await Task.sleep(for: Self.pause)
        }
        kill(process)
        let process = process
        // Not a part of this task, which may be cancelled.
        return await Task.detached {
            let deadline = MonotonicTime.now + grace
            while MonotonicTime.now < deadline {
                if Self.end(of: process) != nil { return .timedOut }
                try? await Task.sleep(for: Self.pause)
            }
            Task.detached { while Self.end(of: process) == nil { try? await Task.sleep(for: .seconds(1)) } }
            return .unending
        }.value
    }

    /// The time between two looks.
    private static let pause = Duration.milliseconds(20)

    /// The end of `process`, after which the system forgets it; nil while it runs.
    private static func end(of process: pid_t) -> End? {
        var status: Int32 = 0
        switch waitpid(process, &status, WNOHANG) {
        case process: return status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signaled(status & 0x7F)
        case -1 where errno == ECHILD: return .unknown
        // It runs, or the call was interrupted.
        default: return nil
        }
    }
}
