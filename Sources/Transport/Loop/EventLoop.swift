import CLinux
import Clocks
import Dispatch
import Synchronization

/// A single-threaded executor with its own sockets and deadlines: a serial dispatch queue and an epoll set.
///
/// The epoll descriptor is itself readable while a descriptor in it is ready. One Dispatch source on it wakes the queue. Its
/// handler processes ready sockets and tasks in rounds until nothing has been ready for ten milliseconds. A busy loop therefore
/// never returns to Dispatch, which costs two thread switches an event, and an idle loop holds no thread.
///
/// The loop is a `TaskExecutor`: a task that prefers it runs on it alone. A job from the loop itself goes to a local queue, a job
/// from another thread into the inbox. Sockets, buffers and deadlines of a loop therefore need no lock.
///
/// ```swift
/// let loop = try EventLoop(name: "example")
/// loop.spawn {
///     guard let connection = try? await Connector.connect(
///         to: "localhost", port: 80, on: loop, until: loop.now + .seconds(5)) else { return }
///     connection.socket.close()
/// }
/// ```
///
/// - Soundness of `@unchecked Sendable`: every stored variable is used on `queue` only, which `isCurrent` checks in debug
///   builds; `queue`, `source`, `timer` and `inbox` are safe to use from any thread.
/// - Soundness of `@exclusivity(unchecked)`: each access to such a variable ends before other code runs, so no two accesses can
///   overlap. The checks at run time cost a quarter of the instructions of an event.
package final class EventLoop: TaskExecutor, @unchecked Sendable {
    private let queue: DispatchQueue
    private let poller: Poller
    private let source: any DispatchSourceRead
    private let timer: any DispatchSourceTimer
    /// Work from other threads.
    private let inbox = Mutex<[@Sendable () -> Void]>([])

    /// Jobs that are ready and run in the next round.
    @exclusivity(unchecked) private var jobs: ContiguousArray<UnownedJob> = []
    /// The jobs of the present round. Empty between rounds, kept for its storage.
    @exclusivity(unchecked) private var running: ContiguousArray<UnownedJob> = []

    @exclusivity(unchecked) private var sockets = SocketTable()
    @exclusivity(unchecked) private var deadlines = DeadlineQueue()
    @exclusivity(unchecked) private var timerIsSetFor = MonotonicTime.never

    /// The clock of the loop's deadlines.
    package let clock: any TimeSource
    /// The clock's monotonic time at the start of the present round. Costs nothing to read. Use it on the loop only.
    ///
    /// Compute deadlines from it. Read `clock.monotonic` to measure the time within a round.
    @exclusivity(unchecked) package private(set) var now: MonotonicTime
    /// True for a clock that a test steps. It wakes the loop itself, since no timer can.
    private let isStepped: Bool

    /// A buffer for the bytes of one read. Its content is valid until the next `await`.
    package let readBuffer: UnsafeMutableRawBufferPointer

    /// A buffer for the bytes of one write. Every user leaves it empty before the next `await`.
    package var outputBuffer: [UInt8] = []

    /// A new loop.
    ///
    /// - Parameters:
    ///   - name: the label of the loop's queue.
    ///   - clock: the system's clocks, or a `SteppedTimeSource` in tests. No other clock works, since the system's timers
    ///     know only its own.
    package init(name: String, clock: any TimeSource = .system) throws(SystemError) {
        self.clock = clock
        now = clock.monotonic
        isStepped = clock is any SteppedTimeSource
        queue = DispatchQueue(label: name, qos: .userInitiated)
        poller = try Poller()
        readBuffer = .allocate(byteCount: Self.readBufferSize, alignment: 64)
        source = DispatchSource.makeReadSource(fileDescriptor: poller.descriptors.set, queue: queue)
        timer = DispatchSource.makeTimerSource(queue: queue)
        outputBuffer.reserveCapacity(Self.readBufferSize + 4096)
        // Weak: an event may already be on its way to the queue while the loop ends.
        source.setEventHandler { [weak self] in self?.runRounds() }
        timer.setEventHandler { [weak self] in
            self?.timerIsSetFor = .never
            self?.runRounds()
        }
        // Close the descriptors only after Dispatch has released them: the system reuses their numbers at once.
        source.setCancelHandler { [descriptors = poller.descriptors] in descriptors.close() }
        source.activate()
        timer.activate()
        // Empty work makes the loop begin a round, which reads the clock.
        if let stepped = clock as? any SteppedTimeSource { stepped.onStep { [weak self] in self?.execute {} } }
    }

    deinit {
        source.cancel()
        timer.cancel()
        readBuffer.deallocate()
    }

    /// Limits the process to `count` heaps, one for each loop. Call it while the process has only one thread.
    ///
    /// glibc has a heap for each thread, and Dispatch moves a loop between threads. The loop would take new memory from one
    /// heap while its freed memory stays in another.
    package static func limitHeaps(to count: Int) { CLinux_limitArenas(Int32(count)) }

    /// The most bytes of one read.
    package static let readBufferSize = 64 * 1024

    /// The time that the loop waits for more work before it returns to Dispatch, in milliseconds.
    ///
    /// One millisecond was too short: the kernel had to set the processor's timer before each wait.
    private static let linger: Int32 = 10

    /// True when the present code runs on this loop.
    package var isCurrent: Bool { CLinux_currentLoop() == Unmanaged.passUnretained(self).toOpaque() }

    // MARK: Running

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { jobs.append(job) } else { execute { [self] in jobs.append(job) } }
    }

    /// Starts `operation` as a task that runs on this loop. Any thread may call it.
    package func spawn(_ operation: @escaping @Sendable @concurrent () async -> Void) {
        Task(executorPreference: self, operation: operation)
    }

    /// Runs `work` on the loop in its next round. Any thread may call it.
    package func execute(_ work: @escaping @Sendable () -> Void) {
        let isFirst = inbox.withLock { inbox in
            inbox.append(work)
            return inbox.count == 1
        }
        if isFirst { poller.wake() }
    }

    /// Processes ready sockets, deadlines and jobs in rounds: neither a job that makes others ready nor a busy socket starves
    /// the rest.
    private func runRounds() {
        CLinux_setCurrentLoop(Unmanaged.passUnretained(self).toOpaque())
        while true {
            let events = poller.poll(waiting: pollTimeout)
            now = clock.monotonic
            // Ready sockets first: a peer that sent in time is not late because this loop was.
            for index in 0..<events { deliver(poller.event(at: index)) }
            wakeExpired()
            if events == 0 && jobs.isEmpty { break }
            runJobs()
        }
        setTimer()
        CLinux_setCurrentLoop(nil)
    }

    /// The most milliseconds that the next poll waits: the linger, or the time to the next deadline if that is shorter.
    private var pollTimeout: Int32 {
        guard jobs.isEmpty else { return 0 }
        let first = deadlines.first
        guard first > now else { return 0 }
        guard first != .never, !isStepped else { return Self.linger }
        return Int32(min(UInt64(Self.linger), (first.nanoseconds - now.nanoseconds) / 1_000_000 + 1))
    }

    private func runInbox() {
        let work = inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
        for work in work { work() }
    }

    /// Runs the jobs that are ready now. Jobs that they make ready run in the next round.
    private func runJobs() {
        swap(&jobs, &running)
        for job in running { job.runSynchronously(on: asUnownedTaskExecutor()) }
        running.removeAll(keepingCapacity: true)
    }

    // MARK: Readiness

    /// Adds `socket`. Call `unregister` before its descriptor is closed.
    func register(_ socket: Socket) throws(SystemError) {
        assert(isCurrent, "a socket belongs to the loop that made it")
        let token = sockets.insert(socket)
        do throws(SystemError) {
            try poller.add(socket.descriptor, token: token)
        } catch {
            sockets.remove(socket.descriptor)
            throw error
        }
    }

    func unregister(_ socket: Socket) {
        assert(isCurrent, "a socket belongs to the loop that made it")
        sockets.remove(socket.descriptor)
    }

    /// Ends the watch of a socket that others hold too, before its descriptor is closed here.
    func unwatch(_ socket: Socket) { poller.remove(socket.descriptor) }

    private func deliver(_ event: Poller.Event) {
        guard event.token != Poller.wakeToken else { return runInbox() }
        sockets.socket(for: event.token)?.takeUnretainedValue().becameReady(event.readiness)
    }

    // MARK: Deadlines

    /// Calls `socket.wakeIfLate` at `moment`.
    func watchDeadline(of socket: Socket, at moment: MonotonicTime) {
        deadlines.insert(moment, for: socket.descriptor)
    }

    private func wakeExpired() {
        guard deadlines.first <= now else { return }
        while let descriptor = deadlines.popExpired(at: now) {
            guard let socket = sockets.socket(at: descriptor)?.takeUnretainedValue() else { continue }
            if let later = socket.wakeIfLate(at: now) { watchDeadline(of: socket, at: later) }
        }
    }

    private func setTimer() {
        let first = deadlines.first
        guard !isStepped, first < timerIsSetFor else { return }
        timerIsSetFor = first
        timer.schedule(deadline: DispatchTime(uptimeNanoseconds: first.nanoseconds), leeway: .milliseconds(1))
    }
}
