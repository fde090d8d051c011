import Clocks
import Dispatch
import Synchronization

/// Hands things from one thread to another, which blocks for them.
package final class Mailbox<Element: Sendable>: Sendable {
    private let waiting = Mutex<[Element]>([])
    private let count = DispatchSemaphore(value: 0)

    package init() {}

    package func put(_ element: Element) {
        waiting.withLock { $0.append(element) }
        count.signal()
    }

    /// The next one, waited for.
    package func take() -> Element {
        count.wait()
        return waiting.withLock { $0.removeFirst() }
    }

    /// The next one; nil where there is none within ten seconds.
    package func takeSoon() -> Element? {
        guard count.wait(timeout: .now() + 10) == .success else { return nil }
        return waiting.withLock { $0.removeFirst() }
    }
}
