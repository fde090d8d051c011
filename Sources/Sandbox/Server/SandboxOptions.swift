import Glibc

/// Settings of a sandbox.
package struct SandboxOptions: Sendable {
    /// The only valid key; nil accepts every key.
    package var apiKey: String?
    /// `engine_type` of its `backend`.
    package var engineType = "sandbox"
    /// `machine_name` of its `backend`.
    package var machineName = "sandbox-01"
    /// The most bytes of all files, which are in memory.
    package var storedBytes = 512 << 20
    /// The most files, and the most batches.
    package var storedItems = 10_000
    /// The most bytes of a request's body.
    package var bodyBytes = 256 << 20
    /// The value of `x-ratelimit-limit-requests`. It is not enforced; use `fault=status-429`.
    package var requestsPerMinute = 100_000
    /// Seconds since 1970. The default never changes, so that responses depend on the requests alone.
    package var clock: @Sendable () -> Int64 = { 1_750_000_000 }
    /// A part of every id: ids of two sandboxes differ.
    package var seed: UInt32 = 0

    /// The settings for tests.
    package init() {}

    /// The settings for users: with the present time and a random seed.
    package static var live: SandboxOptions {
        var options = SandboxOptions()
        options.clock = { Int64(time(nil)) }
        options.seed = .random(in: 1 ... .max)
        return options
    }
}
