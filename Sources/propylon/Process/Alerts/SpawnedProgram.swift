import Clocks
import Glibc
import Transport

/// A program that reads an input and ends. It gets no output, and of the environment only what programs need: other variables may
/// be secrets. All other descriptors close when it starts (FD_CLOEXEC). It is the first process of a group, which `end` can end.
struct SpawnedProgram: ~Copyable {
    /// The end of a program.
    enum End: Equatable {
        case exited(Int32)
        case signaled(Int32)
        /// It ran too long, and was killed.
        case timedOut
    }

    private static let inherited = ["HOME", "LANG", "LOGNAME", "PATH", "TZ", "USER"]

    private let process: pid_t

    /// Starts `arguments[0]` with `input` as its standard input.
    ///
    /// - Parameter input: Fits a pipe: 64 KiB. So it is written before the program starts, and one that ends early breaks nothing.
    /// - Throws: the error of the system.
    init(_ arguments: [String], input: [UInt8]) throws(SystemError) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError("pipe", errno) }
        defer { close(ends[0]) }
        let written: Int
        do {
            defer { close(ends[1]) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
            written = write(ends[1], input, input.count)
        }
        guard written == input.count else { throw SystemError("write", written < 0 ? errno : EMSGSIZE) }
        process = try Self.spawn(arguments, input: ends[0])
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

    /// Waits until the program ends. After `patience`, or when the task is cancelled, its group is killed.
    consuming func end(within patience: Duration) async -> End {
        let deadline = MonotonicTime.now + patience
        while true {
            var status: Int32 = 0
            // An interrupted call, as a program that runs, is looked at again.
            if waitpid(process, &status, WNOHANG) == process {
                return status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signaled(status & 0x7F)
            }
            if MonotonicTime.now >= deadline || Task.isCancelled {
                kill(-process, SIGKILL)
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                return .timedOut
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}
