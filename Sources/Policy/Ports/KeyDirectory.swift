/// The store of keys: an immutable snapshot, replaced as a whole when keys change.
package protocol KeyDirectory: Sendable {
    /// The current keys. Cheap: read for every request.
    var keys: KeySnapshot { get }
}
