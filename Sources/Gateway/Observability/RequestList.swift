/// The requests in flight of one loop, the newest first. Used on that loop alone.
///
/// Requests are linked through properties of their own, and not held: to be listed costs a request a few stores.
///
/// - Soundness of `unowned(unsafe)`: a request inserts itself when it runs, and removes itself when it is settled, before it ends.
final class RequestList: Sequence {
    private unowned(unsafe) var newest: RequestPipeline?

    /// Adds `request`, which removes itself when it is settled.
    func insert(_ request: RequestPipeline) {
        request.next = newest
        newest?.previous = request
        newest = request
    }

    /// Removes `request`.
    func remove(_ request: RequestPipeline) {
        if let previous = request.previous { previous.next = request.next } else { newest = request.next }
        request.next?.previous = request.previous
    }

    func makeIterator() -> AnyIterator<RequestPipeline> {
        var next = newest
        return AnyIterator {
            defer { next = next?.next }
            return next
        }
    }
}
