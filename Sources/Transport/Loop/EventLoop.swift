import CLinux
import Clocks
import Dispatch
import HeapModule
import Synchronization

/// One thread's worth of work: a serial dispatch queue and an epoll set.
///
/// The epoll descriptor is itself readable while anything in it is ready. One Dispatch source on it wakes the queue, whose
/// handler takes all that is ready, runs the tasks that waited for it, and goes on until nothing has been ready for ten
/// milliseconds: readiness comes in batches, a busy loop never goes back to Dispatch (which costs two thread switches an event),
/// and an idle one holds no thread.
///
/// The loop is a `TaskExecutor`. A task that prefers it runs on it alone: a job made ready by the loop itself goes to a local
/// queue, one from elsewhere into the inbox. So what belongs to a loop (its sockets, buffers, deadlines) needs no lock.
///
/// - Soundness of `@unchecked Sendable`: every stored variable is touched on `queue` only, which `isCurrent` checks in debug
///   builds; `queue`, `source`, `timer` and `inbox` are safe to use from anywhere.
package final class EventLoop: TaskExecutor, @unchecked Sendable {
    private let queue: DispatchQueue
    private let poller: Poller
    private let source: any DispatchSourceRead
    private let timer: any DispatchSourceTimer
    /// Work from elsewhere.
    private let inbox = Mutex<[@Sendable () -> Void]>([])

    /// Made ready, and not run yet.
    private var jobs: ContiguousArray<UnownedJob> = []
    /// The jobs of the present round: empty between rounds, and kept for its storage.
    private var running: ContiguousArray<UnownedJob> = []

    private var registrations: ContiguousArray<Registration> = []
    private var deadlines = Heap<Deadline>()
    private var timerIsSetFor = MonotonicTime.never

    /// The clock that the loop's deadlines are moments of.
    package let clock: any TimeSource
    /// The clock's monotonic moment at the start of the present round. Costs nothing to read; to be used on the loop.
    ///
    /// Compute deadlines from it. To measure how long something took within a round, read `clock.monotonic`.
    package private(set) var now: MonotonicTime
    /// True for a clock that a test steps: it wakes the loop itself, as no timer can.
    private let isStepped: Bool

    /// Lent to whoever reads, for the moment in which bytes are there: nothing may stay in it across an `await`.
    package let readBuffer: UnsafeMutableRawBufferPointer

    /// Lent in the same way to whoever writes; left empty by every user.
    package var outputBuffer: [UInt8] = []

    /// A loop of its own.
    ///
    /// - Parameters:
    ///   - name: the label of the loop's queue.
    ///   - clock: where the loop's moments come from: the system's clocks, or a `SteppedTimeSource` in tests.
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
        source.setEventHandler { [weak self] in self?.turn() }
        timer.setEventHandler { [weak self] in
            self?.timerIsSetFor = .never
            self?.turn()
        }
        // Not before Dispatch has let go of it: the number may be in use again at once.
        source.setCancelHandler { [descriptors = poller.descriptors] in descriptors.close() }
        source.activate()
        timer.activate()
        // An empty piece of work makes the loop begin a round, which reads the clock.
        if let stepped = clock as? any SteppedTimeSource { stepped.onStep { [weak self] in self?.execute {} } }
    }

    deinit {
        source.cancel()
        timer.cancel()
        readBuffer.deallocate()
    }

    /// Has the process keep `count` heaps at most, one for each loop. To be called while there is only one thread.
    ///
    /// glibc has a heap for each thread. Dispatch runs a loop now on one thread, then on another, so that it would take new memory
    /// from one heap while what it has freed lies in the others.
    package static func limitHeaps(to count: Int) { CLinux_limitArenas(Int32(count)) }

    /// How much one read takes at most, in bytes.
    package static let readBufferSize = 64 * 1024

    /// Whether the caller's code runs on this loop.
    package var isCurrent: Bool { CLinux_currentLoop() == Unmanaged.passUnretained(self).toOpaque() }

    // MARK: Running

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { jobs.append(job) } else { execute { [self] in jobs.append(job) } }
    }

    /// Starts `operation` as a task of its own that runs on this loop. May be called from anywhere.
    package func spawn(_ operation: @escaping @Sendable @concurrent () async -> Void) {
        Task(executorPreference: self, operation: operation)
    }

    /// Runs `work` on the loop as soon as it comes to it. May be called from anywhere.
    package func execute(_ work: @escaping @Sendable () -> Void) {
        let isFirst = inbox.withLock { inbox in
            inbox.append(work)
            return inbox.count == 1
        }
        if isFirst { poller.wake() }
    }

    /// All that is ready, in rounds, so that neither a job that makes others ready nor a busy socket keeps the rest waiting.
    private func turn() {
        CLinux_setCurrentLoop(Unmanaged.passUnretained(self).toOpaque())
        while true {
            let events = poller.poll(waiting: timeout)
            now = clock.monotonic
            // Ready before late: whoever answered in time is not late because this loop was.
            for index in 0..<events { deliver(poller.event(at: index)) }
            wakeTheLate()
            if events == 0 && jobs.isEmpty { break }
            runJobs()
        }
        setTimer()
        CLinux_setCurrentLoop(nil)
    }

    /// For how many milliseconds the loop waits for more before it goes back to Dispatch: ten at most, and not beyond the next
    /// deadline. One was too short: the kernel had to set the processor's timer for it anew before each wait.
    private var timeout: Int32 {
        guard jobs.isEmpty else { return 0 }
        guard let first = deadlines.min?.moment else { return 10 }
        guard first > now else { return 0 }
        guard !isStepped else { return 10 }
        return Int32(min(10, (first.nanoseconds - now.nanoseconds) / 1_000_000 + 1))
    }

    private func empty(_ inbox: borrowing Mutex<[@Sendable () -> Void]>) {
        let work = inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
        for work in work { work() }
    }

    /// Runs the jobs that are ready now; those that they make ready are for the next round.
    private func runJobs() {
        swap(&jobs, &running)
        for job in running { job.runSynchronously(on: asUnownedTaskExecutor()) }
        running.removeAll(keepingCapacity: true)
    }

    // MARK: Readiness

    /// What the loop knows of a descriptor number. Numbers are used again by the system: `generation` tells an event for
    /// the socket that has the number now from one for a socket that had it before.
    private struct Registration {
        var socket: Unmanaged<Socket>?
        var generation: UInt32 = 0
        /// The earliest entry in `deadlines` for this number.
        var earliest = MonotonicTime.never
    }

    /// Takes `socket` in. It must be taken out again before its descriptor is closed.
    func register(_ socket: Socket) throws(SystemError) {
        assert(isCurrent, "a socket belongs to the loop that made it")
        let index = Int(socket.descriptor)
        while registrations.count <= index { registrations.append(Registration()) }
        registrations[index].generation &+= 1
        try poller.add(socket.descriptor, token: UInt64(registrations[index].generation) << 32 | UInt64(index))
        // Unretained: `Socket.close` takes the entry out, and a socket is closed before it is freed.
        registrations[index].socket = .passUnretained(socket)
    }

    func unregister(_ socket: Socket) {
        assert(isCurrent, "a socket belongs to the loop that made it")
        registrations[Int(socket.descriptor)].socket = nil
    }

    private func deliver(_ event: Poller.Event) {
        guard event.token != Poller.wakeToken else { return empty(inbox) }
        let registration = registrations[Int(event.token & 0xFFFF_FFFF)]
        guard registration.generation == UInt32(event.token >> 32), let socket = registration.socket else { return }
        socket.takeUnretainedValue().becameReady(event.readiness)
    }

    // MARK: Deadlines

    /// An entry says that the socket with this descriptor may be late at `moment`. Most waits end long before their deadline,
    /// so an entry is not moved when a wait ends or a later one begins: it stays, and when its time comes the socket is asked.
    private struct Deadline: Comparable {
        let moment: MonotonicTime
        let descriptor: Int32

        static func < (left: Deadline, right: Deadline) -> Bool { left.moment < right.moment }
    }

    /// Makes sure that `socket` is asked whether it is late at `moment`.
    func watchDeadline(of socket: Socket, at moment: MonotonicTime) {
        let index = Int(socket.descriptor)
        guard moment < registrations[index].earliest else { return }
        registrations[index].earliest = moment
        deadlines.insert(Deadline(moment: moment, descriptor: socket.descriptor))
    }

    private func wakeTheLate() {
        while let first = deadlines.min, first.moment <= now {
            deadlines.removeMin()
            let index = Int(first.descriptor)
            guard first.moment == registrations[index].earliest else { continue }
            registrations[index].earliest = .never
            guard let socket = registrations[index].socket?.takeUnretainedValue() else { continue }
            if let later = socket.wakeIfLate(at: now) { watchDeadline(of: socket, at: later) }
        }
    }

    private func setTimer() {
        guard !isStepped, let first = deadlines.min?.moment, first < timerIsSetFor else { return }
        timerIsSetFor = first
        timer.schedule(deadline: DispatchTime(uptimeNanoseconds: first.nanoseconds), leeway: .milliseconds(1))
    }
}
