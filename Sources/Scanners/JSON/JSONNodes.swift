/// The nodes of an index, in memory of their own.
///
/// An array asks at each append and change whether its storage is shared, which took 5 % of a translation.
///
/// Sound: `storage` has room for `capacity` nodes, the first `count` of which are initialized, and each access is checked against
/// `count`. Only this object has the memory, and frees it. Nodes are plain bits, so none has to be destroyed.
final class JSONNodes {
    private var storage = UnsafeMutablePointer<JSONIndex.Node>.allocate(capacity: 0)
    private var capacity = 0
    private(set) var count = 0

    deinit { storage.deallocate() }

    subscript(index: Int) -> JSONIndex.Node {
        @inline(__always)
        get {
            check(index)
            return storage[index]
        }
        @inline(__always)
        set {
            check(index)
            storage[index] = newValue
        }
    }

    /// One comparison: a negative index is a large one.
    @inline(__always)
    private func check(_ index: Int) { precondition(UInt(bitPattern: index) < UInt(bitPattern: count)) }

    @inline(__always)
    func append(_ node: JSONIndex.Node) {
        if count == capacity { reserveCapacity(max(16, 2 * count)) }
        (storage + count).initialize(to: node)
        count &+= 1
    }

    @inline(never)
    func reserveCapacity(_ wanted: Int) {
        guard wanted > capacity else { return }
        let larger = UnsafeMutablePointer<JSONIndex.Node>.allocate(capacity: wanted)
        larger.moveInitialize(from: storage, count: count)
        storage.deallocate()
        storage = larger
        capacity = wanted
    }

    /// Removes all nodes and keeps their memory.
    func removeAll() { count = 0 }
}
