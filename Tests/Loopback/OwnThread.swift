import Glibc
import Synchronization
import Testing

/// Runs every test of a suite on a thread of its own: a test that blocks on a socket must not take one of the few
/// threads that all tasks share, or tests that run beside it run into their time-outs.
package struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    package let isRecursive = true

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let executor = ThreadExecutor()
        defer { executor.end() }
        try await withTaskExecutorPreference(executor) { try await function() }
    }
}

extension Trait where Self == OwnThread {
    /// Each test has a thread of its own, and may block it.
    package static var ownThread: OwnThread { OwnThread() }
}

/// Runs jobs one after the other on one thread.
private final class ThreadExecutor: TaskExecutor {
    private let jobs = Mailbox<UnownedJob?>()

    init() {
        Thread.start { [jobs, self] in
            while let job = jobs.take() { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) { jobs.put(UnownedJob(job)) }

    /// Lets the thread end.
    func end() { jobs.put(nil) }
}
