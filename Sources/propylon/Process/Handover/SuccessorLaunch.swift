import Dispatch
import Glibc
import Logging

/// Starts the program again, to take over from this process: the file of the program may be a newer version by now.
enum SuccessorLaunch {
    static let flag = "--take-over"

    /// Starts the successor with the arguments and the environment of this process.
    static func start(log: Logger) {
        let arguments = Self.arguments(CommandLine.arguments)
        var pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, arguments[0], nil, nil, &pointers, environ)
        guard code == 0 else {
            return log.error("the successor cannot be started: \(String(cString: strerror(code)))")
        }
        log.notice("the successor is starting", metadata: ["process": "\(process)"])
        // Without a wait the ended process would stay in the system's table.
        DispatchQueue.global(qos: .utility).async { [process] in
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            log.error(
                "the successor has ended", metadata: ["process": "\(process)", "status": "\(status >> 8 & 0xFF)"])
        }
    }

    /// The arguments of the successor of a process with `arguments`.
    static func arguments(_ arguments: [String]) -> [String] {
        arguments.contains(flag) ? arguments : arguments + [flag]
    }
}
