/// The store of keys, as requests see it: a snapshot in memory, and a look at the store for a key that is not in it.
package protocol KeyDirectory: Sendable {
    /// The current keys. Cheap: read for every request. A change of another process is among them within a second.
    var keys: KeySnapshot { get }

    /// The keys with all changes that were made before the call.
    ///
    /// Unknown keys cost little: however many requests ask, the store is read a few dozen times a second at most, and all who
    /// wait share a read.
    func latestKeys() async throws(StoreUnavailable) -> KeySnapshot
}
