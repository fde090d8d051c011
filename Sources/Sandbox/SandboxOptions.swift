import Glibc

/// What a sandbox is told of itself.
package struct SandboxOptions: Sendable {
    /// The one key that is let in; nil lets in whoever presents any.
    package var apiKey: String?
    /// `engine_type` of its `backend`.
    package var engineType = "sandbox"
    /// `machine_name` of its `backend`.
    package var machineName = "sandbox-01"
    /// Bytes of files that are kept in memory, of all files together.
    package var storedBytes = 512 << 20
    /// Files that are kept, and batches.
    package var storedItems = 10_000
    /// Bytes of one request's body.
    package var bodyBytes = 256 << 20
    /// What the `X-RateLimit-…` headers announce for each minute. It is not enforced: `fault=status-429` refuses.
    package var requestsPerMinute = 100_000
    /// Seconds since 1970. The default stands still, so that all answers are determined by the requests.
    package var clock: @Sendable () -> Int64 = { 1_750_000_000 }
    /// Goes into every id, so that those of two sandboxes differ.
    package var seed: UInt32 = 0

    /// The defaults, which are those for tests.
    package init() {}

    /// Those of a sandbox that people use: with the present time, and ids that no other has.
    package static var live: SandboxOptions {
        var options = SandboxOptions()
        options.clock = { Int64(time(nil)) }
        options.seed = .random(in: 1 ... .max)
        return options
    }
}
