import Clocks

/// Waits until `condition` is true, at most a minute. Returns false if it never was.
///
/// For conditions that no event announces to a test. Other tasks run meanwhile.
package func eventually(_ condition: () async -> Bool) async -> Bool {
    let deadline = MonotonicTime.now + .seconds(60)
    while await !condition() {
        guard MonotonicTime.now < deadline else { return false }
        try? await Task.sleep(for: .milliseconds(1))
    }
    return true
}
