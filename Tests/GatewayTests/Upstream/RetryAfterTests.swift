import Clocks
import HTTP1
import Testing

@testable import Gateway

@Suite struct RetryAfterTests {
    /// Sunday, 6 November 1994, 08:49:37, the example of RFC 9110.
    private static let example = Timestamp(seconds: 784_111_777)

    private func wait(_ value: String, at now: Timestamp = example) throws -> Duration? {
        RetryAfter.duration(in: try RequestHead.of("GET / HTTP/1.1\nhost: x\nretry-after: \(value)").fields, at: now)
    }

    @Test func secondsAndDatesAreRead() throws {
        #expect(try wait("7") == .seconds(7))
        #expect(try wait("0") == .zero)
        #expect(try wait("Sun, 06 Nov 1994 08:50:00 GMT") == .seconds(23))
        #expect(try wait("Sun, 06 Nov 1994 08:00:00 GMT") == .zero)
    }

    @Test(arguments: ["9223372036854775807", "99999", "Fri, 31 Dec 9999 23:59:59 GMT"])
    func noWaitIsLongerThanAnHour(value: String) throws { #expect(try wait(value) == .seconds(3600)) }

    @Test(arguments: [
        "", "soon", "99999999999999999999", "Sun, 06 Nov 1994", "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 99999 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 -1:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
    ])
    func anythingElseIsNoWait(value: String) throws { #expect(try wait(value) == nil) }

    @Test func withoutTheFieldThereIsNone() throws {
        #expect(RetryAfter.duration(in: try RequestHead.of("GET / HTTP/1.1\nhost: x").fields, at: Self.example) == nil)
    }
}
