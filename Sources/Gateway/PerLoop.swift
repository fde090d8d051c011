import Transport

/// One value for each loop of the gateway, used on its loop alone.
///
/// - Soundness of `@unchecked Sendable`: `subscript` and `execute` hand a value to code on its loop.
final class PerLoop<Value>: @unchecked Sendable {
    private let entries: [(loop: EventLoop, value: Value)]

    init(_ loops: [EventLoop], _ make: (EventLoop) -> Value) { entries = loops.map { ($0, make($0)) } }

    /// The value of `loop`, which must be the current one.
    subscript(loop: EventLoop) -> Value {
        for entry in entries where entry.loop === loop { return entry.value }
        preconditionFailure("a request on a loop that is not the gateway's")
    }

    /// The results of `body` for each value, on its loop.
    func map<Result: Sendable>(_ body: @escaping @Sendable (Value) -> Result) async -> [Result] {
        var results: [Result] = []
        for index in entries.indices {
            results.append(
                await withCheckedContinuation { done in
                    entries[index].loop.execute { [self] in done.resume(returning: body(entries[index].value)) }
                })
        }
        return results
    }

    /// Calls `body` with each value, on its loop.
    func execute(_ body: @escaping @Sendable (Value) -> Void) {
        for index in entries.indices { entries[index].loop.execute { [self] in body(entries[index].value) } }
    }
}
