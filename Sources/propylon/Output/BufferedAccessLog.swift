import Clocks
import Dispatch
import Gateway
import Glibc
import Logging
import Settings
import Synchronization

/// The access log. Lines are collected in memory and written in batches, 20 ms after the first line at the latest, on a
/// separate queue. Event loops only wait for a short lock.
///
/// Up to `capacity` bytes wait for a slow file or terminal. Lines beyond are dropped and counted.
final class BufferedAccessLog: AccessLog {
    private static let capacity = 4 << 20
    /// Bytes of one write.
    private static let batch = 64 << 10
    private static let delay = DispatchTimeInterval.milliseconds(20)

    private struct Buffer: Sendable {
        var bytes: [UInt8] = []
        /// The clocks that lines for people are of.
        var time: TimeText
        /// Lines that were dropped since the start.
        var dropped = 0
        /// Dropped lines that the log has reported.
        var reported = 0
        /// True while a write is scheduled or in progress.
        var isScheduled = false
    }

    private let format: Configuration.LogFormat
    /// The file; nil for standard error.
    private let path: String?
    private let log: Logger
    private let buffer: Mutex<Buffer>
    private let queue = DispatchQueue(label: "propylon.access-log", qos: .utility)
    /// The open file. Used on `queue` alone after its opening.
    private let descriptor: Mutex<Int32>

    /// The file cannot be opened.
    struct OpenError: Error, CustomStringConvertible {
        let path: String
        let code: Int32

        var description: String {
            "the access log \(path) cannot be opened: \(String(cString: strerror(code))); check log.access_file"
        }
    }

    /// A log in the file at `path`, or on standard error for nil. Lines for people have times as `time` says.
    init(path: String?, format: Configuration.LogFormat, time: TimeText, log: Logger) throws(OpenError) {
        buffer = Mutex(Buffer(time: time))
        self.path = path
        self.format = format
        self.log = log
        descriptor = Mutex(try path.map { path throws(OpenError) in try Self.open(path) } ?? STDERR_FILENO)
    }

    deinit { if path != nil { _ = Glibc.close(descriptor.withLock { $0 }) } }

    private static func open(_ path: String) throws(OpenError) -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw OpenError(path: path, code: errno) }
        return descriptor
    }

    func write(_ entry: borrowing AccessEntry) {
        let wait: DispatchTimeInterval? = buffer.withLock { buffer in
            guard buffer.bytes.count < Self.capacity else {
                buffer.dropped += 1
                return nil
            }
            AccessLine.append(entry, as: format, buffer.time, to: &buffer.bytes)
            guard !buffer.isScheduled else { return nil }
            buffer.isScheduled = true
            return Self.delay
        }
        if let wait { queue.asyncAfter(deadline: .now() + wait) { [self] in drain() } }
    }

    /// Writes times as `time` says from now on.
    func use(_ time: TimeText) { buffer.withLock { $0.time = time } }

    /// Lines that were dropped since the start.
    var dropped: Int { buffer.withLock { $0.dropped } }

    /// Reopens the file after a rotation. Earlier lines go to the old one.
    func reopen() {
        guard let path else { return }
        queue.async { [self] in
            drain()
            do throws(OpenError) {
                let new = try Self.open(path)
                let old = descriptor.withLock { descriptor in
                    let old = descriptor
                    descriptor = new
                    return old
                }
                _ = Glibc.close(old)
            } catch {
                log.error("\(error); lines still go to the old file")
            }
        }
    }

    /// Writes the lines that are left. Returns after at most two seconds.
    func close() {
        let isDone = DispatchSemaphore(value: 0)
        queue.async { [self] in
            drain()
            isDone.signal()
        }
        _ = isDone.wait(timeout: .now() + 2)
    }

    private func drain() {
        let descriptor = descriptor.withLock { $0 }
        while let bytes = take() { Self.write(bytes, to: descriptor) }
    }

    /// The collected bytes. Returns nil where there are none; the next line then schedules a write.
    private func take() -> [UInt8]? {
        let (bytes, newlyDropped) = buffer.withLock { buffer in
            let taken = buffer.bytes
            let newlyDropped = buffer.dropped - buffer.reported
            buffer.bytes = []
            buffer.reported = buffer.dropped
            buffer.isScheduled = !taken.isEmpty
            return (taken, newlyDropped)
        }
        if newlyDropped > 0 {
            log.warning(
                "lines of the access log are dropped: its file or terminal is too slow",
                metadata: ["lines_dropped": "\(newlyDropped)"])
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// Writes all of `bytes`. A full disk or a closed pipe loses them, and requests continue.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + start, min(batch, $0.count - start))
            }
            if count > 0 {
                start += count
            } else if count < 0, errno == EAGAIN {
                // Standard error may be shared with a process that made it non-blocking.
                var readiness = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&readiness, 1, 1000)
            } else if count == 0 || errno != EINTR {
                return
            }
        }
    }
}
