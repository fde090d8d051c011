/// The store of usage, for requests that never went upstream. Called on the loops: must not block, must not lose a record.
package protocol UsageSink: AnyObject, Sendable {
    /// Keeps `record`. Returns once it is in the sink's memory, not on the disk.
    func record(_ record: UsageRecord)

    /// The reason to refuse further requests, where there is one (disk full, database damaged); else nil.
    var trouble: String? { get }
}
